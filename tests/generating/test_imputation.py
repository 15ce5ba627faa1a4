"""Gaps filled and futures drawn, by a model that learned to complete sequences."""

import keras
import numpy as np
import pandas
import pytest

import keras_rgan as kr
from tests.testing import (
    assert_close,
    completing_gan,
    slow_but_on_tensorflow,
    slow_but_on_torch,
    to_numpy,
    windows,
    with_gaps,
)

COUNT, LENGTH = 48, 8
DATA = windows(COUNT, LENGTH)
OBSERVED, GAPS = with_gaps(DATA)
ENDS = 4 + np.arange(COUNT) % (LENGTH - 3)
LISTS = [x[:n] for x, n in zip(DATA, ENDS, strict=True)]


@pytest.fixture(scope="module")
def trained():
    gan = completing_gan()
    gan.fit(DATA, batch_size=16, epochs=2, verbose=0)
    return gan


def test_what_is_observed_stays_to_the_bit(trained):
    filled = trained.impute(GAPS, seed=0)
    assert filled.shape == DATA.shape
    assert filled.dtype == np.float32
    assert np.isfinite(filled).all()
    np.testing.assert_array_equal(filled[OBSERVED], DATA[OBSERVED])
    np.testing.assert_array_equal(trained.impute(DATA, num_samples=2)[:, 1], DATA)


def test_draws_and_quantiles(trained):
    draws = trained.impute(GAPS[:5], num_samples=32, seed=3)
    assert draws.shape == (5, 32, LENGTH, 2)
    hidden = ~OBSERVED[:5]
    spread = draws.std(axis=1)
    assert (spread[hidden] > 0).all()
    assert (spread[~hidden] < 1e-4).all()
    median = trained.impute(GAPS[:5], seed=3)
    assert_close(median, np.sort(draws, axis=1)[:, 15], 1e-5)
    both = trained.impute(GAPS[:5], num_samples=32, quantiles=[0.25, 0.5], seed=3)
    assert_close(both[:, 1], median, 1e-5)
    assert (both[:, 0] <= both[:, 1]).all()
    small = trained.impute(GAPS[:5], num_samples=32, seed=3, batch_size=7)
    assert_close(small, draws, 1e-3)
    assert np.abs(trained.impute(GAPS[:5], num_samples=2, seed=4) - draws[:, :2]).max() > 0


def test_forecasts(trained):
    paths = trained.forecast(DATA[:3, :5], steps=3, num_samples=6, seed=0)
    far = trained.forecast(DATA[:3, :5], steps=20, num_samples=6, seed=0)
    assert_close(
        trained.forecast(DATA[:3, :5], steps=20, num_samples=6, seed=0, batch_size=2), far, 1e-3
    )
    assert paths.shape == (3, 6, 3, 2)
    assert (paths.std(axis=1) > 0).all()
    np.testing.assert_array_equal(paths, trained.forecast(DATA[:3, :5], steps=3, num_samples=6, seed=0))
    whole = np.concatenate([DATA[:3, :5], np.full((3, 3, 2), np.nan, "float32")], axis=1)
    assert_close(trained.impute(whole, num_samples=6, seed=0)[:, :, 5:], paths)
    assert trained.forecast(DATA[0], steps=21, num_samples=6).shape == (6, 21, 2)
    assert trained.forecast(GAPS[:2], steps=2, quantiles=[0.1, 0.5, 0.9]).shape == (2, 3, 2, 2)
    further = trained.continue_from(DATA[:3, :5], steps=20, seed=0)
    assert_close(further, trained.forecast(DATA[:3, :5], steps=20, num_samples=1, seed=0)[:, 0])
    assert trained.continue_from(DATA[0], steps=4).shape == (4, 2)
    # Of a long history the last steps count, as many as leave room in a window.
    long = np.concatenate([DATA[:3] + 1.0, DATA[:3]], axis=1)
    assert_close(
        trained.forecast(long, steps=3, num_samples=6, seed=0),
        trained.forecast(long[:, -5:], steps=3, num_samples=6, seed=0),
        1e-6,
    )


def test_forecasts_of_histories_of_different_lengths(trained):
    histories = [DATA[0, :3], DATA[1, :5], DATA[2, :3]]
    labels = {"other": np.array([0, 1])}
    paths = trained.forecast(histories, steps=4, num_samples=6, seed=0)
    assert paths.shape == (3, 6, 4, 2)
    assert_close(
        paths[[0, 2]], trained.forecast(DATA[[0, 2], :3], steps=4, num_samples=6, seed=0), 1e-4
    )
    again = trained.forecast(histories, steps=4, num_samples=6, seed=0)
    np.testing.assert_array_equal(again, paths)
    with pytest.raises(ValueError, match="one for each sequence"):
        trained.forecast(histories, steps=4, conditions=labels)


def test_draws_of_histories_of_different_lengths_are_independent(trained):
    flat = np.repeat(DATA[:1, :1], 5, axis=1)[0]
    paths = trained.forecast([flat[:3], flat, flat[:3]], steps=2, num_samples=1000, seed=0)
    correlations = np.corrcoef(paths[:, :, 0, 0])
    assert np.abs(correlations[np.triu_indices(3, 1)]).max() < 0.12  # a deviation is 0.03


def test_one_sequence_alone(trained):
    filled = trained.impute(GAPS[1], seed=0)
    assert filled.shape == DATA[1].shape
    np.testing.assert_array_equal(filled[OBSERVED[1]], DATA[1][OBSERVED[1]])
    assert trained.impute(GAPS[1], num_samples=4).shape == (4, *DATA[1].shape)


def test_futures_leave_the_range_of_the_data_where_the_history_does(trained):
    high = DATA[:2] + 5.0 * np.ptp(DATA)
    paths = trained.forecast(high[:, :5], steps=3, num_samples=4, seed=0)
    assert (paths > DATA.max()).all()
    assert trained.generate(100, seed=0).max() <= DATA.max()


@slow_but_on_tensorflow
def test_networks_of_one_length():
    noise, columns = keras.Input((3,), name="noise"), keras.Input((LENGTH, 6), name="conditions")
    hidden = keras.layers.Dense(LENGTH * 2)(noise)
    made = keras.layers.Dense(2)(columns) + keras.layers.Reshape((LENGTH, 2))(hidden)
    generator = keras.Model({"noise": noise, "conditions": columns}, made)
    discriminator = kr.networks.RecurrentDiscriminator(4, temporal_conditions=6)
    gan = kr.RecurrentGAN(generator, discriminator, completion=True, seed=0)
    gan.adapt(DATA)
    np.testing.assert_array_equal(gan.impute(GAPS)[OBSERVED], DATA[OBSERVED])
    assert gan.forecast(DATA[:2, :6], steps=2, num_samples=3).shape == (2, 3, 2, 2)
    assert gan.forecast(DATA[:2, :6], steps=4, num_samples=3).shape == (2, 3, 4, 2)
    assert gan.forecast(DATA[:2], steps=20, num_samples=3).shape == (2, 3, 20, 2)
    assert next(gan.stream(2, steps=5)).shape == (2, 5, 2)
    with pytest.raises(ValueError, match="of shape"):
        gan.forecast(DATA[:2, :3], steps=2)


def test_bad_input(trained):
    plain = kr.RecurrentGAN(seed=0)
    plain.adapt(DATA)
    with pytest.raises(ValueError, match=r"RecurrentGAN\(completion=True\)"):
        plain.impute(GAPS)
    for wrong in (DATA[0, :, 0], [], np.empty((0, 5, 2))):
        for complete in (trained.impute, lambda x: trained.forecast(x, steps=2)):
            with pytest.raises(ValueError, match=r"shape \(samples, time, features\), or a single one"):
                complete(wrong)
    with pytest.raises(ValueError, match=r"table that keras_rgan.data.from_frame has read"):
        trained.forecast(pandas.DataFrame({"x": [1.0]}), steps=2)
    with pytest.raises(
        ValueError, match="an array or a list of arrays. Received: a map. Pass the batches"
    ):
        trained.impute(map(np.array, DATA))
    for wrong in (1, [1, 2], np.array([1, 2]), {"label": [1]}, {"label": 1}, {"label": []}):
        with pytest.raises(
            ValueError, match="Conditions are a dict|one row of|one entry of|one at least"
        ):
            trained.impute(GAPS[:2], conditions=wrong)
    for wrong in ([3, 5], [30, 50, 40], [-1, 5, 4], [3.0, 5.0, 4.0]):
        for complete in (trained.impute, lambda x: trained.forecast(x, steps=2)):
            with pytest.raises(
                ValueError, match="one row|lengths of at most|'length' as whole numbers"
            ):
                complete((DATA[:3], {"length": wrong}))
    with pytest.raises(ValueError, match="one length"):
        trained.impute([DATA[0, :3], DATA[1, :5]])
    with pytest.raises(ValueError, match="infinite"):
        trained.impute(np.where(OBSERVED, DATA, np.inf))
    with pytest.raises(ValueError, match="adapted to 2 features"):
        trained.impute(GAPS[..., :1])
    with pytest.raises(ValueError, match="steps"):
        trained.forecast(DATA[:2], steps=0)
    with pytest.raises(ValueError, match="num_samples"):
        trained.forecast(DATA[:2], steps=2, num_samples=0)
    with pytest.raises(ValueError, match="levels between 0 and 1"):
        trained.forecast(DATA[:2], steps=2, quantiles=[10, 90])
    assert np.isfinite(to_numpy(trained.scaler.high)).all()  # constraints are back
    with pytest.raises(ValueError, match="NaN"):
        trained.train_on_batch(GAPS)
    with pytest.raises(ValueError, match="trained without conditions"):
        trained.impute(GAPS[:2], conditions={"label": [0, 1]})
    with pytest.raises(ValueError, match="first trained on sequences without gaps"):
        trained.fit(GAPS, batch_size=16, epochs=1)
    with pytest.raises(ValueError, match="three columns a feature"):
        kr.RecurrentGAN(
            kr.networks.RecurrentGenerator(2, 4), kr.networks.RecurrentDiscriminator(4), completion=True
        ).adapt(DATA)


@slow_but_on_torch
def test_streams_without_end(trained):
    parts = [trained.stream(3, steps=n, seed=5) for n in (5, 16)]
    joined = [
        np.concatenate([next(part) for _ in range(n)], axis=1)
        for part, n in zip(parts, (20, 7), strict=True)
    ]
    assert joined[0].shape == (3, 100, 2)
    assert_close(joined[0], joined[1][:, :100], 1e-4)
    assert len(np.unique(joined[0].round(3), axis=1)[0]) > 50  # goes on, and does not repeat
    assert joined[0].min() >= DATA.min() - 1e-3
    assert joined[0].max() <= DATA.max() + 1e-3
    assert np.abs(next(trained.stream(3, seed=6))[:, :100] - joined[0]).max() > 0.1
    assert next(trained.stream(1, steps=2)).shape == (1, 2, 2)


def of_lengths(**recipe):
    options = {"temporal_conditions": 8}
    generator = kr.networks.RecurrentGenerator(
        2, 4, latent_dim=3, noise_dim=2, context_units=2, completion=True, seed=1, **options
    )
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, variable_length=True, seed=2, **options
    )
    gan = kr.RecurrentGAN(generator, discriminator, completion=True, seed=0)
    gan.compile(**recipe)
    return gan


@pytest.fixture(scope="module")
def uneven():
    gan = of_lengths()
    gan.fit(LISTS, batch_size=16, verbose=0, epochs=1)
    return gan


@slow_but_on_torch
def test_sequences_of_different_lengths_are_completed(uneven, tmp_path):
    gaps = [
        np.where(seen[: len(x)], x, np.float32(np.nan)) for x, seen in zip(LISTS, OBSERVED, strict=True)
    ]
    filled = uneven.impute(gaps[:9], seed=1)
    assert [x.shape for x in filled] == [x.shape for x in gaps[:9]]
    for made, gap in zip(filled, gaps, strict=False):
        assert np.isfinite(made).all()
        np.testing.assert_array_equal(made[~np.isnan(gap)], gap[~np.isnan(gap)])
    drawn = uneven.impute(gaps[:9], num_samples=3, seed=1)
    assert [x.shape for x in drawn] == [(3, len(x), 2) for x in gaps[:9]]
    padded, lengths = kr.data.pad_sequences(gaps[:9])
    padded[np.arange(LENGTH) >= lengths[:, None]] = 1e3  # is not seen
    for a, b in zip(filled, uneven.impute((padded, {"length": lengths}), seed=1), strict=True):
        np.testing.assert_array_equal(a, b)
    uneven.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for a, b in zip(filled, loaded.impute(gaps[:9], seed=1), strict=True):
        assert_close(a, b)
    made = uneven.generate(200, seed=0)
    assert {len(x) for x in made} <= set(ENDS)
    with pytest.raises(ValueError, match="sequences with lengths of their own"):
        uneven.stream()


def test_histories_of_different_lengths_go_on(uneven):
    paths = uneven.forecast(LISTS[:7], steps=3, num_samples=6, seed=0)
    assert paths.shape == (7, 6, 3, 2)
    assert np.isfinite(paths).all()
    assert (paths.std(axis=1) > 0).all()
    same = np.flatnonzero(ENDS[:7] == ENDS[0])
    alone = uneven.forecast(np.stack([LISTS[i] for i in same]), steps=3, num_samples=6, seed=0)
    assert_close(paths[same], alone, 1e-4)
    assert uneven.forecast(LISTS[4], steps=15, num_samples=2).shape == (2, 15, 2)
    assert uneven.continue_from(LISTS[:3], steps=2).shape == (3, 2, 2)


@slow_but_on_torch
def test_shown_nothing_it_generates(trained):
    made = trained.generate(200, seed=1)
    assert made.shape == (200, LENGTH, 2)
    assert trained.generate(2, length=20).shape == (2, 20, 2)
    noise = trained.sample_noise(200, seed=1)
    assert noise["conditions"].shape == (200, LENGTH, 6)
    assert_close(trained.predict(noise, verbose=0), made, 1e-4)
    nothing = np.full((200, LENGTH, 2), np.nan, "float32")
    free = trained.impute(nothing, num_samples=1, seed=1)[:, 0]
    inside = (free >= DATA.min(axis=(0, 1))) & (free <= DATA.max(axis=(0, 1)))
    assert_close(free[inside], made[inside], 1e-3)


@slow_but_on_torch
def test_integers_are_filled_with_integers():
    counts = np.random.default_rng(0).poisson(5.0, DATA.shape).astype("float32")
    gan = completing_gan(run_eagerly=True)
    gan.fit(counts, batch_size=16, verbose=0, epochs=1)
    gaps = np.where(OBSERVED, counts, np.nan)
    for filled in (gan.impute(gaps, seed=0), gan.impute(gaps, num_samples=3, seed=0)):
        np.testing.assert_array_equal(filled, np.round(filled))


@slow_but_on_tensorflow
def test_conditions_beside():
    rng = np.random.default_rng(1)
    conditions = {"label": np.arange(COUNT) % 2, "dose": rng.normal(size=(COUNT, LENGTH, 1))}
    gan = completing_gan(static=2, temporal=1, run_eagerly=True)
    gan.fit((DATA, conditions), batch_size=16, verbose=0, epochs=1)
    some = {name: values[:3] for name, values in conditions.items()}
    filled = gan.impute(GAPS[:3], num_samples=2, conditions=some, seed=0)
    other = {**some, "label": 1 - some["label"]}
    assert np.abs(filled - gan.impute(GAPS[:3], num_samples=2, conditions=other, seed=0)).max() > 0
    longer = {"label": some["label"], "dose": rng.normal(size=(3, 30, 1))}
    futures = gan.forecast(DATA[:3], steps=22, num_samples=2, conditions=longer, seed=0)
    assert futures.shape == (3, 2, 22, 2)
    # A covariate of a step changes that step and what follows, part by part.
    changed = {**longer, "dose": longer["dose"].copy()}
    changed["dose"][:, -1] += 3.0
    difference = np.abs(
        gan.forecast(DATA[:3], steps=22, num_samples=2, conditions=changed, seed=0) - futures
    )
    assert difference[:, :, -1].max() > 0
    assert difference[:, :, :10].max() == 0
    # Histories of different lengths, each with its own covariates
    doses = [longer["dose"][0, :9], longer["dose"][1, :12]]
    given = {"label": some["label"][:2], "dose": doses}
    both = gan.forecast([DATA[0, :5], DATA[1]], steps=4, num_samples=2, conditions=given, seed=0)
    one = {"label": some["label"][0], "dose": doses[0][None]}
    assert_close(
        both[0], gan.forecast(DATA[0, :5], steps=4, num_samples=2, conditions=one, seed=0), 1e-4
    )
    with pytest.raises(ValueError, match="takes the conditions"):
        gan.impute(GAPS[:3])
    with pytest.raises(ValueError, match="each of 2 sequences"):
        gan.impute(GAPS[:2], conditions=some)
    with pytest.raises(ValueError, match="missing: .'dose'."):
        gan.impute(GAPS[:3], conditions={"label": some["label"]})
    assert_close(gan.impute((GAPS[:3], some), seed=0), gan.impute(GAPS[:3], conditions=some, seed=0))
