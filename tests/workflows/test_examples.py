"""Every example runs, cut short, and writes what it says."""

import pathlib
import runpy
import sys

import numpy as np
import pytest

from keras_rgan.generating import export
from tests.testing import BACKEND, ROOT, all_on_torch, slow_but_on_torch

WRITES = {
    "energy": ["energy.keras", "samples.npz", "samples.png"],
    "elman": ["minimax.png", "non_saturating.png"],
    "sequence_prediction": ["samples.png"],
    "dense_images": ["digits.png"],
    "images": ["images.png"],
    "image_completion": ["completion.png"],
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


@slow_but_on_torch
def test_images_of_a_file_in_the_form_of_mnist(tmp_path, monkeypatch, capsys, cut_short):
    random = np.random.default_rng(0)
    images, classes = random.integers(256, size=(80, 28, 28), dtype="uint8"), np.arange(80) % 10
    data = {"x_train": images, "y_train": classes, "x_test": images[:40], "y_test": classes[:40]}
    np.savez(tmp_path / "mnist.npz", **{k: v.astype("uint8") for k, v in data.items()})
    folder = str(tmp_path / "out")
    monkeypatch.setattr(sys, "argv", ["images.py", folder, "--data", str(tmp_path / "mnist.npz")])
    runpy.run_path(str(ROOT / "examples" / "images.py"), run_name="__main__")
    assert "80 to train on, 40 to test on" in capsys.readouterr().out
    assert (tmp_path / "out" / "images.png").exists()
