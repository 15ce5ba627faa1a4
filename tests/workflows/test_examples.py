"""Every example runs, cut short, and writes what it says."""

import pathlib
import runpy
import sys

import pytest

from keras_rgan.generating import export
from tests.testing import BACKEND, ROOT, all_on_torch

WRITES = {
    "energy": ["energy.keras", "samples.npz", "samples.png"],
    "elman": ["minimax.png", "non_saturating.png"],
    "sequence_prediction": ["samples.png"],
    "dense_images": ["digits.png"],
    "digits_on_request": ["digits.png"],
    "export": ["generator.onnx", "samples.npy"],
    "households": ["households.png"],
    "variable_length": ["sequences.png"],
    "gaps_and_futures": ["completion.png"],
    "search": ["best.keras", "trials"],
    "table": ["days.parquet", "days.png", "filled.csv", "log.csv"],
}


def test_every_example_is_listed():
    assert {p.stem for p in (ROOT / "examples").glob("*.py")} == set(WRITES)


@pytest.mark.parametrize("name", all_on_torch(WRITES))
def test_example(name, tmp_path, monkeypatch, capsys, cut_short):
    if name == "export":
        pytest.importorskip("onnxruntime")
        pytest.importorskip(export.PACKAGES[BACKEND])
    monkeypatch.setattr(sys, "argv", [f"{name}.py", str(tmp_path)])
    runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
    assert sorted(p.name for p in pathlib.Path(tmp_path).iterdir()) == WRITES[name]
    assert str(tmp_path) in capsys.readouterr().out.splitlines()[-1]
