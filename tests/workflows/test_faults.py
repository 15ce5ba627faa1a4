"""Kills at random instants, full disks and damaged files lose nothing: a part of `benchmarks/faults.py`."""

import os
import subprocess
import sys

import pytest

from tests.testing import BACKEND, ROOT


@pytest.mark.skipif(
    BACKEND != "torch" or not hasattr(os, "fork"),
    reason="processes are forked, which torch alone allows, and Windows cannot",
)
@pytest.mark.parametrize("trials", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_nothing_is_lost(trials, tmp_path):
    command = [sys.executable, "benchmarks/faults.py", "--trials", str(trials), "--folder", tmp_path]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr[-2000:]
    assert process.stdout.count("trials, 0 lost something") == 6
