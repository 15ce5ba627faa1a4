"""Outliers that were learned by heart are named."""

import numpy as np

import keras_rgan as kr
from tests.metrics.test_closest_record_distance import sines
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def test_outliers_with_a_copy_are_named():
    train, holdout, made = sines(300, 1), sines(150, 2), sines(300, 3)
    train[:12] += np.linspace(2.0, 8.0, 12)[:, None, None]
    holdout[:6] -= np.linspace(2.0, 8.0, 6)[:, None, None]
    made[:12] = train[:12] + 0.01
    found = kr.metrics.exposed_outliers(made, train, holdout, share=0.04)
    assert found.outliers == (12, 6)
    assert {(o.train, o.generated) for o in found.exposed} == {(i, i) for i in range(12)}
    assert found.exposed[0].closeness <= found.exposed[-1].closeness < 0.2
    assert found.auc == 1.0
    assert found.p_value < 0.005


def test_outliers_that_nothing_is_near_are_passed():
    found = kr.metrics.exposed_outliers(sines(300, 3), sines(300, 1), sines(300, 2))
    assert found.p_value > 0.01
    assert sum(found.outliers) == 60
