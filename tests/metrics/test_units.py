"""The same data in other units has the same scores, in double precision beyond what float32 knows."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

import keras_rgan as kr
from keras_rgan import metrics
from keras_rgan.metrics import post_hoc
from tests.testing import BACKEND, refuses, slow_but_on_torch, to_numpy

many = settings(max_examples=60, deadline=None, derandomize=True)
FEATURES = 3


def walks(count, seed, scale=1.0):
    """Return walks with a spread of about 1 in each feature, in float64."""
    steps = np.random.default_rng(seed).normal(size=(count, 6, FEATURES)) * scale
    steps[..., 2] += 0.7 * steps[..., 0]
    return steps.cumsum(axis=1) / 2.0


REAL, MADE = walks(60, 0), walks(50, 1, 1.3) + np.array([0.2, 0.0, -0.4])
FUTURE, DRAWS = walks(10, 2), walks(200, 3).reshape(10, 20, 6, FEATURES)


def of_batches(metric, real, made):
    for start in (0, 25):
        metric.update_state(real[start : start + 30], made[start : start + 25])
    return float(to_numpy(metric.result()))


# Of sets, and draws of futures, all in the same units.
FUNCTIONS = {
    "autocorrelation": lambda real, made, future, draws: metrics.autocorrelation(real),
    "autocorrelation_difference": lambda real, made, future, draws: metrics.autocorrelation_difference(
        real, made
    ),
    "constant_score": lambda real, made, future, draws: metrics.constant_score(real),
    "correlational_score": lambda real, made, future, draws: metrics.correlational_score(real, made),
    "interval_coverage": lambda real, made, future, draws: metrics.interval_coverage(
        future, draws, 0.77, per_feature=True
    ),
    "marginal_wasserstein_distance": lambda real, made, future, draws: (
        metrics.marginal_wasserstein_distance(real, made, per_feature=True)
    ),
    "memorisation": lambda real, made, future, draws: (
        metrics.memorisation(made, real[:30], real[30:50], real[50:], repeats=2).values
    ),
    "precision_recall": lambda real, made, future, draws: list(
        metrics.precision_recall(real, made).values()
    ),
    "roughness": lambda real, made, future, draws: metrics.roughness(real, made, per_feature=True),
    "Roughness": lambda real, made, future, draws: of_batches(metrics.Roughness(), real, made),
    "spectral_difference": lambda real, made, future, draws: metrics.spectral_difference(real, made),
}
TRAINED = {
    "context_fid",
    "discriminative_score",
    "predictive_score",
    "quick_score",
    "train_context_encoder",
}
# In the data's units, or of samples whose features share one.
OTHERS = {"continuous_ranked_probability_score", "MaximumMeanDiscrepancy"}
NO_SCORES = {"AttackScore", "Score", "Yardsticks", "get"}
OF_ATTACKS = {
    "attribute_inference",
    "closest_record_distance",
    "exposed_outliers",
    "membership_inference",
    "shadow_membership_inference",
}
OF_OTHERS = {"with_yardsticks"}
OF_CLASSES = {"classification_score", "frechet_distance"}
OF_EVENTS = {"hawkes_goodness_of_fit", "note_statistics", "overlapping_area"}
OF_TEXT = {"bleu", "self_bleu"}
EXPECTED = {name: function(REAL, MADE, FUTURE, DRAWS) for name, function in FUNCTIONS.items()}

exponents = st.integers(-300, 300)
constants = st.sampled_from([0.0, 1.0, -30.0, 1e3, -1e5, 1e8]) | st.floats(-1e8, 1e8)


def of_features(values):
    return st.lists(values, min_size=FEATURES, max_size=FEATURES).map(np.array)


def test_all_metrics_are_asked():
    kinds = (TRAINED, OTHERS, OF_CLASSES, OF_EVENTS, OF_TEXT, OF_ATTACKS, OF_OTHERS, NO_SCORES)
    assert set(FUNCTIONS).union(*kinds) == set(metrics.__all__)


@slow_but_on_torch
@many
@given(of_features(exponents), of_features(constants))
def test_units_do_not_count(exponents, constants):
    """Each feature has units of its own."""
    sets = [(x + constants) * 10.0**exponents for x in (REAL, MADE, FUTURE, DRAWS)]
    for name, function in FUNCTIONS.items():
        np.testing.assert_allclose(function(*sets), EXPECTED[name], rtol=1e-3, atol=1e-5, err_msg=name)


@slow_but_on_torch
@many
@given(of_features(exponents), of_features(constants))
def test_scores_in_units_of_the_data_are_in_them(exponents, constants):
    unit = 10.0**exponents
    real, future, draws = ((x + constants) * unit for x in (REAL, FUTURE, DRAWS))
    score = metrics.continuous_ranked_probability_score
    expected = score(FUTURE, DRAWS, per_feature=True)
    np.testing.assert_allclose(score(future, draws, per_feature=True), expected * unit, rtol=1e-3)
    assert score(future, draws) == pytest.approx(np.mean(expected * unit), rel=1e-3, abs=0.0)
    expected = metrics.constant_score(REAL, rescale=False) * unit[-1]
    found = metrics.constant_score(real, rescale=False)
    assert found == pytest.approx(expected, rel=1e-3, abs=0.0)


@slow_but_on_torch
@many
@given(exponents, of_features(constants))
def test_units_do_not_count_in_a_kernel(exponent, constants):
    """Features are compared with each other, and share a unit."""
    unit = 10.0**exponent
    real, made = ((x + constants) * unit for x in (REAL, MADE))
    for bandwidth in (None, 1.5):
        expected = of_batches(metrics.MaximumMeanDiscrepancy(bandwidth=bandwidth), REAL, MADE)
        given_bandwidth = None if bandwidth is None else bandwidth * unit
        metric = metrics.MaximumMeanDiscrepancy(bandwidth=given_bandwidth)
        assert of_batches(metric, real, made) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("exponent", [-30, -10, 0, 10, 30])
@pytest.mark.parametrize("name", ["mmd", "roughness"])
def test_units_of_tensors_do_not_count(name, exponent):
    expected = of_batches(metrics.get(name), REAL, MADE)
    tensors = [ops.convert_to_tensor((x * 10.0**exponent).astype("float32")) for x in (REAL, MADE)]
    assert of_batches(metrics.get(name), *tensors) == pytest.approx(expected, rel=1e-3)


@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no float64, unless a flag is set")
@pytest.mark.parametrize("name", ["mmd", "roughness"])
def test_tensors_may_be_more_precise_than_networks(name):
    expected = of_batches(metrics.get(name), REAL, MADE)
    tensors = [ops.convert_to_tensor(1e40 * (x + 1.7e7), "float64") for x in (REAL, MADE)]
    assert of_batches(metrics.get(name), *tensors) == pytest.approx(expected, rel=1e-3)


def test_a_step_that_counts_is_the_same_in_any_units():
    counts = np.arange(6) < np.random.default_rng(0).integers(1, 7, size=(50, 1))
    values = []
    for unit, constant in ((1.0, 0.0), (1e200, 1e6)):
        metric = metrics.Roughness()
        real, made = (counts[..., None] * (x[:50] + constant) * unit for x in (REAL, MADE))
        metric.update_state(real, made, counts)
        values.append(float(to_numpy(metric.result())))
    assert values[1] == pytest.approx(values[0], rel=1e-3)


def test_generated_steps_that_are_small_in_small_units():
    """How small a ratio counts has no unit."""
    real = ops.convert_to_tensor((1e-15 * REAL).astype("float32"))
    metric = metrics.Roughness()
    metric.update_state(real, 0.1 * real)
    assert float(to_numpy(metric.result())) == pytest.approx(0.1, rel=1e-4)


@slow_but_on_torch
def test_nine_deviations_far_from_zero():
    """As of seconds since 1970."""
    real = 1.7e9 + np.random.default_rng(0).normal(0.0, 10.0, size=(200, 8, 1))
    made = real + 9.0 * 10.0
    assert metrics.marginal_wasserstein_distance(real, made) == pytest.approx(9.0, rel=0.05)
    assert metrics.marginal_wasserstein_distance(real, real) == 0.0
    assert metrics.roughness(real, 1.7e9 + 3.0 * (real - 1.7e9)) == pytest.approx(3.0, rel=1e-6)
    assert set(metrics.precision_recall(real, made).values()) == {0.0}


CHANGES = {"far": (1e8, 0), "huge": (1e5, 300), "tiny": (-1e3, -290)}


@slow_but_on_torch
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_networks_see_the_same(change):
    constant, exponent = change
    real, made = ((x + constant) * 10.0**exponent for x in (REAL, MADE))
    options = {"steps": 15, "batch_size": 16, "repeats": 1}
    for function in (metrics.discriminative_score, metrics.predictive_score):
        expected = function(REAL, MADE, **options).mean
        assert function(real, made, **options).mean == pytest.approx(expected, rel=1e-3, abs=1e-4)
    expected = metrics.context_fid(REAL, MADE, steps=5)
    assert metrics.context_fid(real, made, steps=5) == pytest.approx(expected, rel=1e-3)


@slow_but_on_torch
def test_an_encoder_knows_its_units_after_a_file(tmp_path):
    real, made = (1e40 * (x + 1.7e9) for x in (REAL, MADE))
    encoder = metrics.train_context_encoder(real, steps=2)
    encoder.save(tmp_path / "encoder.keras")
    again = keras.models.load_model(tmp_path / "encoder.keras")
    assert type(again) is type(encoder)
    expected = metrics.context_fid(real, made, encoder)
    assert expected > 0.0
    assert metrics.context_fid(real, made, again) == pytest.approx(expected)
    # In units in which float32 tells values apart it is a model as any other.
    encoder = metrics.train_context_encoder(REAL, steps=2)
    called = to_numpy(encoder(REAL.astype("float32")))
    np.testing.assert_allclose(encoder.predict(REAL, verbose=0), called, rtol=1e-4, atol=1e-5)
    dataset = post_hoc.RandomBatches(1, lambda rng: REAL.astype("float32"), seed=0)
    found = encoder.predict(dataset, verbose=0)
    np.testing.assert_allclose(found, called, rtol=1e-4, atol=1e-5)


SETS = [
    metrics.autocorrelation_difference,
    metrics.correlational_score,
    metrics.marginal_wasserstein_distance,
    metrics.roughness,
    metrics.spectral_difference,
]


@slow_but_on_torch
@pytest.mark.parametrize("function", [*SETS, metrics.precision_recall])
def test_infinite_is_what_float64_does_not_know(function):
    real = REAL.copy()
    function(1e39 * real, 1e200 * real)
    for value in (np.inf, -np.inf, np.nan):
        real[3, 2, 1] = value
        if np.isinf(value):
            refuses(lambda: function(real, MADE), "`real` with NaN or infinite values")
        refuses(lambda: function(REAL, real), "`generated` with NaN or infinite values")


@slow_but_on_torch
@pytest.mark.parametrize("function", SETS)
def test_far_from_all_that_is_real(function):
    assert np.isfinite(function(1e-200 * REAL, 1e200 * MADE))
    assert np.isfinite(function(1e200 * REAL, 1e-200 * MADE))


@slow_but_on_torch
def test_samples_far_from_all_that_is_real():
    """Networks and distances are given numbers that they can compute with."""
    real, made = 1e-200 * REAL, 1e200 * MADE
    found = metrics.precision_recall(real, made)
    assert found["precision"] == found["density"] == found["coverage"] == 0.0
    assert np.isfinite(metrics.memorisation(made, real[:40], real[40:]).mean)
    assert np.isfinite(metrics.context_fid(real, made, steps=2))
    assert np.isfinite(metrics.discriminative_score(real, made, steps=2, repeats=1).mean)
    assert np.isfinite(metrics.predictive_score(real, made, steps=2, repeats=1).mean)
    unscaled = metrics.predictive_score(1e200 * REAL, REAL, steps=2, repeats=1, rescale=False).mean
    assert 0.0 < unscaled < np.inf
    for name in ("mmd", "roughness"):
        assert np.isfinite(of_batches(metrics.get(name), real, made))


@slow_but_on_torch
def test_a_few_samples_far_away_leave_the_others_where_they_are():
    made = REAL[::-1] + 1e-3
    expected = metrics.precision_recall(REAL, made)
    made[:2] = 1e20
    found = metrics.precision_recall(REAL, made)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=0.1), name


@slow_but_on_torch
@pytest.mark.parametrize("level", [0.1, 3.0, 1e39, 1e-60, 1.7e9])
def test_constants_are_constant(level):
    """Whatever their means round to, and where they differ by rounding themselves."""
    real, made = walks(60, 0), walks(50, 1)
    for x in (real, made):
        x[..., 0], x[..., 1] = level, 0.7 * level
        x[1::2, :, 1] *= 1.0 + 4e-16
    assert metrics.correlational_score(real, made) == 0.0
    assert metrics.autocorrelation(real)[:, :2].max() == 0.0
    found = metrics.marginal_wasserstein_distance(real, made, per_feature=True)
    np.testing.assert_array_equal(found[:2], 0.0)
    assert found[2] > 0.0
    ratios = metrics.roughness(real, made, per_feature=True)
    assert np.isnan(ratios[:2]).all()
    assert metrics.spectral_difference(real, made) < 1.0
    moved = made + np.array([2.0, 0.0, 0.0])
    if abs(level) < 1e9:  # in its own units
        found = metrics.marginal_wasserstein_distance(real, moved, per_feature=True)
        assert found[0] == pytest.approx(2.0)


@slow_but_on_torch
@pytest.mark.parametrize("unit", [1.0, 0.1, 1e-60, 1e39])
def test_equal_values_are_equal_in_any_units(unit):
    """Draws of whole numbers, and sequences that occur several times."""
    draws = np.arange(21.0).reshape(1, 21, 1, 1).repeat(21, axis=0)
    future = np.arange(21.0).reshape(21, 1, 1)
    for constant in (0.0, 1.7e9):
        units = [(x + constant) * unit for x in (future, draws)]
        assert metrics.interval_coverage(*units, level=0.7) == pytest.approx(15 / 21)
    sequences = np.random.default_rng(0).integers(0, 2, size=(300, 6, 1)).astype("float64")
    sequences = (sequences + 100.0) * unit
    score = metrics.memorisation(sequences[:100], sequences[100:200], sequences[200:], repeats=1)
    rows = [{tuple(row) for row in x.reshape(100, 6)} for x in (sequences[100:200], sequences[200:])]
    made = [tuple(row) for row in sequences[:100].reshape(100, 6)]
    in_both = [row for row in made if row in rows[0] and row in rows[1]]
    assert len(in_both) > 50
    won = [0.5 if (row in rows[0]) == (row in rows[1]) else float(row in rows[0]) for row in made]
    assert score.mean == pytest.approx(np.mean(won), abs=0.02)


def test_distances_of_equal_points_are_zero():
    points = np.repeat(np.random.default_rng(0).normal(size=(30, 40)) + 5.0, 2, axis=0)
    found = post_hoc.distances(points, points)
    exact = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.testing.assert_array_equal(found == 0.0, exact == 0.0)
    np.testing.assert_allclose(found, exact, rtol=1e-10)


def test_any_bandwidth_is_one():
    assert kr.metrics.MaximumMeanDiscrepancy(bandwidth=1e-60).bandwidth == 1e-60
    for bandwidth in (1e-60, 1e60):
        assert np.isfinite(of_batches(metrics.MaximumMeanDiscrepancy(bandwidth=bandwidth), REAL, MADE))


def test_ranges_by_hand():
    real = np.array([[[-1.0, 1.7e9, 5.0]], [[1.0, 1.7e9 + 20.0, 5.0]]])
    scale = post_hoc.Range.of(real[:1], real[:0], real[1:])
    np.testing.assert_array_equal(scale.unit, [1.0, 8.0, 1.0])
    np.testing.assert_array_equal(scale.width, [2.0, 2.5, 0.0])
    entered = scale.enter(real + np.array([1.0, 4.0, 0.25]))
    np.testing.assert_array_equal(entered, [[[1.0, 0.5, 0.25]], [[3.0, 3.0, 0.25]]])
    scaled = scale.scaled(real)
    assert scaled.dtype == "float32"
    np.testing.assert_array_equal(scaled, [[[0.0, 0.0, 0.0]], [[1.0, 1.0, 0.0]]])
