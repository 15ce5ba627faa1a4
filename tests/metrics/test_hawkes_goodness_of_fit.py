import numpy as np
import pytest
from scipy import stats

import keras_rgan as kr
from keras_rgan.metrics.hawkes_goodness_of_fit import distance_from_exponential
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH
PROCESS = kr.baselines.HawkesProcess([0.4, 0.3], [[0.4, 0.2], [0.3, 0.3]], decay=2.0)


def test_distance():
    values = np.random.default_rng(0).gamma(2.0, 0.5, 500)
    expected = stats.kstest(values, "expon").statistic
    assert distance_from_exponential(values) == pytest.approx(expected)


def test_worked_by_hand():
    """A Poisson process of rate 2 stretches waits of 0.1, 0.4, 0.2 and 0.3 by 2."""
    process = kr.baselines.HawkesProcess([2.0])
    fit = kr.metrics.hawkes_goodness_of_fit([[0.1, 0.5, 0.7, 1.0]], [[0, 0, 0, 0]], process)
    shares = 1.0 - np.exp(-np.array([0.2, 0.4, 0.6, 0.8]))
    assert fit["waiting_times"] == pytest.approx(1.0 - shares[-1])
    assert fit["num_events"] == pytest.approx(4.0 / 2.0)
    order = shares[[0, 3, 1, 2]]
    assert fit["dependence"] == pytest.approx(np.corrcoef(order[1:], order[:-1])[0, 1])


@pytest.mark.parametrize("options", [{"horizon": 10.0}, {"num_events": 20}])
def test_floor_and_what_it_must_tell(options):
    real = PROCESS.generate(1000, seed=0, **options)
    poisson = kr.baselines.HawkesProcess(PROCESS.rates).generate(1000, seed=0, **options)
    swapped = real[0], [1 - m for m in real[1]]
    horizon = options.get("horizon")
    floor, other, wrong = (
        kr.metrics.hawkes_goodness_of_fit(*events, PROCESS, horizon)
        for events in (real, poisson, swapped)
    )
    assert max(floor["waiting_times"], floor["marks"], abs(floor["dependence"])) < 0.02
    assert floor["num_events"] == pytest.approx(1.0, abs=0.03)
    assert floor["branching_ratio"] == pytest.approx(0.6, abs=0.05)
    assert other["waiting_times"] > 0.05
    assert other["dependence"] < -0.05
    assert other["branching_ratio"] < 0.1
    assert wrong["marks"] > floor["marks"] + 0.02


def test_bad_input():
    fit = kr.metrics.hawkes_goodness_of_fit
    refuses(lambda: fit([[1.0]], [[0]], PROCESS), "three events at least. Received: 1")
    refuses(lambda: fit([[1.0]], [[0]], 3), "`process` must be a kr.baselines.HawkesProcess")
