"""What a model took is given back when it goes, and a call that is repeated takes no more than the first.

Memory itself is measured by `benchmarks/memory.py`; here it is counted what is alive.
"""

import gc
import itertools
import weakref

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import BACKEND, completing_gan, recurrent_networks, slow_on_jax, windows

DATA = windows(num_samples=8, length=3)
ON_TENSORFLOW = pytest.mark.skipif(
    BACKEND != "tensorflow", reason="there no graph is kept by a process"
)


def judge():
    """Return a discriminator whose activation TensorFlow differentiates by a function of its own."""
    inputs = keras.Input(DATA.shape[1:])
    x = keras.layers.Dense(3, activation="silu")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(x)))


def plain(**recipe):
    gan = kr.RecurrentGAN(recurrent_networks()[0], judge(), seed=0)
    gan.compile(**{"penalties": None, **recipe})
    return gan


def train(gan):
    gan.fit(DATA, batch_size=4, verbose=0, epochs=1)


def ask(gan):
    """Have all compiled that is compiled of a trained model."""
    gan.evaluate(DATA, batch_size=4, verbose=0)
    gan.generate(3)
    list(itertools.islice(gan.stream(steps=3), 3))
    if gan.completion:
        gan.impute(np.where(np.arange(3)[:, None] == 1, np.nan, DATA[:2]))


def graphs():
    """Return how many of TensorFlow's graphs are alive; elsewhere there are none."""
    gc.collect()
    if BACKEND != "tensorflow":
        return 0
    from tensorflow.python.framework.func_graph import FuncGraph

    return sum(isinstance(x, FuncGraph) for x in gc.get_objects())


@slow_on_jax
@pytest.mark.parametrize("make", [plain, pytest.param(completing_gan, marks=pytest.mark.slow)])
def test_a_model_goes_with_all_that_it_compiled(make):
    before = graphs()
    gan = make()
    train(gan)
    ask(gan)
    after = graphs()
    for _ in range(2):
        train(gan)
        ask(gan)
    assert graphs() == after  # repeated calls compile nothing anew
    parts = gan, gan.generator, gan.discriminator, gan.optimizer, gan.generator.trainable_variables[0]
    parts = [weakref.ref(part) for part in parts]
    del gan
    assert graphs() == before
    assert [part() for part in parts] == [None] * len(parts)


@slow_on_jax
def test_a_loaded_model_goes_too(tmp_path):
    gan = plain()
    gan.adapt(DATA)
    gan.save(tmp_path / "gan.keras")
    before = graphs()
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    stream = loaded.stream(steps=3, seed=0)
    first = next(stream)
    model = weakref.ref(loaded)
    del loaded
    gc.collect()
    assert np.isfinite(next(stream)).all()  # which holds the model
    np.testing.assert_array_equal(first, next(gan.stream(steps=3, seed=0)))
    del stream, gan
    assert graphs() <= before
    assert model() is None


@ON_TENSORFLOW
def test_updates_that_stand_in_a_branch_keep_no_graph():
    before = graphs()
    train(plain(generator_optimizer=keras.optimizers.Adam(1e-3, gradient_accumulation_steps=2)))
    assert graphs() == before


@ON_TENSORFLOW
def test_a_score_keeps_no_graph():
    real = windows(num_samples=10, length=3)
    before = graphs()
    kr.metrics.discriminative_score(real, real[::-1], steps=1, repeats=1)
    assert graphs() == before
