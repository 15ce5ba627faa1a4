"""Conditions as users pass them, as numbers, and as columns beside every step of a sequence.

What is known of a condition is a dict, as `ConditionEncoder.get_config` saves it: `name`, `kind`,
`width`, `temporal`, and by its kind `max`, `categories`, or `mean`, `deviation`, `low` and `high`, with
`centre` and `unit` where float32 would not tell its values apart (see `units_of`).
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_rgan.sequences import reading
from keras_rgan.sequences.units import Units
from keras_rgan.utils.types import Tensor

KINDS = {"b": "categorical", "i": "categorical", "u": "categorical", "f": "continuous"}
"""The kind of a condition by that of its dtype."""

TEXT = "OSUT"
"""Kinds of dtypes that hold text."""


def num_columns(condition: Mapping[str, Any]) -> int:
    """Return how many columns a condition becomes."""
    if condition["kind"] == "length":
        return 2
    if condition["kind"] == "observed":
        return 0
    return len(condition["categories"]) if condition["kind"] == "categorical" else condition["width"]


def rank_of(condition: Mapping[str, Any]) -> int:
    """Return the rank of a condition's encoded values."""
    return 3 if condition["temporal"] and condition["kind"] != "length" else 2


def units_of(condition: Mapping[str, Any]) -> Units:
    """Return the units in which the encoded values of a condition of real numbers count."""
    if "centre" not in condition:
        return Units.none(condition["width"])
    return Units(*(np.asarray(condition[k], "float64") for k in ("centre", "unit")))


def moments_of(condition: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation of a condition of real numbers in its units, float32."""
    units = units_of(condition)
    mean = units.of_statistics(np.asarray(condition["mean"], "float64"))
    deviation = np.asarray(condition["deviation"], "float64") / units.unit
    return mean.astype("float32"), deviation.astype("float32")


def as_arrays(conditions: Any) -> dict[str, np.ndarray]:
    """Return conditions as arrays of as many rows, one at least, or refuse what are none."""
    if not isinstance(conditions, Mapping) or not conditions:
        received = "an empty dict" if isinstance(conditions, Mapping) else type(conditions).__name__
        raise ValueError(
            f"Conditions are a dict of arrays by name, as {{'label': labels}}. Received: {received}"
        )
    arrays = {str(name): _plain(reading.to_numpy(values)) for name, values in conditions.items()}
    for name, values in arrays.items():
        if values.ndim == 0:
            raise ValueError(
                f"Expected one entry of the condition {name!r} a sample, as {{{name!r}: "
                f"[{values.item()!r}]}}. Received: a single value"
            )
    rows = {name: len(values) for name, values in arrays.items()}
    if len(set(rows.values())) > 1 or not min(rows.values()):
        raise ValueError(
            "Expected every condition to have as many rows as the others, one for each sequence, and "
            f"one at least. Received: {rows}"
        )
    return arrays


def _plain(values: np.ndarray) -> np.ndarray:
    """Return objects that are all numbers or flags as an array of such; others as they are."""
    if values.dtype != object or not values.size:
        return values
    if all(isinstance(x, bool | np.bool_) for x in values.flat):
        return values.astype(bool)
    if all(isinstance(x, numbers.Integral) and not isinstance(x, bool) for x in values.flat):
        return values.astype("int64")
    if all(isinstance(x, numbers.Number) and not isinstance(x, bool) for x in values.flat):
        return values.astype("float64")
    return values


def as_categories(values: np.ndarray) -> np.ndarray:
    """Return categories as int64, or as str, which is flat."""
    if values.dtype.kind in TEXT:
        if any(x is None or x != x for x in values.flat):
            raise ValueError(
                "Expected a category in every row. Received: None or NaN among text. Name the missing "
                "ones, as 'unknown', or drop the rows."
            )
        return np.asarray([x.decode() if isinstance(x, bytes) else str(x) for x in values.flat])
    if values.dtype.kind == "u" and values.max(initial=0) > np.iinfo("int64").max:
        raise ValueError(
            f"Expected categories within 32 bits. Received: {values.max()}. Number them from 0, pass "
            "them as text, or as real numbers where they are none."
        )
    return values.astype("int64")


def check_lengths(values: np.ndarray) -> None:
    """Refuse what are no lengths of sequences."""
    if values.ndim > 2 or values.dtype.kind not in "iu" or values.size == 0 or values.min() < 1:
        raise ValueError(
            "Expected the condition 'length' as whole numbers of at least 1, one a sample: how many "
            f"steps of each sequence count. Received: shape {values.shape}, dtype {values.dtype}"
            + (f", smallest {values.min()}" if values.size and values.dtype.kind in "iuf" else "")
        )


def check_observed(values: np.ndarray) -> None:
    """Refuse what does not say of every value whether it was observed."""
    wrong = values.dtype.kind not in "biuf" or not np.isin(values, (0, 1)).all()
    if values.ndim != 3 or wrong:
        raise ValueError(
            "Expected the condition 'observed' of shape (samples, time, features), True where a value "
            f"was observed and False where not. Received: shape {values.shape}, dtype {values.dtype}"
        )


def check_finite(name: str, values: np.ndarray) -> None:
    """Refuse real numbers of which one is NaN or infinite."""
    if not np.isfinite(values).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise ValueError(
            f"Expected finite numbers in the condition {name!r}. Received: {values[index]} at index "
            f"{index}"
        )


def encode(condition: Mapping[str, Any], values: np.ndarray) -> np.ndarray:
    """Check the values of a condition, and return them as numbers: text as that of its category.

    Args:
        condition: What is known of it.
        values: Of rank 1 to 3.

    Returns:
        An int32, float or bool array of rank 2, or 3 where temporal. Real numbers are as precise as
        they came, in the units of `units_of`.

    Raises:
        ValueError: If the values are of another shape or kind, not finite, or of an unknown category.
    """
    name, rank = condition["name"], rank_of(condition)
    shape = values.shape
    if values.ndim == 1 and rank == 2:
        values = values[:, None]
    if values.ndim != rank or values.shape[-1] != condition["width"]:
        expected = "(samples, time, {})" if rank == 3 else "(samples, {})"
        raise ValueError(
            f"Expected the condition {name!r} of shape {expected.format(condition['width'])}. "
            f"Received: {shape}"
        )
    if condition["kind"] == "continuous":
        if values.dtype.kind not in KINDS:
            raise ValueError(
                f"Expected real numbers in the condition {name!r}. Received: dtype {values.dtype}, "
                f"{values.flat[0]!r}"
            )
        check_finite(name, values)
        units, wide = units_of(condition), values.dtype == "float64"
        if units.are_plain:
            return values if wide else values.astype("float32")
        return units.of_statistics(values.astype("float64"))
    if condition["kind"] == "length":
        check_lengths(values)
        return values.astype("int32")
    if condition["kind"] == "observed":
        check_observed(values)
        return values.astype("bool")
    return _encode_categories(name, np.asarray(condition["categories"]), values)


def _encode_categories(name: str, categories: np.ndarray, values: np.ndarray) -> np.ndarray:
    text = categories.dtype.kind == "U"
    broken = values.dtype.kind == "f" and not np.array_equal(values, values.round())
    if text != (values.dtype.kind in TEXT) or broken:
        raise ValueError(
            f"Expected categories of the condition {name!r} as {categories[:5].tolist()}. Received: "
            f"dtype {values.dtype}"
        )
    given = as_categories(values).reshape(values.shape)
    strange = np.setdiff1d(given, categories)
    if len(strange):
        more = ", …" if len(categories) > 10 else ""
        raise ValueError(
            f"Expected categories of the condition {name!r} that the model was adapted to: "
            f"{', '.join(map(repr, categories[:10].tolist()))}{more}. Received: {strange[:5].tolist()}"
        )
    return np.searchsorted(categories, given).astype("int32") if text else given.astype("int32")


def restore(condition: Mapping[str, Any], encoded: np.ndarray) -> np.ndarray:
    """Return the values of a condition as users pass them, of what `encode` returned."""
    values = np.asarray(encoded)
    if condition["kind"] == "categorical":
        categories = np.asarray(condition["categories"])
        values = categories[values] if categories.dtype.kind == "U" else values
    if condition["kind"] == "continuous":
        values = units_of(condition).leave(values)
    return values[:, 0] if condition["width"] == 1 and values.ndim == 2 else values


def to_columns(condition: Mapping[str, Any], encoded: Tensor, length: Any) -> Tensor:
    """Return the columns of a condition that has some, `(batch, length, columns)`.

    Args:
        condition: What is known of it.
        encoded: Its values, as `encode` returned them, or of rank 1.
        length: How many steps there are.
    """
    values = ops.convert_to_tensor(encoded)
    if len(values.shape) == 1:
        values = values[:, None]
    if condition["kind"] == "length":
        left = ops.cast(values, "float32") - ops.arange(length, dtype="float32")
        counts = ops.cast(left > 0, "float32")
        return ops.stack([counts, counts * left / condition["max"]], axis=-1)
    if condition["kind"] == "categorical":
        categories = condition["categories"]
        if isinstance(categories[0], str):
            categories = list(range(len(categories)))
        values = ops.equal(ops.cast(values, "int32"), np.asarray(categories, "int32"))
        values = ops.cast(values, "float32")
    else:
        mean, deviation = moments_of(condition)
        values = (ops.cast(values, "float32") - mean) / deviation
    if condition["temporal"]:
        return values
    shape = (ops.shape(values)[0], length, values.shape[-1])
    return ops.broadcast_to(values[:, None], shape)


def from_columns(condition: Mapping[str, Any], columns: np.ndarray, within: bool) -> np.ndarray:
    """Return the values that the columns of a condition stand for.

    Args:
        condition: What is known of it.
        columns: `(batch, time, columns)`; what is static is read at the first step.
        within: Whether real values are held to the range of those that were seen.
    """
    if condition["kind"] == "length":
        return columns[..., 0].sum(axis=1).round().astype(int)
    if not condition["temporal"]:
        columns = columns[:, 0]
    if condition["kind"] == "categorical":
        values = np.asarray(condition["categories"])[columns.argmax(axis=-1)]
        return values[..., None] if condition["temporal"] else values
    values = columns * np.asarray(condition["deviation"]) + np.asarray(condition["mean"])
    if within:
        values = np.clip(values, *(np.asarray(condition[k]) for k in ("low", "high")))
    single = condition["width"] == 1 and not condition["temporal"]
    dtype = "float32" if units_of(condition).are_plain else "float64"
    return (values[:, 0] if single else values).astype(dtype)
