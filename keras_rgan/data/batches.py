"""Reading whatever `fit` accepts, one NumPy batch at a time."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

CHUNK = 65_536
"""How many samples of an array are read at a time."""


def is_array(data: Any) -> bool:
    """Return whether `data` is one array or tensor, rather than something that yields batches."""
    return hasattr(data, "__array__") and hasattr(data, "shape")


def is_one_shot(data: Any) -> bool:
    """Return whether `data` can be read only once, as a Python generator."""
    return isinstance(data, Iterator)


def is_finite(data: Any) -> bool:
    """Return whether `data` is known to end."""
    if isinstance(data, keras.utils.PyDataset):
        return data.num_batches is not None
    try:
        return len(data) >= 0
    except TypeError:  # without a length, as a tf.data.Dataset that goes on or does not know
        return False


def to_numpy(data: Any) -> np.ndarray:
    """Return an array or tensor of any framework as a NumPy array."""
    if hasattr(data, "detach"):
        data = data.detach().cpu()
    return np.asarray(data)


def split(data: Any, targets: Any = None) -> tuple[Any, Any]:
    """Split sequences from the conditions beside them: `(sequences, {name: values})`, or as targets.

    Returns:
        The sequences, and a dict or None.
    """
    pair = targets is None and isinstance(data, tuple | list) and len(data) == 2
    if pair and isinstance(data[1], Mapping):
        return data[0], data[1]
    return data, targets


def iterate(data: Any, limit: int | None = None) -> Iterator[np.ndarray]:
    """Yield the sequences of `data` in batches, without targets or weights.

    Args:
        data: An array or tensor, a `tf.data.Dataset`, a `keras.utils.PyDataset`, a `torch` DataLoader
            or any iterable of batches; a batch that is a tuple or list holds the sequences first. Or
            an array and a dict of conditions.
        limit: The most batches to read; needed where there is no end.
    """
    return (sequences for sequences, _ in iterate_pairs(data, limit))


def iterate_pairs(
    data: Any, limit: int | None = None
) -> Iterator[tuple[np.ndarray, Mapping[str, Any] | None]]:
    """Yield what `iterate` does, each batch with its conditions, or None."""
    data, conditions = split(data)
    if is_array(data):
        for start in range(0, len(data), CHUNK):
            part = slice(start, start + CHUNK)
            some = None if conditions is None else {k: v[part] for k, v in conditions.items()}
            yield to_numpy(data[part]), some
        return
    batches: Iterable[Any] = data
    if isinstance(data, keras.utils.PyDataset):
        count = data.num_batches
        if count is None and limit is None:
            raise ValueError(
                "A PyDataset without end cannot be read whole. Expected: `num_batches`, or "
                "`steps_per_epoch` in fit(). Received: num_batches=None"
            )
        batches = (data[i] for i in (itertools.count() if count is None else range(count)))
    for batch in itertools.islice(batches, limit):
        sequences, *rest = batch if isinstance(batch, tuple | list) else (batch,)
        yield to_numpy(sequences), rest[0] if rest and isinstance(rest[0], Mapping) else None


def summed(
    data: Any, limit: int | None, measure: Callable[[np.ndarray], list[np.ndarray]]
) -> list[np.ndarray]:
    """Return the sums over all batches of what `measure` returns of one in float64, in one pass.

    Raises:
        ValueError: If there is no batch.
    """
    sums: list[np.ndarray] | None = None
    for batch in iterate(data, limit):
        found = measure(np.asarray(batch, "float64"))
        sums = found if sums is None else [a + b for a, b in zip(sums, found, strict=True)]
    if sums is None:
        raise ValueError("`adapt` expects at least one sample. Received: none")
    return sums


def describe_non_finite(values: np.ndarray) -> str | None:
    """Return which features hold NaN or infinite values and how many, or None where none does."""
    if values.dtype.kind not in "fc" or np.isfinite(values).all():
        return None
    rows = values.reshape(-1, values.shape[-1])
    found = []
    for i, column in enumerate(rows.T):
        counts = {"NaN": np.isnan(column).sum(), "infinite": np.isinf(column).sum()}
        if any(counts.values()):
            named = " and ".join(f"{count} {kind}" for kind, count in counts.items() if count)
            found.append(f"feature {i}: {named}")
    more = f"; and {len(found) - 5} more features" if len(found) > 5 else ""
    first = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
    return f"{'; '.join(found[:5])}{more}; the first at index {first}"
