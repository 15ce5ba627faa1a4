"""Shadow models tell who was trained on where models learn by heart."""

import numpy as np

import keras_rgan as kr
from keras_rgan.metrics.shadow_membership_inference import _memberships
from tests.metrics.test_closest_record_distance import sines
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH


def learned_by_heart(train):
    rng = np.random.default_rng(0)
    rows = rng.integers(len(train), size=200)
    return train[rows] + 0.01 * rng.normal(size=(200, *train.shape[1:]))


def test_learning_by_heart_is_caught():
    train, holdout = sines(100, 1), sines(100, 2)
    told = kr.metrics.shadow_membership_inference(
        learned_by_heart, learned_by_heart(train), train, holdout, num_shadows=8
    )
    assert told.auc > 0.75
    assert told.p_value < 0.005
    assert told.members == told.others == 100


def test_a_copula_is_passed_with_conditions():
    sets = [(sines(150, s), {"who": np.arange(150) % 2}) for s in (1, 2)]

    def fit_and_generate(train):
        return kr.baselines.GaussianCopula().fit(train).generate(conditions=train[1], seed=0), train[1]

    made = fit_and_generate(sets[0])
    told = kr.metrics.shadow_membership_inference(fit_and_generate, made, *sets, num_shadows=4)
    assert told.p_value > 0.01
    assert told.auc_interval[0] < 0.6


def test_every_record_is_out_of_some_and_in_others():
    is_train = np.arange(40) < 30
    inside = _memberships(is_train, 8, np.random.default_rng(0))
    assert set(inside.sum(axis=1)) == {30}
    assert set(inside.sum(axis=0)) == {6}
    refuses(lambda: _memberships(is_train, 3, np.random.default_rng(0)), "at least 4 shadows")
