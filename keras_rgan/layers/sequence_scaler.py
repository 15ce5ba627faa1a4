"""The invertible map between the data's units and the networks' space."""

from __future__ import annotations

import abc
import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.sequences import reading
from keras_rgan.sequences.categories import largest, put
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor

RESERVOIR = 100_000
"""How many time steps quantiles are taken of: of a longer series, as many drawn uniformly."""

NUM_SEGMENTS = 16
"""How many pieces a feature's quantile map has, a power of two: more would follow sampling noise, and
bend what is smooth."""

TOLERANCE = 0.03
"""A feature whose quantiles are off by less, on average and in deviations, is not calibrated."""

MAX_VALUES = 256
"""A feature with more values than these is continuous."""

MAX_GAPS = 10
"""A feature whose lattice has more points than these for each value is continuous."""

CONSTRAINTS = ("range", "lattice", "copies", "categories")


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
        **kwargs: Arguments of `keras.layers.Layer`; computes in float32 whatever the policy.

    Attributes:
        adapted: Whether the statistics were taken from data; until then the map is the identity.
        categories: The first feature and the one behind the last of each group that is one-hot. These
            map to -1 and 1, whatever the kind.

    Call arguments:
        inputs: `(batch, time, features)`, or any shape with features last.

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
        >>> made = scaler.restore(np.random.default_rng(1).normal(size=(100, 24, 3)))
        >>> bool(np.all(made == np.round(made)) and np.max(made) <= x.round().max())
        True
    """

    def __init__(
        self,
        kind: str = "min_max",
        feature_range: tuple[float, float] = (-1.0, 1.0),
        constraints: str | Sequence[str] | None = CONSTRAINTS,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(autocast=False, **kwargs)
        self.kind = checks.one_of("kind", kind, _STATISTICS)
        low, high = feature_range
        if not low < high:
            raise ValueError(
                "`feature_range` must be a pair (low, high) with low < high. Received: "
                f"feature_range={feature_range!r}"
            )
        self.feature_range = (float(low), float(high))
        constraints = (constraints,) if isinstance(constraints, str) else constraints or ()
        self.constraints = tuple(checks.one_of("constraints", c, CONSTRAINTS) for c in constraints)
        self.supports_masking = True
        self.adapted = False
        self.has_copies = False
        self.categories: list[tuple[int, int]] = []

    def build(self, input_shape: Shape) -> None:
        """Create the statistics of each feature."""
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
                shape=(NUM_SEGMENTS + 1, *shape), initializer="zeros", name=name, **options
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
                100,000 time steps "robust" uses a uniform sample of that size.
            limit: The most batches to read of `data`.

        Raises:
            ValueError: If the data is empty, holds NaN or infinite values or has another number of
                features than before.
        """
        statistics: _Statistics | None = None
        support = _Support()
        for rows in self._rows(data, "adapt", limit):
            statistics = statistics or _STATISTICS[self.kind](self.feature_range)
            statistics.update(rows)
            support.update(rows)
        if statistics is None:
            raise ValueError("`adapt` expects at least one sample. Received: none")
        assert support.low is not None
        assert support.high is not None
        nowhere = np.flatnonzero(np.isnan(support.low))
        if len(nowhere):
            raise ValueError(
                "Expected one observed value of each feature at the least. Received: none of the "
                f"features {nowhere[:10].tolist()}. Leave these out."
            )
        offset, scale = statistics.result()
        group = np.zeros(len(offset))
        for i, (first, last) in enumerate(support.categories(), 1):
            group[first:last] = i
        if "categories" in self.constraints:
            offset, scale = np.where(group > 0, 0.5, offset), np.where(group > 0, 0.5, scale)
        if not self.built:
            self.build((None, len(offset)))
        for weight, value in (
            (self.offset, offset),
            (self.scale, scale),
            (self.low, support.low),
            (self.high, support.high),
            (self.step, support.step()),
            (self.source, support.source()),
            (self.group, group),
        ):
            weight.assign(value.astype("float32"))
        self.forget_calibration()
        self.adapted_flag.assign(1.0)
        self.adapted = True
        self._look_at_structure()

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
                calibrated (see `unconstrained`); or something that yields such batches. Of data with
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
        fine = np.linspace(0.0, 1.0, 1001)
        off = np.abs(np.nanquantile(made, fine, axis=0) - np.nanquantile(real, fine, axis=0)).mean(
            axis=0
        )
        knots, images = (np.nanquantile(rows, _LEVELS, axis=0) for rows in (made, real))
        # Knots that coincide are moved apart, by less than what anyone would see.
        gap = 1e-6 * np.maximum(knots[-1] - knots[0], 1e-30)
        knots = np.maximum.accumulate(knots, axis=0) + gap * np.arange(len(knots))[:, None]
        step = ops.convert_to_numpy(ops.convert_to_tensor(self.step))
        for weight, value in (
            (self.generated_quantiles, knots),
            (self.data_quantiles, images),
            (self.slopes, _monotone_slopes(knots, images)),
            (self.calibrated, (off > TOLERANCE * np.nanstd(real, axis=0)) & (step == 0.0)),
        ):
            weight.assign(value.astype("float32"))

    def _sample(self, data: Any, limit: int | None) -> np.ndarray:
        """Return the steps that quantiles are taken of, `(rows, features)`."""
        reservoir = _Reservoir()
        for rows in self._rows(data, "calibrate", limit):
            reservoir.update(rows)
        if reservoir.rows is None:
            raise ValueError("`calibrate` expects at least one sample. Received: none")
        return reservoir.rows

    def forget(self) -> None:
        """Count as never adapted again."""
        self.adapted_flag.assign(0.0)
        self.adapted = False

    def forget_calibration(self) -> None:
        """Restore values without a quantile map again, as before `calibrate`."""
        if self.built:
            self.calibrated.assign(ops.zeros(self.calibrated.shape))

    @contextlib.contextmanager
    def unconstrained(self, lattice: bool = False) -> Iterator[None]:
        """Let `restore` neither calibrate, round nor clip within a `with` block.

        What was compiled before stays valid: only the values of weights change, for a while.

        Args:
            lattice: Whether to round all the same.
        """
        changed: dict[str, Any] = {"calibrated": 0.0, "step": 0.0, "low": -np.inf, "high": np.inf}
        if lattice:  # which begins at the smallest value
            step, low = (ops.convert_to_numpy(ops.convert_to_tensor(w)) for w in (self.step, self.low))
            low = np.where(step > 0.0, low, -np.inf)
            changed = {"calibrated": 0.0, "high": np.inf, "low": low}
        with self._changed(changed):
            yield

    def uncalibrated(self) -> contextlib.AbstractContextManager[None]:
        """Let `restore` round and clip but not calibrate within a `with` block."""
        return self._changed({"calibrated": 0.0})

    @contextlib.contextmanager
    def _changed(self, values: dict[str, Any]) -> Iterator[None]:
        """Give some weights other values for a while."""
        kept = {
            name: ops.convert_to_numpy(ops.convert_to_tensor(getattr(self, name))) for name in values
        }
        try:
            for name, value in values.items():
                weight = getattr(self, name)
                weight.assign(np.broadcast_to(value, weight.shape).astype("float32"))
            yield
        finally:
            for name, value in kept.items():
                getattr(self, name).assign(value)

    def _rows(self, data: Any, action: str, limit: int | None) -> Iterator[np.ndarray]:
        """Yield the steps of all sequences in float64, batch by batch, and refuse what is wrong."""
        for batch, gaps in reading.iterate_with_gaps(data, limit):
            if batch.ndim < 2 or batch.dtype.kind not in "fiub":
                raise ValueError(
                    f"`{action}` expects numbers of shape (samples, time, features). Received: shape "
                    f"{batch.shape}, dtype {batch.dtype}"
                )
            if not batch.size:
                continue
            problem = reading.describe_non_finite(batch, gaps)
            if problem:
                raise ValueError(
                    f"`{action}` expects finite values. Received: NaN or infinite values in "
                    f"{problem}. Drop or fill them first, or say which values there are: (data, "
                    "{'observed': mask})."
                )
            self._check_num_features(batch.shape[-1])
            yield batch.reshape(-1, batch.shape[-1]).astype("float64")

    def _check_num_features(self, num_features: int) -> None:
        if self.built and num_features != self.num_features:
            raise ValueError(
                f"The scaler holds statistics of {self.num_features} features. Received: data with "
                f"{num_features}. Pass data with the same features, or make a new scaler."
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Map from the data's units."""
        inputs = ops.cast(inputs, self.compute_dtype)
        scale = ops.convert_to_tensor(self.scale)
        constant = ops.equal(scale, 0.0)
        factor = ops.where(constant, 0.0, 1.0 / ops.where(constant, 1.0, scale))
        return (inputs - self.offset) * factor

    def inverse(self, inputs: Tensor) -> Tensor:
        """Map back to the data's units, whatever the values.

        Args:
            inputs: `(batch, time, features)`, or any shape with features last.
        """
        return ops.cast(inputs, self.compute_dtype) * self.scale + self.offset

    def restore(self, inputs: Tensor) -> Tensor:
        """Map back to the data's units, calibrated, and to the nearest values that are allowed.

        Args:
            inputs: Generated values in the networks' space, features last.
        """
        values = self.inverse(self.copy(inputs))
        moved = _map_through(values, self.generated_quantiles, self.data_quantiles, self.slopes)
        return self.constrain(ops.where(ops.convert_to_tensor(self.calibrated) > 0.0, moved, values))

    def constrain(self, inputs: Tensor) -> Tensor:
        """Move values in the data's units to the nearest that are allowed.

        Args:
            inputs: Generated values in the data's units, features last.
        """
        values = inputs
        if "lattice" in self.constraints:
            low, step = ops.convert_to_tensor(self.low), ops.convert_to_tensor(self.step)
            discrete = step > 0.0
            low, step = ops.where(discrete, low, 0.0), ops.where(discrete, step, 1.0)
            nearest = low + step * ops.round((values - low) / step)
            values = ops.where(discrete, nearest, values)
        if "range" in self.constraints:
            values = ops.maximum(ops.minimum(values, self.high), self.low)
        for first, last in self.categories:
            values = put(values, largest(inputs[..., first:last]), first, last)
        return values

    def _look_at_structure(self) -> None:
        """Know without a look at the weights what copies and groups there are: most data has none."""
        if self.built:
            source, group = (
                ops.convert_to_numpy(ops.convert_to_tensor(w)) for w in (self.source, self.group)
            )
            self.has_copies = bool((source != np.arange(len(source))).any())
            known = "categories" in self.constraints
            found = (
                [np.flatnonzero(group == i) for i in range(1, int(group.max()) + 1)] if known else []
            )
            self.categories = [(int(f[0]), int(f[-1]) + 1) for f in found]

    def find_categories(self, data: Any, limit: int | None = None) -> list[tuple[int, int]]:
        """Return which features of `data` are one-hot, as `adapt` would find them, and change nothing.

        Args:
            data: As in `adapt`.
            limit: The most batches to read of `data`.
        """
        support = _Support()
        if "categories" in self.constraints:
            for rows in self._rows(data, "adapt", limit):
                support.update(rows)
        return support.categories()

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
        super().load_own_variables(store)
        self.adapted = self.built and bool(ops.convert_to_tensor(self.adapted_flag) > 0)
        self._look_at_structure()

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "kind": self.kind,
            "feature_range": self.feature_range,
            "constraints": self.constraints,
        }


_LEVELS = 0.5 - 0.5 * np.cos(np.pi * np.linspace(0.0, 1.0, NUM_SEGMENTS + 1))


def _monotone_slopes(knots: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return slopes at knots, `(points, features)`, by which cubic pieces neither overshoot nor turn.

    Inside, the weighted harmonic mean of the two secants (Fritsch & Butland, 1984); at both ends the
    secant.
    """
    widths = np.diff(knots, axis=0)
    secants = np.diff(images, axis=0) / np.maximum(widths, 1e-300)
    left, right = 2 * widths[1:] + widths[:-1], widths[1:] + 2 * widths[:-1]
    safe = np.maximum(secants, 1e-300)
    with np.errstate(invalid="ignore"):  # of features that never change
        inner = (left + right) / (left / safe[:-1] + right / safe[1:])
    inner = np.where((secants[:-1] > 0) & (secants[1:] > 0), inner, 0.0)
    return np.concatenate([secants[:1], inner, secants[-1:]])


def _map_through(values: Tensor, knots: Tensor, images: Tensor, slopes: Tensor) -> Tensor:
    """Map values by the cubic curves, one a feature, that take knots to images with given slopes.

    Args:
        values: Any shape, features last.
        knots: `(points, features)`, rising; one more than a power of two.
        images: The same, not falling.
        slopes: The same.
    """
    num_segments, num_features = knots.shape[0] - 1, knots.shape[1]
    flat_knots, flat_images, flat_slopes = (
        ops.reshape(ops.convert_to_tensor(x), (-1,)) for x in (knots, images, slopes)
    )
    position = ops.zeros_like(values, dtype="int32") + ops.arange(0, num_features, dtype="int32")
    half = num_segments // 2
    while half:  # a binary search for the last knot that is not above, all values at once
        further = position + half * num_features
        position = ops.where(values >= ops.take(flat_knots, further), further, position)
        half //= 2
    after = position + num_features
    start, end = ops.take(flat_knots, position), ops.take(flat_knots, after)
    first, last = ops.take(flat_images, position), ops.take(flat_images, after)
    width = ops.maximum(end - start, 1e-30)
    inside = ops.maximum(ops.minimum(values, end), start)
    t = (inside - start) / width
    bends = t * ops.square(1.0 - t) * width * ops.take(flat_slopes, position) - ops.square(t) * (
        1.0 - t
    ) * width * ops.take(flat_slopes, after)
    return first + ops.square(t) * (3.0 - 2.0 * t) * (last - first) + bends + (values - inside)


def _indices(shape: Shape, dtype: Any = None) -> Tensor:
    return ops.arange(shape[0], dtype=dtype)


class _Support:
    """The values that features take, of rows that come in parts."""

    def __init__(self) -> None:
        self.low: np.ndarray | None = None
        self.high: np.ndarray | None = None
        self.values: list[np.ndarray | None] = []  # None: too many
        self.digests: list[Any] = []
        self.sums: np.ndarray | None = None

    def update(self, rows: np.ndarray) -> None:
        columns = np.ascontiguousarray(rows.T)
        # fmin and fmax pass over what is missing
        low, high = np.fmin.reduce(columns, axis=1), np.fmax.reduce(columns, axis=1)
        if self.low is None or self.high is None:
            self.low, self.high = low, high
            self.values = [np.empty(0)] * len(columns)
            self.digests = [hashlib.blake2b() for _ in columns]
        self.low, self.high = np.fmin(self.low, low), np.fmax(self.high, high)
        for i, column in enumerate(columns):
            self.digests[i].update((column + 0.0).tobytes())  # -0.0 is 0.0
            self.values[i] = _distinct(self.values[i], column[~np.isnan(column)])

        self._update_sums(columns)

    def _update_sums(self, columns: np.ndarray) -> None:
        """Take in the smallest and largest sum of features i to j side by side, all 0 or 1."""
        count = len(columns)
        if self.sums is None:
            self.sums = np.full((2, count, count), np.nan)
        flags = self._flags()
        for i in np.flatnonzero(flags):
            total = np.zeros(columns.shape[1])
            for j in range(i, count):
                if not flags[j]:
                    break
                total = total + columns[j]
                low, high = np.fmin.reduce(total), np.fmax.reduce(total)
                self.sums[0, i, j] = np.fmin(self.sums[0, i, j], low)
                self.sums[1, i, j] = np.fmax(self.sums[1, i, j], high)
                if self.sums[1, i, j] > 1.0:  # and so with whatever follows
                    self.sums[1, i, j:] = np.inf
                    break

    def _flags(self) -> np.ndarray:
        """Return which features have been 0 or 1 so far."""
        return np.array([v is not None and bool(np.isin(v, (0.0, 1.0)).all()) for v in self.values])

    def categories(self) -> list[tuple[int, int]]:
        """Return the groups of features of which always one is 1 and the others are 0."""
        found: list[tuple[int, int]] = []
        if self.sums is None:
            return found
        flags = self._flags()
        first = 0
        while first < len(flags):
            last = first
            while last < len(flags) and flags[last] and self.sums[1, first, last] <= 1.0:
                if last > first and self.sums[0, first, last] == 1.0:
                    found.append((first, last + 1))
                    first = last
                    break
                last += 1
            first += 1
        return found

    def step(self) -> np.ndarray:
        """Return each feature's step from one value to the next; 0 where it is continuous."""
        return np.array([0.0 if v is None else _lattice_step(v) for v in self.values])

    def source(self) -> np.ndarray:
        """Return the index of the first feature that is equal to each."""
        first: dict[bytes, int] = {}
        return np.array([first.setdefault(d.digest(), i) for i, d in enumerate(self.digests)])


def _distinct(known: np.ndarray | None, column: np.ndarray) -> np.ndarray | None:
    """Return the distinct values so far, or None once they are too many."""
    for part in (column[:4096], column[4096:]):  # most features show at once that they are continuous
        if known is None or not len(part):
            return known
        known = np.union1d(known, part)
        if len(known) > MAX_VALUES:
            known = None
    return known


def _lattice_step(values: np.ndarray) -> float:
    """Return the largest step of which all differences are multiples, or 0 if there is none."""
    span = values[-1] - values[0]
    differences = np.unique(np.diff(values))
    if not len(differences):
        return 0.0
    rounding, step = 0.0, 0.0
    if (values == np.round(values)).all() and np.abs(values).max() < 2.0**53:
        step = float(np.gcd.reduce(differences.astype("int64")))
    else:
        rounding = float(np.finfo("float32").eps * np.abs(values).max())  # of a difference
        for difference in differences:
            a, b = difference, step
            while b > 8.0 * rounding:  # Euclid's algorithm, on numbers that are a little off
                a, b = b, a % b
                b = min(b, a - b)
            step = a
        if step < 64.0 * rounding:  # too close to what float32 cannot tell apart
            return 0.0
    if round(span / step) > MAX_GAPS * len(values):
        return 0.0
    step = span / round(span / step)  # the longest difference tells it best
    positions = (values - values[0]) / step
    return step if np.abs(positions - np.round(positions)).max() * step <= 4.0 * rounding else 0.0


class _Statistics(abc.ABC):
    """Statistics of rows that come in parts: `(x - offset) / scale` is the scaled value."""

    def __init__(self, feature_range: tuple[float, float]) -> None:
        self.feature_range = feature_range

    @abc.abstractmethod
    def update(self, rows: np.ndarray) -> None:
        """Take in rows, `(rows, features)`."""

    @abc.abstractmethod
    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Return offset and scale, `(features,)` each; a scale of 0 marks a constant."""


class _MinMax(_Statistics):
    low: np.ndarray | None = None
    high: np.ndarray | None = None

    def update(self, rows: np.ndarray) -> None:
        low, high = np.fmin.reduce(rows), np.fmax.reduce(rows)
        self.low = low if self.low is None else np.fmin(self.low, low)
        self.high = high if self.high is None else np.fmax(self.high, high)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        assert self.low is not None
        assert self.high is not None
        low, high = self.feature_range
        scale = (self.high - self.low) / (high - low)
        return self.low - low * scale, scale


class _Standard(_Statistics):
    """Welford's mean and variance, merged by the formula of Chan et al."""

    count: np.ndarray | float = 0.0
    mean: np.ndarray | float = 0.0
    squares: np.ndarray | float = 0.0

    def update(self, rows: np.ndarray) -> None:
        count = reading.count_of(rows)
        total = self.count + count
        some = np.maximum(total, 1.0)
        mean = reading.total_of(rows) / np.maximum(count, 1.0)
        shift = mean - self.mean
        self.squares += reading.total_of((rows - mean) ** 2) + shift**2 * (self.count * count / some)
        self.mean = self.mean + shift * (count / some)
        self.count = total

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(self.mean), np.sqrt(self.squares / np.maximum(self.count, 1.0))


class _Reservoir:
    """A uniform sample of rows that come in parts: each has a random key, the smallest stay."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        self.rows: np.ndarray | None = None
        self.keys = np.empty(0)

    def update(self, rows: np.ndarray) -> None:
        self.keys = np.concatenate([self.keys, self.random.random(len(rows))])
        self.rows = rows if self.rows is None else np.concatenate([self.rows, rows])
        if len(self.rows) > RESERVOIR:
            kept = np.argpartition(self.keys, RESERVOIR)[:RESERVOIR]
            self.rows, self.keys = self.rows[kept], self.keys[kept]


class _Robust(_Standard):
    """Quartiles of a reservoir."""

    def __init__(self, feature_range: tuple[float, float]) -> None:
        super().__init__(feature_range)
        self.reservoir = _Reservoir()

    def update(self, rows: np.ndarray) -> None:
        super().update(rows)
        self.reservoir.update(rows)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        assert self.reservoir.rows is not None
        lower, median, upper = np.nanpercentile(self.reservoir.rows, [25, 50, 75], axis=0)
        spread = upper - lower
        return median, np.where(spread > 0, spread, super().result()[1])


_STATISTICS: dict[str, type[_Statistics]] = {
    "min_max": _MinMax,
    "standard": _Standard,
    "robust": _Robust,
}
