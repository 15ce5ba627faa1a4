"""Bridges across what is not observed, by `keras.ops`: a step, and a gradient, can go through."""

from __future__ import annotations

from keras import ops

from keras_rgan.layers import linear_recurrence
from keras_rgan.utils.types import Tensor


def interpolate(values: Tensor, observed: Tensor) -> tuple[Tensor, Tensor]:
    """Bridge gaps by straight lines between what is observed, feature by feature.

    Before the first observed step and after the last the value there holds; a feature that is
    nowhere observed is 0. What is observed stays exactly as it is, and what is not has no influence.

    Args:
        values: `(batch, time, features)`, finite wherever they are observed.
        observed: Of the same shape, or `(batch, time, 1)`, True or 1 where a value is observed.

    Returns:
        The bridged values, float32, and how far from what is observed they are, in steps: for `l`
        steps from the one before and `r` to the one after 1 / (1 / l + 1 / r), which is the variance of
        a random walk between the two; 0 where observed, infinite where nothing is.

    Example:
        >>> import numpy as np
        >>> values = np.array([9.0, 1.0, 9.0, 2.0, 9.0]).reshape(1, 5, 1)
        >>> observed = np.array([0, 1, 0, 1, 0]).reshape(1, 5, 1)
        >>> bridged, distance = interpolate(values, observed)
        >>> [float(x) for x in bridged[0, :, 0]], [float(x) for x in distance[0, :, 0]]
        ([1.0, 1.0, 1.5, 2.0, 2.0], [1.0, 0.0, 0.5, 0.0, 1.0])
    """
    values = ops.cast(values, "float32")
    weights = ops.broadcast_to(ops.cast(observed, "float32"), ops.shape(values))
    values = ops.where(weights > 0, values, 0.0)
    steps = ops.arange(ops.shape(values)[1], dtype="float32")[None, :, None]
    steps = steps + ops.zeros_like(values)
    before, earlier, has_before = _last_observed(values, steps, weights)
    after, later, has_after = (
        ops.flip(x, axis=1)
        for x in _last_observed(*(ops.flip(x, axis=1) for x in (values, steps, weights)))
    )
    between = has_before * has_after
    gap = ops.where(later > earlier, later - earlier, 1.0)
    share = ops.where(between > 0, (steps - earlier) / gap, 1.0 - has_before)
    bridged = before + share * (after - before)
    bridged = ops.where(weights > 0, values, bridged)
    # The inverse of a distance is 0 where there is none to speak of.
    left, right = (
        exists / ops.maximum(distance, 1.0)
        for exists, distance in ((has_before, steps - earlier), (has_after, later - steps))
    )
    near = left + right
    distance = ops.where(near > 0, 1.0 / ops.where(near > 0, near, 1.0), float("inf"))
    return bridged, ops.where(weights > 0, 0.0, distance)


def _last_observed(values: Tensor, steps: Tensor, known: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the value last observed at every step, at which step that was, and if there was one."""
    width = values.shape[-1]
    inputs = ops.concatenate([values, steps * known, known], axis=-1)
    keep = ops.concatenate([1.0 - known] * 3, axis=-1)
    solved = linear_recurrence.solve(keep, inputs, ops.zeros_like(inputs[:, 0]))
    return solved[..., :width], solved[..., width : 2 * width], solved[..., 2 * width :]
