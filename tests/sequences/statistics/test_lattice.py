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
