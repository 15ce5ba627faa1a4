"""What of a sequence is hidden from a model that learns to fill it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.sequences.noise import draw
from keras_rgan.utils.types import Tensor


def draw_observed(
    shape: tuple[Any, Any, int],
    seed: keras.random.SeedGenerator,
    available: Tensor | None = None,
    counts: Tensor | None = None,
) -> Tensor:
    """Draw which values of sequences a generator is shown, 1 where it is, as what it will be asked for.

    Each with a chance of a fifth: nothing; a beginning; single values, at a rate drawn for the
    sequence; whole steps, likewise; all but a gap in a share of the features, drawn for the sequence.

    Args:
        shape: `(batch, time, features)`.
        seed: Where the draws come from.
        available: What can be shown, 1 where there is a value; None for all.
        counts: Which steps are of the sequence, `(batch, time, 1)`; None for all. Beginnings and gaps
            are parts of these.

    Returns:
        `(batch, time, features)`, float32.
    """
    batch, length, count = shape

    def uniform(*rest: Any) -> Tensor:
        return 0.5 + 0.5 * draw("uniform", (batch, *rest), seed)

    choice, size, start, rate = ops.split(uniform(1, 4), 4, axis=-1)
    single, chosen = uniform(length, count + 1), uniform(1, count)
    steps = ops.arange(length, dtype="float32")[None, :, None]
    span = ops.cast(length, "float32") if counts is None else ops.sum(counts, axis=1, keepdims=True)
    end = 1.0 + ops.floor(size * (span - 1.0))
    first = ops.floor(start * (span - end + 1.0))
    hidden = (steps >= first) & (steps < first + end) & (chosen < rate)
    kinds = [
        steps < end,
        single[..., :count] < rate,
        single[..., count:] < rate,
        ops.logical_not(hidden),
    ]
    observed = ops.zeros((batch, length, count))
    for i, kind in enumerate(kinds, 1):
        due = (choice >= i / 5.0) & (choice < (i + 1) / 5.0)
        observed += ops.cast(due & kind, "float32")
    for mask in (available, counts):
        if mask is not None:
            observed *= ops.cast(mask, "float32")
    return observed
