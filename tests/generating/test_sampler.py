"""How samples are made: seeds, batches, lengths, units."""

import keras
import numpy as np
import pytest

from tests.testing import (
    dense_gan,
    recurrent_gan,
    windows,
)


def test_one_seed_gives_one_set_of_samples_however_it_is_cut():
    gan = recurrent_gan()
    gan.adapt(windows())
    whole = gan.generate(10, seed=7)
    np.testing.assert_array_equal(gan.generate(10, seed=7), whole)
    np.testing.assert_allclose(gan.generate(10, seed=7, batch_size=3), whole, rtol=1e-5)
    np.testing.assert_allclose(gan.generate(4, seed=7), whole[:4], rtol=1e-5)
    assert not np.allclose(gan.generate(10, seed=8), whole)


def test_without_a_seed_every_call_differs_and_the_models_seed_fixes_all():
    runs = []
    for _ in range(2):
        gan = recurrent_gan(seed=3)
        gan.adapt(windows())
        runs.append([gan.generate(4), gan.generate(4)])
    assert not np.allclose(runs[0][0], runs[0][1])
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    np.testing.assert_array_equal(runs[0][1], runs[1][1])


def test_batches_joined_are_the_samples():
    gan = recurrent_gan()
    gan.adapt(windows())
    parts = list(gan.generate_batches(10, batch_size=4, seed=1))
    assert [len(p) for p in parts] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(parts), gan.generate(10, batch_size=4, seed=1))


def test_any_length():
    gan = recurrent_gan()
    gan.adapt(windows())
    assert gan.generate(3, length=50).shape == (3, 50, 2)
    assert gan.generate(3, length=2).shape == (3, 2, 2)


def test_samples_are_in_the_units_of_the_data():
    data = windows()
    gan = dense_gan()
    gan.adapt(data)
    samples, scaled = gan.generate(50, seed=0), gan.generate(50, seed=0, scaled=True)
    low, high = data.min(axis=(0, 1)), data.max(axis=(0, 1))
    np.testing.assert_allclose((scaled + 1.0) / 2.0 * (high - low) + low, samples, rtol=1e-5)
    assert (samples >= low).all()
    assert (samples <= high).all()


@pytest.mark.parametrize("seed", [None, 1])
def test_generating_inside_of_a_batch_callback(seed):
    gan = dense_gan()
    gan.compile()
    shapes = []

    class Generate(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            shapes.append(self.model.generate(2, seed=seed).shape)

    gan.fit(windows(), batch_size=20, epochs=2, verbose=0, callbacks=[Generate()])
    assert shapes == [(2, 6, 2)] * 4
