"""Completion: what is hidden in training, how it is scored, and how long futures are rolled on."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.conditioning.attributes import Streams
from keras_rgan.data import SequenceTable, pad_sequences
from keras_rgan.layers.condition_encoder import as_arrays, check_lengths
from keras_rgan.sequences import noise as draws
from keras_rgan.sequences import reading
from keras_rgan.utils import checks
from keras_rgan.utils.types import Nested, Tensor

NUM_DRAWS = 32
"""Of how many draws `impute` takes the median."""

Complete = Callable[[np.ndarray, int], np.ndarray]
"""Fills windows where they are NaN, `(…, time, features)`, that begin at a step."""


def draw_observed(
    shape: tuple[Any, Any, int],
    seed: keras.random.SeedGenerator,
    known: Tensor | None = None,
    counts: Tensor | None = None,
) -> Tensor:
    """Draw which values of sequences a generator is shown, 1 where it is, as what it will be asked for.

    Each with a chance of a fifth: nothing; a beginning; single values, at a rate drawn for the
    sequence; whole steps, likewise; all but a gap in a share of the features, drawn for the sequence.

    Args:
        shape: `(batch, time, features)`.
        seed: Where the draws come from.
        known: What can be shown, 1 where there is a value; None for all.
        counts: Which steps are of the sequence, `(batch, time, 1)`; None for all. Beginnings and gaps
            are parts of these.

    Returns:
        `(batch, time, features)`, float32.
    """
    batch, length, count = shape

    def uniform(*rest: Any) -> Tensor:
        return 0.5 + 0.5 * draws.draw("uniform", (batch, *rest), seed)

    choice, size, start, rate = ops.split(uniform(1, 4), 4, axis=-1)
    single, chosen = uniform(length, count + 1), uniform(1, count)
    steps = ops.arange(length, dtype="float32")[None, :, None]
    span = ops.cast(length, "float32") if counts is None else ops.sum(counts, axis=1, keepdims=True)
    end = 1.0 + ops.floor(size * (span - 1.0))
    first = ops.floor(start * (span - end + 1.0))
    hidden = (steps >= first) & (steps < first + end) & (chosen < rate)
    kinds = [
        steps < end,
        single[..., :count] < rate,
        single[..., count:] < rate,
        ops.logical_not(hidden),
    ]
    observed = ops.zeros((batch, length, count))
    for i, kind in enumerate(kinds, 1):
        due = (choice >= i / 5.0) & (choice < (i + 1) / 5.0)
        observed += ops.cast(due & kind, "float32")
    for mask in (known, counts):
        if mask is not None:
            observed *= ops.cast(mask, "float32")
    return observed


def score(
    real: Tensor, first: Tensor, second: Tensor, scale: Tensor, known: Tensor | None = None
) -> Tensor:
    """Return the mean continuous ranked probability score of two draws of what is hidden.

    The mean distance of the draws to the truth less half of theirs to each other: on average it is
    least for draws of the true distribution given what is observed, whatever that is.

    Args:
        real: The truth, `(batch, time, features)`.
        first: A completion of each sequence.
        second: Another one, drawn independently.
        scale: The unit of each value's error; values of a scale of 0 are not scored.
        known: 1 where there is a truth, of the sequences' shape or `(batch, time, 1)`; None for
            everywhere.

    Reference:
        Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 2007;
        Pacchiardi et al., "Probabilistic Forecasting with Generative Networks via Scoring Rule
        Minimization", JMLR 2024.
    """
    counts = ops.cast(scale > 0, "float32")
    if known is not None:
        counts = counts * ops.cast(known, "float32")
    errors = 0.5 * (ops.abs(first - real) + ops.abs(second - real) - ops.abs(first - second))
    errors = errors * counts / ops.where(scale > 0, scale, 1.0)
    return ops.sum(errors) / ops.maximum(ops.sum(counts), 1.0)


def roll(complete: Complete, history: np.ndarray, steps: int, window: int) -> np.ndarray:
    """Return `steps` further steps of sequences, made in windows no longer than those of training.

    Args:
        complete: Returns windows `(sequences, draws, time, features)`, of windows of that shape or, the
            first time, without draws.
        history: What they go on from, `(sequences, time, features)`.
        steps: How many steps are wanted.
        window: Steps of a window. The last of the history, or of what was made, are the beginning of
            each; at least half a window of them where there are as many.

    Returns:
        `(sequences, draws, steps, features)`.
    """
    made, parts, end = history, [], history.shape[1]
    while steps:
        kept = min(made.shape[-2], _seen(window, steps))
        fresh = min(steps, max(window - kept, 1))
        known = made[..., made.shape[-2] - kept :, :]
        gap = np.full((*known.shape[:-2], fresh, known.shape[-1]), np.nan, known.dtype)
        made = complete(np.concatenate([known, gap], axis=-2), end - kept)
        parts.append(made[..., kept:, :])
        steps, end = steps - fresh, end + fresh
    return np.concatenate(parts, axis=-2)


def in_parts(pieces: Iterator[np.ndarray], steps: int) -> Iterator[np.ndarray]:
    """Yield what `pieces` hold, `(sequences, time, features)`, in parts of so many steps."""
    held: list[np.ndarray] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += piece.shape[1]
        if count >= steps:
            joined = np.concatenate(held, axis=1)
            whole = count - count % steps
            for start in range(0, whole, steps):
                yield joined[:, start : start + steps]
            held, count = [joined[:, whole:]], count - whole


class Shown(keras.Model):
    """What a generator is shown of sequences, compiled as Keras compiles `predict`.

    Args:
        scaler: A `SequenceScaler`, or None.
        gap_features: A `GapFeatures`.
    """

    def __init__(self, scaler: Any, gap_features: Any) -> None:
        super().__init__()
        self.scaler, self.gap_features = scaler, gap_features
        self.built = True

    def call(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return `GapFeatures` of sequences in their own units, and of what is observed."""
        sequences, observed = inputs["sequences"], inputs["observed"]
        if self.scaler is not None:
            sequences = self.scaler(sequences)
        return self.gap_features(sequences, observed)


def summarize(
    paths: np.ndarray, levels: np.ndarray | None, categories: Sequence[tuple[int, int]] = ()
) -> np.ndarray:
    """Return draws as they are, or their quantiles, `(sequences, levels, time, features)`.

    A quantile is one of the draws, so that integers stay such. Of categories, one-hot between the
    features of each pair, the most frequent stands for every level.

    Args:
        paths: `(sequences, draws, time, features)`.
        levels: Levels between 0 and 1, or None for the draws.
        categories: Pairs of the first feature of a group and the one behind its last.
    """
    if levels is None:
        return paths
    found = np.moveaxis(np.quantile(paths, levels, axis=1, method="inverted_cdf"), 0, 1)
    for first, last in categories:
        votes = paths[..., first:last].mean(axis=1, keepdims=True)
        found[..., first:last] = np.eye(last - first)[votes.argmax(axis=-1)]
    return found.astype(paths.dtype)


class CompletionMixin:
    """What `RecurrentGAN` does with sequences of which part is observed."""

    # Parts of the model
    completion: bool
    scaler: Any
    gap_features: Any
    conditions: Any
    predict_on_batch: Any
    _noise_spec: Any
    _data_shape: Any
    _asked_for: Any
    _check_ready: Any
    _check_samples: Any
    _columns_of: Any
    _shown_model: Any
    _variable_length: Any
    _entropy: Any
    _predict_padded: Any
    _sampling: Any

    def impute(
        self,
        x: Any,
        num_samples: int | None = None,
        quantiles: Sequence[float] | None = None,
        seed: int | None = None,
        conditions: Mapping[str, Any] | None = None,
        batch_size: int = 256,
    ) -> Any:
        """Fill what is missing in sequences; what is observed stays exactly as it is.

        Args:
            x: Sequences in their own units, `(samples, time, features)`, of any length, or a single
                one, `(time, features)`, NaN where a value is missing; where the model learned sequences
                of different lengths a list of arrays; or the table of such that `fit` took, with its
                conditions.
            num_samples: How many ways each is filled, drawn from the distribution given what is
                observed; or how many draws quantiles are taken of, 32. By default each value is filled
                by the median of 32 draws, which is near the truth on average but smoother.
            quantiles: Levels between 0 and 1 of the draws' quantiles to return in their place. Of
                categories all hold the most frequent one.
            seed: The same seed gives the same draws; by default every call gives new ones.
            conditions: Conditions of the sequences, where the model takes some.
            batch_size: How many sequences are made at a time.

        Returns:
            `(samples, time, features)`; with `num_samples` `(samples, num_samples, time, features)`;
            with `quantiles` `(samples, quantiles, time, features)`; of a model that learned sequences
            of different lengths a list of these, without the first axis. Float32; values of integers
            and categories keep to their steps, but may leave the range of the data.

        Raises:
            ValueError: If the model was not made with `completion=True` or has seen no data, or the
                sequences are not as in training.

        Example:
            >>> import numpy as np, keras_rgan as kr
            >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
            >>> gan = kr.RecurrentGAN(completion=True, seed=0)
            >>> gan.compile()
            >>> history = gan.fit(sines, batch_size=32, verbose=0)
            >>> gaps = sines[:3].copy()
            >>> gaps[:, 2:5] = np.nan
            >>> filled = gan.impute(gaps, seed=1)
            >>> bool(np.all(filled[:, 5:] == sines[:3, 5:]) and np.all(np.isfinite(filled)))
            True

        Reference:
            Rubin, "Multiple Imputation for Nonresponse in Surveys", 1987; Yoon et al., "GAIN: Missing
            Data Imputation using Generative Adversarial Nets", ICML 2018.
        """
        values, lengths, conditions, alone = _with_nan(x, conditions)
        self._check_completes("impute")
        sequences, rows = self._to_complete(values, lengths, conditions)
        count = NUM_DRAWS if num_samples is None else num_samples
        single = num_samples is None and quantiles is None
        levels = [0.5] if single else quantiles
        draw = self._drawing(len(sequences), count, levels, seed, batch_size)
        filled = draw(lambda complete, part: complete(part, 0), sequences, rows)
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
        num_samples: int = 100,
        quantiles: Sequence[float] | None = None,
        seed: int | None = None,
        conditions: Mapping[str, Any] | None = None,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Draw how sequences go on.

        A model sees as many steps as it was trained on: the last of the history that leave room for the
        steps that are asked for, and at least half of them. Of more it draws one part after another.
        Where sequences have lengths of their own, how much further than these steps each goes is drawn
        from those of the data that are as long.

        Args:
            history: Sequences in their own units, `(series, time, features)`, or one, `(time,
                features)`, or a list of such of different lengths; NaN where a value is missing. Or a
                table, each sequence of which goes on.
            steps: How many further steps. They may leave the range of the data, as the history may.
            num_samples: How many futures are drawn of each; with `quantiles` of how many these are
                taken.
            quantiles: Levels between 0 and 1 of the draws' quantiles, step by step, to return in place
                of the draws. Of categories all hold the most frequent one.
            seed: The same seed gives the same draws; by default every call gives new ones.
            conditions: Conditions of the sequences, where the model takes some; those at each step for
                all steps, of history and future (of histories of different lengths a list of arrays).
            batch_size: How many sequences are made at a time.

        Returns:
            `(series, num_samples, steps, features)`, or `(series, quantiles, steps, features)`; without
            the first axis for a single series. Float32.

        Raises:
            ValueError: If the model was not made with `completion=True` or has seen no data, or the
                sequences are not as in training.

        Example:
            >>> import keras_rgan as kr
            >>> sines = kr.datasets.make_sines(64, length=12, num_features=2)
            >>> gan = kr.RecurrentGAN(completion=True, seed=0)
            >>> gan.compile()
            >>> history = gan.fit(sines, batch_size=32, verbose=0)
            >>> gan.forecast(sines[:5, :8], steps=4, num_samples=10, seed=1).shape
            (5, 10, 4, 2)
            >>> gan.forecast(sines[0, :8], steps=20, quantiles=[0.1, 0.9], seed=1).shape
            (2, 20, 2)

        Reference:
            Koochali et al., "Probabilistic Forecasting of Sensory Data with Generative Adversarial
            Networks - ForGAN", IEEE Access 2019.
        """
        steps = checks.positive_int("steps", steps)
        values, lengths, conditions, alone = _with_nan(history, conditions)
        self._check_completes("forecast")
        assert self._data_shape is not None
        ends = np.full(len(values), values.shape[1]) if lengths is None else lengths
        window = self._data_shape[1] or values.shape[1] + steps
        kept = ends if self._variable_length else np.minimum(ends, _seen(window, steps))
        checked = []  # all of them, before any is made
        for count in np.unique(kept):
            chosen = np.flatnonzero(kept == count)
            starts = ends[chosen] - count
            part = _cut(values[chosen], starts, count)
            given = conditions and {
                name: _cut(v[chosen], starts, v.shape[1] - ends.max() + count)
                if v.ndim == 3
                else v[chosen]
                for name, v in conditions.items()
            }
            checked.append((chosen, *self._to_complete(part, None, given, steps)))
        draw = self._drawing(len(values), num_samples, quantiles, seed, batch_size)
        work = functools.partial(roll, steps=steps, window=window)
        paths = [draw(work, sequences, rows) for _, sequences, rows in checked]
        order = np.argsort(np.concatenate([chosen for chosen, _, _ in checked]))
        found = np.concatenate(paths)[order]
        return found[0] if alone else found

    def continue_from(
        self,
        history: Any,
        steps: int,
        seed: int | None = None,
        conditions: Mapping[str, Any] | None = None,
    ) -> np.ndarray:
        """Draw one way in which each of some sequences goes on: `forecast` of a single future.

        Args:
            history: Sequences in their own units, `(series, time, features)`, or one, `(time,
                features)`.
            steps: How many further steps.
            seed: The same seed gives the same steps; by default every call gives new ones.
            conditions: Conditions, as `forecast` takes them.

        Returns:
            `(series, steps, features)`, or `(steps, features)` for a single series: what stands behind
            the history in one sequence.

        Raises:
            ValueError: As `forecast`.
        """
        paths = self.forecast(history, steps, num_samples=1, seed=seed, conditions=conditions)
        return paths[..., 0, :, :]

    def _check_completes(self, where: str) -> None:
        self._check_ready(where)
        if not self.completion:
            raise ValueError(
                f"{where} needs a model that learned to complete sequences. Expected: "
                "RecurrentGAN(completion=True). Received: completion=False"
            )

    def _to_complete(
        self,
        values: np.ndarray,
        lengths: np.ndarray | None,
        conditions: Mapping[str, Any] | None,
        further: int = 0,
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Check sequences with gaps, and return them with their conditions as a step takes them.

        Lengths are among these, but not where sequences go `further`: how far is then drawn.
        """
        if lengths is not None and not self._variable_length:
            raise ValueError(
                "This model learned sequences of one length. Expected: an array (samples, time, "
                f"features). Received: sequences of {lengths.min()} to {lengths.max()} steps. Pass "
                "those of each length apart, or train a new model on sequences of different lengths."
            )
        assert self._data_shape is not None
        room = further if self._data_shape[1] is None else max(self._data_shape[1] - values.shape[1], 0)
        whole = np.pad(values, [(0, 0), (0, min(further, room)), (0, 0)], mode="edge")
        self._check_samples(whole, gaps=True)
        self._sampling(whole.shape[1])
        values = values.astype("float32")
        if self._variable_length:
            if lengths is None:
                lengths = np.full(len(values), values.shape[1])
            values = np.where(
                np.arange(values.shape[1])[:, None] < lengths[:, None, None], values, np.nan
            )
            conditions = {**(conditions or {}), "length": lengths + further}
        names = [] if self.conditions is None else self.conditions.column_names
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
        given, _, _ = self._asked_for(None, values.shape[1] + further, conditions)
        rows = dict(given or {})
        if further:
            rows.pop("length", None)
        return values, rows

    def _drawing(
        self,
        total: int,
        num_samples: int,
        quantiles: Sequence[float] | None,
        seed: int | None,
        batch_size: int,
    ) -> Callable[..., np.ndarray]:
        """Return a function of work, sequences and rows that returns draws or quantiles of these.

        It makes some at a time, to save memory, and goes on with its draws from call to call, of
        `total` sequences in all.
        """
        checks.positive_int("num_samples", num_samples)
        checks.positive_int("batch_size", batch_size)
        levels = checks.levels(quantiles)
        assert self._noise_spec is not None
        entropy = self._entropy(seed)
        streams: list[tuple[list[np.random.Generator], np.random.Generator]] = []
        size = min(batch_size, total * num_samples)
        count = -(-4 * batch_size // num_samples)
        categories = [] if self.scaler is None else self.scaler.categories

        def draw(
            work: Callable[[Complete, np.ndarray], np.ndarray],
            sequences: np.ndarray,
            rows: dict[str, np.ndarray],
        ) -> np.ndarray:
            found = []
            free = (
                contextlib.nullcontext()
                if self.scaler is None
                else self.scaler.unconstrained(lattice=True)
            )
            with free:
                for first in range(0, len(sequences), count):
                    chosen = {name: values[first : first + count] for name, values in rows.items()}
                    windows = itertools.count()

                    def complete(
                        window: np.ndarray,
                        start: int,
                        chosen: dict[str, np.ndarray] = chosen,
                        windows: Iterator[int] = windows,
                    ) -> np.ndarray:
                        number = next(windows)  # each has draws of its own, however many rows at a time
                        if number == len(streams):
                            own = [*entropy, number] if number else entropy
                            streams.append((self._noise_spec.streams(own), Streams.of(own).rows))
                        drawn = streams[number]
                        return self._complete(window, start, chosen, num_samples, *drawn, size)

                    made = work(complete, sequences[first : first + count])
                    found.append(summarize(made, levels, categories))
            return np.concatenate(found)

        return draw

    def _shown_of(self, sequences: np.ndarray, observed: np.ndarray) -> np.ndarray:
        """Return what the generator is shown of sequences in their own units."""
        if self._shown_model.value is None:
            self._shown_model.value = Shown(self.scaler, self.gap_features)
        shown: np.ndarray = self._shown_model.value.predict_on_batch(
            {"sequences": sequences, "observed": observed}
        )
        return shown

    def _roll_on(
        self, count: int, rows: dict[str, np.ndarray], entropy: list[int]
    ) -> Iterator[np.ndarray]:
        """Yield the parts of endless sequences: a window, and ever half of one that follows."""
        assert self._data_shape is not None
        assert self._noise_spec is not None
        streams, random = self._noise_spec.streams(entropy), Streams.of(entropy).rows
        _, window, features = self._data_shape
        kept = max(window // 2, 1)

        def complete(part: np.ndarray, start: int) -> np.ndarray:
            return self._complete(part, start, rows, 1, streams, random, count)

        made = complete(np.full((count, window, features), np.nan, "float32"), 0)[:, 0]
        yield made
        while True:
            # Quantile maps are of windows made of nothing: behind others values would jump.
            free = contextlib.nullcontext() if self.scaler is None else self.scaler.uncalibrated()
            with free:
                made = roll(complete, made[:, -kept:], max(window - kept, 1), window)[:, 0]
            yield made

    def _complete(
        self,
        windows: np.ndarray,
        start: int,
        rows: dict[str, np.ndarray],
        num_samples: int,
        streams: Sequence[np.random.Generator],
        random: np.random.Generator,
        size: int,
    ) -> np.ndarray:
        """Fill windows, `(sequences, time, features)` or `(sequences, draws, time, features)`.

        `size` of them are made at a time. Of lengths of their own, where `rows` has none, each is drawn
        from those of the data that are not shorter.
        """
        assert self._noise_spec is not None
        alike = windows.ndim == 3  # all draws begin with the same
        flat = windows.reshape(-1, *windows.shape[-2:])
        wanted = length = flat.shape[1]
        if self._variable_length:  # of one shape, whatever the length
            length = max(length, self.conditions.max_length)
            gap = np.full((len(flat), length - wanted, flat.shape[2]), np.nan, flat.dtype)
            flat = np.concatenate([flat, gap], axis=1)
        observed = ~np.isnan(flat)
        shown = self._shown_of(np.nan_to_num(flat), observed.astype("float32"))
        if alike:
            flat, shown = (np.repeat(x, num_samples, axis=0) for x in (flat, shown))
        repeated = {}
        for name, values in rows.items():
            part = values
            if values.ndim == 3:
                part = values[:, start : start + wanted]
                part = np.pad(part, [(0, 0), (0, length - wanted), (0, 0)], mode="edge")
            repeated[name] = np.repeat(part, num_samples, axis=0)
        if self._variable_length and "length" not in rows:
            known = np.ravel(self.conditions.rows["length"])
            fitting = known[known >= start + wanted]
            ends = random.choice(fitting if len(fitting) else [start + wanted], len(flat))
            repeated["length"] = np.minimum(ends - start, length)[:, None].astype("int32")
        columns = self._columns_of(repeated, len(flat), length, ops.convert_to_tensor(shown))
        assert columns is not None
        made = []
        for first in range(0, len(flat), size):
            part = columns[first : first + size]
            noise = self._noise_spec.draw_numpy(len(part), length, streams)
            made.append(self._predict_padded(beside(noise, part), size))
        whole = np.where(np.isnan(flat), np.concatenate(made), flat)[:, :wanted]
        return whole.reshape(-1, num_samples, *whole.shape[1:])


def beside(noise: Nested, columns: Any) -> Nested:
    """Return noise with the columns of conditions beside it, where there are any."""
    return noise if columns is None else {**noise, "conditions": columns}


def _seen(window: int, steps: int) -> int:
    """Return how many steps of a history a window has room for, before so many steps: half at least."""
    return max(window - steps, window // 2, 1)


def _cut(values: np.ndarray, starts: np.ndarray, count: int) -> np.ndarray:
    """Return `count` steps of each sequence from its start."""
    if not starts.any():
        return values[:, :count]
    return np.stack([x[a : a + count] for x, a in zip(values, starts, strict=True)])


def _with_nan(
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
    found = as_arrays(conditions)
    count = len(next(iter(found.values())))
    if count != len(values):
        raise ValueError(
            f"Expected one row of the conditions for each of {len(values)} sequences. Received: {count}"
        )
    lengths = found.pop("length", None)
    if lengths is not None:
        check_lengths(lengths)
        reading.check_rows({"length": lengths}, values)
        lengths = None if (lengths == values.shape[1]).all() else np.ravel(lengths)
    return values, lengths, found or None, alone
