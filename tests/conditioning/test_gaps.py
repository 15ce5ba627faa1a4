"""Sequences in which values are missing: what is missing is never seen, and gaps are as they were."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.conditioning import gaps
from tests.testing import (
    SLOW_ON_JAX,
    assert_close,
    completing_gan,
    slow_but_on_tensorflow,
    slow_but_on_torch,
    state_of,
    to_numpy,
    windows,
    with_gaps,
)

COUNT, LENGTH = 48, 8
DATA = windows(COUNT, LENGTH)
OBSERVED, GAPS = with_gaps(DATA)
EAGER = {"run_eagerly": True}
"""Saves the time to trace and compile what runs a few steps."""


def plain(**recipe):
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, smoothing=True, seed=1)
    discriminator = kr.networks.RecurrentDiscriminator(
        4, increments=1, convolution_units=2, bidirectional=False, seed=2
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(**recipe)
    return gan


@slow_but_on_torch
@pytest.mark.parametrize(
    "make",
    [pytest.param(plain, marks=SLOW_ON_JAX), pytest.param(completing_gan, marks=SLOW_ON_JAX)],
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
    gan.fit((GAPS, {"observed": OBSERVED, "label": labels}), batch_size=16, verbose=0, epochs=1)
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
        gan.fit((data, conditions), batch_size=16, shuffle=False, verbose=0, epochs=1)
        states.append(state_of(gan))
        assert all(np.isfinite(x).all() for x in states[-1])
    for state in states[1:]:
        for a, b in zip(states[0], state, strict=True):
            np.testing.assert_array_equal(a, b)


@slow_but_on_tensorflow
def test_whole_data_validates_a_model_with_gaps():
    gan = plain(**EAGER)
    data = GAPS, {"observed": OBSERVED}
    history = gan.fit(data, batch_size=16, verbose=0, validation_data=DATA[:20], epochs=1).history
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
def gappy():
    gan = plain()
    gan.fit((GAPS, {"observed": OBSERVED}), batch_size=16, verbose=0, epochs=1)
    return gan


@slow_but_on_torch
def test_gaps_are_filled_or_drawn_as_they_were(gappy):
    assert np.isfinite(gappy.generate(50, seed=0)).all()
    made = gappy.generate(3000, seed=0, missing=True)
    share = np.isfinite(made).mean(axis=0)
    np.testing.assert_allclose(share, OBSERVED.mean(axis=0), atol=0.04)
    patterns = {x.tobytes() for x in np.isfinite(made)}
    assert patterns <= {x.tobytes() for x in OBSERVED}
    full = gappy.generate(3000, seed=0)
    np.testing.assert_array_equal(made[np.isfinite(made)], full[np.isfinite(made)])
    asked = gappy.generate(conditions={"observed": OBSERVED[:4]}, missing=True, seed=0)
    np.testing.assert_array_equal(np.isnan(asked), ~OBSERVED[:4])


def test_the_scaler_knows_what_is_observed(gappy):
    low, high = np.nanmin(GAPS, axis=(0, 1)), np.nanmax(GAPS, axis=(0, 1))
    assert_close(gappy.scaler.inverse(np.array([[-1.0], [1.0]])), np.stack([low, high]), 1e-4)
    for kind in ("standard", "robust"):
        scaler = kr.layers.SequenceScaler(kind)
        scaler.adapt((GAPS, {"observed": OBSERVED}))
        center = np.nanmean if kind == "standard" else np.nanmedian
        offset, _ = scaler.data_offset_and_scale()
        assert_close(offset, center(GAPS, axis=(0, 1)), 1e-4)
    with pytest.raises(ValueError, match=r"none of the features \[1\]"):
        kr.layers.SequenceScaler().adapt((DATA, {"observed": np.ones(DATA.shape) * [1, 0]}))


@slow_but_on_torch
@slow_but_on_tensorflow
def test_every_way_to_pass_gaps_is_the_same():
    import tensorflow as tf

    def state(data, make=completing_gan, **options):
        gan = make(**EAGER)
        gan.fit(data, shuffle=False, epochs=1, verbose=0, **options)
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


@slow_but_on_torch
def test_gaps_of_a_dataset_need_not_be_in_its_first_batch():
    import tensorflow as tf

    late = np.concatenate([DATA[:16], GAPS[16:]])
    states = []
    for data, size in ((tf.data.Dataset.from_tensor_slices(late).batch(16), None), (late, 16)):
        gan = completing_gan(**EAGER)
        gan.fit(data, batch_size=size, shuffle=False, verbose=0, epochs=1)
        states.append(state_of(gan))
        few = completing_gan(**EAGER)
        few.fit(
            data, batch_size=size, shuffle=False, steps_per_epoch=1, verbose=0, epochs=1
        )  # sees all the same
        assert few.has_gaps
    for a, b in zip(*states, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    whole = completing_gan()
    whole.fit(DATA, batch_size=16, verbose=0, epochs=1)
    before = state_of(whole)
    with pytest.raises(ValueError, match="first trained on sequences without gaps"):
        whole.fit(tf.data.Dataset.from_tensor_slices(GAPS).batch(16), verbose=0, epochs=1)
    for a, b in zip(before, state_of(whole), strict=True):
        np.testing.assert_array_equal(a, b)


@slow_but_on_tensorflow
def test_pictures_scores_and_calibration_with_gaps(tmp_path, gappy):
    gan = plain(**EAGER)
    scores = kr.callbacks.ScoreOnValidation(
        (GAPS[:20], {"observed": OBSERVED[:20]}),
        ["roughness"],
        calibrate=(GAPS[20:], {"observed": OBSERVED[20:]}),
    )
    few = kr.callbacks.ScoreOnValidation(GAPS[:20], {"other": lambda a, b: len(b)}, num_samples=10)
    data = (GAPS, {"observed": OBSERVED})
    history = gan.fit(
        data,
        batch_size=16,
        verbose=0,
        callbacks=[scores, few, kr.callbacks.SampleGrid(tmp_path)],
        epochs=1,
    ).history
    assert history["val_other"] == [20.0]
    assert np.isfinite(history["val_roughness"]).all()
    np.testing.assert_array_equal(np.isnan(gan.examples), ~OBSERVED[np.linspace(0, 47, 48).astype(int)])
    before = kr.metrics.marginal_wasserstein_distance(DATA, gan.generate(500, seed=0))
    gan.calibrate(data, num_samples=500)
    after = kr.metrics.marginal_wasserstein_distance(DATA, gan.generate(500, seed=0))
    assert after < before


def test_whole_numbers_are_all_observed():
    def observed(x):
        return gaps._is_a_number(x)

    whole = np.ones((4, 3, 2), "int32")
    if keras.backend.backend() == "tensorflow":
        tf = pytest.importorskip("tensorflow")
        observed = tf.function(observed, input_signature=[tf.TensorSpec((None, 3, 2), "int32")])
    assert to_numpy(observed(whole)).all()
    np.testing.assert_array_equal(to_numpy(gaps._is_a_number(GAPS)), ~np.isnan(GAPS))


@slow_but_on_torch
def test_of_clips_with_nan_no_gaps_are_proposed():
    clips = np.full((8, 3, 4, 4, 1), np.nan, "float32")
    with pytest.raises(ValueError, match=r"NaN or infinite values in .* Drop or fill them first\.$"):
        plain().fit(clips, batch_size=4, epochs=1)


@slow_but_on_torch
def test_bad_gaps(gappy):
    with pytest.raises(ValueError, match=r"\{'observed': ~np.isnan\(samples\)\}"):
        plain().fit(GAPS, batch_size=16, epochs=1)
    with pytest.raises(ValueError, match="Expected `observed` of shape"):
        plain().fit((DATA, {"observed": OBSERVED[:, :3]}), batch_size=16, epochs=1)
    with pytest.raises(ValueError, match="Expected `observed` of shape"):
        plain().fit((DATA, {"observed": 3.0 * OBSERVED}), batch_size=16, epochs=1)
    fresh = plain()
    fresh.fit(DATA, batch_size=16, verbose=0, epochs=1)
    with pytest.raises(ValueError, match="without gaps"):
        fresh.generate(3, missing=True)
    with pytest.raises(ValueError, match="patterns of what is observed"):
        gappy.generate(3, length=20, missing=True)
    holes = np.where(OBSERVED, DATA, np.inf)
    with pytest.raises(ValueError, match="infinite"):
        plain().fit((holes, {"observed": np.ones(DATA.shape)}), batch_size=16, epochs=1)
