"""What is known of conditions, as a config and a file hold it, held against what can be.

`ConditionEncoder.adapt` learns nothing else; a file that somebody changed may say anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from keras_rgan.sequences import conditions as condition_arrays
from keras_rgan.sequences.conditions import rank_of
from keras_rgan.sequences.statistics.one_condition import MAX_CATEGORIES

COMMON = ("name", "kind", "width", "temporal")

FURTHER = {
    "length": ("max",),
    "observed": (),
    "categorical": ("categories",),
    "continuous": ("mean", "deviation", "low", "high"),
}
"""By kind what is known beside what all have."""


def check(conditions: Any) -> None:
    """Refuse a list of conditions that no data has.

    Args:
        conditions: As `ConditionEncoder.get_config` returns it.

    Raises:
        ValueError: If a condition lacks an entry, or one has no sense.
    """
    if not isinstance(conditions, Sequence) or not all(isinstance(c, Mapping) for c in conditions):
        raise ValueError(
            "`conditions` must be a list of dicts, as ConditionEncoder.get_config returns it. "
            f"Received: conditions={str(conditions)[:100]}"
        )
    for number, condition in enumerate(conditions):
        _check_entries(number, condition)
        CHECKS[condition["kind"]](condition)
    names = [c["name"] for c in conditions]
    if len(set(names)) < len(names):
        raise ValueError(f"Expected each condition once. Received: {names}")


def check_rows(conditions: Sequence[Mapping[str, Any]], rows: Mapping[str, np.ndarray]) -> None:
    """Refuse rows to draw from that are not of what is known.

    Args:
        conditions: What is known.
        rows: Encoded values by name.

    Raises:
        ValueError: If there are others, or not as many of each.
    """
    counts = {name: len(values) for name, values in rows.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(f"Expected as many rows of every condition. Received: {counts}")
    for condition in conditions:
        if condition["name"] in rows:
            _check_values(condition, rows[condition["name"]])


def _check_entries(number: int, condition: Mapping[str, Any]) -> None:
    """Refuse a condition of which something is missing, or that is none."""
    kind = condition.get("kind")
    wanted = (*COMMON, *FURTHER.get(str(kind), ()))
    lacking = [key for key in wanted if key not in condition]
    name = condition.get("name", number)
    if lacking or kind not in FURTHER:
        raise ValueError(
            f"Expected of the condition {name!r} a kind of {', '.join(FURTHER)}, and "
            f"{', '.join(wanted)}. "
            f"Received: {', '.join(map(str, condition))}, kind={kind!r}"
            + (f"; missing: {', '.join(lacking)}" if lacking else "")
        )
    if not isinstance(condition["name"], str) or not isinstance(condition["temporal"], bool):
        _refuse(condition, "name and temporal", "text and a flag")
    if not _is_whole(condition["width"]) or condition["width"] < 1:
        _refuse(condition, "width", "a whole number of at least 1")


def _check_length(condition: Mapping[str, Any]) -> None:
    if not _is_whole(condition["max"]) or condition["max"] < 1:
        _refuse(condition, "max", "a whole number of steps of at least 1")


def _check_categories(condition: Mapping[str, Any]) -> None:
    categories = condition["categories"]
    if (
        not isinstance(categories, list)
        or not 0 < len(categories) <= MAX_CATEGORIES
        or len({type(c) for c in categories}) > 1
        or not (isinstance(categories[0], str) or all(map(_is_whole, categories)))
        or categories != sorted(set(categories))
        or condition["width"] != 1
    ):
        _refuse(
            condition,
            "categories",
            f"between 1 and {MAX_CATEGORIES:,}, all text or all whole numbers, each once and in order",
        )


def _check_moments(condition: Mapping[str, Any]) -> None:
    width = condition["width"]
    arrays = {}
    for key in (*FURTHER["continuous"], *(k for k in ("centre", "unit") if k in condition)):
        try:
            arrays[key] = np.asarray(condition[key], "float64")
        except (TypeError, ValueError):
            arrays[key] = np.empty(0)
        if arrays[key].shape != (width,) or not np.isfinite(arrays[key]).all():
            _refuse(condition, key, f"a list of {width} finite numbers")
    for key in ("deviation", "unit"):
        if key in arrays and (arrays[key] <= 0.0).any():
            _refuse(condition, key, "numbers above zero")
    if (arrays["low"] > arrays["high"]).any():
        _refuse(condition, "low", f"at most high, {condition['high']}")


def _check_values(condition: Mapping[str, Any], values: np.ndarray) -> None:
    """Refuse rows that are not encoded values of a condition."""
    kind, width = condition["kind"], condition["width"]
    expected = "bool" if kind == "observed" else "float" if kind == "continuous" else "int"
    fits = expected == "float" if values.dtype.kind == "f" else values.dtype.kind in "biu"
    if (
        values.ndim != rank_of(condition)
        or not fits
        or (kind != "observed" and values.shape[-1] != width)
    ):
        _refuse(condition, "rows", f"of rank {rank_of(condition)} and {expected}", values)
    if kind == "length" and len(values) and not 1 <= values.min() <= values.max() <= condition["max"]:
        _refuse(condition, "rows", f"lengths between 1 and {condition['max']}", values)
    if kind == "continuous":
        condition_arrays.check_finite(condition["name"], values)
    if kind == "categorical":
        categories = condition["categories"]
        codes = range(len(categories)) if isinstance(categories[0], str) else categories
        strange = np.setdiff1d(values, np.asarray(codes))
        if len(strange):
            _refuse(condition, "rows", f"of the categories {list(codes)[:5]}", strange)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _refuse(
    condition: Mapping[str, Any], key: str, expected: str, rows: np.ndarray | None = None
) -> NoReturn:
    text = repr(condition.get(key))
    if rows is not None:
        text = f"{rows.ravel()[:5]}, shape {rows.shape}, dtype {rows.dtype}"
    raise ValueError(
        f"Expected {key} of the condition {condition['name']!r} to be {expected}. Received: "
        f"{text[:200]}"
    )


CHECKS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "length": _check_length,
    "observed": lambda condition: None,
    "categorical": _check_categories,
    "continuous": _check_moments,
}
