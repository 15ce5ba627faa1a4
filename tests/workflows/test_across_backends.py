"""A file saved on one backend lives on the others."""

import importlib.util

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import BACKEND, run_python, slow_but_on_torch, to_numpy, windows

CELLS = ("gru", "lstm")
LOAD = """
import keras, numpy as np, keras_rgan as kr
from tests.testing import windows
for cell in {cells}:
    gan = keras.models.load_model(f"{folder}/{{cell}}.keras")
    np.savez(f"{folder}/{{cell}}_loaded.npz",
        keras.ops.convert_to_numpy(gan(gan.sample_noise(6, seed=3))),
        gan.generate(6, seed=3), gan.generate(6, length=20, seed=3))
gan.fit(windows(), batch_size=20, epochs=1, verbose=0)
"""


@pytest.fixture
def folder(tmp_path):
    for cell in CELLS:
        generator = kr.networks.RecurrentGenerator(2, 8, cell=cell, num_layers=2, seed=0)
        gan = kr.RecurrentGAN(generator, kr.networks.RecurrentDiscriminator(4, seed=1), seed=0)
        gan.compile()
        gan.fit(windows(), batch_size=20, epochs=2, verbose=0)
        gan.save(tmp_path / f"{cell}.keras")
        samples = [gan.generate(6, seed=3), gan.generate(6, length=20, seed=3)]
        np.savez(tmp_path / f"{cell}_saved.npz", to_numpy(gan(gan.sample_noise(6, seed=3))), *samples)
    return tmp_path


@slow_but_on_torch
def test_saved_here_generates_and_trains_there(folder):
    others = [b for b in ("tensorflow", "jax", "torch") if b != BACKEND]
    others = [b for b in others if importlib.util.find_spec(b) is not None]
    if not others:
        pytest.skip("no other backend is installed")
    for other in others:
        run_python(LOAD.format(folder=folder, cells=CELLS), backend=other)
        for cell in CELLS:
            saved, loaded = (np.load(folder / f"{cell}_{kind}.npz") for kind in ("saved", "loaded"))
            for name in saved.files:
                scale = np.abs(saved[name]).max()
                np.testing.assert_allclose(
                    loaded[name] / scale, saved[name] / scale, atol=1e-5, err_msg=f"{other}, {cell}"
                )
