"""Secrets are guessed of those who were copied, and of others as well as the data allows."""

import numpy as np
import pytest

import keras_rgan as kr
from tests.metrics.test_closest_record_distance import sines
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH


def labelled(count, seed):
    """Sequences with a label that they tell, and one that they do not."""
    rng = np.random.default_rng(seed)
    kind, secret = rng.integers(2, size=count), rng.integers(5, size=count)
    data = rng.normal(size=(count, 6, 2)) + 4.0 * kind[:, None, None]
    return data, {"kind": kind, "secret": secret.astype(str), "age": rng.normal(size=count)}


def test_what_all_know_is_no_advantage():
    train, holdout, made = labelled(200, 1), labelled(200, 2), labelled(400, 3)
    found = kr.metrics.attribute_inference(made, train, holdout, secrets=["kind", "secret", "age"])
    assert found.secrets["kind"]["train"] == found.secrets["kind"]["holdout"] == 0.0
    assert found.secrets["kind"]["blind"] == pytest.approx(0.5, abs=0.1)
    assert found.secrets["secret"]["holdout"] == pytest.approx(0.8, abs=0.1)
    assert found.secrets["age"]["holdout"] == pytest.approx(2.0 / np.sqrt(np.pi), abs=0.15)
    assert found.interval[0] < 0.0 < found.interval[1]
    assert found.p_value > 0.01


def test_what_was_copied_is_guessed():
    train, holdout = labelled(200, 1), labelled(200, 2)
    found = kr.metrics.attribute_inference(train, train, holdout, secrets=["secret", 1])
    assert found.train == 0.0
    assert found.secrets["secret"]["holdout"] == pytest.approx(0.8, abs=0.1)
    assert found.advantage == pytest.approx(found.holdout)
    assert found.p_value < 0.005
    assert "an advantage of" in str(found)


def test_a_guess_is_that_of_the_nearest_in_all_else():
    train, holdout, made = sines(30, 1), sines(30, 2), sines(50, 3)
    found = kr.metrics.attribute_inference(made, train, holdout, secrets=[0])
    whole = np.concatenate([train, holdout]).astype("float64")
    deviation = whole.std(axis=(0, 1))
    apart = np.square((train[:, None] - made[None]) / deviation)[..., 1].sum(axis=-1)
    guess = made[apart.argmin(axis=1)]
    wanted = np.abs(train - guess)[..., 0].mean() / deviation[0]
    assert found.train == pytest.approx(wanted, rel=1e-3)


def test_of_one_feature_the_second_half_is_secret():
    found = kr.metrics.attribute_inference(*(sines(50, s)[..., :1] for s in (1, 1, 2)))
    assert list(found.secrets) == ["the second half"]
    assert found.train == 0.0


def test_an_unknown_secret_is_refused():
    data = sines(20, 1), sines(20, 2), sines(20, 3)
    refuses(
        lambda: kr.metrics.attribute_inference(*data, secrets=["who"]), "0, 1. Received: secrets='who'"
    )


def test_records_of_which_nothing_is_known(recwarn):
    sets = [labelled(60, seed) for seed in range(3)]
    sets = [x[0] for x in sets]
    for x in sets:
        x[::9] = np.nan
    told = kr.metrics.attribute_inference(*sets)
    assert np.isfinite([told.train, told.holdout, told.blind, told.advantage]).all()
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]
