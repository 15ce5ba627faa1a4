"""How a user's data comes in: one form, and the same checks in the same words, whatever brought it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_rgan import backend
from keras_rgan.data.named_columns import check_order, in_order, names_of, refuse_dataframe
from keras_rgan.networks import defaults
from keras_rgan.sequences import reading
from keras_rgan.sequences.batch import refuse_targets
from keras_rgan.utils.types import Shape
from keras_rgan.utils.variables import value_of

FAR = 3.0
"""How many times as far as what a scaler was adapted to values are of other units."""

LARGEST = {"float16": 1e4, "float32": 1e15}
"""How large values may be that networks see as they are."""

SMALLEST = {"float16": 1e-4, "float32": 1e-10}
"""How small the deviations of features may be that do: a first sample lies some ones away."""

BEYOND = 1.1
"""How many times as far they may reach without a word that they are clipped."""


@dataclasses.dataclass(frozen=True)
class Source:
    """A user's data in one form.

    Attributes:
        data: An array of sequences, padded if need be, or something that yields batches.
        conditions: What stands beside an array, by name.
        where: Which argument it came by, for messages.
        names: What the columns of the sequences are called; None where they have no names.
        categories: Of conditions that were declared these, by name, whether they occur or not.
    """

    data: Any
    conditions: dict[str, Any]
    where: str
    names: list[str] | None = None
    categories: dict[str, list[Any]] = dataclasses.field(default_factory=dict)

    @property
    def is_array(self) -> bool:
        """Whether all of it is in memory, rather than batches of it."""
        return reading.is_array(self.data)

    @property
    def with_lengths_that_tell(self) -> Source:
        """The same without lengths of an array that are all as long as it."""
        lengths = self.conditions.get("length")
        if lengths is None or not self.is_array or len(self.data.shape) != 3:
            return self
        if not np.all(reading.to_numpy(lengths) == self.data.shape[1]):
            return self
        conditions = {name: values for name, values in self.conditions.items() if name != "length"}
        return dataclasses.replace(self, conditions=conditions)

    def split(self, share: float) -> tuple[Source, Source]:
        """Return the first part of an array, and its last share, as two sources."""
        reading.check_rows(self.conditions, self.data)
        cut = int(np.floor(len(self.data) * (1.0 - share)))
        train, held_out = (
            dataclasses.replace(
                self,
                data=self.data[rows],
                conditions={k: v[rows] for k, v in self.conditions.items()},
            )
            for rows in (slice(None, cut), slice(cut, None))
        )
        return train, held_out


class Admission:
    """Lets data in to a model: gathers it, checks it, and encodes its conditions.

    Arrays are checked whole, before anything changes; batches of datasets one by one, as they come, by
    the same functions.

    Args:
        model: The `RecurrentGAN`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.problem: tuple[ValueError, int] | None = None
        """What was wrong with which batch; the pipeline of a dataset may say it in words of its own."""

    @contextlib.contextmanager
    def own_words(self, epoch: Callable[[], int] | None = None) -> Iterator[None]:
        """Say what was wrong with a batch as it was found, whatever a dataset's pipeline made of it.

        Args:
            epoch: Returns the number of the epoch that runs.
        """
        try:
            yield
        except Exception as error:
            found, self.problem = self.problem, None
            if found is None:
                raise
            problem, index = found
            of_epoch = "" if epoch is None else f" of epoch {epoch()}"
            said = str(problem).removesuffix(".")
            raise ValueError(f"{said}. It is batch {index + 1}{of_epoch}.") from error

    def gather(self, where: str, x: Any, y: Any = None, **weights: Any) -> Source:
        """Return a user's data in one form; nothing is checked but how it is packed.

        Args:
            where: Which argument it comes by.
            x: Sequences as `fit` takes them, alone or as a pair with conditions.
            y: Conditions.
            **weights: What a GAN does not take, by name.

        Raises:
            ValueError: If there are targets or weights, or it is packed in no way that is known.
        """
        x, y = reading.unpaired(x, y)
        learned = self.model.column_names
        refuse_dataframe(x)
        x = in_order(x, learned)
        check_order(x, learned)
        names, categories = names_of(x), getattr(x, "static_categories", {})
        data, conditions = reading.gather(x, y)
        if isinstance(data, str | os.PathLike):
            raise ValueError(
                f"Expected sequences, an array (samples, time, features). Received: {data!r}. Read the "
                "file first: keras_rgan.data.from_frame(pandas.read_csv(path), id=..., time=...) makes "
                "sequences of a table, keras_rgan.data.ParquetWindows reads Parquet files as it goes."
            )
        refuse_targets(where, conditions, weights)
        if isinstance(data, list | tuple):
            _refuse_different_shapes(data)
            raise ValueError(
                f"Expected one array of samples. Received: a {type(data).__name__} of {len(data)}. "
                "Pass np.asarray(data), np.stack where its entries are arrays, or a list of arrays "
                "(time, features) of different lengths; labels go in a dict, (sequences, {'label': "
                "labels})."
            )
        if conditions is not None and not reading.is_array(data):
            raise ValueError(
                "Conditions beside an array of sequences are a dict of arrays; a dataset yields pairs "
                f"(sequences, {{name: values}}). Received: a {type(data).__name__} with a dict in "
                f"{where}"
            )
        return Source(data, dict(conditions or {}), where, names, categories)

    def admit(self, source: Source, checked: bool = False, skip: bool = False) -> Any:
        """Return data as Keras and a step take it: sequences, with their encoded conditions if any.

        Args:
            source: What `gather` returned.
            checked: Whether its values were looked at already.
            skip: Whether batches of a dataset with NaN or infinite values are handed on, for the step
                to undo, rather than refused.

        Raises:
            ValueError: If it does not fit the model. Batches are looked at when they are drawn.
        """
        if source.is_array:
            return self._admit_array(source.data, source.conditions, checked)
        self.problem = None
        admit = functools.partial(self.admit_batch, skip=skip)
        return backend.admitted(source.data, admit, self.spec_of_batch)

    def admit_batch(self, batch: Any, index: int = 0, skip: bool = False) -> Any:
        """Return a batch of a dataset as a step takes it, in NumPy.

        Args:
            batch: The batch.
            index: Its place in the dataset.
            skip: As in `admit`.

        Raises:
            ValueError: If it does not fit the model.
        """
        try:
            sequences, given = reading.split_batch(batch)
            conditions = dict(given or {})
            try:
                return self._admit_array(sequences, conditions, checked=False)
            except ValueError:
                if not skip or self.is_finite(sequences, conditions):
                    raise
            return self._admit_to_be_undone(sequences, conditions)
        except ValueError as error:
            self.problem = error, index
            raise

    def is_finite(
        self, sequences: np.ndarray, conditions: dict[str, Any], gaps: bool | None = None
    ) -> bool:
        """Return whether a batch is finite, but for gaps.

        Args:
            sequences: The batch.
            conditions: What stands beside it.
            gaps: Whether NaN stands for a gap; None if the model knows.
        """
        gaps = (self.model.has_gaps if gaps is None else gaps) or "observed" in conditions
        beside = [reading.to_numpy(values) for values in conditions.values()]
        return reading.describe_non_finite(sequences, gaps) is None and all(
            np.isfinite(values).all() for values in beside if values.dtype.kind == "f"
        )

    def _admit_to_be_undone(self, sequences: np.ndarray, conditions: dict[str, Any]) -> Any:
        """Return a batch that is not finite as one that is infinite throughout, gaps or none."""

        def finite(values: Any) -> np.ndarray:
            values = reading.to_numpy(values)
            plain = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
            return plain if values.dtype.kind == "f" else values

        clean = {name: finite(values) for name, values in conditions.items()}
        batch = self._admit_array(finite(sequences), clean, checked=False)
        admitted = batch["sequences"] if isinstance(batch, dict) else batch
        wrong = np.full_like(admitted, np.inf)
        return {**batch, "sequences": wrong} if isinstance(batch, dict) else wrong

    def spec_of_batch(self, shape: Shape | None, dtype: Any) -> Any:
        """Return what `admit_batch` returns of sequences of a shape and dtype, as `backend.Leaf`s.

        Of batches that it refuses these are what it would return of right ones: it is then the one
        to say what is wrong, and not whoever reads these.
        """
        dtype = np.dtype(dtype)
        scaler = self.model.scaler
        if dtype.kind not in ("f" if self.model.has_gaps else "fiub") or (
            scaler is not None and not scaler.units.are_plain
        ):
            dtype = np.dtype("float32")
        shape = self._shape_of_right(shape)
        sequences = backend.Leaf(shape, dtype)
        conditions = {}
        encoder = self.model.conditions
        own = {name for c in self.model.capabilities for name in c.own_conditions}
        for name in [] if encoder is None else encoder.names:
            if name not in own:
                rest, dtype = encoder.form_of(name, shape)
                conditions[name] = backend.Leaf(rest, np.dtype("uint8") if dtype.kind == "b" else dtype)
        return {"sequences": sequences, "conditions": conditions} if conditions else sequences

    def _shape_of_right(self, shape: Shape | None) -> Shape | None:
        """Return the shape of sequences of a dataset as far as it or the model tells it."""
        data_shape = self.model.data_shape
        if data_shape is None:
            return shape
        told = (
            shape if shape is not None and len(shape) == len(data_shape) else (None,) * len(data_shape)
        )
        fixed = self._fixed_shape
        return (*told[: len(told) - len(fixed)], *fixed)

    def _admit_array(self, sequences: Any, conditions: dict[str, Any], checked: bool) -> Any:
        if not checked:
            self.check(sequences, "observed" in conditions)
        for capability in self.model.capabilities:
            conditions = capability.admit(sequences, conditions)
        sequences = self.entered(sequences)
        if not conditions:
            return sequences
        # Replicas add up what they share of a batch, which they cannot of flags.
        narrow = {"bool": "uint8", "float64": "float32"}
        conditions = {
            name: values.astype(narrow.get(str(values.dtype), values.dtype), copy=False)
            for name, values in conditions.items()
        }
        return {"sequences": sequences, "conditions": conditions}

    def entered(self, sequences: Any) -> Any:
        """Return sequences in the units in which the scaler counts, before they become float32."""
        scaler = self.model.scaler
        if scaler is None or not scaler.adapted or scaler.units.are_plain:
            return sequences
        return scaler.enter(reading.to_numpy(sequences))

    def read(self, source: Source, limit: int | None) -> Iterator[tuple[np.ndarray, dict[str, Any]]]:
        """Yield checked parts of a source: sequences, and what conditions are given beside them.

        Args:
            source: What `gather` returned.
            limit: The most batches to read of a dataset.

        Raises:
            ValueError: If a part does not fit the model; it may lack conditions.
        """
        if source.is_array:
            pairs = reading.iterate_pairs((source.data, source.conditions))
        else:
            pairs = map(reading.split_batch, reading.batches_of(source.data, limit))
        for sequences, conditions in pairs:
            given = dict(conditions or {})
            self.check(sequences, "observed" in given)
            self._check_given(sequences, given)
            yield sequences, given

    def _check_given(self, sequences: np.ndarray, conditions: dict[str, Any]) -> None:
        """Check those conditions that are given."""
        encoder = self.model.conditions
        names = set() if encoder is None else set(encoder.names)
        if set(conditions) - names - {"length", "observed"}:
            self._admit_array(sequences, conditions, checked=True)  # which refuses
        given = {name: values for name, values in conditions.items() if name in names}
        if given:
            reading.check_rows(encoder.encode(given, optional=names), sequences)

    def check(self, sequences: Any, gaps: bool = False) -> None:
        """Refuse sequences that the networks or the scaler cannot take, before anything changes.

        Args:
            sequences: An array.
            gaps: Whether NaN stands for what is not observed, if the model does not know it so anyhow.

        Raises:
            ValueError: If it has a wrong rank or shape, no numbers, or values that are not finite.
        """
        gaps = gaps or self.model.has_gaps
        self.check_array(tuple(sequences.shape), reading.to_numpy(sequences).dtype)
        problem = reading.describe_non_finite(reading.to_numpy(sequences), gaps)
        if problem:
            raise ValueError(
                f"Expected finite values. Received: NaN or infinite values in {problem}. "
                f"{self._mend_of_gaps(gaps, sequences.ndim)}."
            )
        if self.model.scaler is None:
            self._check_size(reading.to_numpy(sequences))

    def _check_size(self, values: np.ndarray) -> None:
        """Refuse values of which networks that see them as they are make infinite ones."""
        dtype = self._narrowest_dtype()
        bounds = float(np.nanmin(values, initial=0.0)), float(np.nanmax(values, initial=0.0))
        largest = max(-bounds[0], bounds[1])
        if largest > LARGEST[dtype]:
            raise ValueError(
                "With scaler=None data comes to the networks as it is. Expected: values of at most "
                f"{LARGEST[dtype]:g}, whose sums and squares {dtype} holds. Received: {largest:g}. "
                "Make the model with scaler='auto'."
            )

    def check_spreads(self, deviations: np.ndarray) -> None:
        """Refuse features that vary by too little for networks that see them as they are.

        Args:
            deviations: Of each feature, 0 of one that does not vary.

        Raises:
            ValueError: If one varies by less than can be told from what an untrained network makes.
        """
        dtype = self._narrowest_dtype()
        narrow = np.flatnonzero((deviations > 0.0) & (deviations < SMALLEST[dtype]))
        if narrow.size:
            raise ValueError(
                "With scaler=None data comes to the networks as it is. Expected: features that vary "
                f"by {SMALLEST[dtype]:g} at least, so that {dtype} holds how far an untrained network "
                f"is from them. Received: a standard deviation of {deviations[narrow[0]]:g} in feature "
                f"{narrow[0]}. Make the model with scaler='auto'."
            )

    def _narrowest_dtype(self) -> str:
        networks = [n for n in (self.model.generator, self.model.discriminator) if n is not None]
        dtypes = {getattr(n, "compute_dtype", None) for n in (self.model, *networks)}
        return "float16" if "float16" in dtypes else "float32"

    def _mend_of_gaps(self, gaps: bool, rank: int) -> str:
        model = self.model
        hint = "Drop or fill them first"
        if gaps or rank != 3:  # of images and clips nothing may be missing
            return hint
        if any(capability.needs_all_values for capability in model.capabilities):
            return f"{hint}, or use another scaler: gaps do not go with ranges of their own"
        if model.built:
            return f"{hint}, or make a new model: this one was first trained on sequences without gaps"
        hint += ", or train on what is observed: pass (samples, {'observed': ~np.isnan(samples)})"
        if not model.completion:
            hint += ", or make the model with completion=True, to which data may hold NaN"
        return hint

    def check_array(self, shape: Shape, dtype: np.dtype) -> None:
        """Refuse an array of another kind than what the model takes, whatever its values.

        Raises:
            ValueError: If it is.
        """
        if not shape or not shape[0]:
            raise ValueError(f"Expected at least one sample. Received: an array of shape {shape}")
        if dtype.kind not in "fiub":
            raise ValueError(f"Expected numbers. Received: an array of dtype {dtype}")
        model, data_shape = self.model, self.model.data_shape
        if data_shape is None:
            networks_are_made = model.generator is None or model.discriminator is None
            wrong = len(shape) < 2 or (networks_are_made and len(shape) not in defaults.DEFAULTS)
        else:
            wrong = len(shape) != len(data_shape)
        if wrong:
            hint = (
                " Cut a long series with keras_rgan.data.sliding_windows(series, length)."
                if len(shape) < 3
                else ""
            )
            if len(shape) == 4 and len(data_shape or ()) in (0, 5):
                hint = (
                    f" For networks that are made, clips have the shape {defaults.DEFAULTS[5].form}: "
                    "where there are no channels, pass clips[..., None]."
                )
            wanted = data_shape or defaults.DEFAULTS[3].form
            raise ValueError(f"Expected samples of shape {wanted}. Received: shape {shape}.{hint}")
        scaler = model.scaler
        if scaler is not None and scaler.adapted and shape[-1] != scaler.num_features:
            raise ValueError(
                f"The scaler was adapted to {scaler.num_features} features. Received: samples of "
                f"{shape[-1]}, shape {shape}. Pass the same features, or make a new model."
            )
        if data_shape is not None and not self._same_but_length(shape):
            raise ValueError(
                f"The networks were built for samples of shape {data_shape}. Received: shape "
                f"{shape}. Pass samples of that shape, or make a new model."
            )

    def check_shape(self, shape: Shape) -> None:
        """Refuse a batch in a step that has another shape than what the networks were built for.

        Raises:
            ValueError: If it has.
        """
        data_shape = self.model.data_shape
        if len(shape) != len(data_shape) or not self._same_but_length(shape):
            raise ValueError(
                f"The networks were built for samples of shape {data_shape}. Received: a batch of "
                f"shape {shape}"
            )

    @property
    def _fixed_shape(self) -> Shape:
        """The last parts of a shape, those that no data may come with others of."""
        data_shape = self.model.data_shape
        return tuple(data_shape[2:] if self.model.noise_spec.any_length else data_shape[1:])

    def _same_but_length(self, shape: Shape) -> bool:
        fixed = self._fixed_shape
        return tuple(shape[len(shape) - len(fixed) :]) == fixed

    def warn_of_other_units(self, sequences: Any) -> None:
        """Warn of values far from all that the scaler was adapted to, and of such as it will clip."""
        scaler = self.model.scaler
        if scaler is None or scaler.per_sequence:
            return
        values = reading.to_numpy(sequences)
        values = values.reshape(-1, values.shape[-1])
        ends = scaler.enter(np.stack([np.fmin.reduce(values), np.fmax.reduce(values)]))
        low, high = (value_of(weight).astype("float64") for weight in (scaler.low, scaler.high))
        reach = np.where(high > low, 0.5 * (high - low), np.inf)
        beyond = np.maximum(low - ends[0], ends[1] - high)
        distance = 1.0 + np.nan_to_num(beyond / reach)
        feature = int(distance.argmax())
        if distance[feature] > FAR and scaler.kind == "min_max":
            warnings.warn(
                f"Feature {feature} reaches {distance[feature]:.1f} times as far as the data that the "
                "scaler was adapted to. Make a new RecurrentGAN for data in other units.",
                stacklevel=4,
            )
        elif distance[feature] > BEYOND and "range" in scaler.constraints:
            column = (values[:, feature] - scaler.units.centre[feature]) / scaler.units.unit[feature]
            column = column.astype("float32").astype("float64")  # as the bounds are
            share = float(((column < low[feature]) | (column > high[feature])).mean())
            warnings.warn(
                f"{share:.1%} of the values of feature {feature} lie outside the range of the data "
                "that the scaler was adapted to, which holds what is generated: it will not reach "
                "them. Call gan.scaler.widen(data) to let it, or make a new RecurrentGAN.",
                stacklevel=4,
            )


def _refuse_different_shapes(samples: Any) -> None:
    """Refuse arrays, each a sample, that cannot be stacked.

    Raises:
        ValueError: If they differ in shape.
    """
    shapes = sorted({tuple(np.shape(sample)) for sample in samples if hasattr(sample, "shape")})
    if len(shapes) > 1 and len({len(shape) for shape in shapes}) == 1 and len(shapes[-1]) > 2:
        raise ValueError(
            f"Expected samples of one shape. Received: a {type(samples).__name__} of {len(samples)}, "
            f"of shapes such as {shapes[0]} and {shapes[-1]}. Cut clips to as many frames and resize "
            "these to one size, then pass np.stack(clips)."
        )
