"""One model that fills gaps, draws futures and generates; and training on what is observed."""

import keras
import numpy as np
import pandas
import pytest

import keras_rgan as kr
from tests.testing import (
    SLOW_ON_JAX,
    assert_close,
    slow_but_on_tensorflow,
    state_of,
    to_numpy,
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
    further = [m.fit(DATA, batch_size=16, shuffle=False, verbose=0).history for m in (loaded, gan)]
    assert further[0] == further[1]


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
    assert np.abs(trained.impute(GAPS[:5], 2, seed=4) - draws[:, :2]).max() > 0


def test_forecasts(trained):
    paths = trained.forecast(DATA[:3, :5], steps=3, num_samples=6, seed=0)
    far = trained.forecast(DATA[:3, :5], steps=20, num_samples=6, seed=0)
    assert_close(trained.forecast(DATA[:3, :5], 20, 6, seed=0, batch_size=2), far, 1e-3)
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


def test_forecasts_of_histories_of_different_lengths(trained):
    histories = [DATA[0, :3], DATA[1, :5], DATA[2, :3]]
    labels = {"other": np.array([0, 1])}
    paths = trained.forecast(histories, steps=4, num_samples=6, seed=0)
    assert paths.shape == (3, 6, 4, 2)
    assert_close(paths[[0, 2]], trained.forecast(DATA[[0, 2], :3], 4, 6, seed=0), 1e-4)
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


@slow_but_on_tensorflow
def test_integers_are_filled_with_integers():
    counts = np.random.default_rng(0).poisson(5.0, DATA.shape).astype("float32")
    gan = completing(**EAGER)
    gan.fit(counts, batch_size=16, verbose=0)
    gaps = np.where(OBSERVED, counts, np.nan)
    for filled in (gan.impute(gaps, seed=0), gan.impute(gaps, num_samples=3, seed=0)):
        np.testing.assert_array_equal(filled, np.round(filled))


@slow_but_on_tensorflow
def test_a_model_made_of_known_parts_knows_the_spreads():
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(DATA)
    gan = completing(scaler=scaler)
    gan.adapt(DATA)
    expected = to_numpy(scaler(DATA)).std(axis=(0, 1))
    assert_close(gan.gap_features.deviation, expected, 1e-4)
    bare = completing(scaler=None)
    bare.build((None, LENGTH, 2))
    bare.adapt(to_numpy(scaler(DATA)))
    assert_close(bare.gap_features.deviation, expected, 1e-4)


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


@slow_but_on_tensorflow
def test_networks_are_made_for_it():
    gan = kr.RecurrentGAN(completion=True, seed=0)
    gan.adapt((DATA, {"label": np.arange(COUNT) % 3}))
    assert gan.generator.completion
    assert gan.generator.temporal_conditions == gan.discriminator.temporal_conditions == 6
    assert gan.impute(GAPS[:2], conditions={"label": [0, 2]}).shape == (2, LENGTH, 2)
    copy = kr.RecurrentGAN.from_config(gan.get_config())
    assert copy.completion


@slow_but_on_tensorflow
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
    # Histories of different lengths, each with its own covariates
    doses = [longer["dose"][0, :9], longer["dose"][1, :12]]
    given = {"label": some["label"][:2], "dose": doses}
    both = gan.forecast([DATA[0, :5], DATA[1]], 4, 2, conditions=given, seed=0)
    one = {"label": some["label"][0], "dose": doses[0][None]}
    assert_close(both[0], gan.forecast(DATA[0, :5], 4, 2, conditions=one, seed=0), 1e-4)
    with pytest.raises(ValueError, match="takes the conditions"):
        gan.impute(GAPS[:3])
    with pytest.raises(ValueError, match="each of 2 sequences"):
        gan.impute(GAPS[:2], conditions=some)
    with pytest.raises(ValueError, match="missing: .'dose'."):
        gan.impute(GAPS[:3], conditions={"label": some["label"]})
    assert_close(gan.impute((GAPS[:3], some), seed=0), gan.impute(GAPS[:3], conditions=some, seed=0))


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
    for wrong in (DATA[0, :, 0], [], np.empty((0, 5, 2))):
        for complete in (trained.impute, lambda x: trained.forecast(x, 2)):
            with pytest.raises(ValueError, match=r"shape \(samples, time, features\), or a single one"):
                complete(wrong)
    with pytest.raises(ValueError, match=r"table that keras_rgan.data.from_frame has read"):
        trained.forecast(pandas.DataFrame({"x": [1.0]}), 2)
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
        for complete in (trained.impute, lambda x: trained.forecast(x, 2)):
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
        trained.fit(GAPS, batch_size=16)
    with pytest.raises(ValueError, match="three columns a feature"):
        kr.RecurrentGAN(
            kr.networks.RecurrentGenerator(2, 4), kr.networks.RecurrentDiscriminator(4), completion=True
        ).adapt(DATA)


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


# Lengths of their own

ENDS = 4 + np.arange(COUNT) % (LENGTH - 3)
LISTS = [x[:n] for x, n in zip(DATA, ENDS, strict=True)]


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
    gan.fit(LISTS, batch_size=16, verbose=0)
    return gan


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


def test_what_is_padded_is_never_shown_or_scored(uneven):
    padded, lengths = kr.data.pad_sequences(LISTS)
    beyond = np.arange(LENGTH) >= lengths[:, None]
    seen, scores = [], []
    for junk in (0.0, 1e3):
        padded[beyond] = junk
        seed = keras.random.SeedGenerator(0)
        real, given = uneven._real_samples((padded, {"length": lengths[:, None]}), seed)
        _, spread = uneven._shown(given.columns)
        assert (to_numpy(spread)[beyond] > 0).all()  # nothing is observed there
        assert (to_numpy(spread)[~beyond] == 0).any()
        seen.append(to_numpy(given.columns))
        made = [np.where(beyond[..., None], junk, 0.1 * (i + 1)).astype("float32") for i in range(2)]
        made = [keras.ops.convert_to_tensor(x) for x in made]
        scores.append(float(uneven._completion_score(real, *made, given)))
    np.testing.assert_array_equal(*seen)
    assert scores[0] == scores[1] > 0


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
    "make",
    [pytest.param(plain, marks=SLOW_ON_JAX), pytest.param(completing, marks=SLOW_ON_JAX)],
    ids=["plain", "completing"],
)
def test_what_is_missing_is_never_seen(make):
    """Losses, penalties, gradients, scaler and metrics are equal to the bit, whatever stands there."""
    found = []
    for value in (np.nan, 1e6):

        class Pairs(keras.utils.PyDataset):
            num_batches = 3
            data = np.where(OBSERVED, DATA, np.float32(value))

            def __getitem__(self, i):
                part = slice(i * 16, (i + 1) * 16)
                return self.data[part], {"observed": OBSERVED[part]}

        gan = make(**EAGER)
        history = gan.fit(Pairs(), epochs=2, shuffle=False, verbose=0, validation_data=Pairs()).history
        found.append((history, state_of(gan)))
    (history, state), (other_history, other_state) = found
    assert all(np.isfinite(values).all() for values in history.values())
    assert history == other_history
    for a, b in zip(state, other_state, strict=True):
        np.testing.assert_array_equal(a, b)


def with_labels(lengths=None):
    """Return a model of sequences with gaps and labels, trained on what nothing but these differ in."""
    options = {"static_conditions": 2, "temporal_conditions": 0 if lengths is None else 2}
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, seed=1, **options)
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, variable_length=lengths is not None, seed=2, **options
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(**EAGER)
    return gan


@slow_but_on_tensorflow
def test_gaps_beside_labels():
    gan, labels = with_labels(), np.arange(COUNT) % 2
    gan.fit((GAPS, {"observed": OBSERVED, "label": labels}), batch_size=16, verbose=0)
    assert set(gan.sample_conditions(3)) == {"label", "observed"}
    assert np.isfinite(gan.generate(conditions={"label": [0, 1]})).all()
    made = gan.generate(40, missing=True, seed=0)
    np.testing.assert_array_equal(np.isnan(made), ~gan.sample_conditions(40, seed=0)["observed"])
    scores = gan.evaluate((GAPS, {"observed": OBSERVED, "label": labels}), verbose=0)
    assert np.isfinite(scores).all()


@slow_but_on_tensorflow
def test_gaps_beside_lengths():
    """Neither what is padded nor a hidden last step is seen, whether or not the mask is padded."""
    lengths = np.where(np.arange(COUNT) % 2, LENGTH, LENGTH - 3)
    labels = np.arange(COUNT) % 2
    counts = (np.arange(LENGTH) < lengths[:, None])[..., None]
    states = []
    for value, flag in ((np.nan, False), (0.0, True), (1e3, True)):
        data = np.where(OBSERVED & counts, DATA, np.float32(value))
        observed = np.where(counts, OBSERVED, flag)
        gan = with_labels(lengths)
        conditions = {"observed": observed, "label": labels, "length": lengths}
        gan.fit((data, conditions), batch_size=16, shuffle=False, verbose=0)
        states.append(state_of(gan))
        assert all(np.isfinite(x).all() for x in states[-1])
    for state in states[1:]:
        for a, b in zip(states[0], state, strict=True):
            np.testing.assert_array_equal(a, b)


@slow_but_on_tensorflow
def test_whole_data_validates_a_model_with_gaps():
    gan = plain(**EAGER)
    data = GAPS, {"observed": OBSERVED}
    history = gan.fit(data, batch_size=16, verbose=0, validation_data=DATA[:20]).history
    assert np.isfinite(history["val_mmd"]).all()
    assert np.isfinite(gan.evaluate(DATA.astype("int64"), verbose=0)).all()


@slow_but_on_tensorflow
@pytest.mark.parametrize("scaler", ["auto", None])
def test_metrics_see_the_same_gaps_in_both(scaler):
    seen = []

    class Watching(kr.metrics.Roughness):
        def update_state(self, y_true, y_pred, sample_weight=None):
            seen.append(to_numpy((y_true, y_pred)))

    generator, discriminator = plain().generator, plain().discriminator
    gan = kr.RecurrentGAN(generator, discriminator, scaler=scaler, seed=0)
    gan.compile(metrics=Watching(), **EAGER)
    observed = np.ones(DATA.shape, bool)
    observed[:, 2:6] = False
    data = DATA / 100.0 - 1.1, {"observed": observed}
    gan.adapt(data)
    gan.evaluate(data, verbose=0)
    for pair in seen:
        for x in pair:
            line = x[:, 1:2] + (x[:, 6:7] - x[:, 1:2]) * np.arange(1, 5)[:, None] / 5
            np.testing.assert_allclose(x[:, 2:6], line, atol=1e-4)


def test_calibration_compares_what_is_observed():
    """Of values that grow with time and are seen less and less, those of a perfect model stay."""
    rng = np.random.default_rng(0)
    shape = (4000, 5, 1)
    real, made = (np.arange(5.0)[:, None] + rng.normal(size=shape) for _ in range(2))
    observed = rng.random(shape) < np.linspace(1.0, 0.2, 5)[:, None]
    scaler = kr.layers.SequenceScaler(constraints=None)
    scaler.adapt((real, {"observed": observed}))
    scaler.calibrate((real, {"observed": observed}), (made, {"observed": observed}))
    restored = to_numpy(scaler.restore(scaler(made)))
    np.testing.assert_allclose(restored.mean(axis=0), made.mean(axis=0), atol=0.1)


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
    steps = OBSERVED & OBSERVED[..., :1] & OBSERVED[..., 1:]
    by_step = tf.data.Dataset.from_tensor_slices((DATA, {"observed": steps[..., 0]})).batch(16)
    for a, b in zip(state(by_step), state((DATA, {"observed": steps}), **size), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    gaps_alone = tf.data.Dataset.from_tensor_slices(GAPS).batch(16)  # NaN says what is missing
    named = state(GAPS, y={"observed": OBSERVED}, **size)
    for found in (state(GAPS, **size), state(pairs), state(gaps_alone), named):
        for a, b in zip(expected, found, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@slow_but_on_tensorflow
def test_gaps_of_a_dataset_need_not_be_in_its_first_batch():
    import tensorflow as tf

    late = np.concatenate([DATA[:16], GAPS[16:]])
    states = []
    for data, size in ((tf.data.Dataset.from_tensor_slices(late).batch(16), None), (late, 16)):
        gan = completing(**EAGER)
        gan.fit(data, batch_size=size, shuffle=False, verbose=0)
        states.append(state_of(gan))
        few = completing(**EAGER)
        few.fit(data, batch_size=size, shuffle=False, steps_per_epoch=1, verbose=0)  # sees all the same
        assert few._has_gaps
    for a, b in zip(*states, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    whole = completing()
    whole.fit(DATA, batch_size=16, verbose=0)
    before = state_of(whole)
    with pytest.raises(ValueError, match="first trained on sequences without gaps"):
        whole.fit(tf.data.Dataset.from_tensor_slices(GAPS).batch(16), verbose=0)
    for a, b in zip(before, state_of(whole), strict=True):
        np.testing.assert_array_equal(a, b)


@slow_but_on_tensorflow
def test_pictures_scores_and_calibration_with_gaps(tmp_path, with_gaps):
    gan = plain(**EAGER)
    scores = kr.callbacks.ScoreOnValidation(
        (GAPS[:20], {"observed": OBSERVED[:20]}), ["roughness"], calibrate=True
    )
    few = kr.callbacks.ScoreOnValidation(GAPS[:20], {"other": lambda a, b: len(b)}, num_samples=10)
    data = (GAPS, {"observed": OBSERVED})
    history = gan.fit(
        data, batch_size=16, verbose=0, callbacks=[scores, few, kr.callbacks.SampleGrid(tmp_path)]
    ).history
    assert history["val_other"] == [20.0]
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
