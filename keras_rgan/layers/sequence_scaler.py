"""The invertible map between the data's units and the networks' space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.sequences import quantile_map, reading
from keras_rgan.sequences.categories import largest, put
from keras_rgan.sequences.statistics.reservoir import Reservoir
from keras_rgan.sequences.statistics.scaler_statistics import ScalerStatistics, checked_rows
from keras_rgan.sequences.statistics.scaling import KINDS
from keras_rgan.sequences.units import Units
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor
from keras_rgan.utils.untracked import Untracked
from keras_rgan.utils.variables import value_of

CONSTRAINTS = ("range", "lattice", "copies", "categories")

OPTIONAL = ("calibration", "range", "lattice")
"""What `restore` can go without."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class SequenceScaler(keras.layers.Layer):
    """Scales every feature to a common range, and back.

    `RecurrentGAN` adapts one to the data of the first `fit` and saves it with the model; use it alone
    as a preprocessing layer. A feature that never changes maps to 0, and back to its value.

    Args:
        kind: "min_max" maps the smallest and largest value to `feature_range`; "standard" subtracts
            the mean and divides by the standard deviation; "robust" subtracts the median and
            divides by the range between the quartiles (by the standard deviation where that is 0).
        feature_range: The range of "min_max".
        constraints: What `restore` holds generated values to, any of: "range", from the smallest
            value of the feature to the largest; "lattice", whole steps from the smallest value, where
            a feature has at most 256 values and all are (counts, codes, readings in tenths) and at
            least a tenth of the steps occur; "copies", where a feature was always equal to an earlier
            one; "categories", where of some features side by side always one was 1 and the others were
            0 (one-hot). They hold for good: adapt to all that may come, or leave them out. None for
            none.
        known_bounds: The smallest and the largest value of each feature, two sequences of numbers,
            where these are known and nothing is to be taken of data: the layer counts as adapted, and
            there are no lattices, copies or categories. `from_bounds` makes such a layer.
        **kwargs: Arguments of `keras.layers.Layer`; computes in float32 whatever the policy.

    Features far from zero beside their spread, or beyond float32's range, are centred and scaled by a
    power of two in float64 before anything becomes float32 (see `enter`): readings at 1.7e9 ± 10 scale
    as precisely as at 0 ± 10. NumPy arrays that the layer is called with lose nothing then, but in a
    Keras model, which makes them float32 before; what maps back is float64.

    Attributes:
        adapted: Whether the statistics were taken from data; until then the map is the identity.
        per_sequence: Whether sequences are scaled by ranges of their own, which mapping back needs.
        categories: The first feature and the one behind the last of each group that is one-hot. These
            map to -1 and 1, whatever the kind.

    Call arguments:
        inputs: `(batch, time, features)`, or any shape with features last.
        entered: Whether inputs are what `enter` returned, rather than in the data's units.

    Output shape:
        The input's.

    Raises:
        ValueError: If `kind` is unknown, the range is empty, or the data to adapt to is empty, holds
            NaN or infinite values (features are named) or another number of features than before.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> scaler = kr.layers.SequenceScaler("standard")
        >>> x = np.random.default_rng(0).normal(20.0, 5.0, (100, 24, 3))
        >>> scaler.adapt(x)
        >>> bool(np.allclose(scaler.inverse(scaler(x)), x, atol=1e-4))
        True
        >>> scaler.adapt(x.round())
        >>> made = np.asarray(scaler.restore(np.random.default_rng(1).normal(size=(100, 24, 3))))
        >>> bool(np.all(made == np.round(made)) and np.max(made) <= x.round().max())
        True
    """

    per_sequence = False

    def __init__(
        self,
        kind: str = "min_max",
        feature_range: tuple[float, float] = (-1.0, 1.0),
        constraints: str | Sequence[str] | None = CONSTRAINTS,
        known_bounds: tuple[Sequence[float], Sequence[float]] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(autocast=False, **kwargs)
        self.kind = checks.one_of("kind", kind, KINDS)
        low, high = feature_range
        if not low < high:
            raise ValueError(
                "`feature_range` must be a pair (low, high) with low < high. Received: "
                f"feature_range={feature_range!r}"
            )
        self.feature_range = (float(low), float(high))
        constraints = (constraints,) if isinstance(constraints, str) else constraints or ()
        self.constraints = tuple(checks.one_of("constraints", c, CONSTRAINTS) for c in constraints)
        self.known_bounds = None if known_bounds is None else self._checked_bounds(known_bounds)
        self.supports_masking = True
        self.adapted = False
        self.has_copies = False
        self.categories: list[tuple[int, int]] = []
        self._units = Units.none(1)
        self._lost: list[int] = []
        self._lattices: Untracked[dict[int, tuple[Any, Any]]] = Untracked({})

    def build(self, input_shape: Shape) -> None:
        """Create the statistics of each feature."""
        self._build_statistics(input_shape)
        count = input_shape[-1]
        # Behind all others, which files of version 0.1 have alone.
        options = {"initializer": "zeros", "trainable": False, "autocast": False, "dtype": "float32"}
        self.centre = self.add_weight(shape=(3, count), name="centre", **options)
        self.exponent = self.add_weight(shape=(count,), name="exponent", **options)
        if self.known_bounds is not None:
            self._adopt_bounds(count)

    @classmethod
    def from_bounds(cls, low: Any, high: Any, **kwargs: Any) -> SequenceScaler:
        """Return a "min_max" scaler of known bounds, which takes nothing from data.

        Args:
            low: The smallest value of each feature.
            high: The largest value of each feature.
            **kwargs: Other arguments of the class.

        Raises:
            ValueError: If these are not finite numbers, as many of both, `low` below `high`.

        Example:
            >>> import keras_rgan as kr
            >>> scaler = kr.layers.SequenceScaler.from_bounds([0.0, 35.0], [200.0, 42.0])
            >>> [float(x) for x in scaler([[[100.0, 42.0]]])[0, 0]]
            [0.0, 1.0]
        """
        scaler = cls(known_bounds=(low, high), **kwargs)
        assert scaler.known_bounds is not None
        scaler.build((None, len(scaler.known_bounds[0])))
        return scaler

    def _checked_bounds(self, bounds: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return bounds as two tuples of numbers.

        Raises:
            ValueError: If they are none, or the layer scales otherwise.
        """
        if self.kind != "min_max" or self.per_sequence:
            raise ValueError(
                "Bounds are those of a SequenceScaler('min_max'). Received: bounds of a "
                f"{type(self).__name__} with kind={self.kind!r}"
            )
        try:
            low, high = (np.asarray(x, "float64") for x in bounds)
            fits = low.ndim == 1 and low.shape == high.shape and len(low) > 0
            fits = fits and bool((np.isfinite([low, high]).all(axis=0) & (low < high)).all())
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise ValueError(
                "Expected as bounds the smallest and the largest value of each feature, such as "
                f"([0.0, 35.0], [200.0, 42.0]). Received: {bounds!r}"
            )
        return tuple(low.tolist()), tuple(high.tolist())

    @property
    def keeps_to_bounds(self) -> bool:
        """Whether all that the layer knows are the bounds that it was given."""
        if self.known_bounds is None:
            return False
        if not self.built:
            return True
        ends = zip(self.known_bounds, (self.low, self.high), strict=True)
        same = (
            (self.units.of_statistics(np.asarray(x)).astype("float32") == value_of(weight)).all()
            for x, weight in ends
        )
        return bool(all(same) and not value_of(self.calibrated).any() and not value_of(self.step).any())

    def _adopt_bounds(self, count: int | None) -> None:
        """Scale by the bounds, of as many features."""
        assert self.known_bounds is not None
        if count is None or len(self.known_bounds[0]) != count:
            raise ValueError(
                f"Expected bounds of {count} features, as the data has. Received: bounds of "
                f"{len(self.known_bounds[0])}: {self.known_bounds}"
            )
        statistics = ScalerStatistics(self.kind, self.feature_range, False)
        statistics.update(np.array([self.known_bounds], "float64"))
        plain = {"step": np.zeros(count), "source": np.arange(count), "group": np.zeros(count)}
        self._take(statistics, **plain)
        self._units = statistics.units()

    def _build_statistics(self, input_shape: Shape) -> None:
        shape = (input_shape[-1],)
        # Never in half precision: units such as 100,000 would be lost.
        options = {"trainable": False, "autocast": False, "dtype": "float32"}
        self.offset = self.add_weight(shape=shape, initializer="zeros", name="offset", **options)
        self.scale = self.add_weight(shape=shape, initializer="ones", name="scale", **options)
        for name, value in (("low", -np.inf), ("high", np.inf), ("step", 0.0)):
            constant = keras.initializers.Constant(value)
            setattr(
                self, name, self.add_weight(shape=shape, initializer=constant, name=name, **options)
            )
        self.source = self.add_weight(shape=shape, initializer=_indices, name="source", **options)
        # The number of the group that a feature belongs to, from 1; 0 for none.
        self.group = self.add_weight(shape=shape, initializer="zeros", name="group", **options)
        for name in ("generated_quantiles", "data_quantiles", "slopes"):
            knots = self.add_weight(
                shape=(quantile_map.NUM_SEGMENTS + 1, *shape), initializer="zeros", name=name, **options
            )
            setattr(self, name, knots)
        self.calibrated = self.add_weight(
            shape=shape, initializer="zeros", name="calibrated", **options
        )
        self.adapted_flag = self.add_weight(shape=(), initializer="zeros", name="adapted", **options)

    @property
    def num_features(self) -> int | None:
        """The number of features, or None before the layer is built."""
        return self.offset.shape[0] if self.built else None

    def adapt(self, data: Any, limit: int | None = None) -> None:
        """Take the statistics of `data`, in one pass and in float64.

        Args:
            data: An array `(samples, time, features)` (any shape with features last), or something
                that yields such batches: a `tf.data.Dataset`, `keras.utils.PyDataset`, `torch`
                DataLoader or iterable. A pair with `{"observed": mask}` may have gaps. Of more than
                100,000 time steps, or fewer of more than 40 features, "robust" uses a uniform sample.
            limit: The most batches to read of `data`.

        Raises:
            ValueError: If the data is empty, holds NaN or infinite values or has another number of
                features than before.
        """
        self.adopt(reading.feed(self.new_statistics(), data, limit))

    def new_statistics(self) -> ScalerStatistics:
        """Return statistics of nothing yet: `update` them with batches of data, and `adopt` them."""
        return ScalerStatistics(
            self.kind, self.feature_range, "categories" in self.constraints, self.num_features
        )

    def adopt(self, statistics: ScalerStatistics) -> None:
        """Scale as statistics say, as `adapt` does.

        Args:
            statistics: What `new_statistics` returned, updated.

        Raises:
            ValueError: If there was no sample, nothing was observed of a feature, or the statistics are
                of another number of features than before.
        """
        statistics.check(self.num_features)
        self.known_bounds = None
        if not self.built:
            self.build((None, statistics.num_features))
        self._take(statistics)
        self.forget_calibration()
        self._look_at_structure()

    def _take(self, statistics: ScalerStatistics, **others: np.ndarray) -> None:
        """Have the weights that statistics say, but for others, and be adapted."""
        self._settle(statistics.units())
        for name, value in {**statistics.weights(), **others}.items():
            getattr(self, name).assign(value.astype("float32"))
        self.adapted_flag.assign(1.0)
        self.adapted = True

    def _settle(self, units: Units) -> None:
        """Count in units from now on."""
        parts, exponent = units.weights()
        self.centre.assign(parts)
        self.exponent.assign(exponent)

    @property
    def units(self) -> Units:
        """The units in which the layer's weights count, which are not always the data's."""
        return self._units

    def enter(self, values: Any) -> np.ndarray:
        """Return values of the data in the units in which the layer counts, before float32 loses any.

        Args:
            values: A NumPy array, features last.

        Returns:
            The array itself where float32 holds such data well; else `(values - centre) / unit` in
            float32, computed in float64.
        """
        return self.units.enter(values)

    def leave(self, values: Any) -> np.ndarray:
        """Return what `enter` returned, or was made like it, in the data's units.

        Args:
            values: A NumPy array, features last.
        """
        if self.units.are_plain:
            return values
        return self.units.leave(self._on_lattice(np.asarray(values)))

    def _on_lattice(self, values: np.ndarray) -> np.ndarray:
        """Return values in float64, on a lattice by the step that float32 shows: 0.1 itself."""
        result = values.astype("float64")
        for i, (low, step) in self._lattices.value.items():
            counts = np.round((result[..., i] - low) / step)
            nearest = low + counts * step
            near = np.abs(result[..., i] - nearest) <= 1e-6 * (np.abs(nearest) + step)
            result[..., i] = np.where(near, float(str(low)) + counts * float(str(step)), result[..., i])
        return result

    def data_offset_and_scale(self) -> tuple[np.ndarray, np.ndarray]:
        """Return in float64 what is subtracted of the data, and what that is divided by."""
        offset, scale = value_of(self.offset), value_of(self.scale)
        return self.units.leave(offset), scale.astype("float64") * self.units.unit

    def calibrate(self, data: Any, generated: Any, limit: int | None = None) -> None:
        """Give generated values the marginal distributions of `data` from now on, in `restore`.

        A feature goes through its quantile map: the value that a share of `generated` is below becomes
        the one that as large a share of `data` is below, along a smooth monotone curve through 17
        quantiles (denser towards both ends), and at a constant distance beyond them. Ranks stay, and
        with them what features and steps have to do with each other. Left alone are features whose
        quantiles are right already but for 0.03 deviations, and those on a lattice: ranks among values
        that round to one are noise.

        Source: Panofsky & Brier, Some Applications of Statistics to Meteorology, 1968 (quantile
        mapping); Fritsch & Carlson, "Monotone Piecewise Cubic Interpolation", 1980.

        Args:
            data: Sequences in their own units, as `adapt` takes them.
            generated: As many or other generated ones in the same units, neither rounded, clipped nor
                calibrated (see `restore`); or something that yields such batches. Of data with
                gaps pairs, as `adapt` takes them, with the same.
            limit: The most batches to read of either.

        Raises:
            ValueError: If the layer was not adapted, or either is empty, holds NaN or infinite values
                or has another number of features.

        Example:
            >>> import numpy as np, keras_rgan as kr
            >>> rng = np.random.default_rng(0)
            >>> scaler = kr.layers.SequenceScaler()
            >>> x, made = rng.exponential(size=(500, 24, 1)), rng.normal(size=(500, 24, 1))
            >>> scaler.adapt(x)
            >>> scaler.calibrate(x, made)
            >>> kr.metrics.marginal_wasserstein_distance(x, scaler.restore(scaler(made))) < 0.02
            True
        """
        if not self.adapted:
            raise ValueError("The scaler was never adapted to data. Call adapt(data) first.")
        made, real = (self._sample(values, limit) for values in (generated, data))
        continuous = value_of(self.step) == 0.0
        knots, images, slopes = quantile_map.fit(made, real)
        for weight, value in (
            (self.generated_quantiles, knots),
            (self.data_quantiles, images),
            (self.slopes, slopes),
            (self.calibrated, quantile_map.is_off(made, real) & continuous),
        ):
            weight.assign(value.astype("float32"))

    def widen(self, data: Any, limit: int | None = None) -> None:
        """Let what is restored reach as far as `data` does, besides what the layer was adapted to.

        Nothing is scaled otherwise than before, so that trained networks keep their meaning.

        Args:
            data: Sequences in their own units, as `adapt` takes them.
            limit: The most batches to read of `data`.

        Raises:
            ValueError: If the layer was not adapted, or the data is refused by `adapt`.

        Example:
            >>> import numpy as np, keras_rgan as kr
            >>> scaler = kr.layers.SequenceScaler()
            >>> scaler.adapt(np.linspace(0.0, 1.0, 1000).reshape(10, 100, 1))
            >>> scaler.widen(np.linspace(0.0, 1.5, 1000).reshape(10, 100, 1))
            >>> float(scaler.restore(np.full((1, 1, 1), 9.0))[0, 0, 0])
            1.5
        """
        if not self.adapted:
            raise ValueError("The scaler was never adapted to data. Call adapt(data) first.")
        statistics = reading.feed(self.new_statistics(), data, limit)
        statistics.check(self.num_features)
        self.known_bounds = None
        low, high, step = (value_of(w).astype("float64") for w in (self.low, self.high, self.step))
        ends = (self.units.of_statistics(x) for x in (statistics.support.low, statistics.support.high))
        down, up = np.maximum(low - next(ends), 0.0), np.maximum(next(ends) - high, 0.0)
        steps = np.where(step > 0.0, step, 1.0)  # whole ones, so that the lattice stays
        down, up = (np.where(step > 0.0, np.ceil(x / steps - 1e-6) * steps, x) for x in (down, up))
        self.low.assign((low - down).astype("float32"))
        self.high.assign((high + up).astype("float32"))
        self._look_at_structure()

    def _sample(self, data: Any, limit: int | None) -> np.ndarray:
        """Return the steps that quantiles are taken of, `(rows, features)`."""
        reservoir = Reservoir()
        for batch, gaps in reading.iterate_with_gaps(data, limit):
            for rows in checked_rows(batch, gaps, "calibrate", self.num_features):
                reservoir.update(self.units.of_statistics(rows))
        if reservoir.rows is None:
            raise ValueError("`calibrate` expects at least one sample. Received: none")
        return reservoir.rows

    def recall(self, weights: Sequence[np.ndarray]) -> None:
        """Be as when `get_weights` returned these, of an adapted layer."""
        self.set_weights(weights)

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Be as when `get_weights` returned these."""
        super().set_weights(weights)
        self.look_again()

    def look_again(self) -> None:
        """Know what the weights say, after someone else set them."""
        self.adapted = self.built and bool(ops.convert_to_tensor(self.adapted_flag) > 0)
        self._look_at_structure()

    def forget(self) -> None:
        """Count as never adapted again."""
        self.adapted_flag.assign(0.0)
        self.adapted = False

    def forget_calibration(self, features: Sequence[int] | None = None) -> None:
        """Restore values without a quantile map again, as before `calibrate`.

        Args:
            features: Of which features; None for all.
        """
        if not self.built:
            return
        calibrated = ops.convert_to_numpy(self.calibrated).copy()
        calibrated[... if features is None else list(features)] = 0.0
        self.calibrated.assign(calibrated)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Tensor:
        """Map from the data's units; arrays of NumPy before they become float32."""
        if isinstance(inputs, np.ndarray | list | tuple) and not kwargs.get("entered"):
            kwargs = {**kwargs, "entered": True} if self.built else kwargs
            inputs = self.enter(inputs) if self.built else inputs
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Tensor, entered: bool = False) -> Tensor:
        """Map from the data's units."""
        inputs = self._entering(inputs, entered)
        scale = ops.convert_to_tensor(self.scale)
        constant = ops.equal(scale, 0.0)
        factor = ops.where(constant, 0.0, 1.0 / ops.where(constant, 1.0, scale))
        return (inputs - self.offset) * factor

    def _entering(self, inputs: Tensor, entered: bool) -> Tensor:
        """Return a tensor in the units in which the layer counts, in float32."""
        inputs = inputs if entered else self.units.enter_tensor(inputs)
        return ops.cast(inputs, self.compute_dtype)

    def _leaving(self, values: Tensor, entered: bool) -> Tensor:
        """Return a tensor of the layer's units in those of the data, in float64 if need be."""
        if entered or self.units.are_plain:
            return values
        return self.units.leave_tensor(values, self._lost)

    def inverse(self, inputs: Tensor, *, entered: bool = False) -> Tensor:
        """Map back to the data's units, whatever the values.

        Args:
            inputs: `(batch, time, features)`, or any shape with features last.
            entered: Whether to return what `leave` takes, rather than the data's units.
        """
        values = ops.cast(inputs, self.compute_dtype) * self.scale + self.offset
        return self._leaving(values, entered)

    def restore(
        self, inputs: Tensor, *, without: str | Sequence[str] = (), entered: bool = False
    ) -> Tensor:
        """Map back to the data's units, calibrated, and to the nearest values that are allowed.

        Args:
            inputs: Generated values in the networks' space, features last.
            without: What to go without, any of "calibration", "range" and "lattice". Values on a
                lattice go on from the smallest one, whatever the range.
            entered: Whether to return what `leave` takes, rather than the data's units.

        Raises:
            ValueError: If `without` names anything else.
        """
        without = left_out(without)
        values = self.inverse(self.copy(inputs), entered=True)
        if "calibration" not in without:
            moved = quantile_map.apply(
                values, self.generated_quantiles, self.data_quantiles, self.slopes
            )
            values = ops.where(ops.convert_to_tensor(self.calibrated) > 0.0, moved, values)
        return self._leaving(self.constrain(values, without=without), entered)

    def constrain(self, inputs: Tensor, *, without: str | Sequence[str] = ()) -> Tensor:
        """Move values to the nearest that are allowed.

        Args:
            inputs: Generated values in the units of `enter`, features last.
            without: As in `restore`.

        Raises:
            ValueError: If `without` names anything else.
        """
        without, values = left_out(without), inputs
        smallest, step = ops.convert_to_tensor(self.low), ops.convert_to_tensor(self.step)
        discrete = step > 0.0
        if "lattice" in self.constraints and "lattice" not in without:
            low, step = ops.where(discrete, smallest, 0.0), ops.where(discrete, step, 1.0)
            nearest = low + step * ops.round((values - low) / step)
            values = ops.where(discrete, nearest, values)
        if "range" in self.constraints:
            if "range" not in without:
                values = ops.maximum(ops.minimum(values, self.high), smallest)
            elif "lattice" not in without:
                values = ops.where(discrete, ops.maximum(values, smallest), values)
        for first, last in self.categories:
            values = put(values, largest(inputs[..., first:last]), first, last)
        return values

    def _look_at_structure(self) -> None:
        """Know without a look at the weights what copies, groups, units and lattices there are."""
        if not self.built:
            return
        low, high, step, source, group = (
            value_of(w) for w in (self.low, self.high, self.step, self.source, self.group)
        )
        self._units = Units.from_weights(value_of(self.centre), value_of(self.exponent))
        self._lost = self._units.lost(low, high)
        found = np.flatnonzero((step > 0.0) & (group == 0.0))
        self._lattices.value = {int(i): (low[i], step[i]) for i in found}
        self.has_copies = bool((source != np.arange(len(source))).any())
        count = int(group.max()) if "categories" in self.constraints else 0
        members = [np.flatnonzero(group == i) for i in range(1, count + 1)]
        self.categories = [(int(m[0]), int(m[-1]) + 1) for m in members]

    def copy(self, inputs: Tensor) -> Tensor:
        """Give features that are copies the values of those that they copy, in the networks' space.

        Unlike rounding and clipping this passes a true gradient, so that a generator can train behind
        it.

        Args:
            inputs: Generated values in the networks' space, features last.
        """
        if "copies" not in self.constraints or not self.has_copies:
            return inputs
        return ops.take(inputs, ops.cast(self.source, "int32"), axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

    def load_own_variables(self, store: Any) -> None:
        """Load the statistics, and whether they were taken from data."""
        if self.built and str(len(self.variables) - 1) not in set(store.keys()):
            # Files of version 0.1, which knew no units.
            self._load_without_units(store)
        else:
            super().load_own_variables(store)
        self._check_loaded()
        self.look_again()

    def _check_loaded(self) -> None:
        """Refuse statistics that no data has, as a file may hold that somebody changed."""
        for variable in self.variables:
            values, count = value_of(variable), self.num_features or 0
            numbers_features = variable.name in ("source", "group")
            wrong = np.isnan(values).any() or (
                numbers_features and not ((values >= 0) & (values <= count)).all()
            )
            if wrong:
                expected = f"numbers of its {count} features" if numbers_features else "numbers, no NaN"
                raise ValueError(
                    f"Expected {variable.name} of the scaler to hold {expected}. Received: "
                    f"{values.ravel()[:5]}"
                )

    def _load_without_units(self, store: Any) -> None:
        for variable, key in zip(self.variables, sorted(store.keys(), key=int), strict=False):
            variable.assign(store[key])
        self._settle(Units.none(self.num_features or 1))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        config = {
            **super().get_config(),
            "kind": self.kind,
            "feature_range": self.feature_range,
            "constraints": self.constraints,
        }
        return config if self.known_bounds is None else {**config, "known_bounds": self.known_bounds}


def _indices(shape: Shape, dtype: Any = None) -> Tensor:
    return ops.arange(shape[0], dtype=dtype)


def left_out(without: str | Sequence[str]) -> tuple[str, ...]:
    """Return what `restore` is to go without, or refuse what it cannot."""
    names = (without,) if isinstance(without, str) else without
    return tuple(checks.one_of("without", name, OPTIONAL) for name in names)
