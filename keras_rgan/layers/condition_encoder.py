"""Conditions as columns that stand beside every step of a sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.sequences import reading
from keras_rgan.utils.types import Shape, Tensor
from keras_rgan.utils.untracked import Untracked

MAX_ROWS = 65_536
"""How many rows of conditions are kept to sample from, fewer of long ones."""

MAX_NUMBERS = 1_000_000
"""How many numbers are kept in all."""

MAX_CATEGORIES = 1000
"""More categories than these are taken for a mistake."""

KINDS = {"b": "categorical", "i": "categorical", "u": "categorical", "f": "continuous"}
TEXT = "OSUT"


@keras.saving.register_keras_serializable(package="keras_rgan")
class ConditionEncoder(keras.layers.Layer):
    """Turns conditions, labels and covariates by name, into columns beside every step of a sequence.

    Whole numbers, booleans and text are categories, one column each (one-hot); real numbers are
    continuous, standardized. Conditions of rank 3, `(batch, time, width)`, are temporal, known at every
    step; those of rank 1 and 2, `(batch,)` and `(batch, width)`, are static and repeated at each.
    `RecurrentGAN` adapts one to the conditions of the first `fit` and saves it with the model.

    The name `length` stands for how many steps of each sequence count, a whole number a sample: it
    becomes two columns, which come first, whether a step counts and the share of steps that are left.
    The name `observed` stands for which values of each sequence there are, True or False for every one,
    `(batch, time, features)`: rows of it are kept to draw from, but it becomes no column.

    Args:
        conditions: What `adapt` learned, as `get_config` returns it; None before.
        **kwargs: Arguments of `keras.layers.Layer`.

    Attributes:
        num_temporal: How many columns are of temporal conditions; they come first.
        num_static: How many columns are of static ones.

    Call arguments:
        inputs: Dict of the conditions, as `encode` returns them.
        length: How many steps; by default as the temporal conditions have, or as the longest sequence
            that `adapt` saw.

    Output shape:
        `(batch, time, num_temporal + num_static)`.

    Raises:
        ValueError: If a condition is missing, unknown, of another shape than those adapted to, not
            finite, or of a category that was not there.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> encoder = kr.layers.ConditionEncoder()
        >>> encoder.adapt({"unit": np.array(["a", "b", "b"]), "dose": np.array([0.1, 0.2, 0.9])})
        >>> encoder.num_temporal, encoder.num_static
        (0, 3)
        >>> columns = encoder(encoder.encode({"unit": ["b"], "dose": [0.4]}), length=24)
        >>> columns.shape == (1, 24, 3)
        True
        >>> encoder.decode(columns)["unit"].tolist()
        ['b']

    Reference:
        Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014; Esteban et al.,
        "Real-valued (Medical) Time Series Generation with Recurrent Conditional GANs", 2017 (conditions
        at every step).
    """

    def __init__(self, conditions: list[dict[str, Any]] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(autocast=False, **kwargs)
        self._conditions = Untracked([dict(c) for c in conditions or []])
        self._rows: Untracked[dict[str, np.ndarray]] = Untracked({})
        self.built = True

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """What `adapt` learned of each condition, temporal ones first."""
        return self._conditions.value

    @property
    def rows(self) -> dict[str, np.ndarray]:
        """The rows that `sample` draws from, as `encode` returns them."""
        return self._rows.value

    @property
    def adapted(self) -> bool:
        """Whether conditions are known."""
        return bool(self.conditions)

    @property
    def names(self) -> list[str]:
        """The conditions' names."""
        return [c["name"] for c in self.conditions]

    @property
    def column_names(self) -> list[str]:
        """The names of those that become columns: all but `observed`."""
        return [c["name"] for c in self.conditions if _num_columns(c)]

    def _columns_of(self, temporal: bool) -> int:
        return sum(_num_columns(c) for c in self.conditions if c["temporal"] is temporal)

    @property
    def max_length(self) -> int | None:
        """The largest length that `adapt` saw, where sequences have lengths of their own."""
        first = self.conditions[0] if self.conditions else {}
        return first["max"] if first.get("kind") == "length" else None

    @property
    def num_temporal(self) -> int:
        """How many columns are of temporal conditions."""
        return self._columns_of(True)

    @property
    def num_static(self) -> int:
        """How many columns are of static conditions."""
        return self._columns_of(False)

    @property
    def static_groups(self) -> list[tuple[str, int, int, bool]]:
        """Of each static condition its name, its first column and the one behind its last, counted
        from the first static one, and whether these are one-hot."""
        found, first = [], 0
        for condition in self.conditions:
            if not condition["temporal"] and _num_columns(condition):
                last = first + _num_columns(condition)
                found.append((condition["name"], first, last, condition["kind"] == "categorical"))
                first = last
        return found

    def adapt(self, conditions: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> None:
        """Learn names, kinds, categories, means and deviations, and keep some rows to sample from.

        Args:
            conditions: Dict of arrays, as many rows each, or an iterable of such dicts, batch by batch.

        Raises:
            ValueError: If an array has a rank other than 1 to 3, holds NaN or infinite values, is of
                categories and wider than 1, or of more than 1,000 categories.
        """
        parts = [conditions] if isinstance(conditions, Mapping) else conditions
        known: dict[str, _Column] = {}
        kept: dict[str, np.ndarray] = {}
        keys, random = np.empty(0), np.random.default_rng(0)
        for part in parts:
            arrays = as_arrays(part)
            if known and set(arrays) != set(known):
                raise ValueError(
                    f"Expected the same conditions in every batch: {sorted(known)}. Received: "
                    f"{sorted(arrays)}"
                )
            for name, values in arrays.items():
                column = _Column(name, values)
                if known.setdefault(name, column).form != column.form:
                    raise ValueError(
                        f"Expected the condition {name!r} to be (kind, width, rank) "
                        f"{known[name].form} in every batch. Received: {column.form}"
                    )
                known[name].update(values)
            # Of all rows those with the largest keys: a uniform sample, in one pass.
            fresh_keys = random.random(len(next(iter(arrays.values()))))
            keys = np.concatenate([keys, fresh_keys])
            size = sum(
                int(np.prod(v.shape[1:])) // (16 if name == "observed" else 1)  # which are flags
                for name, v in arrays.items()
            )
            limit = min(MAX_ROWS, max(MAX_NUMBERS // max(size, 1), 1))
            chosen = np.sort(np.argsort(-keys, kind="stable")[:limit])
            keys = keys[chosen]
            before = len(next(iter(kept.values()))) if kept else 0
            old, fresh = chosen[chosen < before], chosen[chosen >= before] - before
            rows = {name: values[fresh] for name, values in arrays.items()}
            if kept:
                rows = {name: np.concatenate([kept[name][old], new]) for name, new in rows.items()}
            kept = rows
        if not known:
            raise ValueError("Expected conditions of one sample at least. Received: none")
        found = [column.summary() for column in known.values()]
        self._conditions.value = sorted(
            found, key=lambda c: (c["kind"] != "length", not c["temporal"], c["name"])
        )
        self._rows.value = self.encode(kept)

    def sample(self, num_samples: int, random: np.random.Generator) -> dict[str, np.ndarray]:
        """Draw rows, with replacement, from those that `adapt` kept, up to 65,536.

        Args:
            num_samples: How many.
            random: Where the draws come from.

        Returns:
            Dict of arrays as `encode` returns them; conditions of a row stay together.
        """
        if not self.rows:
            raise ValueError("No conditions are kept to draw from. Expected: a call of adapt first")
        count = len(next(iter(self.rows.values())))
        chosen = (random.random(num_samples) * count).astype(int)
        return {name: values[chosen] for name, values in self.rows.items()}

    def encode(self, conditions: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Check conditions, and return them as a call takes them: text as the number of its category.

        Args:
            conditions: Dict of arrays or lists, as many rows each.

        Returns:
            Dict of int32 and float32 arrays, of rank 2, or 3 where temporal.
        """
        arrays = as_arrays(conditions)
        # What is no column can be left out where sequences are made.
        missing, unknown = set(self.column_names) - set(arrays), set(arrays) - set(self.names)
        if missing or unknown:
            wanted = self.names if "observed" in arrays else self.column_names
            raise ValueError(
                f"Expected the conditions {wanted}. Received: {sorted(arrays)}"
                + (f"; missing: {sorted(missing)}" if missing else "")
                + (f"; unknown: {sorted(unknown)}" if unknown else "")
                + ("; length is how many steps each sequence has" if "length" in missing else "")
            )
        return {
            c["name"]: _encode(c, arrays[c["name"]]) for c in self.conditions if c["name"] in arrays
        }

    def restore(self, encoded: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return conditions as users pass them, of what `encode` returned."""
        found = {}
        for condition in self.conditions:
            if condition["name"] not in encoded:
                continue
            values = np.asarray(encoded[condition["name"]])
            if condition["kind"] == "categorical":
                known = np.asarray(condition["categories"])
                values = known[values] if known.dtype.kind == "U" else values
            single = condition["width"] == 1 and values.ndim == 2
            found[condition["name"]] = values[:, 0] if single else values
        return found

    def call(self, inputs: Mapping[str, Tensor], length: Any = None) -> Tensor:
        """Return the columns."""
        columns = []
        if length is None:
            temporal = [c["name"] for c in self.conditions if _rank(c) == 3 and _num_columns(c)]
            if temporal:
                length = ops.shape(inputs[temporal[0]])[1]
            elif self.max_length is not None:
                length = self.max_length
            else:
                raise ValueError("Static conditions alone need `length`: for how many steps they hold")
        for condition in self.conditions:
            if condition["kind"] == "observed":
                continue
            values = ops.convert_to_tensor(inputs[condition["name"]])
            if len(values.shape) == 1:
                values = values[:, None]
            if condition["kind"] == "length":
                left = ops.cast(values, "float32") - ops.arange(length, dtype="float32")
                counts = ops.cast(left > 0, "float32")
                columns.append(ops.stack([counts, counts * left / condition["max"]], axis=-1))
                continue
            if condition["kind"] == "categorical":
                known = condition["categories"]
                if isinstance(known[0], str):
                    known = list(range(len(known)))
                values = ops.equal(ops.cast(values, "int32"), np.asarray(known, "int32"))
                values = ops.cast(values, "float32")
            else:
                mean, deviation = (np.asarray(condition[k], "float32") for k in ("mean", "deviation"))
                values = (ops.cast(values, "float32") - mean) / deviation
            if not condition["temporal"]:
                shape = (ops.shape(values)[0], length, values.shape[-1])
                values = ops.broadcast_to(values[:, None], shape)
            columns.append(values)
        return ops.concatenate(columns, axis=-1)

    def values_of(self, name: str, columns: Tensor) -> Tensor:
        """Return the values of a static condition of real numbers, `(batch, width)`.

        Args:
            name: The condition's name.
            columns: `(batch, time, num_temporal + num_static)`, read at the first step.
        """
        condition = next(c for c in self.conditions if c["name"] == name)
        first, last = next((a, b) for n, a, b, _ in self.static_groups if n == name)
        values = ops.cast(columns, "float32")[
            :, 0, self.num_temporal + first : self.num_temporal + last
        ]
        mean, deviation = (  # tensors, which a trace for export keeps apart from what is traced
            ops.convert_to_tensor(np.asarray(condition[k], "float32")) for k in ("mean", "deviation")
        )
        return values * deviation + mean

    def decode(self, columns: Tensor, within: bool = False) -> dict[str, np.ndarray]:
        """Return the conditions that columns stand for: the likeliest category, the value.

        Args:
            columns: `(batch, time, num_temporal + num_static)`; static ones are read at the first step.
            within: Whether real values are held to the range of those that `adapt` saw.
        """
        rows, start, found = ops.convert_to_numpy(columns), 0, {}
        for condition in self.conditions:
            if condition["kind"] == "observed":
                continue
            part = rows[..., start : start + _num_columns(condition)]
            start += _num_columns(condition)
            if condition["kind"] == "length":
                found[condition["name"]] = part[..., 0].sum(axis=1).round().astype(int)
                continue
            if not condition["temporal"]:
                part = part[:, 0]
            if condition["kind"] == "categorical":
                known = np.asarray(condition["categories"])
                values = known[part.argmax(axis=-1)]
                found[condition["name"]] = values[..., None] if condition["temporal"] else values
            else:
                values = part * np.asarray(condition["deviation"]) + np.asarray(condition["mean"])
                if within:
                    values = np.clip(values, *(np.asarray(condition[k]) for k in ("low", "high")))
                single = condition["width"] == 1 and not condition["temporal"]
                found[condition["name"]] = (values[:, 0] if single else values).astype("float32")
        return found

    def compute_output_shape(self, inputs_shape: Any, length: Any = None) -> Shape:
        """Return `(batch, time, num_temporal + num_static)`."""
        return (None, length, self.num_temporal + self.num_static)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, with what `adapt` learned."""
        conditions = [dict(c) for c in self.conditions]
        return {**super().get_config(), "conditions": conditions}

    def save_own_variables(self, store: Any) -> None:
        """Save the rows to sample from."""
        for i, name in enumerate(self.names):
            if name in self.rows:
                store[f"rows_{i}"] = self.rows[name]

    def load_own_variables(self, store: Any) -> None:
        """Load the rows to sample from."""
        kept = {name: f"rows_{i}" for i, name in enumerate(self.names)}
        found = set(store.keys())
        self._rows.value = {n: np.asarray(store[key]) for n, key in kept.items() if key in found}


class _Column:
    """What is known of one condition while batches come in."""

    def __init__(self, name: str, values: np.ndarray) -> None:
        if values.ndim not in (1, 2, 3):
            raise ValueError(
                f"Expected the condition {name!r} of shape (samples,), (samples, width) or (samples, "
                f"time, width). Received: {values.shape}"
            )
        text = values.dtype.kind in TEXT
        if not text and values.dtype.kind not in KINDS:
            raise ValueError(
                f"Expected whole or real numbers, booleans or text in the condition {name!r}. "
                f"Received: an array of dtype {values.dtype}"
            )
        self.name = name
        self.kind = "categorical" if text else KINDS[values.dtype.kind]
        if name == "length":
            check_lengths(values)
            self.kind = "length"
        if name == "observed":
            _check_observed(values)
            self.kind = "observed"
        self.width = 1 if values.ndim == 1 else values.shape[-1]
        self.rank = values.ndim
        if self.kind == "categorical" and self.width != 1:
            raise ValueError(
                f"Expected one category a sample or step in the condition {name!r}. Received: shape "
                f"{values.shape} of dtype {values.dtype}. Give each column a name of its own, or pass "
                "real numbers."
            )
        self.form = self.kind, self.width, self.rank
        self.categories: set[Any] = set()
        self.longest = 0
        self.count, self.total, self.squares = 0, np.zeros(self.width), np.zeros(self.width)
        self.low, self.high = np.full(self.width, np.inf), np.full(self.width, -np.inf)

    def update(self, values: np.ndarray) -> None:
        """Take a batch in."""
        if self.kind == "length":
            self.longest = max(self.longest, int(values.max()))
            return
        if self.kind == "observed":
            return
        if self.kind == "categorical":
            self.categories.update(np.unique(_plain(values)).tolist())
            if len(self.categories) > MAX_CATEGORIES:
                raise ValueError(
                    f"Expected at most {MAX_CATEGORIES:,} categories in the condition {self.name!r}. "
                    f"Received: {len(self.categories):,} at least. Pass numbers that are no categories "
                    "as real ones, values.astype('float32')."
                )
            largest = max((abs(c) for c in self.categories if not isinstance(c, str)), default=0)
            if largest >= 2**31:
                raise ValueError(
                    f"Expected categories within 32 bits in the condition {self.name!r}. Received: "
                    f"{largest}. Number them from 0, or pass them as text."
                )
            return
        _check_finite(self.name, values)
        rows = values.reshape(-1, self.width).astype("float64")
        self.count += len(rows)
        self.total += rows.sum(axis=0)
        self.squares += np.square(rows).sum(axis=0)
        self.low = np.minimum(self.low, rows.min(axis=0))
        self.high = np.maximum(self.high, rows.max(axis=0))

    def summary(self) -> dict[str, Any]:
        """Return what `ConditionEncoder` keeps of the condition."""
        found = {
            "name": self.name,
            "kind": self.kind,
            "width": self.width,
            "temporal": self.rank == 3 or self.kind == "length",
        }
        if self.kind == "length":
            return {**found, "max": self.longest}
        if self.kind == "observed":
            return found
        if self.kind == "categorical":
            return {**found, "categories": sorted(self.categories)}
        mean, deviation = reading.moments(self.count, self.total, self.squares)
        constant = deviation <= 1e-6 * np.maximum(np.abs(mean), 1.0)
        return {
            **found,
            "mean": mean.tolist(),
            "deviation": np.where(constant, 1.0, deviation).tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
        }


def _num_columns(condition: dict[str, Any]) -> int:
    if condition["kind"] == "length":
        return 2
    if condition["kind"] == "observed":
        return 0
    return len(condition["categories"]) if condition["kind"] == "categorical" else condition["width"]


def _rank(condition: dict[str, Any]) -> int:
    """Return the rank of a condition's encoded values."""
    return 3 if condition["temporal"] and condition["kind"] != "length" else 2


def as_arrays(conditions: Any) -> dict[str, np.ndarray]:
    """Return conditions as arrays of as many rows, one at least, or refuse what are none."""
    if not isinstance(conditions, Mapping) or not conditions:
        found = "an empty dict" if isinstance(conditions, Mapping) else type(conditions).__name__
        raise ValueError(
            f"Conditions are a dict of arrays by name, as {{'label': labels}}. Received: {found}"
        )
    arrays = {str(name): reading.to_numpy(values) for name, values in conditions.items()}
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
    """Return categories as int64, or as str."""
    if values.dtype.kind in TEXT:
        if any(x is None or x != x for x in values.flat):
            raise ValueError(
                "Expected a category in every row. Received: None or NaN among text. Name the missing "
                "ones, as 'unknown', or drop the rows."
            )
        return np.asarray([x.decode() if isinstance(x, bytes) else str(x) for x in values.flat])
    return values.astype("int64")


def check_lengths(values: np.ndarray) -> None:
    """Refuse what are no lengths of sequences."""
    if values.ndim > 2 or values.dtype.kind not in "iu" or values.size == 0 or values.min() < 1:
        raise ValueError(
            "Expected the condition 'length' as whole numbers of at least 1, one a sample: how many "
            f"steps of each sequence count. Received: shape {values.shape}, dtype {values.dtype}"
            + (f", smallest {values.min()}" if values.size and values.dtype.kind in "iuf" else "")
        )


def _check_observed(values: np.ndarray) -> None:
    wrong = values.dtype.kind not in "biuf" or not np.isin(values, (0, 1)).all()
    if values.ndim != 3 or wrong:
        raise ValueError(
            "Expected the condition 'observed' of shape (samples, time, features), True where a value "
            f"was observed and False where not. Received: shape {values.shape}, dtype {values.dtype}"
        )


def _check_finite(name: str, values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise ValueError(
            f"Expected finite numbers in the condition {name!r}. Received: {values[first]} at index "
            f"{first}"
        )


def _encode(condition: dict[str, Any], values: np.ndarray) -> np.ndarray:
    name, rank = condition["name"], _rank(condition)
    shape = values.shape
    if values.ndim == 1 and rank == 2:
        values = values[:, None]
    if values.ndim != rank or values.shape[-1] != condition["width"]:
        wanted = "(samples, time, {})" if rank == 3 else "(samples, {})"
        raise ValueError(
            f"Expected the condition {name!r} of shape {wanted.format(condition['width'])}. Received: "
            f"{shape}"
        )
    if condition["kind"] == "continuous":
        if values.dtype.kind not in KINDS:
            raise ValueError(
                f"Expected real numbers in the condition {name!r}. Received: dtype {values.dtype}, "
                f"{values.flat[0]!r}"
            )
        values = values.astype("float32")
        _check_finite(name, values)
        return values
    if condition["kind"] == "length":
        check_lengths(values)
        return values.astype("int32")
    if condition["kind"] == "observed":
        _check_observed(values)
        return values.astype("bool")
    known = np.asarray(condition["categories"])
    text = known.dtype.kind == "U"
    broken = values.dtype.kind == "f" and not np.array_equal(values, values.round())
    if text != (values.dtype.kind in TEXT) or broken:
        raise ValueError(
            f"Expected categories of the condition {name!r} as {known[:5].tolist()}. Received: dtype "
            f"{values.dtype}"
        )
    flat = _plain(values).reshape(values.shape)
    strange = np.setdiff1d(flat, known)
    if len(strange):
        more = ", …" if len(known) > 10 else ""
        raise ValueError(
            f"Expected categories of the condition {name!r} that the model was adapted to: "
            f"{', '.join(map(repr, known[:10].tolist()))}{more}. Received: {strange[:5].tolist()}"
        )
    return np.searchsorted(known, flat).astype("int32") if text else flat.astype("int32")
