"""Files of a whole model, and of its weights alone."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    dense_gan,
    windows,
)


def test_loading_without_compiling(tmp_path):
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras", compile=False)
    np.testing.assert_array_equal(loaded.generate(3, seed=0), gan.generate(3, seed=0))
    loaded.compile()
    loaded.fit(windows(), verbose=0)


def test_a_model_saved_before_it_saw_data(tmp_path):
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    with pytest.warns(UserWarning, match="not yet been built"):
        gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    loaded.fit(windows(16, 4, 1), batch_size=16, verbose=0)
