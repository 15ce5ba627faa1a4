"""Every example runs, cut short, and writes what it says."""

import pathlib
import runpy
import sys

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.generating import export
from tests.testing import BACKEND, ROOT, all_on_torch, slow_but_on_torch

WRITES = {
    "energy": ["energy.keras", "samples.npz", "samples.png"],
    "elman": ["minimax.png", "non_saturating.png"],
    "sequence_prediction": ["samples.png"],
    "dense_images": ["digits.png"],
    "images": ["images.png"],
    "image_completion": ["completion.png"],
    "explain": ["attribution.png", "interpolation.png", "inversion.png", "traversal.png"],
    "export": ["generator.onnx", "samples.npy"],
    "households": ["households.png"],
    "variable_length": ["sequences.png"],
    "gaps_and_futures": ["completion.png"],
    "events": ["events.keras", "events.png"],
    "music": [
        *(f"generated_{i}.{ending}" for i in range(3) for ending in ("mid", "wav")),
        "music.png",
    ],
    "search": ["best.keras", "trials"],
    "sentences": ["sentences.png"],
    "video": ["video.gif", "video.png"],
    "table": ["days.parquet", "days.png", "filled.csv", "log.csv"],
}


SMALLER = {
    "video": ["--clips", "160"],
    "explain": ["--windows", "2"],
    "search": ["--trials", "2"],
}
"""Arguments with which an example takes less time to come to its end."""


def test_every_example_is_listed():
    assert {p.stem for p in (ROOT / "examples").glob("*.py")} == set(WRITES)


@pytest.fixture
def run(monkeypatch, capsys, cut_short):
    """Run an example with arguments, and return what it prints."""

    def run_example(name, *arguments):
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, arguments)])
        runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
        return capsys.readouterr().out

    return run_example


@pytest.mark.parametrize("name", all_on_torch(WRITES))
def test_example(name, tmp_path, run):
    if name == "export":
        pytest.importorskip("onnxruntime")
        pytest.importorskip(export.PACKAGES[BACKEND])
    if name == "music":
        pytest.importorskip("mido")
    printed = run(name, tmp_path, *SMALLER.get(name, []))
    assert sorted(p.name for p in pathlib.Path(tmp_path).iterdir()) == WRITES[name]
    assert str(tmp_path) in printed.splitlines()[-1]


@slow_but_on_torch
def test_music_of_a_folder(tmp_path, run):
    pytest.importorskip("mido")
    for i, notes in enumerate(kr.datasets.make_melodies(10, num_bars=60)):
        kr.data.write_midi(notes, tmp_path / "midi" / f"{i}.mid")
    (tmp_path / "midi" / "bad.mid").write_bytes(b"no MIDI")
    with pytest.warns(UserWarning, match="1 files were left out"):
        printed = run("music", tmp_path / "out", "--data", tmp_path / "midi")
    assert "pieces to train on" in printed
    assert (tmp_path / "out" / "generated_0.wav").exists()


@slow_but_on_torch
def test_images_of_a_file_in_the_form_of_mnist(tmp_path, run):
    random = np.random.default_rng(0)
    images, classes = random.integers(256, size=(80, 28, 28), dtype="uint8"), np.arange(80) % 10
    data = {"x_train": images, "y_train": classes, "x_test": images[:40], "y_test": classes[:40]}
    np.savez(tmp_path / "mnist.npz", **{k: v.astype("uint8") for k, v in data.items()})
    printed = run("images", tmp_path / "out", "--data", tmp_path / "mnist.npz")
    assert "80 to train on, 40 to test on" in printed
    assert (tmp_path / "out" / "images.png").exists()
