"""Shadow models tell who was trained on where models learn by heart."""

import numpy as np

import keras_rgan as kr
from keras_rgan.metrics import samples
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


def learned_with_conditions(train, odd=None):
    rows = np.random.default_rng(0).integers(len(train[0]), size=200)
    made, ages = (
        train[0][rows] + 0.01 * np.random.default_rng(1).normal(size=(200, 12, 2)),
        train[1]["age"],
    )
    ages = ages[rows].copy()
    if odd is not None:
        ages[0] = odd
    return made, {"age": ages}


def test_what_one_shadow_makes_changes_no_measure():
    sets = [(sines(100, s), {"age": np.linspace(20.0, 90.0, 100)}) for s in (1, 2)]
    made = learned_with_conditions(sets[0])
    found = [
        kr.metrics.shadow_membership_inference(
            lambda train, odd=odd: learned_with_conditions(train, odd), made, *sets, num_shadows=4
        )
        for odd in (None, 1e5)
    ]
    assert found[0].auc > 0.7
    assert abs(found[1].auc - found[0].auc) < 0.02


def test_shadows_get_what_came_and_real_sets_are_read_once(monkeypatch):
    read = []
    one = samples._one
    monkeypatch.setattr(samples, "_one", lambda name, *rest: read.append(name) or one(name, *rest))
    clips = [sines(30, s).reshape(30, 12, 2, 1, 1) for s in (1, 2, 3)]
    shapes = []

    def fit_and_generate(train):
        shapes.append(train.shape)
        return train

    kr.metrics.shadow_membership_inference(fit_and_generate, *clips, num_shadows=3)
    assert shapes == 3 * [(30, 12, 2, 1, 1)]
    assert read.count("train") == read.count("holdout") == 2  # for points, and for the shadows


def test_what_shadows_return_is_refused_by_name():
    sets = [(sines(40, s), {"who": np.arange(40) % 2}) for s in (1, 2, 3)]
    attack = kr.metrics.shadow_membership_inference
    refuses(
        lambda: attack(lambda train: train[0], *sets, num_shadows=3),
        r"conditions \['who'\] beside `what fit_and_generate returns`, as beside `train`.*missing",
    )
    plain = [sequences for sequences, _ in sets]
    refuses(lambda: attack(lambda train: train[:, :5], *plain, num_shadows=3), "one length and number")
    lists = [x[: 5 + i % 3] for i, x in enumerate(plain[0])]
    refuses(lambda: attack(lambda train: lists, *plain, num_shadows=3), "one length")
