"""Measures of finished samples, against SciPy, scikit-learn, hand-worked values and their extremes."""

import numpy as np
import pytest
import scipy.signal
import scipy.stats
from sklearn.neighbors import NearestNeighbors

import keras_rgan as kr
from keras_rgan import metrics
from keras_rgan.metrics import post_hoc
from keras_rgan.metrics.spectral_difference import spectrum
from tests.testing import (
    assert_close,
    slow_but_on_tensorflow,
    slow_but_on_torch,
    to_numpy,
    windows,
)


def walks(num_samples=200, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(num_samples, 12, 3)) * scale
    steps[..., 2] = 0.5 * steps[..., 0] + 0.5 * steps[..., 2]
    return steps.cumsum(axis=1).astype("float32") * np.array([1.0, 10.0, 0.1], "float32") + 5.0


FUNCTIONS = [
    metrics.autocorrelation_difference,
    metrics.correlational_score,
    metrics.marginal_wasserstein_distance,
    metrics.spectral_difference,
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_extremes(function):
    """Nothing between equal sets, little between halves, much between unlike sets."""
    real, half = walks(), walks(seed=1)
    rng = np.random.default_rng(2)
    unlike = rng.normal(size=real.shape) * np.array([5.0, 1.0, 3.0]) - 20.0
    assert function(real, real) == pytest.approx(0.0, abs=1e-9)
    assert 0.0 < function(real, half) < 0.3 * function(real, unlike)


@pytest.mark.parametrize("function", [*FUNCTIONS, metrics.roughness, metrics.precision_recall])
def test_units_do_not_count(function):
    real, other = walks(), walks(seed=1, scale=1.5)
    factor, offset = np.array([100.0, 0.5, 7.0]), np.array([1.0, -2.0, 300.0])
    a, b = function(real, other), function(real * factor + offset, other * factor + offset)
    assert a == pytest.approx(b, rel=1e-3, abs=1e-3)


def test_correlational_score_is_numpys():
    real, other = walks(), walks(seed=1)[:, :, ::-1]
    expected = 0.0
    matrices = [np.corrcoef(x.reshape(-1, 3).T) for x in (real, other)]
    for i in range(3):
        for j in range(i):
            expected += abs(matrices[0][i, j] - matrices[1][i, j]) / 10
    assert metrics.correlational_score(real, other) == pytest.approx(expected, rel=1e-5)


def test_a_constant_feature_correlates_with_nothing():
    real = walks()
    real[..., 1] = 3.0
    assert metrics.correlational_score(real, real) == 0.0


def test_marginal_wasserstein_is_scipys():
    real, other = walks(), walks(90, seed=1, scale=2.0)
    expected = [
        scipy.stats.wasserstein_distance(real[..., i].ravel(), other[..., i].ravel())
        / real[..., i].std(dtype="float64")
        for i in range(3)
    ]
    found = metrics.marginal_wasserstein_distance(real, other, per_feature=True)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert metrics.marginal_wasserstein_distance(real, other) == pytest.approx(np.mean(expected))


def test_autocorrelation_by_hand():
    x = np.array([[[1.0], [2.0], [4.0]], [[3.0], [0.0], [2.0]]])
    centred = x[..., 0] - 2.0
    variance = (centred**2).mean()
    expected = [
        1.0,
        (centred[:, :2] * centred[:, 1:]).mean() / variance,
        (centred[:, 0] * centred[:, 2]).mean() / variance,
    ]
    np.testing.assert_allclose(metrics.autocorrelation(x)[:, 0], expected, rtol=1e-6)
    assert metrics.autocorrelation(x, max_lag=1).shape == (2, 1)
    with pytest.raises(ValueError, match="`max_lag` must be below the length 3"):
        metrics.autocorrelation(x, max_lag=3)


def test_spectral_difference_is_scipys():
    real, other = walks(), walks(seed=1, scale=1.5)
    mean = real.mean(axis=(0, 1), dtype="float64")
    spectra = []
    for x in (real, other):
        _, power = scipy.signal.periodogram(
            x - mean, axis=1, detrend=False, scaling="spectrum", return_onesided=False
        )
        spectra.append(power.mean(axis=0)[:7])  # the frequencies that rfft keeps
    expected = (np.abs(spectra[0] - spectra[1]).sum(0) / spectra[0].sum(0)).mean()
    assert metrics.spectral_difference(real, other) == pytest.approx(expected, rel=1e-4)


def test_the_spectrum_of_sequences_with_gaps_is_that_of_products_by_hand():
    x = np.random.default_rng(0).normal(size=(30, 7, 2))
    x[np.random.default_rng(1).random(x.shape) < 0.4] = np.nan
    products = [7.0 * np.nanmean(x[:, :, 0] ** 2)]
    products += [(7 - lag) * np.nanmean(x[:, :-lag, 0] * x[:, lag:, 0]) for lag in range(1, 7)]
    waves = np.cos(2.0 * np.pi * np.arange(4)[:, None] * np.arange(1, 7) / 7.0)
    expected = products[0] + 2.0 * waves @ products[1:]
    np.testing.assert_allclose(spectrum(x)[:, 0], expected, rtol=1e-9)


def test_roughness_by_hand_and_as_a_metric():
    real, other = walks(), 3.0 * walks(seed=1)
    ratios = [
        np.abs(other[:, 1:, i] - other[:, :-1, i]).mean()
        / np.abs(real[:, 1:, i] - real[:, :-1, i]).mean()
        for i in range(3)
    ]
    np.testing.assert_allclose(metrics.roughness(real, other, per_feature=True), ratios, rtol=1e-5)
    assert metrics.roughness(real, other) == pytest.approx(scipy.stats.gmean(ratios), rel=1e-5)
    metric = kr.metrics.get("roughness")
    metric.update_state(real, other)
    assert float(to_numpy(metric.result())) == pytest.approx(scipy.stats.gmean(ratios), rel=1e-4)
    metric.update_state(real, real)
    assert float(to_numpy(metric.result())) == pytest.approx(scipy.stats.gmean(ratios) ** 0.5, rel=1e-4)


def test_roughness_leaves_features_out_that_stand_still():
    real = walks()
    real[..., 0] = 1.0
    other = 2.0 * real
    assert metrics.roughness(real, other) == pytest.approx(2.0, rel=1e-5)
    assert np.isnan(metrics.roughness(real, other, per_feature=True)[0])


@pytest.mark.parametrize("padding", [0, 1, 40])
def test_roughness_of_unequal_lengths_leaves_padding_out(padding):
    """Only steps between two that count, in one batch as in several of other lengths."""
    lengths = np.array([12, 2, 7, 1, 5, 11])
    real, other = walks()[:6] + 50.0, 3.0 * walks(seed=1)[:6] - 70.0
    ratios = []
    for feature in range(3):
        steps = [
            np.concatenate([np.abs(np.diff(x[i, :n, feature])) for i, n in enumerate(lengths)]).mean()
            for x in (real, other)
        ]
        ratios.append(steps[1] / steps[0])
    edges = [(0, 0), (0, padding), (0, 0)]
    counts = np.arange(12 + padding) < lengths[:, None]
    real, other = (np.pad(x, edges) * counts[..., None] for x in (real, other))
    metric = kr.metrics.Roughness()
    assert metric.weighs_steps
    for weights in (counts, counts.astype("float32")):
        metric.reset_state()
        metric.update_state(real, other, weights)
        assert float(to_numpy(metric.result())) == pytest.approx(scipy.stats.gmean(ratios), rel=1e-4)
    # A batch in which nothing moves says nothing.
    metric.update_state(real[3:4], other[3:4], sample_weight=counts[3:4])
    assert float(to_numpy(metric.result())) == pytest.approx(scipy.stats.gmean(ratios), rel=1e-4)


def test_roughness_weighed_alike_is_roughness():
    batches = [(walks()[:5], 3.0 * walks(seed=1)[:5]), (walks(seed=2), walks(seed=3))]
    plain, weighed = kr.metrics.Roughness(), kr.metrics.Roughness()
    for real, other in batches:
        plain.update_state(real, other)
        weighed.update_state(real, other, np.ones(real.shape[:2]))
    assert_close(weighed.result(), plain.result(), 1e-5)
    for wrong in (np.ones(5), np.ones((5, 12, 1))):
        with pytest.raises(ValueError, match=r"of shape \(batch, time\).* Received: shape \(5,"):
            weighed.update_state(*batches[0], wrong)


def test_precision_recall_against_scikit_learn():
    real, other = walks(), walks(150, seed=1, scale=1.3)
    found = metrics.precision_recall(real, other, neighbours=3)
    a, b = (x.reshape(len(x), -1) for x in post_hoc.min_max_scaled(real, other))
    radii = [NearestNeighbors(n_neighbors=4).fit(x).kneighbors(x)[0][:, 3] for x in (a, b)]
    distances = np.linalg.norm(a[:, None].astype("float64") - b[None], axis=-1)
    precision = np.mean([(distances[:, j] < radii[0]).any() for j in range(len(b))])
    recall = np.mean([(distances[i] < radii[1]).any() for i in range(len(a))])
    density = np.mean([(distances[:, j] < radii[0]).sum() / 3 for j in range(len(b))])
    coverage = np.mean([distances[i].min() < radii[0][i] for i in range(len(a))])
    expected = {"precision": precision, "recall": recall, "density": density, "coverage": coverage}
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=0.01), name
    disjoint = metrics.precision_recall(real, real + 1000.0)
    assert set(disjoint.values()) == {0.0}


def test_memorisation():
    train, holdout, new = walks(400), walks(200, seed=1), walks(200, seed=2)
    assert metrics.memorisation(train[:200], train[:200], holdout).mean == 1.0
    assert metrics.memorisation(holdout, train, holdout).mean == 0.0
    score = metrics.memorisation(new, train, holdout)
    assert 0.4 < score.mean < 0.6
    with pytest.raises(ValueError, match="at least as many training sequences"):
        metrics.memorisation(new, train[:100], holdout)


def test_memorisation_of_windows_of_one_series():
    """Held-out blocks beside their neighbours: what is new is not taken for a copy, a copy is found."""
    rng = np.random.default_rng(0)
    slow = [np.cumsum(rng.normal(size=(4000, 2)), axis=0) for _ in range(2)]
    windows = [kr.data.sliding_windows(x - x.mean(axis=0), 12) for x in slow]
    real, new = windows[0], windows[1] * windows[0].std() / windows[1].std()
    starts = np.arange(300, 3700, 400)[:, None]
    held = (starts + np.arange(40)).ravel()
    beside = (starts + np.r_[-31:-11, 51:71]).ravel()  # beyond windows that overlap the block
    guards = (starts + np.r_[-11:0, 40:51]).ravel()
    others = np.setdiff1d(np.arange(len(real)), np.r_[held, beside])
    train = np.setdiff1d(np.arange(len(real)), np.r_[held, guards])
    copies = real[train] + rng.normal(0.0, 0.05, real[train].shape)
    scores = {
        name: metrics.memorisation(made, real[beside], real[held], real[others], repeats=3).mean
        for name, made in (("new", new), ("copies", copies), ("held", real[held]))
    }
    assert 0.4 < scores["new"] < 0.6
    assert scores["copies"] > 0.95
    assert scores["held"] == 0.0
    assert np.isnan(metrics.memorisation(real[others], real[beside], real[held], real[others]).mean)


@slow_but_on_tensorflow
def test_context_fid_tells_sets_apart_and_repeats():
    real, half = windows(120), windows(120, seed=1)
    encoder = metrics.train_context_encoder(real, steps=30, seed=3)
    near, far = (
        metrics.context_fid(real, half, encoder),
        metrics.context_fid(real, half[:, ::-1] * 0.8, encoder),
    )
    assert metrics.context_fid(real, real, encoder) == pytest.approx(0.0, abs=1e-5)
    assert 0.0 < near < 0.5 * far
    again = metrics.context_fid(real, half, steps=30, seed=3)
    assert again == pytest.approx(near, rel=1e-3)


@slow_but_on_torch
def test_discriminative_score_extremes():
    real, half = windows(200, length=8), windows(200, length=8, seed=1)
    options = {"judge": "timegan", "steps": 150, "repeats": 2, "units": 8}
    same = metrics.discriminative_score(real, half, **options)
    assert len(same.values) == 2
    assert same.mean < 0.25
    assert metrics.discriminative_score(real, half + 10.0, **options).mean > 0.45
    assert metrics.discriminative_score(real, half, **options) == same


@slow_but_on_torch
def test_a_judge_is_asked_about_groups_that_it_has_not_seen():
    """Each group is known by a feature of its own, of which a judge without it knows nothing."""
    groups = np.arange(100) % 5
    real = np.repeat(np.eye(5, dtype="float32")[groups][:, None], 6, axis=1)
    generated = np.zeros_like(real)
    options = {"judge": "strict", "units": 16, "steps": 150, "repeats": 1}
    assert metrics.discriminative_score(real, generated, **options).mean > 0.45
    assert metrics.discriminative_score(real, generated, groups=groups, **options).mean < 0.2
    mirrored = metrics.discriminative_score(generated, real, generated_groups=groups, **options)
    assert mirrored.mean < 0.2


def test_groups_stay_together():
    groups = np.repeat(["a", "b", "c", "d", "e"], [3, 5, 2, 4, 6])
    train, test = post_hoc.split(20, 0.8, np.random.default_rng(0), groups)
    assert len(set(groups[train])) == 4
    assert len(set(groups[test])) == 1
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(20))


@slow_but_on_torch
def test_the_strict_and_the_quick_judge_see_more():
    """Steps out of order leave every value where it was."""
    real, shuffled = windows(300, length=8), windows(300, length=8, seed=1)
    shuffled = np.random.default_rng(0).permuted(shuffled, axis=1)
    options = {"steps": 400, "repeats": 1}
    told = {
        judge: metrics.discriminative_score(real, shuffled, judge, **options).mean
        for judge in ("quick", "strict", "timegan")
    }
    assert min(told["strict"], told["quick"]) > 0.25
    assert min(told["strict"], told["quick"]) >= told["timegan"]


def test_judges_have_names():
    with pytest.raises(
        ValueError, match="`judge` must be one of 'quick', 'dense', 'strict', 'timegan'.*'stern'"
    ):
        metrics.discriminative_score(walks(20), walks(20), judge="stern")


@slow_but_on_torch
def test_predictive_score():
    """A feature that follows the others is forecast from them after training on its like only."""
    rng = np.random.default_rng(0)
    given = rng.random((300, 8, 1)).astype("float32")
    following = np.concatenate([np.zeros_like(given[:, :1]), given[:, :-1]], axis=1)
    real = np.concatenate([given, following], axis=-1)
    unlike = np.concatenate([given, 1.0 - following], axis=-1)
    options = {"steps": 600, "repeats": 1, "units": 24}
    good = metrics.predictive_score(real, real, **options).mean
    bad = metrics.predictive_score(real, unlike, **options).mean
    constant = metrics.constant_score(real)
    with pytest.raises(ValueError, match=r"at least 2 steps. Received: shape \(\d+, 1, \d+\)"):
        metrics.constant_score(real[:, :1])
    assert good < 0.5 * constant < bad
    target = real[:, 1:, 1] / real[..., 1].max()
    assert constant == pytest.approx(np.abs(target - np.median(target)).mean(), rel=0.01)
    half = 0.5 + 0.5 * real  # fills half of 0 ... 1, and errors are half as large there
    assert metrics.constant_score(half, rescale=False) == pytest.approx(0.5 * constant, rel=0.01)
    halved = metrics.predictive_score(half, half, rescale=False, **options).mean
    assert halved < 0.5 * metrics.constant_score(half, rescale=False)


@slow_but_on_torch
def test_predictive_score_of_a_single_feature():
    ramp = np.linspace(0, 1, 8)[None, :, None] + np.random.default_rng(0).random((100, 1, 1))
    score = metrics.predictive_score(ramp, ramp, steps=300, units=4, repeats=1)
    assert score.mean < 0.6 * metrics.constant_score(ramp)


def test_score():
    score = metrics.Score.of([0.1, 0.2, 0.6])
    assert score.mean == float(score) == pytest.approx(0.3)
    assert score.spread == pytest.approx(np.std([0.1, 0.2, 0.6], ddof=1))
    assert metrics.Score.of([0.5]).spread == 0.0


@pytest.mark.parametrize(
    "function",
    [*FUNCTIONS, metrics.roughness, metrics.precision_recall, metrics.discriminative_score],
)
def test_bad_input(function):
    real = walks(20)
    with pytest.raises(
        ValueError, match=r"of one length and number of features. Received: .*\(20, 12, 3\)"
    ):
        function(real, real[:, :5])
    with pytest.raises(ValueError, match=r"`generated` of shape \(samples, time, features\)"):
        function(real, real[..., 0])
    with pytest.raises(ValueError, match="`generated` with NaN or infinite values"):
        function(real, np.where(real > 5.0, np.nan, real))


SMALL = {
    "one sample": walks(1),
    "two samples": walks(2),
    "one step": walks(50)[:, :1],
    "one feature": walks(50)[..., :1],
    "constant": np.full((50, 12, 3), 7.25, "float32"),
    "zero": np.zeros((50, 12, 3), "float32"),
}


@pytest.mark.parametrize("real", SMALL)
@pytest.mark.parametrize("generated", ["same", "other"])
def test_small_and_constant_sets_have_a_score_or_are_refused(real, generated):
    """Never NaN in a log, and the best score for what is the same."""
    real, best = SMALL[real], {"roughness": 1.0}
    same = generated == "same"
    generated = real if same else walks(len(real), seed=3)[:, : real.shape[1], : real.shape[2]]
    for function in FUNCTIONS:
        try:
            score = function(real, generated)
        except ValueError as error:
            assert "Expected" in str(error)  # noqa: PT017
            continue
        assert np.isfinite(score)
        if same:
            assert score == pytest.approx(best.get(function.__name__, 0.0), abs=1e-6), function
    if len(real) > 5:
        assert all(np.isfinite(list(metrics.precision_recall(real, generated).values())))
    for metric in (metrics.Roughness(), metrics.MaximumMeanDiscrepancy()):
        metric.update_state(real, generated)
        assert np.isfinite(float(metric.result()))
        if same and isinstance(metric, metrics.Roughness):
            assert float(metric.result()) == pytest.approx(1.0)


def test_copies_of_a_constant_are_precise():
    scores = metrics.precision_recall(SMALL["constant"], SMALL["constant"])
    assert (scores["precision"], scores["recall"], scores["coverage"]) == (1.0, 1.0, 1.0)


def test_bad_lags():
    for function in (metrics.autocorrelation_difference, metrics.roughness):
        with pytest.raises(ValueError, match="at least 2 steps"):
            function(SMALL["one step"], SMALL["one step"])
    with pytest.raises(ValueError, match="max_lag"):
        metrics.autocorrelation_difference(walks(), walks(), max_lag=0)


def test_bad_groups():
    real = walks(20)
    with pytest.raises(ValueError, match=r"`groups` of shape \(20,\).*Received: shape \(19,\), 19 gro"):
        metrics.discriminative_score(real, real, groups=range(19))
    with pytest.raises(ValueError, match=r"at least two groups. Received: shape \(20,\), 1 groups"):
        metrics.discriminative_score(real, real, groups=[0] * 20)
    with pytest.raises(ValueError, match=r"`generated_groups` of shape \(20,\)"):
        metrics.discriminative_score(real, real, generated_groups=range(19))
    with pytest.raises(ValueError, match=r"`groups` as names or whole numbers. Received: 0.5"):
        metrics.discriminative_score(real, real, groups=np.arange(20) / 2.0)
    with pytest.raises(ValueError, match=r"at least two groups. Received: shape \(20,\), 1 groups"):
        metrics.discriminative_score(real, real, groups=[-1] * 10 + [0] * 10)


def test_ranked_probability_score_is_the_normal_ones():
    """Of N(m, s) and a truth y it is s (z (2 F(z) - 1) + 2 f(z) - 1 / sqrt(pi)), z = (y - m) / s."""
    rng = np.random.default_rng(0)
    real = rng.normal(size=(40, 5, 2))
    mean, deviation = 0.3, 2.0
    draws = rng.normal(mean, deviation, size=(40, 2000, 5, 2))
    z = (real - mean) / deviation
    law = scipy.stats.norm
    exact = deviation * (z * (2 * law.cdf(z) - 1) + 2 * law.pdf(z) - 1 / np.sqrt(np.pi))
    found = metrics.continuous_ranked_probability_score(real, draws, per_feature=True)
    np.testing.assert_allclose(found, exact.mean(axis=(0, 1)), atol=0.01)
    assert metrics.continuous_ranked_probability_score(real, draws) == pytest.approx(found.mean())


def test_ranked_probability_score_by_hand():
    real, draws = np.zeros((1, 1, 1)), np.array([1.0, 3.0]).reshape(1, 2, 1, 1)
    score = metrics.continuous_ranked_probability_score
    assert score(real, draws) == pytest.approx(2.0 - 0.5 * 2.0)
    assert score(real, draws, unbiased=False) == pytest.approx(2.0 - 0.5 * 1.0)
    assert score(real, draws[:, :1], unbiased=False) == pytest.approx(1.0)
    gaps = np.concatenate([real, np.full((1, 1, 1), np.nan)], axis=1)
    assert score(gaps, np.repeat(draws, 2, axis=2)) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="at least 2 draws"):
        score(real, draws[:, :1])
    with pytest.raises(ValueError, match="draws of shape"):
        score(real, draws[0])
    with pytest.raises(ValueError, match="finite draws"):
        score(real, np.full_like(draws, np.nan))


def test_interval_coverage():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(300, 6, 2))
    draws = rng.normal(size=(300, 400, 6, 2)) * np.array([1.0, 0.1])
    found = metrics.interval_coverage(real, draws, 0.8, per_feature=True)
    exact = 2 * scipy.stats.norm.cdf(0.1 * scipy.stats.norm.ppf(0.9)) - 1
    np.testing.assert_allclose(found, [0.8, exact], atol=0.03)
    assert metrics.interval_coverage(real, draws) == pytest.approx(found.mean())
    real[0, 0, 0] = np.nan
    assert 0.4 < metrics.interval_coverage(real, draws) < 0.6
    with pytest.raises(ValueError, match="level"):
        metrics.interval_coverage(real, draws, 1.5)
