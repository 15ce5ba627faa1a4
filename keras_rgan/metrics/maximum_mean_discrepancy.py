"""The distance between two sets of samples in a kernel's feature space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.metrics import post_hoc
from keras_rgan.utils import checks
from keras_rgan.utils.types import Tensor

FAR = 1e15
"""To how many real spreads samples are told apart: float32 holds the squares yet."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class MaximumMeanDiscrepancy(keras.metrics.Metric):
    """The squared maximum mean discrepancy (MMD) of real and generated samples, name "mmd".

    The kernel is the mean of Gaussians exp(-|x - y|^2 / (2 (s m)^2)) over the scales s, where m is
    the median distance between the real samples of a batch, or a bandwidth given. Every batch gives
    an unbiased estimate (pairs of a sample with itself are left out), and the result is their mean,
    weighted by batch size: it is around 0, and may be slightly below, where both sets come from one
    distribution. Larger batches tell finer differences.

    Args:
        scales: Multiples of the bandwidth.
        bandwidth: The bandwidth in the units of the samples; None takes the median heuristic.
        name: Name in logs.
        dtype: Dtype of the state.

    Call arguments:
        y_true: Real samples, `(batch, …)`; a sample is its flattened values.
        y_pred: Generated samples, of the same shape but for the batch.

    Raises:
        ValueError: If a scale or the bandwidth is not positive, or samples differ in shape.

    Example:
        >>> import keras, keras_rgan as kr
        >>> metric = kr.metrics.MaximumMeanDiscrepancy()
        >>> real = keras.random.normal((64, 24, 3), seed=0)
        >>> metric.update_state(real, keras.random.normal((64, 24, 3), mean=2.0, seed=1))
        >>> float(metric.result()) > 0.3
        True

    Reference:
        Gretton et al., "A Kernel Two-Sample Test", JMLR 2012, equation 3; block averages: Zaremba et
        al., "B-tests", NeurIPS 2013. RGANs were first chosen by it: Esteban et al., 2017.
    """

    def __init__(
        self,
        scales: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 4.0),
        bandwidth: float | None = None,
        name: str = "mmd",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.scales = tuple(checks.number("scales", s, 1e-12) for s in scales)
        self.bandwidth = None if bandwidth is None else checks.number("bandwidth", bandwidth, 1e-300)
        self.total = self.add_variable(shape=(), initializer="zeros", name="total")
        self.count = self.add_variable(shape=(), initializer="zeros", name="count")

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> None:
        """Take in a batch."""
        if sample_weight is not None:
            raise ValueError("`MaximumMeanDiscrepancy` takes no sample_weight. Pass none.")
        numbers, (real, fake) = post_hoc.as_precise(y_true, y_pred)
        if tuple(real.shape[1:]) != tuple(fake.shape[1:]):
            raise ValueError(
                "`MaximumMeanDiscrepancy` compares samples of one shape. Received: real "
                f"{tuple(real.shape)}, generated {tuple(fake.shape)}"
            )
        real, fake = (backend.gathered(_rows(x)) for x in (real, fake))
        real, fake, unit = _in_units(numbers, real, fake)
        centre = ops.mean(real, axis=0, keepdims=True)
        real, fake = real - centre, fake - centre
        num_real, num_fake = ops.shape(real)[0], ops.shape(fake)[0]
        within_real = _squared_distances(real, real)
        if self.bandwidth is None:
            variance = ops.square(_median_distance(within_real, num_real))
        else:
            bandwidth = numbers.clip(self.bandwidth / unit, 1.0 / FAR, FAR)
            variance = ops.square(ops.cast(bandwidth, "float32"))
        estimate = (
            self._mean_kernel(within_real, variance, num_real)
            + self._mean_kernel(_squared_distances(fake, fake), variance, num_fake)
            - 2.0 * ops.mean(self._kernel(_squared_distances(real, fake), variance))
        )
        pairs = ops.minimum(num_real, num_fake)
        weight = ops.cast(ops.where(ops.greater(pairs, 1), pairs, 0), self.total.dtype)
        self.total.assign_add(weight * ops.cast(estimate, self.total.dtype))
        self.count.assign_add(weight)

    def _kernel(self, squared_distances: Tensor, variance: Tensor) -> Tensor:
        ratio = squared_distances / (2.0 * variance)
        return sum(ops.exp(-ratio / s**2) for s in self.scales) / len(self.scales)

    def _mean_kernel(self, squared_distances: Tensor, variance: Tensor, num: Any) -> Tensor:
        """Return the mean over pairs of different samples; k(x, x) = 1 is left out."""
        num = ops.cast(num, "float32")
        total = ops.sum(self._kernel(squared_distances, variance)) - num
        return total / ops.maximum(num * (num - 1.0), 1.0)

    def result(self) -> Tensor:
        """Return the mean over batches."""
        return ops.divide_no_nan(self.total, self.count)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "scales": self.scales, "bandwidth": self.bandwidth}


def _rows(samples: Any) -> Any:
    """Return samples, an array or a tensor, as rows."""
    if isinstance(samples, np.ndarray):
        return samples.reshape(len(samples), -1)
    return ops.reshape(samples, (ops.shape(samples)[0], -1))


def _in_units(numbers: Any, real: Any, fake: Any) -> tuple[Tensor, Tensor, Any]:
    """Return rows about a real one in float32, in a unit in which real ones reach to 1, and the unit.

    Args:
        numbers: What computes with them: `numpy` or `keras.ops`.
        real: Rows.
        fake: Rows.
    """
    centre = real[:1]
    real, fake = real - centre, fake - centre
    size = numbers.max(numbers.abs(real))
    unit = numbers.where(size > 0, size, numbers.ones_like(size))
    with np.errstate(over="ignore"):
        rows = [ops.cast(numbers.clip(x / unit, -FAR, FAR), "float32") for x in (real, fake)]
    return rows[0], rows[1], unit


def _squared_distances(x: Tensor, y: Tensor) -> Tensor:
    squares = ops.sum(ops.square(x), axis=1)[:, None] + ops.sum(ops.square(y), axis=1)[None, :]
    distances = ops.maximum(squares - 2.0 * ops.matmul(x, ops.transpose(y)), 0.0)
    if x is y:  # rounding must not leave a distance of a sample to itself
        distances = distances * (1.0 - ops.eye(ops.shape(x)[0]))
    return distances


def _median_distance(squared_distances: Tensor, num: Any) -> Tensor:
    """Return the median over pairs of different samples.

    Sorted, the `num` zeros of the diagonal come first; the rest holds every pair twice, so that its
    two middle entries have the median of the pairs as their mean.
    """
    distances = ops.sort(ops.reshape(ops.sqrt(squared_distances), (-1,)))
    pairs = num * (num - 1) // 2
    last = num * num - 1
    middle = [ops.minimum(num + pairs - 1, last), ops.minimum(num + pairs, last)]
    return ops.maximum(ops.mean(ops.take(distances, ops.stack(middle))), 1e-12)
