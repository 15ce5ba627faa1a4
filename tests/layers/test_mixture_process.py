"""Steps that follow by one of several laws, as a layer and at the start of a generator."""

import itertools

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    assert_parts_join,
    autoregression,
    refuses,
    slow_but_on_torch,
    to_numpy,
)


def jumps(count, length=12, chance=0.15):
    """Return two levels that change with a chance at every step, with a little noise."""
    random = np.random.default_rng(0)
    flips = random.random((count, length, 2)) < chance
    levels = (flips.cumsum(axis=1) + random.integers(2, size=(count, 1, 2))) % 2
    return 10.0 * levels + 0.1 * random.normal(size=levels.shape) + 50.0


def test_levels_jump_as_often_and_lie_as_close():
    data = jumps(2000)
    process = kr.layers.MixtureProcess(order=1, components=24)
    process.adapt(data)
    _, values, state = process(keras.random.normal((2000, 20, 3), seed=0))
    made = to_numpy(values)
    for steps in (slice(0, 12), slice(8, 20)):
        moves = np.abs(np.diff(made[:, steps], axis=1)) > 5.0
        assert moves.mean() == pytest.approx(0.15, abs=0.015)
    off = np.minimum(np.abs(made - 50.0), np.abs(made - 60.0))
    assert np.quantile(off, 0.95) < 0.25
    assert tuple(state.shape) == (2000, 2)


def test_one_component_is_a_vector_autoregression():
    data = autoregression(4000, 10)
    process = kr.layers.MixtureProcess(order=2, components=1)
    process.adapt(data)
    left, _, _ = process(keras.random.normal((4000, 20, 3), seed=0))
    made = to_numpy(left)
    assert np.mean(made[:, 1:] * made[:, :-1]) == pytest.approx(0.8, abs=0.03)
    assert np.mean(made[..., 0] * made[..., 1]) == pytest.approx(0.5, abs=0.03)


def test_parts_join_without_a_seam():
    process = kr.layers.MixtureProcess(order=3, components=4)
    process.adapt(autoregression(500, 8))
    assert_parts_join(process, keras.random.normal((4, 11, 3), seed=0), atol=1e-4)
    assert tuple(process.compute_output_shape((4, 11, 3))[0]) == (4, 11, 2)


def test_gaps_copies_and_categories():
    random = np.random.default_rng(0)
    base = autoregression(600, 9)[..., :1]
    kinds = np.eye(3)[random.integers(3, size=(600, 9))]
    data = np.concatenate([base, kinds, np.ones((600, 9, 1))], axis=-1)
    data[::5, 3, 0] = np.nan
    process = kr.layers.MixtureProcess(order=2, components=4)
    process.adapt(data)
    _, values, _ = process(keras.random.normal((600, 9, 6), seed=0))
    made = to_numpy(values)
    assert np.isfinite(made).all()
    assert not made[..., 1:4].any()
    np.testing.assert_allclose(made[..., 4], 1.0, atol=1e-5)
    assert made[..., 0].std() == pytest.approx(np.nanstd(data[..., 0]), rel=0.1)


@pytest.fixture(scope="module")
def model():
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.compile()
    data = jumps(2400)
    gan.adapt(data)
    return gan, data


@slow_but_on_torch
def test_a_generator_begins_as_one_where_that_fits_best(model):
    gan, data = model
    assert gan.generator.process_steps == 1
    assert gan.generator.linear_process == 0
    assert "of 24 laws of the 1 steps before" in gan.rooms.assembly.reasons[-1]
    made = gan.generate(2000, seed=0)
    assert (np.abs(np.diff(made, axis=1)) > 5.0).mean() == pytest.approx(0.15, abs=0.02)
    told = kr.RecurrentGAN({"units": 4, "mixture_process": (2, 3)}, {"units": 4}, seed=0)
    told.adapt(data[:50])
    assert told.generator.get_config()["mixture_process"] == (2, 3)
    none = kr.RecurrentGAN({"units": 4, "linear_process": 0}, {"units": 4}, seed=0)
    none.adapt(data)
    assert none.generator.process is None


@slow_but_on_torch
def test_it_streams_is_saved_and_trains_but_for_the_process(model, tmp_path):
    gan, data = model
    parts = list(itertools.islice(gan.stream(steps=10, seed=1), 2))
    whole = gan.generate(1, length=20, seed=1)
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, rtol=1e-4)
    before = to_numpy(gan.generator.process.cell.follow)
    head = to_numpy(gan.generator.head.kernel)
    gan.fit(data[:64], batch_size=32, verbose=0, epochs=1)
    np.testing.assert_array_equal(before, to_numpy(gan.generator.process.cell.follow))
    assert not np.array_equal(head, to_numpy(gan.generator.head.kernel))
    gan.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras")
    np.testing.assert_allclose(loaded.generate(3, seed=0), gan.generate(3, seed=0), rtol=1e-5)


@slow_but_on_torch
def test_an_exported_file_computes_what_the_model_does(model, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    gan, _ = model
    gan.export_generator(tmp_path / "gan.onnx", format="onnx")
    noise = gan.sample_noise(3, seed=1)
    session = runtime.InferenceSession(tmp_path / "gan.onnx")
    (made,) = session.run(None, {i.name: noise[i.name.split(":")[0]] for i in session.get_inputs()})
    np.testing.assert_allclose(made, gan.generate(3, seed=1), rtol=1e-4)


def test_what_does_not_fit_is_refused():
    refuses(lambda: kr.layers.MixtureProcess(0, 4), "`order` must be an integer of at least 1")
    process = kr.layers.MixtureProcess(8, 4)
    refuses(lambda: process.adapt(autoregression(20, 8)), "`order` must be less than the 8 steps")
    both = {"linear_process": 4, "mixture_process": (1, 4)}
    gan = kr.RecurrentGAN(both, seed=0)
    refuses(lambda: gan.adapt(autoregression(20, 8)), "begins as one process")
