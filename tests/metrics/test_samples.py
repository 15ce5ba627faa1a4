"""Measures of all that the library takes and makes: lists, gaps, tables, conditions."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import keras_rgan as kr
from keras_rgan import metrics
from keras_rgan.utils import advice
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH

SEEN = dict(steps=150, units=32)


def walks(count=300, seed=0, steps=8):
    """Walks of two features that move together."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(size=(count, steps, 2))
    moves[..., 1] += moves[..., 0]
    return moves.cumsum(axis=1) * [1.0, 10.0] + 3.0


def with_holes(samples, seed, share=0.3, feature=0):
    rng = np.random.default_rng(seed)
    samples = samples.copy()
    samples[..., feature][rng.random(samples.shape[:2]) < share] = np.nan
    return samples


def cut(samples, seed, least=2):
    lengths = np.random.default_rng(seed).integers(least, samples.shape[1] + 1, len(samples))
    return [x[:n] for x, n in zip(samples, lengths, strict=True)]


STATISTICS = [
    metrics.autocorrelation_difference,
    metrics.correlational_score,
    metrics.marginal_wasserstein_distance,
    metrics.roughness,
    metrics.spectral_difference,
]
JUDGES = [
    lambda a, b: metrics.quick_score(a, b, **SEEN),
    lambda a, b: metrics.precision_recall(a, b)["coverage"],
]


@pytest.mark.parametrize("function", [*STATISTICS, *JUDGES])
def test_a_list_of_one_length_is_an_array(function):
    real, made = walks(60), 2.0 * walks(60, seed=1)
    assert function(list(real), list(made)) == pytest.approx(function(real, made), rel=1e-6, abs=0.05)


def test_correlations_are_pandas_of_what_is_there():
    real, made = with_holes(walks(), 1), with_holes(0.5 * walks(seed=2)[..., ::-1], 3)
    matrices = [pd.DataFrame(x.reshape(-1, 2)).corr().to_numpy() for x in (real, made)]
    expected = abs(matrices[0][1, 0] - matrices[1][1, 0]) / 10
    assert metrics.correlational_score(real, made) == pytest.approx(expected, rel=1e-9)


def test_marginals_and_steps_are_those_of_values_that_are_there():
    real, made = cut(with_holes(walks(), 1), 2), cut(walks(seed=3) * 1.5, 4)
    found = metrics.marginal_wasserstein_distance(real, made, per_feature=True)
    rough = metrics.roughness(real, made, per_feature=True)
    for i in range(2):
        values = [np.concatenate([x[:, i] for x in samples]) for samples in (real, made)]
        values = [v[~np.isnan(v)] for v in values]
        expected = scipy.stats.wasserstein_distance(*values) / values[0].std()
        assert found[i] == pytest.approx(expected, rel=1e-9)
        steps = [
            np.nanmean(np.abs(np.concatenate([np.diff(x[:, i]) for x in samples])))
            for samples in (real, made)
        ]
        assert rough[i] == pytest.approx(steps[1] / steps[0], rel=1e-9)


def test_autocorrelation_of_pairs_that_are_there():
    samples = cut(walks(50), 1)
    flat = np.concatenate(samples)
    centre, variance = flat.mean(axis=0), flat.var(axis=0)
    pairs = np.concatenate([(x[:-2] - centre) * (x[2:] - centre) for x in samples])
    found = metrics.autocorrelation(samples)
    np.testing.assert_allclose(found[2], pairs.mean(axis=0) / variance, rtol=1e-9)


def test_the_spectrum_with_gaps_comes_to_that_without():
    """By way of products of pairs: exact where nothing is missing, near where little is."""
    real, made = walks(4000), 0.3 * walks(4000, seed=1)
    whole = metrics.spectral_difference(real, made)
    one = real.copy()
    one[0, 0, 0] = np.nan
    assert metrics.spectral_difference(one, made) == pytest.approx(whole, rel=1e-2)
    sparse = metrics.spectral_difference(with_holes(real, 2), made)
    assert sparse == pytest.approx(whole, rel=0.05)


def test_a_judge_sees_lengths():
    real, same, longer = cut(walks(600), 1), cut(walks(600, seed=2), 3), cut(walks(600, seed=4), 5, 6)
    assert metrics.quick_score(real, same, **SEEN) < 0.1
    assert metrics.quick_score(real, longer, **SEEN) > 0.2


def test_a_judge_looks_at_samples_without_gaps_under_those_of_the_data():
    real, same = with_holes(walks(600), 1), walks(600, seed=2)
    assert metrics.quick_score(real, same, **SEEN) < 0.1
    assert metrics.quick_score(real, with_holes(same, 3), **SEEN) < 0.1


def test_a_judge_sees_gaps_of_the_wrong_kind():
    real, wrong = with_holes(walks(600), 1), with_holes(walks(600, seed=2), 3, share=0.8)
    assert metrics.quick_score(real, wrong, **SEEN) > 0.3


def test_a_judge_sees_that_conditions_do_not_belong():
    real, made = walks(600), walks(600, seed=1)
    of = [np.where(x[:, -1, 0] > 3.0, "up", "down") for x in (real, made)]
    told = [
        metrics.quick_score((real, {"trend": of[0]}), (made, {"trend": labels}), **SEEN)
        for labels in (of[1], np.random.default_rng(2).permutation(of[1]))
    ]
    assert told[0] < 0.06 < 0.1 < told[1]  # 0.25 is what can be told: half of the labels are right


def test_conditions_of_one_set_alone_are_left_out(capsys):
    advice._given.clear()
    real, made = walks(60), walks(60, seed=1)
    given = metrics.correlational_score((real, {"trend": real[:, 0, 0]}), made)
    assert given == metrics.correlational_score(real, made)
    assert "the conditions 'trend' are left out" in capsys.readouterr().out


def test_it_says_once_what_it_did(capsys):
    advice._given.clear()
    real, made = with_holes(walks(60), 1), walks(60, seed=2)
    for _ in range(2):
        metrics.quick_score(real, made, steps=1)
    out = capsys.readouterr().out
    assert out.count("looked at under the gaps") == 1
    assert "which values of 1 features are observed" in out


def test_tables_will_do():
    frame = pd.DataFrame(
        {
            "home": np.repeat(np.arange(40), 6),
            "hour": np.tile(np.arange(6), 40),
            "use": np.arange(240.0),
        }
    )
    table = kr.data.from_frame(frame, id="home", time="hour")
    assert metrics.marginal_wasserstein_distance(table, table.sequences) == 0.0
    refuses(lambda: metrics.roughness(frame, table), r"from_frame.*DataFrame")


@pytest.mark.parametrize("function", [*STATISTICS, *JUDGES])
def test_clips_are_sequences_of_all_their_pixels(function):
    clips = np.random.default_rng(0).random((40, 5, 3, 2, 1))
    flat = clips.reshape(40, 5, 6)
    assert function(clips, 0.5 * clips) == function(flat, 0.5 * flat)


def test_memorisation_and_forecasters_take_lists_and_gaps():
    real = cut(with_holes(walks(), 1, feature=1), 2)
    score = metrics.memorisation(real[:100], real[:100], real[100:200], real[200:])
    assert score.mean == 1.0
    assert 0.0 < metrics.predictive_score(real, real, steps=20, repeats=1).mean < 1.0
    assert 0.0 < metrics.constant_score(real) < 1.0


def test_what_it_refuses():
    real, made = walks(20), walks(20, seed=1)
    refuses(lambda: metrics.roughness(real, with_holes(made, 0)), "as `real` has.*`generated`.*NaN")
    refuses(
        lambda: metrics.roughness(with_holes(real, 0, 2.0), made), r"features \[0\].*NaN throughout"
    )
    refuses(lambda: metrics.roughness(list(real), made[..., :1]), r"one length and number of features")
    refuses(lambda: metrics.roughness(real.astype(str), made), r"dtype <U")
    refuses(lambda: metrics.roughness(["a b", "c"], made), r"names: kr.metrics.bleu")
    refuses(lambda: metrics.roughness(np.ones((20, 5), int), made), r"names: kr.metrics.bleu")
    refuses(lambda: metrics.roughness(iter([real]), made), r"as_numpy_iterator")
