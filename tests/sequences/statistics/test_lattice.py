import numpy as np
import pytest

from keras_rgan.sequences.statistics.lattice import lattice_step


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([0, 2, 5], 1.0),
        ([-3, 0, 9], 3.0),
        ([0.25, 0.75, 1.0], 0.25),
        (0.1 * np.array([1, 3, 9]), 0.2),
        (1e-9 * np.array([0, 1, 4]), 1e-9),
        ([7.5], 0.0),
        ([0, 1, np.pi], 0.0),
        ([0, 1, 1e6], 0.0),  # of too few among its points
        (2.0**60 * np.array([1.0, 2.0, 3.0]), 2.0**60),  # whole, but beyond what integers hold
    ],
    ids=str,
)
def test_steps(values, step):
    np.testing.assert_allclose(lattice_step(np.float64(values)), step, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("far", [[], [15.0], [2900.7]], ids=str)
def test_readings_in_tenths_of_which_one_may_lie_far_from_all_others(dtype, far):
    random = np.random.default_rng(0)
    for scale in (0.5, 3.0):
        values = np.append(np.round(random.exponential(scale, 5000), 1), far).astype(dtype)
        assert lattice_step(np.unique(values).astype("float64")) == pytest.approx(0.1, rel=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_continuous_has_no_step(dtype):
    random = np.random.default_rng(0)
    for number in (3, 20, 250):
        for draw in (random.normal, random.random, random.lognormal):
            values = np.unique(draw(size=number).astype(dtype)).astype("float64")
            assert lattice_step(values) == 0.0
