"""Conditions as columns that stand beside every step of a sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.sequences import conditions as condition_arrays
from keras_rgan.sequences import known_conditions
from keras_rgan.sequences.conditions import num_columns, rank_of
from keras_rgan.sequences.statistics.condition_statistics import ConditionStatistics
from keras_rgan.utils import kept_data
from keras_rgan.utils.types import Shape, Tensor
from keras_rgan.utils.untracked import Untracked


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
        inputs: Dict of the conditions, as `encode` returns them, which centres numbers far from zero.
        length: How many steps; by default as the temporal conditions have, or as the longest sequence
            that `adapt` saw.

    Output shape:
        `(batch, time, num_temporal + num_static)`.

    Raises:
        ValueError: If a condition is missing, unknown, of another shape than those adapted to, not
            finite, or of a category that was not there; or if `conditions` are none that `adapt`
            learns.

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
        known_conditions.check(conditions or [])
        self._conditions = Untracked([dict(c) for c in conditions or []])
        self._rows: Untracked[dict[str, np.ndarray]] = Untracked({})
        self._refused_rows: ValueError | None = None
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
        return [c["name"] for c in self.conditions if num_columns(c)]

    def _columns_of(self, temporal: bool) -> int:
        return sum(num_columns(c) for c in self.conditions if c["temporal"] is temporal)

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
        groups, first = [], 0
        for condition in self.conditions:
            if not condition["temporal"] and num_columns(condition):
                last = first + num_columns(condition)
                groups.append((condition["name"], first, last, condition["kind"] == "categorical"))
                first = last
        return groups

    def adapt(self, conditions: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> None:
        """Learn names, kinds, categories, means and deviations, and keep some rows to sample from.

        Args:
            conditions: Dict of arrays, as many rows each, or an iterable of such dicts, batch by batch.

        Raises:
            ValueError: If an array has a rank other than 1 to 3, holds NaN or infinite values, is of
                categories and wider than 1, or of more than 1,000 categories.
        """
        statistics = self.new_statistics()
        for part in [conditions] if isinstance(conditions, Mapping) else conditions:
            statistics.update(part)
        self.adopt(statistics)

    @staticmethod
    def new_statistics() -> ConditionStatistics:
        """Return statistics of nothing yet: `update` them with conditions, and `adopt` them."""
        return ConditionStatistics()

    def adopt(self, statistics: ConditionStatistics) -> None:
        """Know the conditions that statistics were taken of, as `adapt` does.

        Args:
            statistics: What `new_statistics` returned, updated.

        Raises:
            ValueError: If there was no sample.
        """
        self._conditions.value = statistics.summaries()
        self._rows.value = self.encode(statistics.rows)

    def adopt_again(self, statistics: ConditionStatistics) -> None:
        """Take over means, deviations and rows of other data, with the same conditions and categories.

        Args:
            statistics: What `new_statistics` returned, updated.

        Raises:
            ValueError: If its conditions become other columns.
        """
        before, after = (
            [(c["name"], c["kind"], c["width"], c["temporal"], c.get("categories")) for c in conditions]
            for conditions in (self.conditions, statistics.summaries())
        )
        if before != after:
            raise ValueError(
                f"The model was built for the conditions {[tuple(map(str, c[:3])) for c in before]} of "
                f"(name, kind, width) and their categories. Received: "
                f"{[tuple(map(str, c[:3])) for c in after]}, or other categories. Make a new "
                "RecurrentGAN."
            )
        self.adopt(statistics)

    def sample(self, num_samples: int, random: np.random.Generator) -> dict[str, np.ndarray]:
        """Draw rows, with replacement, from those that `adapt` kept, up to 65,536.

        Args:
            num_samples: How many.
            random: Where the draws come from.

        Returns:
            Dict of arrays as `encode` returns them; conditions of a row stay together.
        """
        self.check_rows("draws conditions of them")
        count = len(next(iter(self.rows.values())))
        chosen = (random.random(num_samples) * count).astype(int)
        return {name: values[chosen] for name, values in self.rows.items()}

    def check_rows(self, what: str, names: Iterable[str] | None = None) -> None:
        """Refuse to do what needs rows of the data where none are kept.

        Args:
            what: What needs them, for the message.
            names: The conditions as users know them; by default as this layer does.

        Raises:
            ValueError: If there are none.
        """
        if self.rows:
            return
        if not self.adapted:
            raise ValueError("No conditions are kept to draw from. Expected: a call of adapt first")
        wanted = self.names if names is None else list(names)
        raise ValueError(
            f"No rows of the data are kept, and this {what}: the file was saved with "
            f"without_data=True. Pass what it would draw, conditions={{…}} with all of "
            f"{wanted}, or load a file that was saved with its data."
        )

    def encode(
        self, conditions: Mapping[str, Any], optional: Iterable[str] = ()
    ) -> dict[str, np.ndarray]:
        """Check conditions, and return them as a call takes them: text as the number of its category.

        Args:
            conditions: Dict of arrays or lists, as many rows each.
            optional: Names of conditions that may be left out.

        Returns:
            Dict of int32 and float arrays, of rank 2, or 3 where temporal. Real numbers far from zero
            beside their spread are centred, in float64; others are as precise as they came.
        """
        arrays = condition_arrays.as_arrays(conditions)
        # What is no column can be left out where sequences are made.
        missing = set(self.column_names) - set(arrays) - set(optional)
        unknown = set(arrays) - set(self.names)
        if missing or unknown:
            wanted = self.names if "observed" in arrays else self.column_names
            raise ValueError(
                f"Expected the conditions {wanted}. Received: {sorted(arrays)}"
                + (f"; missing: {sorted(missing)}" if missing else "")
                + (f"; unknown: {sorted(unknown)}" if unknown else "")
                + ("; length is how many steps each sequence has" if "length" in missing else "")
            )
        return {
            c["name"]: condition_arrays.encode(c, arrays[c["name"]])
            for c in self.conditions
            if c["name"] in arrays
        }

    def form_of(
        self, name: str, shape: tuple[int | None, ...] | None
    ) -> tuple[tuple[int | None, ...], Any]:
        """Return the shape, with an open batch, and the dtype of an encoded condition in a step.

        Args:
            name: The condition's name.
            shape: That of the sequences beside it, `(batch, time, features)`; None if unknown.
        """
        condition = next(c for c in self.conditions if c["name"] == name)
        time, features = (*(shape or ())[1:3], None, None)[:2]
        if condition["kind"] == "observed":
            return (None, time, features), np.dtype("bool")
        dtype = np.dtype("float32" if condition["kind"] == "continuous" else "int32")
        steps = (time,) if rank_of(condition) == 3 else ()
        return (None, *steps, condition["width"]), dtype

    def like_none(self, name: str, count: int) -> np.ndarray:
        """Return encoded values of a condition that are the same in all of so many rows.

        Args:
            name: The condition's name.
            count: How many rows.
        """
        condition = next(c for c in self.conditions if c["name"] == name)
        if condition["kind"] == "length":
            return np.full((count, 1), condition["max"], "int32")
        return np.zeros((count, condition["width"]), self.form_of(name, None)[1])

    def restore(self, encoded: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return conditions as users pass them, of what `encode` returned."""
        return {
            c["name"]: condition_arrays.restore(c, encoded[c["name"]])
            for c in self.conditions
            if c["name"] in encoded
        }

    def call(self, inputs: Mapping[str, Tensor], length: Any = None) -> Tensor:
        """Return the columns."""
        if length is None:
            temporal = [c["name"] for c in self.conditions if rank_of(c) == 3 and num_columns(c)]
            if temporal:
                length = ops.shape(inputs[temporal[0]])[1]
            elif self.max_length is not None:
                length = self.max_length
            else:
                raise ValueError("Static conditions alone need `length`: for how many steps they hold")
        columns = [
            condition_arrays.to_columns(c, inputs[c["name"]], length)
            for c in self.conditions
            if c["kind"] != "observed"
        ]
        return ops.concatenate(columns, axis=-1)

    def enter(self, name: str, values: Tensor) -> Tensor:
        """Return a tensor of a condition of real numbers in the units of what `encode` returns.

        Args:
            name: The condition's name.
            values: Its values, as users have them.
        """
        condition = next(c for c in self.conditions if c["name"] == name)
        return ops.cast(condition_arrays.units_of(condition).enter_tensor(values), "float32")

    def values_of(self, name: str, static: Tensor) -> Tensor:
        """Return the values of a static condition of real numbers, `(batch, width)`.

        Args:
            name: The condition's name.
            static: The columns of all static ones, `(batch, num_static)`.
        """
        condition = next(c for c in self.conditions if c["name"] == name)
        start, stop = next((a, b) for n, a, b, _ in self.static_groups if n == name)
        values = ops.cast(static, "float32")[:, start:stop]
        units = condition_arrays.units_of(condition)
        mean, deviation, unit, centre = (  # tensors, which a trace for export keeps apart
            ops.convert_to_tensor(x.astype("float32"))
            for x in (*condition_arrays.moments_of(condition), units.unit, units.centre)
        )
        values = values * deviation + mean
        return values if units.are_plain else values * unit + centre

    def decode(self, columns: Tensor, within: bool = False) -> dict[str, np.ndarray]:
        """Return the conditions that columns stand for: the likeliest category, the value.

        Args:
            columns: `(batch, time, num_temporal + num_static)`; static ones are read at the first step.
            within: Whether real values are held to the range of those that `adapt` saw.
        """
        rows, start, values = ops.convert_to_numpy(columns), 0, {}
        for condition in self.conditions:
            if condition["kind"] == "observed":
                continue
            own = rows[..., start : start + num_columns(condition)]
            start += num_columns(condition)
            values[condition["name"]] = condition_arrays.from_columns(condition, own, within)
        return values

    def compute_output_shape(self, inputs_shape: Any, length: Any = None) -> Shape:
        """Return `(batch, time, num_temporal + num_static)`."""
        return (None, length, self.num_temporal + self.num_static)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, with what `adapt` learned."""
        conditions = [dict(c) for c in self.conditions]
        return {**super().get_config(), "conditions": conditions}

    def save_own_variables(self, store: Any) -> None:
        """Save the rows to sample from, unless data is left out."""
        if kept_data.is_left_out():
            return
        for i, name in enumerate(self.names):
            if name in self.rows:
                store[f"rows_{i}"] = self.rows[name]

    def load_own_variables(self, store: Any) -> None:
        """Load the rows to sample from.

        Raises:
            ValueError: If they are not of the conditions that are known.
        """
        keys = {name: f"rows_{i}" for i, name in enumerate(self.names)}
        saved = set(store.keys())
        rows = {n: np.asarray(store[key]) for n, key in keys.items() if key in saved}
        try:
            known_conditions.check_rows(self.conditions, rows)
        except ValueError as error:
            self._refused_rows = error
            raise
        if self._refused_rows is not None:  # Keras tries again where there is nothing to load
            raise self._refused_rows
        if rows:  # a file without data leaves those that are there
            self._rows.value = rows
