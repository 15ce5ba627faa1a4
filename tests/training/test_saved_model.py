"""Files of a whole model, and of its weights alone."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    dense_gan,
    limited,
    slow_but_on_torch,
    windows,
)


def test_loading_without_compiling(tmp_path):
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), verbose=0, epochs=1)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras", compile=False)
    np.testing.assert_array_equal(loaded.generate(3, seed=0), gan.generate(3, seed=0))
    loaded.compile()
    loaded.fit(windows(), verbose=0, epochs=1)


@slow_but_on_torch
def test_a_model_saved_before_it_saw_data(tmp_path):
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    with pytest.warns(UserWarning, match="not yet been built"):
        gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    loaded.fit(windows(16, 4, 1), batch_size=16, verbose=0, epochs=1)


@pytest.mark.parametrize("name", ["gan.keras", "gan.weights.h5"])
def test_a_full_disk_costs_nothing_that_was_there(name, tmp_path, capfd):
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), verbose=0, epochs=1)
    path = tmp_path / name
    save = gan.save if name.endswith(".keras") else gan.save_weights
    save(path)
    assert path.stat().st_size < gan._size_of_file() < 3 * path.stat().st_size + 100_000
    before, samples = path.read_bytes(), gan.generate(3, seed=0)
    gan.fit(windows(), verbose=0, epochs=1)
    capfd.readouterr()
    with pytest.raises(
        OSError, match=rf"{path}, where about 0\.\d MiB are needed: File too large.*whole"
    ):
        limited(20_000, lambda: save(path))
    assert "Exception ignored" not in capfd.readouterr().err
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [name]
    if name.endswith(".keras"):
        np.testing.assert_array_equal(keras.models.load_model(path).generate(3, seed=0), samples)
    else:
        gan.load_weights(path)
        np.testing.assert_array_equal(gan.generate(3, seed=0), samples)
