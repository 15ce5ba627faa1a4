"""Attributions are complete, exact where a judge is linear, and blame what was changed."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    completing_gan,
    dense_networks,
    recurrent_gan,
    recurrent_networks,
    refuses,
    slow_but_on_torch,
    to_numpy,
    windows,
    with_gaps,
)


def linear_gan(**options):
    """A discriminator that is a sum of weighted values."""
    generator, _ = dense_networks()
    discriminator = keras.Sequential(
        [keras.Input((6, 2)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0, **options)
    gan.adapt(windows())
    return gan, discriminator.get_weights()[0].reshape(6, 2)


def complete(found, tolerance=0.01):
    total = [np.nansum(x) for x in found.attributions]
    apart = found.judgements - found.baseline_judgements
    np.testing.assert_allclose(total - apart, found.completeness_errors, atol=1e-9)
    scale = max(np.abs(apart).max(), np.max([np.nansum(np.abs(x)) for x in found.attributions]))
    assert np.abs(found.completeness_errors).max() < tolerance * scale


def test_of_a_linear_judge_exactly():
    gan, weights = linear_gan()
    x, baseline = windows(5, seed=1), windows(1, seed=2)[0]
    found = kr.explaining.attribute(gan, x, baseline=baseline, num_steps=1)
    scaled, start = (to_numpy(gan.scaler(part)) for part in (x, baseline[None]))
    np.testing.assert_allclose(found.attributions, weights * (scaled - start), atol=1e-5)
    np.testing.assert_allclose(found.baseline, np.broadcast_to(baseline, x.shape), rtol=1e-5)
    np.testing.assert_allclose(found.sequences, x, rtol=1e-6)
    complete(found, 1e-5)
    several = kr.explaining.attribute(gan, x, baseline=windows(3, seed=2), num_steps=1)
    mean = to_numpy(gan.scaler(windows(3, seed=2))).mean(axis=0)
    np.testing.assert_allclose(several.attributions, weights * (scaled - mean), atol=1e-5)


def test_of_any_judge_they_sum_up():
    gan = recurrent_gan()
    gan.adapt(windows())
    before = gan.get_weights()
    found = kr.explaining.attribute(gan, windows(3, seed=1))
    complete(found)
    judged = gan.discriminator(gan.scaler(windows(3, seed=1)), training=False)
    np.testing.assert_allclose(found.judgements, to_numpy(judged).mean(axis=1), rtol=1e-4)
    mean = gan.generate(256, seed=0).mean(axis=0)
    np.testing.assert_allclose(found.baseline[0], mean, rtol=1e-3)
    assert all(np.array_equal(a, b) for a, b in zip(before, gan.get_weights(), strict=True))


@slow_but_on_torch
def test_slopes_are_those_of_finite_differences():
    """Integrated gradients of a short line are the slope times it."""
    gan = recurrent_gan()
    gan.adapt(windows())
    x = windows(1, seed=1).astype("float64")
    low, high = x.copy(), x.copy()
    low[0, 2, 1] -= 0.5
    high[0, 2, 1] += 0.5
    found = kr.explaining.attribute(gan, high, baseline=low[0])
    judged = [
        to_numpy(gan.discriminator(gan.scaler(part), training=False))[0, 0] for part in (low, high)
    ]
    assert found.attributions[0, 2, 1] == pytest.approx(judged[1] - judged[0], rel=0.02)
    others = found.attributions.copy()
    others[0, 2, 1] = 0.0
    assert np.abs(others).max() < 1e-6


@slow_but_on_torch
def test_what_was_changed_is_blamed():
    gan = recurrent_gan()
    gan.compile()
    real = windows(200)
    gan.fit(real, batch_size=20, epochs=15, verbose=0)
    wrong = windows(8, seed=3)
    wrong[:, 3, 1] += np.where(wrong[:, 3, 1] > 110.0, -18.0, 18.0)
    found = kr.explaining.attribute(gan, wrong, baseline=real[:20])
    sizes = np.abs(found.attributions).mean(axis=0)
    assert sizes.argmax() == np.ravel_multi_index((3, 1), (6, 2))
    assert next(iter(found.by_feature)) == "feature 1"


@slow_but_on_torch
@pytest.mark.parametrize("scaler", ["auto", "per_sample"])
def test_under_conditions_and_lengths(scaler):
    data = [x[: 3 + i % 4] for i, x in enumerate(windows(24))]
    gan = kr.RecurrentGAN(
        {"units": 4, "linear_process": 0},
        {"units": 4, "per_step": True, "convolution_units": 0},
        scaler=scaler,
        seed=0,
    )
    gan.adapt((data, {"kind": ["a", "b"] * 12}))
    assert gan.judge.per_step
    found = kr.explaining.attribute(gan, (data[:5], {"kind": list("ababa")}), baseline="median")
    assert [x.shape for x in found.attributions] == [x.shape for x in data[:5]]
    assert [len(x) for x in found.baseline] == [len(x) for x in data[:5]]
    complete(found)
    single = kr.explaining.attribute(gan, data[1], conditions={"kind": "b"}, baseline="median")
    np.testing.assert_allclose(single.attributions[0], found.attributions[1], rtol=1e-3, atol=1e-5)
    if scaler == "per_sample":
        start = windows(1)[0]
        refuses(
            lambda: kr.explaining.attribute(gan, (data[:2], {"kind": list("ab")}), baseline=start),
            "units of its own",
        )
    assert found.plot(1).axes[0].get_title() == ""


@slow_but_on_torch
def test_with_gaps_and_of_one_that_completes():
    _, holes = with_gaps(windows())
    generator, discriminator = recurrent_networks()
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.adapt((holes, {"observed": ~np.isnan(holes)}))
    for model in (gan, completing_gan()):
        if not model.built:
            model.adapt(holes)
        found = kr.explaining.attribute(model, holes[:4])
        np.testing.assert_array_equal(np.isnan(found.attributions), np.isnan(holes[:4]))
        complete(found)


@slow_but_on_torch
def test_a_single_sequence_of_another_length_and_without_a_scaler(tmp_path):
    gan = recurrent_gan(scaler=None)
    gan.adapt(windows() / 120.0)
    found = kr.explaining.attribute(gan, windows(1, length=9)[0] / 120.0)
    assert found.attributions.shape == (1, 9, 2)
    complete(found)
    figure = found.plot()
    assert [axis.get_ylabel() for axis in figure.axes[:2]] == list(found.by_feature)
    figure.savefig(tmp_path / "attribution.png")


@slow_but_on_torch
def test_of_clips(tmp_path):
    clips = np.random.default_rng(0).random((8, 3, 8, 8, 1)).astype("float32")
    gan = kr.RecurrentGAN({"units": 4, "latent_dim": 2}, {"filters": 2}, seed=0)
    gan.adapt(clips)
    found = kr.explaining.attribute(gan, clips[:2], num_steps=16)
    complete(found, 0.02)
    found.plot(1).savefig(tmp_path / "clips.png")


@slow_but_on_torch
def test_an_embedding_is_looked_through():
    gan = kr.applications.timegan(units=3, num_layers=1)
    gan.adapt(windows())
    complete(kr.explaining.attribute(gan, windows(2)), 0.02)


def test_what_it_refuses():
    gan, _ = linear_gan()
    attribute, x = kr.explaining.attribute, windows(2)
    refuses(lambda: attribute(gan, x, baseline="zero"), "one of 'mean', 'median'.*baseline='zero'")
    refuses(lambda: attribute(gan, x, baseline=np.ones((3, 2))), r"numbers of shape \(6, 2\)")
    refuses(lambda: attribute(gan, x, baseline=np.full((6, 2), np.nan)), "must be finite")
    refuses(lambda: attribute(gan, np.full((2, 6, 2), np.nan)), "Expected finite values")
    refuses(lambda: attribute(gan, x, num_steps=0), "num_steps")
    refuses(lambda: attribute(gan, x).plot(2), "must be below 2")
    refuses(lambda: attribute(kr.TokenGAN(["a", "b"]), x), "ids are names")
    together = recurrent_networks()[0], kr.networks.RecurrentDiscriminator(4, minibatch_group_size=2)
    mixing = kr.RecurrentGAN(*together, seed=0)
    mixing.adapt(windows())
    refuses(lambda: attribute(mixing, x), "by itself.*MinibatchStdDev")
