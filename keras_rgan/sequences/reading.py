"""Reading whatever `fit` accepts, one NumPy batch at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from keras_rgan.data.named_columns import in_order
from keras_rgan.data.pad_sequences import pad_sequences
from keras_rgan.data.sequence_table import SequenceTable
from keras_rgan.sequences.batch import refuse_targets

CHUNK = 65_536
"""How many samples of an array are read at a time."""

NUM_NUMBERS = 2_000_000
"""How many numbers of an array are read at a time, where samples are long."""


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
    if isinstance(data, np.ma.MaskedArray):
        data = _unmasked(data)
    values = np.asarray(data)
    if values.dtype == object and values.size and all(isinstance(x, bytes) for x in values.flat):
        return np.asarray([x.decode() for x in values.flat]).reshape(values.shape)  # text of TensorFlow
    return values


def _unmasked(data: Any) -> np.ndarray:
    """Return a masked array as one that is NaN where it is masked; refuse masked text and flags."""
    if not np.ma.is_masked(data):
        return np.asarray(data.data)
    if data.dtype.kind not in "fiu":
        raise ValueError(
            f"Expected numbers where entries are masked. Received: a masked array of dtype "
            f"{data.dtype}. Name what is missing, as 'unknown', or drop the rows."
        )
    wide = np.result_type(data.dtype, "float32")
    return np.asarray(data.astype(wide).filled(np.nan))


def split(data: Any, targets: Any = None) -> tuple[Any, Any]:
    """Split sequences from the conditions beside them: `(sequences, {name: values})`, or as targets.

    Lengths replace a condition `mask`, True where a step counts, and padding repeats the last step.
    What the condition `observed` leaves out, `(samples, time, features)` or `(samples, time)`, is NaN,
    and what is NaN is not observed.

    Returns:
        The sequences, and a dict or None.

    Raises:
        ValueError: If a mask has gaps, or `observed` is of another shape.
    """
    data, targets = unpaired(data, targets)
    if not isinstance(targets, Mapping):
        return data, targets
    conditions = dict(targets)
    if is_array(data):
        if "mask" in conditions:
            lengths = _lengths_of(to_numpy(conditions.pop("mask")).astype(bool), tuple(data.shape))
            conditions = _with_lengths(conditions, lengths)
        if "length" in conditions:
            data = _filled(data, to_numpy(conditions["length"]))
        if "observed" in conditions:
            observed = _observed(to_numpy(conditions["observed"]), tuple(data.shape))
            data = hide(data, observed & observed_in(data, conditions.get("length")))
            conditions["observed"] = ~np.isnan(data)  # NaN is nowhere observed
    return data, conditions or None


def split_batch(batch: Any) -> tuple[np.ndarray, Any]:
    """Split a batch of a dataset as `split`: the sequences alone, or first in a tuple or list.

    Raises:
        ValueError: If there are targets or weights, or conditions do not fit.
    """
    sequences, *rest = batch if isinstance(batch, tuple | list) else (batch,)
    if isinstance(sequences, list | tuple) or hasattr(sequences, "row_lengths"):
        raise ValueError(
            "Expected a batch of sequences as one array, those of different lengths padded, as "
            "keras_rgan.data.pad_sequences does, with {'length': lengths} beside it. Received: a "
            f"{type(sequences).__name__}"
        )
    refuse_targets("a batch", rest[0] if rest else None, {"sample_weight": (*rest, None, None)[1]})
    return split(to_numpy(sequences), rest[0] if rest else None)


def counting(lengths: Any, steps: int) -> np.ndarray:
    """Return which of so many steps count, `(samples, steps)`, in sequences of these lengths."""
    return np.arange(steps) < np.reshape(to_numpy(lengths), (-1, 1))


def observed_in(sequences: Any, lengths: Any = None) -> np.ndarray:
    """Return which values of sequences there are: all that are not NaN, before their ends."""
    values = to_numpy(sequences)
    observed = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
    ends = None if lengths is None else to_numpy(lengths)
    if ends is None or ends.size != len(values) or ends.dtype.kind not in "iu":
        return observed  # lengths that are none are refused elsewhere
    return observed & counting(ends, values.shape[1])[..., None]


def unpaired(data: Any, targets: Any = None) -> tuple[Any, Any]:
    """Return the two of a pair `(sequences, {name: values})`, or both as they are."""
    pair = targets is None and isinstance(data, tuple | list) and len(data) == 2
    return tuple(data) if pair and isinstance(data[1], Mapping) else (data, targets)


def gather(data: Any, targets: Any = None) -> tuple[Any, Any]:
    """Split as `split`, and pad sequences of different lengths: a list of arrays, a `tf.RaggedTensor`.

    Returns:
        The sequences, and a dict, of their lengths at the least, or None.

    Raises:
        ValueError: If sequences do not fit together, or lengths come in two ways.
    """
    if isinstance(data, SequenceTable):
        data = data.data
    data, targets = unpaired(data, targets)
    data, conditions = split(in_order(data), targets)
    if hasattr(data, "row_lengths"):
        if data.ragged_rank != 1:
            raise ValueError(
                "Expected a RaggedTensor of shape (samples, (time), features), ragged in time alone. "
                f"Received: shape {tuple(data.shape)} of ragged rank {data.ragged_rank}"
            )
        rows, splits = to_numpy(data.flat_values), to_numpy(data.row_splits)
        data = [rows[a:b] for a, b in itertools.pairwise(splits)]
    if isinstance(data, list | tuple) and data and all(getattr(x, "ndim", 0) == 2 for x in data):
        data, lengths = pad_sequences(data)
        conditions = _with_lengths(conditions, lengths)
    return data, conditions


def _with_lengths(conditions: Mapping[str, Any] | None, lengths: np.ndarray) -> dict[str, Any]:
    if "length" in (conditions or {}):
        raise ValueError(
            "The lengths of sequences follow from the sequences or from a mask. Received: the "
            "condition 'length' as well. Leave it out."
        )
    return {**(conditions or {}), "length": lengths}


def _lengths_of(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if mask.shape != shape[:2]:
        raise ValueError(
            f"Expected a mask of shape {shape[:2]}, True where a step counts. Received: shape "
            f"{mask.shape}"
        )
    if not mask.any(axis=1).all():
        raise ValueError(
            "Expected one step that counts in every sequence. Received: a mask without any at sample "
            f"{int(mask.any(axis=1).argmin())}. Drop such samples."
        )
    if (np.diff(mask.astype(int), axis=1) > 0).any():
        raise ValueError(
            "Expected the steps that count at the beginning of each sequence: True, then False. "
            "Received: a mask with steps that count behind others that do not."
        )
    return mask.sum(axis=1)


def _filled(data: Any, lengths: np.ndarray) -> Any:
    """Return padded sequences that repeat their last step, whatever stood there."""
    if data.ndim != 3 or lengths.size != len(data) or lengths.dtype.kind not in "iu":
        return data  # which is refused elsewhere
    steps = np.minimum(np.arange(data.shape[1]), lengths.reshape(-1, 1) - 1)
    return np.take_along_axis(to_numpy(data), np.maximum(steps, 0)[..., None], axis=1)


def _observed(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return which values are observed, one by one."""
    if mask.ndim == 2 and len(shape) == 3:
        mask = mask[..., None]
    if mask.shape not in (shape, (*shape[:-1], 1)) or not np.isin(mask, (0, 1)).all():
        raise ValueError(
            f"Expected `observed` of shape {shape} or {shape[:-1]}, True where a value was observed "
            f"and False where not. Received: shape {mask.shape}, dtype {mask.dtype}"
        )
    return np.broadcast_to(mask.astype(bool), shape)


def hide(data: Any, observed: np.ndarray) -> np.ndarray:
    """Return sequences that are NaN where they are not observed."""
    values = to_numpy(data)
    if values.dtype.kind != "f":
        values = values.astype("float32")
    return np.where(observed, values, np.asarray(np.nan, values.dtype))


def unpad(sequences: np.ndarray, lengths: Any) -> list[np.ndarray]:
    """Return every sequence without its padding."""
    return [x[:n] for x, n in zip(sequences, np.ravel(to_numpy(lengths)).astype(int), strict=True)]


def by_length(sequences: np.ndarray, lengths: Any) -> Iterator[np.ndarray]:
    """Yield the sequences without padding, those of one length together."""
    for length, rows in rows_by_length(lengths):
        yield sequences[rows, :length]


def rows_by_length(lengths: Any) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each length that there is, and which sequences have it, True or False."""
    lengths = np.ravel(to_numpy(lengths)).astype(int)
    for length in np.unique(lengths):
        yield int(length), lengths == length


def iterate_with_gaps(data: Any, limit: int | None = None) -> Iterator[tuple[np.ndarray, bool]]:
    """Yield the sequences of `data` in batches, and whether NaN stands for what `observed` leaves out.

    Args:
        data: As in `iterate_pairs`. Sequences of known lengths come without their padding.
        limit: The most batches to read; needed where there is no end.
    """
    for sequences, conditions in iterate_pairs(data, limit):
        gaps = "observed" in (conditions or {})
        if conditions is not None and "length" in conditions:
            yield from ((part, gaps) for part in by_length(sequences, conditions["length"]))
        else:
            yield sequences, gaps


def feed(statistics: Any, data: Any, limit: int | None = None) -> Any:
    """Return statistics that have taken in all batches of `data`, as `iterate_with_gaps` reads them."""
    for batch, gaps in iterate_with_gaps(data, limit):
        statistics.update(batch, gaps)
    return statistics


def iterate_pairs(
    data: Any, limit: int | None = None
) -> Iterator[tuple[np.ndarray, Mapping[str, Any] | None]]:
    """Yield the sequences of `data` in batches, each with its conditions, or None.

    Args:
        data: An array or tensor, a `tf.data.Dataset`, a `keras.utils.PyDataset`, a `torch` DataLoader
            or any iterable of batches; a batch that is a tuple or list holds the sequences first, and
            a dict behind them is of conditions. Or an array and such a dict, as `gather` returns them.
        limit: The most batches to read; needed where there is no end.
    """
    data, conditions = unpaired(data)
    if is_array(data):
        size = math.prod(int(n) for n in tuple(data.shape)[1:])
        count = max(min(CHUNK, NUM_NUMBERS // max(size, 1)), 1)
        for start in range(0, len(data), count):
            part = slice(start, start + count)
            some = None if conditions is None else {k: v[part] for k, v in conditions.items()}
            values = to_numpy(data[part])
            observed = (some or {}).get("observed")
            if observed is not None:
                values = hide(values, _observed(to_numpy(observed), values.shape))
            yield values, some
        return
    for batch in batches_of(data, limit):
        sequences, *rest = batch if isinstance(batch, tuple | list) else (batch,)
        conditions = rest[0] if rest and isinstance(rest[0], Mapping) else None
        yield split(to_numpy(sequences), conditions)


def batches_of(data: Any, limit: int | None = None) -> Iterator[Any]:
    """Yield the batches of a dataset as they are, each once.

    Raises:
        ValueError: If it has no end, and there is no limit.
    """
    batches: Iterable[Any] = data
    if isinstance(data, keras.utils.PyDataset):
        count = data.num_batches
        if count is None and limit is None:
            raise ValueError(
                "A PyDataset without end cannot be read whole. Expected: `num_batches`, or "
                "`steps_per_epoch` in fit(). Received: num_batches=None"
            )
        batches = (data[i] for i in (itertools.count() if count is None else range(count)))
    elif limit is None and hasattr(data, "cardinality") and int(data.cardinality()) == -1:
        raise ValueError(
            "A dataset without end cannot be read whole. Expected: `steps_per_epoch` in fit(), `limit` "
            "in adapt(), or dataset.take(count). Received: a dataset that repeats for ever"
        )
    yield from itertools.islice(batches, limit)


def describe_non_finite(values: np.ndarray, gaps: bool = False) -> str | None:
    """Return which features hold NaN or infinite values and how many, or None where none does.

    With `gaps` NaN is as good as a value.
    """
    if values.dtype.kind not in "fc" or np.isfinite(values).all():
        return None
    if gaps:
        values = np.where(np.isnan(values), 0.0, values)
        return describe_non_finite(values)
    rows = values.reshape(-1, values.shape[-1])
    problems = []
    for i, column in enumerate(rows.T):
        counts = {"NaN": np.isnan(column).sum(), "infinite": np.isinf(column).sum()}
        if any(counts.values()):
            named = " and ".join(f"{count} {kind}" for kind, count in counts.items() if count)
            problems.append(f"feature {i}: {named}")
    more = f"; and {len(problems) - 5} more features" if len(problems) > 5 else ""
    first = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
    return f"{'; '.join(problems[:5])}{more}; the first at index {first}"


def check_rows(conditions: Mapping[str, Any], samples: Any) -> None:
    """Refuse conditions that are not one row a sample, or not one entry a step."""
    for name, values in conditions.items():
        shape = np.shape(values)
        if shape[:1] != tuple(samples.shape[:1]):
            raise ValueError(
                f"Expected one row of the condition {name!r} for each of {samples.shape[0]} samples. "
                f"Received: shape {shape}"
            )
        longest = 0
        if name == "length" and to_numpy(values).dtype.kind in "iu":
            longest = to_numpy(values).max(initial=0)
        if longest > samples.shape[1]:
            raise ValueError(
                f"Expected lengths of at most {samples.shape[1]} steps, as the padded sequences have. "
                f"Received: {longest}"
            )
        if len(shape) == 3 and shape[1] != samples.shape[1]:
            raise ValueError(
                f"Expected the condition {name!r} at each of {samples.shape[1]} steps. Received: shape "
                f"{shape}"
            )
