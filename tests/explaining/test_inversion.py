"""Latents of what a generator made are found again; what it cannot make is told by its error."""

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    completing_gan,
    dense_gan,
    recurrent_gan,
    refuses,
    slow_but_on_torch,
    to_numpy,
    windows,
)


@pytest.fixture(scope="module")
def gan():
    gan = recurrent_gan()
    gan.adapt(windows())
    return gan


def test_what_was_generated_is_found(gan):
    before, made = gan.get_weights(), gan.generate(3, seed=9)
    found = kr.explaining.invert(gan, made, num_updates=80, num_starts=2, learning_rate=0.2)
    assert (found.relative_errors < 0.1 * found.nearest_errors).all()
    deviation = gan.generate(500, seed=0).std(axis=(0, 1))
    assert (found.errors < 0.1 * deviation).all()
    np.testing.assert_allclose(
        found.errors, np.sqrt(np.square(found.reconstructions - made).mean(axis=1)), rtol=1e-4
    )
    np.testing.assert_allclose(to_numpy(gan(found.latents)), found.reconstructions, rtol=1e-5)
    assert ((found.latent_sizes > 0.5) & (found.latent_sizes < 2.0)).all()
    assert all(np.array_equal(a, b) for a, b in zip(before, gan.get_weights(), strict=True))
    assert "3 sequences: relative error 0.0" in str(found)


@slow_but_on_torch
def test_a_seed_gives_one_result_whatever_the_batch(gan):
    made = gan.generate(3, seed=9)
    options = {"num_updates": 8, "num_starts": 3, "seed": 4}
    one, same, parts = (kr.explaining.invert(gan, made, batch_size=n, **options) for n in (256, 256, 4))
    np.testing.assert_array_equal(one.reconstructions, same.reconstructions)
    alone = kr.explaining.invert(gan, made[0], **options)
    np.testing.assert_allclose(alone.reconstructions[0], one.reconstructions[0], rtol=0.02)
    assert parts.relative_errors.mean() == pytest.approx(one.relative_errors.mean(), rel=0.5)


@slow_but_on_torch
def test_the_nearest_is_the_nearest_of_the_pool(gan):
    made = gan.generate(2, seed=9)
    found = kr.explaining.invert(gan, made, num_updates=16, num_starts=2, seed=4)
    (pool,) = gan.sampler.batches(32, 32, seed=4, without=("range",))
    both = np.concatenate([pool, made]).reshape(-1, 2)
    off = np.square((pool[:, None] - made) / both.std(axis=0)).mean(axis=(2, 3))
    within = gan.generate(32, seed=4)
    np.testing.assert_allclose(found.nearest, within[off.argmin(axis=0)], rtol=1e-5)
    np.testing.assert_allclose(found.nearest_errors, np.sqrt(off.min(axis=0)), rtol=1e-3)


@slow_but_on_torch
def test_what_cannot_be_made_has_a_large_error(gan):
    far = gan.generate(1, seed=9)
    far[:, ::2, 0], far[:, 1::2, 0] = 90.0, 110.0  # a zigzag
    found = kr.explaining.invert(gan, far, num_updates=50)
    assert found.relative_errors[0] > 0.5


@slow_but_on_torch
@pytest.mark.parametrize("knows_gaps", [False, True])
def test_gaps_have_no_part(knows_gaps):
    if knows_gaps:
        gan = completing_gan()
        holes = windows()
        holes[::2, 2, 0] = np.nan
        gan.adapt(holes)
    else:
        gan = recurrent_gan()
        gan.adapt(windows())
    truth = gan.generate(2, seed=9)
    shown = truth.copy()
    shown[:, 1, 0] = np.nan
    found = kr.explaining.invert(gan, shown, num_updates=40, num_starts=2)
    assert np.isfinite(found.errors).all()
    assert np.isfinite(found.reconstructions).all()
    np.testing.assert_array_equal(found.sequences, shown)
    off = np.square(found.reconstructions - truth)[..., 0]
    off[:, 1] = np.nan
    np.testing.assert_allclose(found.errors[:, 0], np.sqrt(np.nanmean(off, axis=1)), rtol=1e-4)
    assert (found.relative_errors < 0.5 * found.nearest_errors).all()


@slow_but_on_torch
@pytest.mark.parametrize("scaler", ["auto", "per_sample"])
def test_under_conditions_and_lengths(scaler):
    data = [x[: 3 + i % 4] for i, x in enumerate(windows(24))]
    gan = kr.RecurrentGAN({"units": 4, "linear_process": 0}, {"units": 4}, scaler=scaler, seed=0)
    gan.adapt((data, {"kind": ["a", "b"] * 12}))
    given = {"kind": ["a", "b", "a"], "length": [3, 5, 6]}
    made = gan.generate(seed=9, conditions=given)
    found = kr.explaining.invert(gan, (made, {"kind": given["kind"]}), num_updates=40, num_starts=2)
    assert [len(x) for x in found.reconstructions] == [len(x) for x in found.sequences] == [3, 5, 6]
    assert (found.relative_errors < 0.5 * found.nearest_errors).all()
    again = to_numpy(gan(found.latents))
    for i, sample in enumerate(found.reconstructions):
        np.testing.assert_allclose(again[i, : len(sample)], sample, rtol=1e-5)


@slow_but_on_torch
def test_of_clips_and_plots(tmp_path):
    clips = np.random.default_rng(0).random((8, 3, 8, 8, 1)).astype("float32")
    gan = kr.RecurrentGAN({"units": 4, "latent_dim": 2}, {"filters": 2}, seed=0)
    gan.adapt(clips)
    found = kr.explaining.invert(gan, gan.generate(2, seed=9), num_updates=10, num_starts=2)
    assert (found.relative_errors < found.nearest_errors).all()
    assert found.errors.shape == (2, 1)
    found.plot().savefig(tmp_path / "clips.png")


@slow_but_on_torch
def test_a_table_names_the_features(gan, tmp_path):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(windows(20).reshape(-1, 2), columns=["heat", "light"])
    table = kr.data.from_frame(frame, length=6)
    gan = recurrent_gan()
    gan.adapt(table)
    found = kr.explaining.invert(gan, table.sequences[:2], num_updates=3)
    assert found.names == ["heat", "light"]
    figure = found.plot(num_features=1)
    assert figure.axes[0].get_ylabel() in ("heat", "light")
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels == ["nearest sample", "reconstruction", "given"]
    figure.savefig(tmp_path / "inversion.png")


@slow_but_on_torch
def test_any_network_and_uniform_noise():
    gan = dense_gan(noise="uniform")
    gan.adapt(windows())
    found = kr.explaining.invert(gan, gan.generate(3, seed=9), num_updates=60, num_starts=2)
    assert (found.relative_errors < 0.2 * found.nearest_errors).all()
    assert np.abs(found.latents).max() < 1.0


def test_what_it_refuses(gan):
    invert, made = kr.explaining.invert, windows(3)
    refuses(lambda: invert(gan, made[..., :1]), "adapted to 2 features. Received: samples of 1")
    refuses(lambda: invert(gan, made, conditions={"kind": ["a"] * 3}), "without conditions")
    refuses(lambda: invert(gan, made, num_updates=0), "num_updates")
    refuses(lambda: invert(gan, made, learning_rate=-1.0), "learning_rate")
    refuses(lambda: invert(gan, iter([made])), "sequences in memory")
    nothing = made.copy()
    nothing[1] = np.nan
    refuses(lambda: invert(gan, nothing), "none in sequence 1")
    refuses(lambda: invert(kr.TokenGAN(["a", "b"]), made), "ids are names")
