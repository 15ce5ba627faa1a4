"""What rows of conditions lack, drawn among the data's rows that are like them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_rgan.conditioning.capability import Rows
from keras_rgan.conditioning.streams import ConditionStreams

MAX_CANDIDATES = 4096
"""Among how many rows those are looked for that are like the conditions that were asked for."""

NUM_NEAREST = 10
"""How many of these are alike at the least; one of theirs is drawn."""


def drawn(model: Any, name: str, rows: Rows, streams: ConditionStreams) -> np.ndarray:
    """Return values of a condition for rows that lack it.

    Args:
        model: The `RecurrentGAN`.
        name: The condition's name.
        rows: Encoded conditions, without it.
        streams: Where draws come from.
    """
    model.conditions.check_rows(f"draws {name!r} among those like what is asked for")
    kept = model.conditions.rows
    count = len(kept[name])
    chosen = np.linspace(0, count - 1, min(count, MAX_CANDIDATES)).astype(int)
    candidates = model.sampler.drawn_rows(
        {name: values[chosen] for name, values in kept.items()}, None, ConditionStreams.of([0])
    )
    points, wanted = (_points(model, given, set(rows)) for given in (candidates, rows))
    kinds, of_kind = np.unique(wanted, axis=0, return_inverse=True)
    near = [_nearest(points, kind) for kind in kinds]
    shares = streams.rows.random(len(wanted))
    picked = [
        near[i][int(share * len(near[i]))] for i, share in zip(of_kind.ravel(), shares, strict=True)
    ]
    values: np.ndarray = candidates[name][picked]
    return values


def _nearest(points: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Return which points are as near as the last of the nearest."""
    distance = np.square(points - point).sum(axis=1)
    nearest = min(NUM_NEAREST, len(distance)) - 1
    return np.flatnonzero(distance <= np.partition(distance, nearest)[nearest] + 1e-6)


def _points(model: Any, rows: Mapping[str, Any], names: set[str]) -> np.ndarray:
    """Return what rows are compared by, of these conditions: attributes, means of covariates."""
    encoder, layout = model.conditions, model.layout.of_conditions
    count = len(next(iter(rows.values())))
    given = {name: values for name, values in rows.items() if name in names}
    alike = {name: encoder.like_none(name, count) for name in encoder.column_names if name not in names}
    encoded = encoder({**given, **alike}, length=None if encoder.num_temporal else 1)
    parts = [layout.static_of(encoded), layout.context_of(encoded)]
    return ops.convert_to_numpy(ops.concatenate([p for p in parts if p is not None], axis=-1))
