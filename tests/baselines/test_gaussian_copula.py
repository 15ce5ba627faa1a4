"""A copula in closed form, held against processes whose law is known."""

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, autoregression, refuses

pytestmark = ON_TORCH


def lag_one(samples):
    return np.mean(samples[:, 1:] * samples[:, :-1])


def test_atoms_categories_and_copies_stay_what_they_are():
    random = np.random.default_rng(0)
    zeros = np.where(random.random(2000) < 0.7, 0.0, random.gamma(2.0, size=2000))
    counts = random.poisson(3.0, 2000)
    kinds = np.eye(3)[random.choice(3, 2000, p=[0.6, 0.3, 0.1])]
    rows = np.stack([zeros, counts, zeros, *kinds.T], axis=1)
    copula = kr.baselines.GaussianCopula().fit(rows.reshape(200, 10, 6))
    made = copula.generate(500, seed=0).reshape(-1, 6)
    assert np.mean(made[:, 0] == 0.0) == pytest.approx(np.mean(zeros == 0.0), abs=0.02)
    np.testing.assert_array_equal(made[:, 0], made[:, 2])
    assert set(made[:, 1]) <= set(counts)
    np.testing.assert_array_equal(made[:, 3:].sum(axis=1), 1.0)
    np.testing.assert_allclose(made[:, 3:].mean(axis=0), kinds.mean(axis=0), atol=0.03)


@pytest.mark.parametrize("max_numbers", [2000, 10])
def test_the_law_of_an_autoregression(max_numbers):
    """As one vector, and as a block of five steps that goes on by itself; longer than the data too."""
    copula = kr.baselines.GaussianCopula(max_numbers).fit(np.exp(autoregression(5000, 12)))
    for length in (12, 40):
        made = np.log(copula.generate(3000, length=length, seed=0))
        assert lag_one(made) == pytest.approx(0.8, abs=0.03)
        assert np.mean(made[..., 0] * made[..., 1]) == pytest.approx(0.5, abs=0.03)
        np.testing.assert_allclose(made.std(axis=(0, 1)), 1.0, atol=0.04)


def test_means_by_step_are_kept():
    slope = np.linspace(0.0, 3.0, 8)[:, None]
    data = np.random.default_rng(0).normal(size=(2000, 8, 1)) + slope
    made = kr.baselines.GaussianCopula().fit(data).generate(2000, seed=0)
    np.testing.assert_allclose(made.mean(axis=0), data.mean(axis=0), atol=0.15)


def test_conditions_shift_the_mean():
    random = np.random.default_rng(0)
    kinds, level = random.choice(["a", "b"], 3000), random.normal(size=3000)
    data = random.normal(size=(3000, 6, 1)) * 0.3 + (level + 2.0 * (kinds == "b"))[:, None, None]
    copula = kr.baselines.GaussianCopula().fit((data, {"kind": kinds, "level": level}))
    asked = {"kind": np.repeat(["a", "b", "a"], 500), "level": np.repeat([0.0, 0.0, 1.0], 500)}
    made = copula.generate(conditions=asked, seed=0).reshape(3, -1).mean(axis=1)
    np.testing.assert_allclose(made, [0.0, 2.0, 1.0], atol=0.25)
    np.testing.assert_allclose(copula.generate(3000, seed=1).mean(), data.mean(), atol=0.15)


def test_lengths_and_gaps_are_those_of_the_data():
    random = np.random.default_rng(0)
    data = list(autoregression(1000, 9))
    data = [x[: random.integers(4, 10)] for x in data]
    copula = kr.baselines.GaussianCopula().fit(data)
    made = copula.generate(1000, seed=0)
    lengths = np.array([len(x) for x in made])
    assert set(lengths) == set(range(4, 10))
    pairs = np.concatenate([np.stack([x[:-1], x[1:]]).reshape(2, -1) for x in made], axis=1)
    assert np.corrcoef(pairs)[0, 1] == pytest.approx(0.8, abs=0.05)
    holes = autoregression(1000, 9)
    holes[random.random(holes.shape) < 0.3] = np.nan
    observed = ~np.isnan(holes)
    copula.fit((np.nan_to_num(holes), {"observed": observed}))
    assert lag_one(copula.generate(3000, seed=0)) == pytest.approx(0.8, abs=0.05)
    share = np.isnan(copula.generate(1000, seed=0, missing=True)).mean()
    assert share == pytest.approx(0.3, abs=0.02)


def test_the_same_seed_and_batches_of_a_dataset():
    data = autoregression(64, 5).astype("float32")
    copula = kr.baselines.GaussianCopula().fit(data)
    made = copula.generate(5, seed=3)
    np.testing.assert_array_equal(made, copula.generate(5, seed=3))
    assert made.dtype == "float32"
    assert not np.array_equal(made, copula.generate(5))
    batched = kr.baselines.GaussianCopula().fit([(data[:32],), (data[32:],)])
    np.testing.assert_allclose(batched.generate(5, seed=3), made, atol=1e-5)


def test_what_does_not_fit_is_refused():
    copula = kr.baselines.GaussianCopula()
    refuses(lambda: copula.generate(3), "Nothing was learned yet")
    refuses(lambda: copula.fit(np.zeros((3, 4))), r"\(samples, time, features\).*\(3, 4\)")
    refuses(lambda: copula.fit(np.zeros((1, 4, 2))), "two sequences at least")
    refuses(lambda: copula.fit(np.full((3, 4, 2), np.inf)), "infinite values in feature 0")
    copula.fit(autoregression(50, 4))
    refuses(lambda: copula.generate(conditions={"kind": ["a"]}), r"no conditions.*\['kind'\]")
    refuses(lambda: copula.generate(0), "num_samples.*at least 1")
    refuses(lambda: kr.baselines.GaussianCopula(0), "max_numbers")
