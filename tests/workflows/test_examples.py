"""Every example runs, cut short, and writes what it says."""

import pathlib

import pytest

from keras_rgan.generating import export
from tests.testing import BACKEND, ROOT, all_on_torch, run_python

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
RUN = """
import runpy, sys
import keras
keras.config.set_max_epochs(1)
keras.config.set_max_steps_per_epoch(2)
sys.argv = ["{name}.py", {folder!r}]
runpy.run_path("{path}", run_name="__main__")
"""


def test_every_example_is_listed():
    assert {p.stem for p in (ROOT / "examples").glob("*.py")} == set(WRITES)


@pytest.mark.parametrize("name", all_on_torch(WRITES))
def test_example(name, tmp_path):
    if name == "export":
        pytest.importorskip("onnxruntime")
        pytest.importorskip(export.PACKAGES[BACKEND])
    path = ROOT / "examples" / f"{name}.py"
    process = run_python(RUN.format(name=name, folder=str(tmp_path), path=path))
    assert sorted(p.name for p in pathlib.Path(tmp_path).iterdir()) == WRITES[name]
    assert str(tmp_path) in process.stdout.splitlines()[-1]
