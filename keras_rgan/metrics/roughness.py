"""Are generated sequences as smooth as real ones?"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.utils.types import Tensor

FAR = 1e25
"""To how many times the largest real value an increment counts, of a sum in float32."""


def roughness(real: Any, generated: Any, per_feature: bool = False) -> Any:
    """Return how much larger the steps of generated sequences are than those of real ones.

    Generated over real mean absolute increment from step to step.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        generated: Generated sequences, in the same units.
        per_feature: Whether to return every feature's ratio rather than the geometric mean.

    Returns:
        A float, or an array `(features,)`; 1 is ideal, more is too jittery, less too smooth. A feature
        that never moves in the real set is left out of the mean, and NaN by itself.

    Raises:
        ValueError: If the sets differ in shape, are shorter than 2 steps or hold NaN or infinite
            values.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> walk = np.random.default_rng(0).normal(size=(100, 24, 2)).cumsum(axis=1)
        >>> round(kr.metrics.roughness(walk, 3 * walk), 3)
        3.0
    """
    real, generated = samples.with_gaps({"real": real, "generated": generated})
    if real.shape[1] < 2:
        raise ValueError(f"Expected at least 2 steps. Received: shape {real.shape}")
    scale = post_hoc.Range.of(real)
    steps = [post_hoc.mean(np.abs(np.diff(scale.enter(x), axis=1))) for x in (real, generated)]
    ratios = np.full(real.shape[-1], np.nan)
    np.divide(steps[1], steps[0], out=ratios, where=steps[0] > 0)
    if per_feature:
        return ratios
    ratios = ratios[np.isfinite(ratios)]
    return float(np.exp(np.log(np.maximum(ratios, 1e-12)).mean())) if len(ratios) else 1.0


@keras.saving.register_keras_serializable(package="keras_rgan")
class Roughness(keras.metrics.Metric):
    """`roughness` over batches, for `compile(metrics=…)`, name "roughness".

    Args:
        name: Name in logs.
        dtype: Dtype of the state.

    Attributes:
        weighs_steps: True: it is handed which steps count as `sample_weight`.

    Call arguments:
        y_true: Real samples, `(batch, time, features)`.
        y_pred: Generated samples, of the same shape but for the batch.
        sample_weight: `(batch, time)`, 1 where a step counts and 0 where a sequence, real and generated
            alike, has ended: only increments between two steps that count do. None for all.

    Raises:
        ValueError: If `sample_weight` is of another rank.

    Example:
        >>> import keras, keras_rgan as kr
        >>> metric = kr.metrics.Roughness()
        >>> walk = keras.ops.cumsum(keras.random.normal((64, 24, 3), seed=0), axis=1)
        >>> metric.update_state(walk, 2.0 * walk)
        >>> round(float(metric.result()), 3)
        2.0
    """

    weighs_steps = True

    def __init__(self, name: str = "roughness", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable(shape=(), initializer="zeros", name="total")
        self.count = self.add_variable(shape=(), initializer="zeros", name="count")

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> None:
        """Take in a batch."""
        real, generated = _steps(y_true, y_pred)
        if sample_weight is None:
            count = ops.cast(ops.shape(real)[0] * ops.shape(real)[1], "float32")
            real, generated = (
                ops.sum(steps, axis=(0, 1)) / ops.maximum(count, 1.0) for steps in (real, generated)
            )
            weight = ops.minimum(ops.cast(ops.shape(y_true)[0], "float32"), count)
        else:
            counting = _between(sample_weight)
            total = ops.maximum(ops.sum(counting), 1.0)
            real, generated = (
                ops.sum(counting * steps, axis=(0, 1)) / total for steps in (real, generated)
            )
            weight = ops.sum(ops.max(counting, axis=1))  # samples that move at all
        moving = ops.cast(real > 0, "float32")
        ratio = ops.maximum(generated / ops.where(real > 0, real, 1.0), 1e-12)
        logarithm = ops.sum(moving * ops.log(ratio)) / ops.maximum(ops.sum(moving), 1.0)
        self.total.assign_add(ops.cast(weight * logarithm, self.total.dtype))
        self.count.assign_add(ops.cast(weight, self.count.dtype))

    def result(self) -> Tensor:
        """Return the geometric mean over features and batches."""
        return ops.exp(ops.divide_no_nan(self.total, self.count))


def _steps(real: Tensor, generated: Tensor) -> list[Tensor]:
    """Return the increments of both in float32, in units in which it holds the real ones."""
    numbers, sets = post_hoc.as_precise(real, generated)
    size = numbers.max(numbers.abs(sets[0]), axis=(0, 1))
    size = numbers.where(size > 0, size, numbers.ones_like(size))
    with np.errstate(over="ignore"):
        steps = [numbers.abs(x[:, 1:] - x[:, :-1]) / size for x in sets]
    return [ops.cast(numbers.clip(x, 0.0, FAR), "float32") for x in steps]


def _between(counts: Tensor) -> Tensor:
    """Return which increments are between two steps that count, `(batch, time - 1, 1)`."""
    if len(counts.shape) != 2:
        raise ValueError(
            "`Roughness` takes a sample_weight of each step, of shape (batch, time), 1 where a step "
            f"counts and 0 elsewhere. Received: shape {tuple(counts.shape)}"
        )
    counts = ops.cast(ops.cast(counts, "bool"), "float32")
    return (counts[:, 1:] * counts[:, :-1])[..., None]
