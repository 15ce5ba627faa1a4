"""A process of the data's marginals and covariance, as a layer and at the start of a generator."""

import itertools

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    all_on_torch,
    assert_parts_join,
    autoregression,
    refuses,
    slow_but_on_torch,
    slow_on_jax,
    to_numpy,
)


def test_noise_gets_the_law_of_the_data():
    """One vector for the first steps, and an autoregression beyond: the lag is that of the data."""
    data = np.exp(autoregression(4000, 8))
    process = kr.layers.LinearProcess(block_steps=4)
    process.adapt(data)
    scores, values, state = process(keras.random.normal((4000, 12, 2), seed=0))
    scores, values = to_numpy(scores), to_numpy(values)
    for steps in (slice(0, 4), slice(4, 12)):
        lag = np.mean(scores[:, steps][:, 1:] * scores[:, steps][:, :-1])
        assert lag == pytest.approx(0.8, abs=0.03)
    assert np.mean(scores[..., 0] * scores[..., 1]) == pytest.approx(0.5, abs=0.03)
    levels = [0.1, 0.5, 0.9]
    np.testing.assert_allclose(np.quantile(values, levels), np.quantile(data, levels), rtol=0.06)
    assert tuple(state.shape) == (4000, 6)


@slow_on_jax
def test_means_by_step_and_scaled_values():
    data = np.random.default_rng(0).normal(size=(3000, 5, 1)) + 3.0 * np.arange(5.0)[:, None]
    statistics = kr.layers.LinearProcess.new_statistics()
    statistics.update(data)
    process = kr.layers.LinearProcess(5)
    process.adopt(statistics, offset=np.array([6.0]), scale=np.array([2.0]))
    _, values, _ = process(keras.random.normal((3000, 5, 1), seed=0))
    expected = (data.mean(axis=0) - 6.0) / 2.0
    np.testing.assert_allclose(to_numpy(values).mean(axis=0), expected, atol=0.12)


def test_levels_stay_levels_and_one_hot_features_stay_zero():
    random = np.random.default_rng(0)
    levels = random.choice([0.0, 1.0, 7.0], (500, 6, 1))
    kinds = np.eye(3)[random.integers(3, size=(500, 6))]
    process = kr.layers.LinearProcess(6)
    process.adapt(np.concatenate([levels, kinds], axis=-1))
    _, values, _ = process(keras.random.normal((500, 6, 4), seed=0))
    values = to_numpy(values)
    assert set(np.unique(values[..., 0])) == {0.0, 1.0, 7.0}
    assert not values[..., 1:].any()


def test_parts_join_without_a_seam():
    process = kr.layers.LinearProcess(3)
    process.adapt(autoregression(500, 6))
    assert_parts_join(process, keras.random.normal((2, 11, 2), seed=0))


@pytest.fixture(scope="module")
def model():
    gan = kr.RecurrentGAN({"units": 4, "linear_process": 5}, {"units": 4}, seed=0)
    gan.compile()
    data = 50.0 + 9.0 * autoregression(2000, 8)
    gan.adapt(data)
    return gan, data


def test_a_generator_begins_as_a_copula(model):
    gan, data = model
    made = gan.generate(2000, seed=0)
    scores = (made - 50.0) / 9.0
    assert np.mean(scores[:, 1:] * scores[:, :-1]) == pytest.approx(0.8, abs=0.04)
    assert kr.metrics.marginal_wasserstein_distance(data, made) < 0.05


def test_it_streams_is_saved_and_trains_but_for_the_process(model, tmp_path):
    gan, data = model
    parts = list(itertools.islice(gan.stream(steps=10, seed=1), 2))
    whole = gan.generate(1, length=20, seed=1)
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, rtol=1e-4)
    short = np.concatenate(list(itertools.islice(gan.stream(steps=4, seed=1), 4)), axis=1)
    np.testing.assert_array_equal(
        short, np.concatenate(list(itertools.islice(gan.stream(steps=8, seed=1), 2)), axis=1)
    )
    first = to_numpy(gan.generator.process.first)
    head = to_numpy(gan.generator.head.kernel)
    gan.fit(data[:64], batch_size=32, verbose=0, epochs=1)
    np.testing.assert_array_equal(first, to_numpy(gan.generator.process.first))
    assert not np.array_equal(head, to_numpy(gan.generator.head.kernel))
    assert len(gan.ema_weights) == len(gan.generator.weights) - len(gan.generator.process.weights)
    gan.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras")
    np.testing.assert_allclose(loaded.generate(3, seed=0), gan.generate(3, seed=0), rtol=1e-5)


@slow_on_jax
@pytest.mark.parametrize("clusters", all_on_torch([1, 4], [4]))
def test_an_exported_file_computes_what_the_model_does(clusters, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    size = {"units": 4, "linear_process": 5, "process_clusters": clusters}
    gan = kr.RecurrentGAN(size, {"units": 4}, seed=0)
    gan.compile()
    labels = np.arange(500) % 2
    data = autoregression(500, 8) + labels[:, None, None]
    asked = {"conditions": {"label": np.array([0, 1, 1])}} if clusters > 1 else {"num_samples": 3}
    gan.adapt((data, {"label": labels}) if clusters > 1 else data)
    gan.export_generator(tmp_path / "gan.onnx", format="onnx")
    noise = gan.sample_noise(**asked, seed=1)
    session = runtime.InferenceSession(tmp_path / "gan.onnx")
    (made,) = session.run(None, {i.name: noise[i.name.split(":")[0]] for i in session.get_inputs()})
    np.testing.assert_allclose(made, gan.generate(**asked, seed=1), rtol=1e-4)


@pytest.fixture(scope="module")
def conditional():
    """A model whose data is an AR(1), a shift by its label, and half of a covariate."""
    random = np.random.default_rng(1)
    labels, drift = random.integers(3, size=3000), random.normal(size=(3000, 8, 1))
    data = autoregression(3000, 8) + labels[:, None, None] * [0.3, -0.6] + 0.5 * drift
    rows = {"label": labels, "drift": drift}
    gan = kr.RecurrentGAN({"units": 4, "linear_process": 5}, {"units": 4}, seed=0)
    gan.compile()
    gan.adapt((data, rows))
    return gan, data, rows


def test_a_process_follows_conditions(conditional):
    """Its mean is a linear regression on label and covariate, step by step, past the block too."""
    gan, data, rows = conditional
    made = gan.generate(conditions=rows, seed=0)
    for label in range(3):
        chosen = rows["label"] == label
        np.testing.assert_allclose(made[chosen].mean(axis=0), data[chosen].mean(axis=0), atol=0.15)
    slopes = np.mean(rows["drift"] * made, axis=0)  # of a covariate of variance 1
    np.testing.assert_allclose(slopes, np.full((8, 2), 0.5), atol=0.08)
    lag = [np.corrcoef(x[:, 3, 0], x[:, 4, 0])[0, 1] for x in (made, data)]
    assert lag[0] == pytest.approx(lag[1], abs=0.05)


@slow_on_jax
def test_parts_join_without_a_seam_beside_conditions():
    process = kr.layers.LinearProcess(3, num_conditions=2)
    process.adapt(autoregression(500, 6))
    random = np.random.default_rng(0)
    process.effect.assign(random.normal(size=(3, 2, 2)))
    process.centre.assign([0.5, -1.0])
    noise, columns = random.normal(size=(2, 4, 11, 2)).astype("float32")
    assert_parts_join(process, noise, columns)
    whole, *_ = process(noise, columns=columns)
    without, *_ = process(noise)
    moved = (columns[:, 6] - [0.5, -1.0]) @ to_numpy(process.effect)[-1]
    np.testing.assert_allclose(to_numpy(whole - without)[:, 6], moved, atol=1e-5)


@slow_but_on_torch
def test_one_that_follows_conditions_trains_but_for_the_process_and_is_saved(conditional, tmp_path):
    gan, data, rows = conditional
    before = to_numpy(gan.generator.process.effect)
    gan.fit((data[:64], {k: v[:64] for k, v in rows.items()}), batch_size=32, verbose=0, epochs=1)
    np.testing.assert_array_equal(before, to_numpy(gan.generator.process.effect))
    gan.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras")
    some = {k: v[:3] for k, v in rows.items()}
    np.testing.assert_allclose(
        loaded.generate(conditions=some, seed=0), gan.generate(conditions=some, seed=0), rtol=1e-5
    )


@slow_on_jax
def test_conditions_of_sequences_of_several_lengths():
    """Steps beyond an end count nowhere; a feature that follows its label alone is made exactly."""
    random = np.random.default_rng(0)
    labels = random.integers(2, size=400)
    base = autoregression(400, 9) + 4.0 * labels[:, None, None]
    lists = [x[: 5 + i % 5] for i, x in enumerate(base)]
    gan = kr.RecurrentGAN({"units": 4, "linear_process": 9}, {"units": 4}, seed=0)
    gan.compile()
    gan.adapt((lists, {"label": labels}))
    made = gan.generate(conditions={"label": np.repeat([0, 1], 300)}, seed=0)
    means = [np.mean(np.concatenate(part)) for part in (made[:300], made[300:])]
    np.testing.assert_allclose(means, [0.0, 4.0], atol=0.4)


def shapes(count, length=8):
    """Return three shapes, of unequal shares, with noise that is an AR(1); and which each is."""
    random = np.random.default_rng(2)
    kinds = random.choice(3, count, p=[0.5, 0.3, 0.2])
    steps = np.linspace(0.0, 2.0 * np.pi, length)
    means = 6.0 * np.stack([np.sin(steps), np.sin(2.0 * steps), np.cos(steps)])
    noise = autoregression(count, length, seed=3)[..., :1]
    return means[kinds][..., None] + noise, kinds, means


def test_clusters_are_drawn_as_often_as_they_are():
    data, kinds, means = shapes(3000)
    process = kr.layers.LinearProcess(8, clusters=3)
    process.adapt(data)
    _, values, _ = process(keras.random.normal((3000, 8, 2), seed=0))
    made = to_numpy(values)
    found = ((made - means[:, None, :, None]) ** 2).sum(axis=(2, 3)).argmin(axis=0)
    shares = [np.bincount(x, minlength=3) / 3000 for x in (found, kinds)]
    np.testing.assert_allclose(*shares, atol=0.03)
    for kind in range(3):
        np.testing.assert_allclose(made[found == kind].mean(axis=0)[:, 0], means[kind], atol=0.2)
    left = made[..., 0] - means[found]
    assert np.corrcoef(left[:, 3], left[:, 4])[0, 1] == pytest.approx(0.8, abs=0.03)


@slow_on_jax
def test_parts_of_a_cluster_join_without_a_seam():
    process = kr.layers.LinearProcess(3, clusters=2)
    process.adapt(shapes(200)[0])
    assert_parts_join(process, keras.random.normal((20, 11, 2), seed=0))
    assert tuple(process.compute_output_shape((20, 11, 2))[0]) == (20, 11, 1)


@slow_but_on_torch
def test_a_generator_begins_around_clusters(tmp_path):
    size = {"units": 4, "linear_process": 8, "process_clusters": 16}
    gan = kr.RecurrentGAN(size, {"units": 4}, seed=0)
    gan.compile()
    data, _, means = shapes(2000)
    gan.adapt(data)
    assert gan.generator.noise_shape["process"] == (None, 2)
    made = gan.generate(1000, seed=0)
    near = ((made[..., 0][:, None] - means) ** 2).mean(axis=-1).min(axis=1)
    assert np.mean(near) == pytest.approx(1.0, abs=0.15)  # of noise of variance 1
    gan.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras")
    np.testing.assert_allclose(loaded.generate(3, seed=1), gan.generate(3, seed=1), rtol=1e-5)
    long = gan.generate(2, length=20, seed=1)
    streamed = np.concatenate(list(itertools.islice(gan.stream(steps=10, seed=1), 2)), axis=1)
    np.testing.assert_allclose(streamed[:1], gan.generate(1, length=20, seed=1), rtol=1e-4)
    assert np.isfinite(long).all()


def test_what_does_not_fit_is_refused():
    refuses(lambda: kr.layers.LinearProcess(1), "block_steps.*at least 2")
    gan = kr.RecurrentGAN({"units": 4, "linear_process": 9}, {"units": 4}, seed=0)
    refuses(lambda: gan.adapt(autoregression(20, 8)), "linear_process.*at most 8.*linear_process=9")
    gan = kr.RecurrentGAN({"linear_process": 4}, completion=True)
    refuses(lambda: gan.adapt(autoregression(20, 8)), "Completion begins with what is shown")
