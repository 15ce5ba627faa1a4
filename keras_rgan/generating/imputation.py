"""Gaps filled and futures drawn: what is asked for, in windows that a model can see."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_rgan.conditioning.completion import Completion
from keras_rgan.conditioning.streams import ConditionStreams
from keras_rgan.data import SequenceTable, pad_sequences
from keras_rgan.data.named_columns import check_order
from keras_rgan.generating.compiled import Bridges
from keras_rgan.generating.windows import Complete, cut, of_window, roll, seen, summarize
from keras_rgan.sequences import reading
from keras_rgan.sequences.conditions import as_arrays, check_lengths
from keras_rgan.training.samples import beside
from keras_rgan.utils import checks

NUM_DRAWS = 32
"""Of how many draws `impute` takes the median."""

FREE = ("calibration", "range")
"""What fillings and futures are not held to: they go where the history does."""

Rows = dict[str, np.ndarray]


class Imputer:
    """Completes sequences by the generator of a model that learned to.

    Args:
        model: The `RecurrentGAN`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self._bridges: Bridges | None = None

    def impute(
        self,
        x: Any,
        num_samples: int | None,
        quantiles: Sequence[float] | None,
        seed: int | None,
        conditions: Mapping[str, Any] | None,
        batch_size: int,
    ) -> Any:
        """Fill what is missing; see `RecurrentGAN.impute`."""
        check_order(x, self.model.column_names)
        values, lengths, conditions, alone = with_nan(x, conditions)
        self._check_completes("impute")
        sequences, rows = self._checked(values, lengths, conditions)
        count = NUM_DRAWS if num_samples is None else num_samples
        single = num_samples is None and quantiles is None
        drawing = Drawing(self, len(sequences), count, [0.5] if single else quantiles, seed, batch_size)
        filled = drawing(lambda complete, part: complete(part, 0), sequences, rows)
        filled = self._with_observed(self.model.left(filled), values)
        filled = filled[:, 0] if single else filled
        if alone:
            return filled[0]
        if "length" not in rows:
            return filled
        ends = np.ravel(rows["length"])
        return [part[..., :end, :] for part, end in zip(filled, ends, strict=True)]

    def forecast(
        self,
        history: Any,
        steps: int,
        num_samples: int,
        quantiles: Sequence[float] | None,
        seed: int | None,
        conditions: Mapping[str, Any] | None,
        batch_size: int,
    ) -> np.ndarray:
        """Draw how sequences go on; see `RecurrentGAN.forecast`."""
        steps = checks.positive_int("steps", steps)
        check_order(history, self.model.column_names)
        values, lengths, conditions, alone = with_nan(history, conditions)
        self._check_completes("forecast")
        ends = np.full(len(values), values.shape[1]) if lengths is None else lengths
        window = self.model.data_shape[1] or values.shape[1] + steps
        kept = ends if self.model.layout.length else np.minimum(ends, seen(window, steps))
        groups = []  # all of them are checked before any is made
        for count in np.unique(kept):
            chosen = np.flatnonzero(kept == count)
            starts = ends[chosen] - count
            part = cut(values[chosen], starts, count)
            given = conditions and {
                name: cut(v[chosen], starts, v.shape[1] - ends.max() + count)
                if v.ndim == 3
                else v[chosen]
                for name, v in conditions.items()
            }
            groups.append((chosen, *self._checked(part, None, given, steps)))
        drawing = Drawing(self, len(values), num_samples, quantiles, seed, batch_size)
        work = functools.partial(roll, steps=steps, window=window)
        paths = [drawing(work, sequences, rows) for _, sequences, rows in groups]
        order = np.argsort(np.concatenate([chosen for chosen, _, _ in groups]))
        futures = self.model.left(np.concatenate(paths)[order])
        return futures[0] if alone else futures

    def endless(self, count: int, rows: Rows, entropy: list[int]) -> Iterator[np.ndarray]:
        """Yield the parts of endless sequences: a window, and ever half of one that follows."""
        streams = self.model.noise_spec.streams(entropy)
        random = ConditionStreams.of(entropy).rows
        _, window, features = self.model.data_shape
        kept = max(window // 2, 1)

        def complete(part: np.ndarray, start: int, without: Sequence[str] = ()) -> np.ndarray:
            return self.complete(part, start, rows, 1, streams, random, count, without)

        piece = complete(np.full((count, window, features), np.nan, "float32"), 0)[:, 0]
        yield piece
        # Quantile maps are of windows made of nothing: behind others values would jump.
        go_on = functools.partial(complete, without=("calibration",))
        while True:
            piece = roll(go_on, piece[:, -kept:], max(window - kept, 1), window)[:, 0]
            yield piece

    @staticmethod
    def _with_observed(filled: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return fillings, `(samples, draws, time, features)`, with what is observed as it came."""
        known = values[:, None]
        dtype = np.result_type(filled, known.dtype if known.dtype.kind == "f" else "float32")
        if known.dtype.kind in "iu":  # of which float32 and float64 hold so many digits
            dtype = np.result_type(dtype, known.dtype)
        return np.where(np.isnan(known), filled, known).astype(dtype)

    def _check_completes(self, where: str) -> None:
        self.model.sampler.check_ready(where)
        if not self.model.completion:
            raise ValueError(
                f"{where} needs a model that learned to complete sequences. Expected: "
                "RecurrentGAN(completion=True). Received: completion=False"
            )

    def _checked(
        self,
        values: np.ndarray,
        lengths: np.ndarray | None,
        conditions: Mapping[str, Any] | None,
        further: int = 0,
    ) -> tuple[np.ndarray, Rows]:
        """Check sequences with gaps, and return them with their conditions as a step takes them.

        Lengths are among these, but not where sequences go `further`: how far is then drawn.
        """
        model = self.model
        variable = bool(model.layout.length)
        if lengths is not None and not variable:
            raise ValueError(
                "This model learned sequences of one length. Expected: an array (samples, time, "
                f"features). Received: sequences of {lengths.min()} to {lengths.max()} steps. Pass "
                "those of each length apart, or train a new model on sequences of different lengths."
            )
        trained = model.data_shape[1]
        room = further if trained is None else max(trained - values.shape[1], 0)
        whole = np.pad(values, [(0, 0), (0, min(further, room)), (0, 0)], mode="edge")
        model.admission.check(whole, gaps=True)
        model.sampler.sizes(whole.shape[1])
        values = model.admission.entered(values.astype("float64")).astype("float32")
        if variable:
            if lengths is None:
                lengths = np.full(len(values), values.shape[1])
            counting = reading.counting(lengths, values.shape[1])
            values = np.where(counting[..., None], values, np.nan)
            conditions = {**(conditions or {}), "length": lengths + further}
        names = [] if model.conditions is None else model.conditions.column_names
        if not names:
            if conditions is not None:
                raise ValueError(
                    "This model was trained without conditions. Received: conditions="
                    f"{sorted(map(str, conditions))}"
                )
            return values, {}
        if conditions is None:
            raise ValueError(
                f"This model takes the conditions {names}. Received: none. Pass them as "
                "conditions={…}, a row for each sequence."
            )
        request = model.sampler.request(None, values.shape[1] + further, conditions)
        rows = dict(request.rows or {})
        if further:
            rows.pop("length", None)
        return values, rows

    def _shown(self, sequences: np.ndarray, observed: np.ndarray, size: int) -> np.ndarray:
        """Return what the generator is shown of sequences in the scaler's units, some at a time."""
        with self.model.sampler.lock:
            if self._bridges is None:
                self._bridges = Bridges(self.model.scaler, self.model.gap_features)
            whole = {"sequences": sequences, "observed": observed}
            parts = [
                self._bridges.predict_on_batch({k: v[i : i + size] for k, v in whole.items()})
                for i in range(0, len(sequences), size)
            ]
        return np.concatenate(parts)

    def complete(
        self,
        windows: np.ndarray,
        start: int,
        rows: Rows,
        num_samples: int,
        streams: Sequence[np.random.Generator],
        random: np.random.Generator,
        size: int,
        without: Sequence[str] = FREE,
    ) -> np.ndarray:
        """Fill windows, `(sequences, time, features)` or `(sequences, draws, time, features)`.

        Of lengths of their own, where `rows` has none, each is drawn from those of the data that are
        not shorter.

        Args:
            windows: NaN where there is something to fill.
            start: Which step of the sequences they begin at.
            rows: Encoded conditions of each sequence.
            num_samples: How many ways each is filled.
            streams: Where the noise comes from.
            random: Where lengths come from.
            size: How many are made at a time.
            without: What they are not held to.
        """
        alike = windows.ndim == 3  # all draws begin with the same
        flat = windows.reshape(-1, *windows.shape[-2:])
        wanted = length = flat.shape[1]
        if self.model.layout.length:  # of one shape, whatever the length
            length = max(length, self.model.conditions.max_length)
            gap = np.full((len(flat), length - wanted, flat.shape[2]), np.nan, flat.dtype)
            flat = np.concatenate([flat, gap], axis=1)
        observed = reading.observed_in(flat).astype("float32")
        shown = self._shown(np.nan_to_num(flat), observed, size)
        if alike:
            flat, shown = (np.repeat(x, num_samples, axis=0) for x in (flat, shown))
        repeated = {
            name: np.repeat(of_window(values, start, wanted, length), num_samples, axis=0)
            for name, values in rows.items()
        }
        if self.model.layout.length and "length" not in rows:
            ends = self._lengths_beyond(start + wanted, len(flat), random)
            repeated["length"] = np.minimum(ends - start, length)[:, None].astype("int32")
        own = [
            ops.convert_to_tensor(shown) if isinstance(capability, Completion) else None
            for capability in self.model.capabilities
        ]
        columns: Any = self.model.sampler.columns(repeated, len(flat), length, own)
        samples = []
        for first_row in range(0, len(flat), size):
            part = columns[first_row : first_row + size]
            noise = self.model.noise_spec.draw_numpy(len(part), length, streams)
            samples.append(self.model.sampler.predict(beside(noise, part), size, without))
        whole = np.where(np.isnan(flat), np.concatenate(samples), flat)[:, :wanted]
        return whole.reshape(-1, num_samples, *whole.shape[1:])

    def _lengths_beyond(self, end: int, count: int, random: np.random.Generator) -> np.ndarray:
        """Return lengths drawn from those of the data that are not shorter."""
        self.model.conditions.check_rows("draws of them how far sequences go on")
        lengths = np.ravel(self.model.conditions.rows["length"])
        fitting = lengths[lengths >= end]
        return random.choice(fitting if len(fitting) else [end], count)


class Drawing:
    """Draws ways to complete sequences, or quantiles of these, some at a time to save memory.

    It goes on with its draws from call to call.

    Args:
        imputer: Completes windows.
        total: How many sequences there are in all.
        num_samples: How many draws of each.
        quantiles: Levels to return in their place, or None.
        seed: Seed of the draws.
        batch_size: How many are made at a time.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(
        self,
        imputer: Imputer,
        total: int,
        num_samples: int,
        quantiles: Sequence[float] | None,
        seed: int | None,
        batch_size: int,
    ) -> None:
        self.imputer = imputer
        self.num_samples = checks.positive_int("num_samples", num_samples)
        checks.positive_int("batch_size", batch_size)
        self.levels = checks.levels(quantiles)
        self.entropy = imputer.model.sampler.entropy(seed)
        self.size = min(batch_size, total * num_samples)
        self.sequences_at_a_time = -(-4 * batch_size // num_samples)
        self.streams: list[tuple[list[np.random.Generator], np.random.Generator]] = []

    def __call__(
        self,
        work: Callable[[Complete, np.ndarray], np.ndarray],
        sequences: np.ndarray,
        rows: Rows,
    ) -> np.ndarray:
        """Return `(sequences, draws or levels, time, features)` of what `work` makes of sequences."""
        scaler = self.imputer.model.scaler
        categories = [] if scaler is None else scaler.categories
        parts, count = [], self.sequences_at_a_time
        for start in range(0, len(sequences), count):
            chosen = {name: values[start : start + count] for name, values in rows.items()}
            complete = self._completing(chosen)
            paths = work(complete, sequences[start : start + count])
            parts.append(summarize(paths, self.levels, categories))
        return np.concatenate(parts)

    def _completing(self, rows: Rows) -> Complete:
        """Return a function that fills one window after another of sequences of these conditions."""
        windows = itertools.count()

        def complete(window: np.ndarray, start: int) -> np.ndarray:
            streams, random = self._streams_of(next(windows))
            return self.imputer.complete(
                window, start, rows, self.num_samples, streams, random, self.size
            )

        return complete

    def _streams_of(self, number: int) -> tuple[list[np.random.Generator], np.random.Generator]:
        """Return the streams of a window, each of which has its own, however many rows at a time."""
        if number == len(self.streams):
            own = [*self.entropy, number] if number else self.entropy
            noise_streams = self.imputer.model.noise_spec.streams(own)
            self.streams.append((noise_streams, ConditionStreams.of(own).rows))
        return self.streams[number]


def with_nan(
    x: Any, conditions: Any
) -> tuple[np.ndarray, np.ndarray | None, dict[str, np.ndarray] | None, bool]:
    """Return sequences that are NaN where they are not observed, their lengths where these differ, and
    their other conditions; and whether it was a single one, without the axis of samples."""
    if isinstance(x, SequenceTable):
        conditions = x.conditions or None if conditions is None else conditions
        x = x.sequences
    if hasattr(x, "columns"):
        raise ValueError(
            "Expected sequences, or a table that keras_rgan.data.from_frame has read. Received: a "
            f"{type(x).__name__}"
        )
    if not reading.is_array(x) and not isinstance(x, list | tuple) and not hasattr(x, "row_lengths"):
        raise ValueError(
            f"Expected an array or a list of arrays. Received: a {type(x).__name__}. Pass the batches "
            "of a dataset one by one."
        )
    x, conditions = reading.gather(x, conditions)
    values = reading.to_numpy(x)
    alone = values.ndim == 2
    values = values[None] if alone else values
    if values.ndim != 3 or not values.size:
        raise ValueError(
            "Expected sequences of shape (samples, time, features), or a single one (time, features), "
            f"NaN where a value is missing. Received: shape {values.shape}"
        )
    if isinstance(conditions, Mapping):
        conditions = {
            name: pad_sequences(v)[0] if isinstance(v, list) and v and np.ndim(v[0]) == 2 else v
            for name, v in conditions.items()
            if name != "observed"
        } or None
    if conditions is None:
        return values, None, None, alone
    if alone and isinstance(conditions, Mapping):
        conditions = {k: [v] if np.ndim(v) == 0 else v for k, v in conditions.items()}
    arrays = as_arrays(conditions)
    count = len(next(iter(arrays.values())))
    if count != len(values):
        raise ValueError(
            f"Expected one row of the conditions for each of {len(values)} sequences. Received: {count}"
        )
    lengths = arrays.pop("length", None)
    if lengths is not None:
        check_lengths(lengths)
        reading.check_rows({"length": lengths}, values)
        lengths = None if (lengths == values.shape[1]).all() else np.ravel(lengths)
    return values, lengths, arrays or None, alone
