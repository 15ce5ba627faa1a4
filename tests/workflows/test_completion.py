"""One model that fills gaps, draws futures and generates; and training on what is observed."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    SLOW_ON_JAX,
    assert_close,
    slow_but_on_tensorflow,
    state_of,
    windows,
)

COUNT, LENGTH = 48, 8
DATA = windows(COUNT, LENGTH)
OBSERVED = np.random.default_rng(0).random(DATA.shape) < 0.7
OBSERVED[0, :, 1] = False
GAPS = np.where(OBSERVED, DATA, np.float32(np.nan))
EAGER = {"run_eagerly": True}


def completing(static=0, temporal=0, scaler="auto", **recipe):
    options = {"temporal_conditions": 6 + temporal, "static_conditions": static}
    generator = kr.networks.RecurrentGenerator(
        2, 4, latent_dim=3, noise_dim=2, context_units=2, completion=True, seed=1, **options
    )
    discriminator = kr.networks.RecurrentDiscriminator(4, bidirectional=False, seed=2, **options)
    gan = kr.RecurrentGAN(generator, discriminator, scaler=scaler, completion=True, seed=0)
    gan.compile(**recipe)
    return gan


@pytest.fixture(scope="module")
def trained():
    gan = completing()
    gan.fit(DATA, batch_size=16, epochs=2, verbose=0)
    return gan


def test_trains_evaluates_and_saves(tmp_path):
    gan = completing()
    history = gan.fit(DATA, batch_size=16, epochs=2, verbose=0, validation_data=DATA[:20]).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert {"completion_loss", "val_completion_loss", "val_mmd"} <= set(history)
    assert gan.evaluate(DATA[:20], verbose=0) == gan.evaluate(DATA[:20], verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert_close(loaded.impute(GAPS[:3], seed=1), gan.impute(GAPS[:3], seed=1))
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    loaded.fit(DATA, batch_size=16, verbose=0)
    gan.fit(DATA, batch_size=16, verbose=0)


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
    assert_close(median, np.median(draws, axis=1), 1e-5)
    both = trained.impute(GAPS[:5], num_samples=32, quantiles=[0.25, 0.5], seed=3)
    assert_close(both[:, 1], median, 1e-5)
    assert (both[:, 0] <= both[:, 1]).all()
    small = trained.impute(GAPS[:5], num_samples=32, seed=3, batch_size=7)
    assert_close(small, draws, 1e-3)
    assert np.abs(trained.impute(GAPS[:5], 2, seed=4) - draws[:, :2]).max() > 0


def test_forecasts(trained):
    paths = trained.forecast(DATA[:3, :5], steps=3, num_samples=6, seed=0)
    assert paths.shape == (3, 6, 3, 2)
    assert (paths.std(axis=1) > 0).all()
    np.testing.assert_array_equal(paths, trained.forecast(DATA[:3, :5], 3, 6, seed=0))
    whole = np.concatenate([DATA[:3, :5], np.full((3, 3, 2), np.nan, "float32")], axis=1)
    assert_close(trained.impute(whole, num_samples=6, seed=0)[:, :, 5:], paths)
    assert trained.forecast(DATA[0], steps=21, num_samples=6).shape == (6, 21, 2)
    assert trained.forecast(GAPS[:2], steps=2, quantiles=[0.1, 0.5, 0.9]).shape == (2, 3, 2, 2)
    further = trained.continue_from(DATA[:3, :5], steps=20, seed=0)
    assert_close(further, trained.forecast(DATA[:3, :5], 20, num_samples=1, seed=0)[:, 0])
    assert trained.continue_from(DATA[0], steps=4).shape == (4, 2)
    # Of a long history the last steps count, as many as leave room in a window.
    long = np.concatenate([DATA[:3] + 1.0, DATA[:3]], axis=1)
    assert_close(
        trained.forecast(long, 3, 6, seed=0), trained.forecast(long[:, -5:], 3, 6, seed=0), 1e-6
    )


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


def test_futures_leave_the_range_of_the_data_where_the_history_does(trained):
    high = DATA[:2] + 5.0 * np.ptp(DATA)
    paths = trained.forecast(high[:, :5], steps=3, num_samples=4, seed=0)
    assert (paths > DATA.max()).all()
    assert trained.generate(100, seed=0).max() <= DATA.max()


def test_integers_are_filled_with_integers():
    counts = np.random.default_rng(0).poisson(5.0, DATA.shape).astype("float32")
    gan = completing(**EAGER)
    gan.fit(counts, batch_size=16, verbose=0)
    filled = gan.impute(np.where(OBSERVED, counts, np.nan), num_samples=3, seed=0)
    np.testing.assert_array_equal(filled, np.round(filled))


@slow_but_on_tensorflow
def test_networks_are_made_for_it():
    gan = kr.RecurrentGAN(completion=True, seed=0)
    gan.adapt((DATA, {"label": np.arange(COUNT) % 3}))
    assert gan.generator.completion
    assert gan.generator.temporal_conditions == gan.discriminator.temporal_conditions == 6
    assert gan.impute(GAPS[:2], conditions={"label": [0, 2]}).shape == (2, LENGTH, 2)
    copy = kr.RecurrentGAN.from_config(gan.get_config())
    assert copy.completion


def test_conditions_beside():
    rng = np.random.default_rng(1)
    conditions = {"label": np.arange(COUNT) % 2, "dose": rng.normal(size=(COUNT, LENGTH, 1))}
    gan = completing(static=2, temporal=1, **EAGER)
    gan.fit((DATA, conditions), batch_size=16, verbose=0)
    some = {name: values[:3] for name, values in conditions.items()}
    filled = gan.impute(GAPS[:3], num_samples=2, conditions=some, seed=0)
    other = {**some, "label": 1 - some["label"]}
    assert np.abs(filled - gan.impute(GAPS[:3], 2, conditions=other, seed=0)).max() > 0
    longer = {"label": some["label"], "dose": rng.normal(size=(3, 30, 1))}
    futures = gan.forecast(DATA[:3], 22, num_samples=2, conditions=longer, seed=0)
    assert futures.shape == (3, 2, 22, 2)
    # A covariate of a step changes that step and what follows, part by part.
    changed = {**longer, "dose": longer["dose"].copy()}
    changed["dose"][:, -1] += 3.0
    difference = np.abs(gan.forecast(DATA[:3], 22, 2, conditions=changed, seed=0) - futures)
    assert difference[:, :, -1].max() > 0
    assert difference[:, :, :10].max() == 0
    with pytest.raises(ValueError, match="takes the conditions"):
        gan.impute(GAPS[:3])
    with pytest.raises(ValueError, match="each of 2 sequences"):
        gan.impute(GAPS[:2], conditions=some)


@slow_but_on_tensorflow
def test_learns_to_go_on():
    """Ramps at two speeds: the future follows from two steps, the speed is not known without them."""
    rng = np.random.default_rng(0)
    speed, start = rng.choice([-1.0, 1.0], (256, 1, 1)), rng.normal(size=(256, 1, 1))
    ramps = (start + speed * np.arange(6)[None, :, None]).astype("float32")
    generator = kr.networks.RecurrentGenerator(
        1,
        12,
        latent_dim=2,
        noise_dim=2,
        temporal_conditions=3,
        completion=True,
        context_units=4,
        seed=1,
    )
    discriminator = kr.networks.RecurrentDiscriminator(6, temporal_conditions=3, seed=2)
    gan = kr.RecurrentGAN(generator, discriminator, completion=True, seed=0)
    gan.compile(generator_optimizer=keras.optimizers.Adam(3e-3, beta_1=0.0), completion_weight=2.0)
    gan.fit(ramps, batch_size=64, epochs=100, verbose=0)
    known, future = ramps[:, :2], ramps[:, 2:]
    paths = gan.forecast(known, steps=4, num_samples=8, seed=0)
    error = np.abs(np.median(paths, axis=1) - future).mean()
    naive = np.abs(known[:, -1:] - future).mean()
    assert error < 0.5 * naive


def test_bad_input(trained):
    plain = kr.RecurrentGAN(seed=0)
    plain.adapt(DATA)
    with pytest.raises(ValueError, match=r"RecurrentGAN\(completion=True\)"):
        plain.impute(GAPS)
    with pytest.raises(ValueError, match=r"shape \(samples, time, features\)"):
        trained.impute(GAPS[0])
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
    with pytest.raises(ValueError, match="trained without conditions"):
        trained.impute(GAPS[:2], conditions={"label": [0, 1]})
    with pytest.raises(ValueError, match="reads them whole|completes sequences"):
        trained.stream()
    with pytest.raises(ValueError, match="first trained on sequences without gaps"):
        trained.fit(GAPS, batch_size=16)
    with pytest.raises(ValueError, match="different lengths"):
        kr.RecurrentGAN(completion=True).adapt([x[: 4 + i % 2] for i, x in enumerate(DATA)])
    with pytest.raises(ValueError, match="three columns a feature"):
        kr.RecurrentGAN(
            kr.networks.RecurrentGenerator(2, 4), kr.networks.RecurrentDiscriminator(4), completion=True
        ).adapt(DATA)


# Missing values


def plain(**recipe):
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, smoothing=True, seed=1)
    discriminator = kr.networks.RecurrentDiscriminator(
        4, increments=1, convolution_units=2, bidirectional=False, seed=2
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(**recipe)
    return gan


@pytest.mark.parametrize(
    "make", [plain, pytest.param(completing, marks=SLOW_ON_JAX)], ids=["plain", "completing"]
)
def test_what_is_missing_is_never_seen(make):
    """Losses, penalties, gradients, scaler and metrics are equal to the bit, whatever stands there."""
    found = []
    for value in (np.nan, 1e6):
        data = np.where(OBSERVED, DATA, np.float32(value)), {"observed": OBSERVED}
        gan = make(**EAGER)
        history = gan.fit(
            data, batch_size=16, epochs=2, shuffle=False, verbose=0, validation_data=data
        ).history
        found.append((history, state_of(gan)))
    (history, state), (other_history, other_state) = found
    assert all(np.isfinite(values).all() for values in history.values())
    assert history == other_history
    for a, b in zip(state, other_state, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(scope="module")
def with_gaps():
    gan = plain()
    gan.fit((GAPS, {"observed": OBSERVED}), batch_size=16, verbose=0)
    return gan


def test_gaps_are_filled_or_drawn_as_they_were(with_gaps):
    assert np.isfinite(with_gaps.generate(50, seed=0)).all()
    made = with_gaps.generate(3000, seed=0, missing=True)
    share = np.isfinite(made).mean(axis=0)
    np.testing.assert_allclose(share, OBSERVED.mean(axis=0), atol=0.04)
    patterns = {x.tobytes() for x in np.isfinite(made)}
    assert patterns <= {x.tobytes() for x in OBSERVED}
    full = with_gaps.generate(3000, seed=0)
    np.testing.assert_array_equal(made[np.isfinite(made)], full[np.isfinite(made)])
    asked = with_gaps.generate(conditions={"observed": OBSERVED[:4]}, missing=True, seed=0)
    np.testing.assert_array_equal(np.isnan(asked), ~OBSERVED[:4])


def test_the_scaler_knows_what_is_observed(with_gaps):
    low, high = np.nanmin(GAPS, axis=(0, 1)), np.nanmax(GAPS, axis=(0, 1))
    assert_close(with_gaps.scaler.inverse(np.array([[-1.0], [1.0]])), np.stack([low, high]), 1e-4)
    for kind in ("standard", "robust"):
        scaler = kr.layers.SequenceScaler(kind)
        scaler.adapt((GAPS, {"observed": OBSERVED}))
        center = np.nanmean if kind == "standard" else np.nanmedian
        assert_close(scaler.offset, center(GAPS, axis=(0, 1)), 1e-4)
    with pytest.raises(ValueError, match=r"none of the features \[1\]"):
        kr.layers.SequenceScaler().adapt((DATA, {"observed": np.ones(DATA.shape) * [1, 0]}))


@slow_but_on_tensorflow
def test_every_way_to_pass_gaps_is_the_same():
    import tensorflow as tf

    def state(data, make=completing, **options):
        gan = make(**EAGER)
        gan.fit(data, shuffle=False, verbose=0, **options)
        return state_of(gan)

    size = {"batch_size": 16}
    expected = state((GAPS, {"observed": OBSERVED}), **size)
    pairs = tf.data.Dataset.from_tensor_slices((GAPS, {"observed": OBSERVED})).batch(16)
    for found in (state(GAPS, **size), state(pairs), state(GAPS, y={"observed": OBSERVED}, **size)):
        for a, b in zip(expected, found, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@slow_but_on_tensorflow
def test_pictures_scores_and_calibration_with_gaps(tmp_path, with_gaps):
    gan = plain(**EAGER)
    scores = kr.callbacks.ScoreOnValidation(
        (GAPS[:20], {"observed": OBSERVED[:20]}), ["roughness"], calibrate=True
    )
    data = (GAPS, {"observed": OBSERVED})
    history = gan.fit(
        data, batch_size=16, verbose=0, callbacks=[scores, kr.callbacks.SampleGrid(tmp_path)]
    ).history
    assert np.isfinite(history["val_roughness"]).all()
    np.testing.assert_array_equal(np.isnan(gan.examples), ~OBSERVED[np.linspace(0, 47, 48).astype(int)])
    before = kr.metrics.marginal_wasserstein_distance(DATA, gan.generate(500, seed=0))
    gan.calibrate(data, num_samples=500)
    after = kr.metrics.marginal_wasserstein_distance(DATA, gan.generate(500, seed=0))
    assert after < before


def test_bad_gaps(with_gaps):
    with pytest.raises(ValueError, match=r"\{'observed': ~np.isnan\(samples\)\}"):
        plain().fit(GAPS, batch_size=16)
    with pytest.raises(ValueError, match="Expected `observed` of shape"):
        plain().fit((DATA, {"observed": OBSERVED[:, :3]}), batch_size=16)
    with pytest.raises(ValueError, match="Expected `observed` of shape"):
        plain().fit((DATA, {"observed": 3.0 * OBSERVED}), batch_size=16)
    fresh = plain()
    fresh.fit(DATA, batch_size=16, verbose=0)
    with pytest.raises(ValueError, match="without gaps"):
        fresh.generate(3, missing=True)
    with pytest.raises(ValueError, match="patterns of what is observed"):
        with_gaps.generate(3, length=20, missing=True)
    holes = np.where(OBSERVED, DATA, np.inf)
    with pytest.raises(ValueError, match="infinite"):
        plain().fit((holes, {"observed": np.ones(DATA.shape)}), batch_size=16)
