"""Which columns of conditions mean what: the one place that cuts them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from keras import ops

from keras_rgan.utils.types import Tensor


@dataclasses.dataclass(frozen=True)
class ColumnLayout:
    """What the columns beside sequences, `(batch, time, total)`, are: the fields, in their order.

    Each part but the static one may differ from step to step. What cuts works on arrays, tensors and
    Keras tensors alike; where a part has no columns it is None.

    Attributes:
        length: Columns that tell a sequence's own length, of which the first is 1 at a step that counts
            and 0 where the sequence has ended; 2 of a `ConditionEncoder`, 0 where all steps count.
        covariates: Columns of conditions at each step.
        added: Further columns at each step, of capabilities that need some.
        shown: Columns of what is shown of a sequence that is to be completed: three a feature, as
            `layers.GapFeatures` makes them.
        static: Columns that hold for the whole sequence.

    Raises:
        ValueError: If a number is negative.

    Example:
        >>> import numpy as np
        >>> from keras_rgan.sequences.column_layout import ColumnLayout
        >>> layout = ColumnLayout(length=2, covariates=1, static=3)
        >>> layout.temporal, layout.total
        (3, 6)
        >>> columns = np.zeros((4, 24, layout.total))
        >>> layout.counts_of(columns).shape, layout.static_of(columns).shape
        ((4, 24, 1), (4, 3))
    """

    length: int = 0
    covariates: int = 0
    added: int = 0
    shown: int = 0
    static: int = 0

    def __post_init__(self) -> None:
        if min(self.length, self.covariates, self.added, self.shown, self.static) < 0:
            raise ValueError(f"Expected numbers of columns of at least 0. Received: {self}")

    @classmethod
    def of_network(
        cls,
        temporal: int,
        static: int,
        num_features: int = 0,
        variable_length: bool = False,
        completion: bool = False,
    ) -> ColumnLayout:
        """Return what a network knows of its columns from its arguments.

        Args:
            temporal: How many columns are known at each step.
            static: How many hold for the whole sequence.
            num_features: Width of the sequences, which `completion` needs.
            variable_length: Whether the first column tells which steps count.
            completion: Whether the last `3 * num_features` temporal ones show the sequence.
        """
        length = min(2, temporal) if variable_length else 0
        shown = 3 * num_features if completion else 0
        return cls(length, temporal - length - shown, 0, shown, static)

    @property
    def temporal(self) -> int:
        """How many columns are known at each step: all but the static ones."""
        return self.length + self.covariates + self.added + self.shown

    @property
    def total(self) -> int:
        """How many columns there are."""
        return self.temporal + self.static

    @property
    def of_conditions(self) -> ColumnLayout:
        """The layout of what a `ConditionEncoder` returns, without columns of capabilities."""
        return ColumnLayout(self.length, self.covariates, 0, 0, self.static)

    @property
    def context(self) -> int:
        """Width of what `context_of` returns."""
        return max(self.length - 1, 0) + self.covariates

    def counts_of(self, columns: Tensor | None) -> Tensor | None:
        """Return which steps count, `(batch, time, 1)`, 1 or 0; None where all do."""
        return columns[..., :1] if self.length and columns is not None else None

    def counting_of(self, columns: Any) -> Tensor | None:
        """Return which steps count, `(batch, time)`, True or False; None where all do."""
        counts = self.counts_of(columns)
        return None if counts is None else counts[..., 0] > 0

    def weights_of(self, columns: Tensor) -> Tensor | None:
        """Return a weight of each step, `(batch, time, 1)`; None for all alike.

        Of mean 1 in each sequence: the mean over all steps of values times these is that over the
        steps that count.
        """
        counts = self.counts_of(columns)
        if counts is None:
            return None
        return counts / ops.maximum(ops.mean(counts, axis=1, keepdims=True), 1e-12)

    def temporal_of(self, columns: Tensor) -> Tensor | None:
        """Return what is known at each step, `(batch, time, temporal)`."""
        return columns[..., : self.temporal] if self.temporal else None

    def covariates_of(self, columns: Tensor) -> Tensor | None:
        """Return the conditions at each step, `(batch, time, covariates)`."""
        return self._part(columns, self.length, self.covariates)

    def shown_of(self, columns: Tensor) -> Tensor | None:
        """Return what is shown of a sequence that is to be completed, `(batch, time, shown)`."""
        return self._part(columns, self.temporal - self.shown, self.shown)

    def static_of(self, columns: Tensor) -> Tensor | None:
        """Return what holds for the whole sequence, read at the first step, `(batch, static)`."""
        return columns[:, 0, self.temporal : self.total] if self.static else None

    def context_of(self, columns: Tensor) -> Tensor | None:
        """Return what is known of a whole sequence beside the static columns, `(batch, context)`.

        The length, as its second column has it, and the mean of every covariate over the steps that
        count.
        """
        if not self.context:
            return None
        covariates, counts = self.covariates_of(columns), self.counts_of(columns)
        parts = [] if self.length < 2 else [columns[:, 0, 1 : self.length]]
        if covariates is not None:
            if counts is None:
                parts.append(ops.mean(covariates, axis=1))
            else:
                total = ops.maximum(ops.sum(counts, axis=1), 1.0)
                parts.append(ops.sum(covariates * counts, axis=1) / total)
        return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=-1)

    def assemble(self, encoded: Tensor | None, own: Sequence[Tensor]) -> Tensor | None:
        """Return all columns: those of conditions, and those of capabilities at each step.

        Args:
            encoded: Columns of lengths, covariates and static conditions; None where there are none.
            own: Columns of capabilities in their order, `added + shown` in all.
        """
        if not own:
            return encoded
        if encoded is None:
            return _joined(*own)
        first = self.length + self.covariates
        self._check("encoded", encoded, first + self.static)
        own = [ops.cast(part, encoded.dtype) for part in own]
        return _joined(encoded[..., :first], *own, encoded[..., first:])

    def with_shown(self, columns: Tensor | None, shown: Tensor) -> Tensor:
        """Return columns that show this of a sequence, `(batch, time, shown)`.

        Args:
            columns: All columns, or all but those of what is shown; None where these are all there are.
            shown: What is shown, in place of what was.
        """
        self._check("shown", shown, self.shown)
        if columns is None:
            self._check("columns", None, self.total - self.shown)
            return shown
        first = self.temporal - self.shown
        shown = ops.cast(shown, columns.dtype)
        given = columns.shape[-1]
        self._check("columns", columns, self.total, self.total - self.shown)
        return _joined(columns[..., :first], shown, columns[..., given - self.static : given])

    def with_static(self, columns: Tensor, static: Tensor) -> Tensor:
        """Return columns of which the static ones are these, `(batch, static)`, at every step."""
        self._check("static", static, self.static)
        self._check("columns", columns, self.total, self.temporal)
        shape = (*ops.shape(columns)[:2], self.static)
        static = ops.broadcast_to(ops.cast(static, columns.dtype)[:, None], shape)
        return _joined(columns[..., : self.temporal], static)

    def join(self, samples: Tensor, columns: Tensor | None) -> Tensor:
        """Return samples with their columns behind the features, as discriminators read them.

        Where samples have axes between time and features, `(batch, time, height, width, channels)`,
        columns stand at each place of these.
        """
        self._check("columns", columns, self.total)
        if columns is None:
            return samples
        between = tuple(range(2, len(samples.shape) - 1))
        if between:
            shape = (*ops.shape(samples)[:-1], self.total)
            columns = ops.broadcast_to(ops.expand_dims(columns, between), shape)
        return ops.concatenate([samples, ops.cast(columns, samples.dtype)], axis=-1)

    def split(self, joined: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the samples and the columns of what `join` returned."""
        if not self.total:
            return joined, None
        first = joined.shape[-1] - self.total
        columns = joined[..., first:]
        while len(columns.shape) > 3:
            columns = columns[:, :, 0]
        return joined[..., :first], columns

    def _part(self, columns: Tensor, first: int, width: int) -> Tensor | None:
        return columns[..., first : first + width] if width else None

    def _check(self, name: str, values: Any, *widths: int) -> None:
        given = 0 if values is None else values.shape[-1]
        if given not in widths:
            expected = " or ".join(str(width) for width in sorted(set(widths)))
            raise ValueError(f"Expected `{name}` of {expected} columns, of {self}. Received: {given}")


def _joined(*parts: Tensor) -> Tensor:
    """Put columns side by side, but for parts without any."""
    some = [part for part in parts if part.shape[-1]]
    return some[0] if len(some) == 1 else ops.concatenate(some, axis=-1)
