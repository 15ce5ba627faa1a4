"""One pass over a user's data that adapts all that adapts; two where ranges per sequence need it."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.layers import (
    ConditionEncoder,
    ExponentialSmoothing,
    IncrementFeatures,
    LinearProcess,
    MixtureProcess,
)
from keras_rgan.networks.traits import (
    MISFIT,
    MISFIT_OF_PARTS,
    Traits,
    default_increments,
    news_of,
    process_steps,
)
from keras_rgan.sequences import reading
from keras_rgan.sequences.admission import Source
from keras_rgan.sequences.statistics import process_choice
from keras_rgan.sequences.statistics.scaling import MinMax
from keras_rgan.utils.types import Shape
from keras_rgan.utils.variables import value_of

NUM_EXAMPLES = 64
"""How many real samples are kept for pictures."""

NUM_FIRST = 256
"""So many samples a generator is shown that begins at what data is like (`begin_at`)."""

WITHOUT_EFFECT = ("length", "observed")
"""Conditions from which the mean of a linear process does not follow."""

ALIKE = 3.0
"""By which factor a scale may differ, and how many spreads data may lie away, to be like other data."""


class Survey:
    """Looks at each batch of a source once, and adapts a model when all is seen and nothing is wrong.

    Args:
        model: The `RecurrentGAN`: built or not, with or without parts that know their data already.
        source: What it is to know.
        limit: The most batches to read of a source whose end is not known.
        again: Whether what was adapted adapts anew: but for a scaler that came adapted.
    """

    def __init__(self, model: Any, source: Source, limit: int | None, again: bool = False) -> None:
        self.model, self.assembly, self.again = model, model.rooms.assembly, again
        encoder = model.conditions
        if not model.built and (encoder is None or not encoder.adapted):
            source = source.with_lengths_that_tell
        self.source, data = source, source.data
        if hasattr(data, "disjoint"):  # the same rows in fewer windows
            data, limit = data.disjoint(), None
        self.data = data
        self.limit = None if reading.is_finite(data) else limit
        scaler = model.scaler
        self.needs_scaler = scaler is not None and (
            not scaler.adapted or (again and not self.assembly.scaler_came_adapted)
        )
        self.fresh = model.generator is None and model.discriminator is None
        self.takes_nan = bool(model.completion) and not model.built
        self.scaler_statistics = scaler.new_statistics() if self.needs_scaler else None
        self.condition_statistics: Any = None
        self.condition_statistics_without_gaps: Any = None
        self.layer_statistics: dict[str, Any] = {}
        self.names: list[str] | None = None
        self.sample: np.ndarray | None = None
        self.sample_conditions: dict[str, Any] = {}
        self.has_gaps = False
        self.begins = False
        """Whether the networks know nothing of the data yet."""

    def run(self) -> None:
        """Read the source, check it, and adapt the model.

        Raises:
            ValueError: If the data is empty or wrong; the model is then as it was.
        """
        if reading.is_one_shot(self.data):
            raise ValueError(
                "A Python generator can be read only once, but the model must see the data before "
                "it trains. Call gan.adapt(samples) with some of the data first, or pass a "
                "tf.data.Dataset, keras.utils.PyDataset or DataLoader. Received: "
                f"{type(self.data).__name__}"
            )
        ranges_first = self.needs_scaler and self.model.scaler.per_sequence
        for sequences, conditions in self._batches():
            self._look(sequences, conditions)
            self._take(sequences, conditions, scaler=True, others=not ranges_first)
        if self.sample is None:
            raise ValueError("Expected at least one batch of data. Received: none")
        if self.scaler_statistics is not None:
            self.scaler_statistics.check(self.model.scaler.num_features)
        view = self.layer_statistics.get("view")
        if self.model.scaler is None and view is not None:
            self.model.admission.check_spreads(view.deviation)
        parts, scaler_state = self.assembly.parts(), self.assembly.scaler_state()
        try:
            if ranges_first:
                self._adapt_scaler()
                self.condition_statistics = None
                for sequences, conditions in self._batches():
                    self._take(sequences, conditions, scaler=False, others=True)
            self._settle(adapt_scaler=self.needs_scaler and not ranges_first)
        except BaseException:
            self.assembly.fall_back(parts, scaler_state)
            raise

    def _batches(self) -> Iterator[tuple[np.ndarray, dict[str, Any]]]:
        if self.source.is_array:
            pairs = reading.iterate_pairs((self.data, self.source.conditions), self.limit)
        else:
            pairs = map(reading.split_batch, reading.batches_of(self.data, self.limit))
        batches = ((sequences, dict(conditions or {})) for sequences, conditions in pairs)
        if self.source.is_array or not self.model.skips_nonfinite:
            return batches
        admission, gaps = self.model.admission, self.takes_nan
        return (batch for batch in batches if admission.is_finite(*batch, gaps or None))

    # A batch

    def _look(self, sequences: np.ndarray, conditions: dict[str, Any]) -> None:
        """Check a batch, and keep the first one of a dataset, or the whole array."""
        if self.sample is None:
            whole = self.source.is_array
            self.sample = reading.to_numpy(self.data) if whole else sequences
            self.sample_conditions = self.source.conditions if whole else conditions
            self._prepare(sequences.shape)
        elif sequences.shape[-1:] != self.sample.shape[-1:] or sequences.ndim != self.sample.ndim:
            raise ValueError(
                f"Expected samples of shape {(None, *self.sample.shape[1:])} in every batch, as in the "
                f"first. Received: shape {sequences.shape}"
            )
        names = sorted(map(str, conditions))
        self.names = names if self.names is None else self.names
        if names != self.names:
            raise ValueError(
                f"Expected the same conditions in every batch: {self.names or 'none'}. Received: "
                f"{names or 'none'}"
            )
        self.model.admission.check(sequences, self.takes_nan or "observed" in conditions)
        if self.model.built:  # for these conditions, or none
            for capability in self.model.capabilities:
                conditions = capability.admit(sequences, conditions)

    def _prepare(self, shape: Shape) -> None:
        """Have statistics for those layers that look at scaled data."""
        scaler = self.model.scaler
        self.model.admission.check_array(shape, np.dtype("float32"))
        features = None if scaler is None else scaler.num_features
        if self.needs_scaler and features not in (None, shape[-1]):
            raise ValueError(
                f"The scaler has {features} features, the data {shape[-1]}. Pass a scaler for this "
                "data."
            )
        # Networks that come with an adapted scaler may have learned with it.
        self.begins = self.needs_scaler or (not self.model.built and (scaler is None or self.fresh))
        if len(shape) != 3:
            return
        if self.begins:
            if self.assembly.begins_as_a_process():
                self.layer_statistics["process"] = LinearProcess.new_statistics()
            for role in ("smoother", "view"):
                self.layer_statistics[role] = self._new_statistics(role)
        gap_features = self.model.gap_features
        if gap_features is not None and (self.again or not gap_features.adapted):
            self.layer_statistics["gap_features"] = gap_features.new_statistics(shape[1])

    def _new_statistics(self, role: str) -> Any:
        """Return statistics for a layer of a network, which may not be made yet."""
        layer = self.assembly.adaptable_layer(role)
        if layer is not None:
            return layer.new_statistics()
        if role == "smoother":
            return ExponentialSmoothing().new_statistics()
        order = self.assembly.changes["discriminator"].get("increments", 0)
        return IncrementFeatures(order=max(2, int(order))).new_statistics()

    def _take(
        self, sequences: np.ndarray, conditions: dict[str, Any], scaler: bool, others: bool
    ) -> None:
        """Take a batch into what is learned of the scaler, and of the others."""
        gaps_are_told = "observed" in conditions
        for capability in self.model.capabilities:
            conditions = capability.introduce(sequences, conditions)
        lengths = conditions.get("length")
        if self.takes_nan and not gaps_are_told and sequences.ndim == 3:
            self._take_conditions("condition_statistics_without_gaps", sequences, conditions)
            self.has_gaps = self.has_gaps or not reading.observed_in(sequences).all()
            observed = reading.observed_in(sequences, lengths)
            conditions = {**conditions, "observed": observed}
        else:
            self.has_gaps = self.has_gaps or gaps_are_told
        self._take_conditions("condition_statistics", sequences, conditions)
        if scaler:
            self._take_levels(sequences, lengths, gaps_are_told)
        if others and self.layer_statistics:
            seen = self._as_layers_see(sequences, lengths)
            for rows in _unpadded(seen, lengths):
                for role, statistics in self.layer_statistics.items():
                    if role != "process":
                        statistics.update(rows, True)
            self._take_process(seen, conditions)

    def _take_process(self, sequences: np.ndarray, conditions: dict[str, Any]) -> None:
        """Take a batch into what is learned of a linear process, with what its mean may follow from."""
        statistics = self.layer_statistics.get("process")
        if statistics is None:
            return
        lengths = conditions.get("length")
        beside = {k: reading.to_numpy(v) for k, v in conditions.items() if k not in WITHOUT_EFFECT}
        if lengths is None:
            statistics.update(sequences, True, beside)
            return
        for length, rows in reading.rows_by_length(lengths):
            part = {k: v[rows][:, :length] if v.ndim == 3 else v[rows] for k, v in beside.items()}
            statistics.update(sequences[rows, :length], True, part)

    def _take_levels(self, sequences: np.ndarray, lengths: Any, gaps_are_told: bool = False) -> None:
        gaps = gaps_are_told or self.takes_nan or self.model.has_gaps
        if self.scaler_statistics is not None:
            for rows in _unpadded(sequences, lengths):
                self.scaler_statistics.update(rows, gaps)

    def _as_layers_see(self, sequences: np.ndarray, lengths: Any) -> np.ndarray:
        """Return sequences in their own units, but for those that are scaled by ranges of their own."""
        scaler = self.model.scaler
        if scaler is None or not scaler.per_sequence:
            return sequences
        counting = None if lengths is None else reading.counting(lengths, sequences.shape[1])
        return ops.convert_to_numpy(scaler(sequences, mask=counting))

    def _take_conditions(
        self, statistics: str, sequences: np.ndarray, conditions: dict[str, Any]
    ) -> None:
        """Learn what conditions there are, in statistics of that name."""
        if not conditions:
            return
        if sequences.ndim < 3:
            raise ValueError(
                "Conditions stand beside sequences of shape (samples, time, features). Received: "
                f"conditions beside samples of shape {tuple(sequences.shape)}"
            )
        of_steps = [k for k, v in conditions.items() if k in WITHOUT_EFFECT or np.ndim(v) > 2]
        if sequences.ndim > 3 and of_steps:
            raise ValueError(
                "Beside samples of more axes than (samples, time, features) stand conditions that hold "
                "for a whole sample, labels and attributes. Received: the conditions "
                f"{sorted(of_steps)} beside samples of shape {tuple(sequences.shape)}"
            )
        reading.check_rows(conditions, sequences)
        if getattr(self, statistics) is None:
            setattr(self, statistics, ConditionEncoder().new_statistics())
            getattr(self, statistics).declare(self.source.categories)
        getattr(self, statistics).update(conditions)

    # When all is seen

    def _settle(self, adapt_scaler: bool) -> None:
        model = self.model
        first = not model.built
        with backend.variable_scope(model):
            self._adapt_conditions()
            if first:
                self._make_networks()
                assert self.sample is not None
                model.build((None, *self.sample.shape[1:]))
            if adapt_scaler:
                self._adapt_scaler()
        self._adapt_layers()
        model.column_names = self.source.names or model.column_names
        keep_examples(model, self.sample, self.sample_conditions)

    def _adapt_conditions(self) -> None:
        """Have the encoder know what was learned of conditions.

        Raises:
            ValueError: If the networks were built for others.
        """
        model, statistics = self.model, self.condition_statistics
        if self.takes_nan and not self.has_gaps:
            statistics = self.condition_statistics_without_gaps
        encoder = model.conditions
        if statistics is None:
            return
        if encoder is None:
            encoder = ConditionEncoder(name="conditions")
        if not encoder.adapted:
            encoder.adopt(statistics)
        elif self.again and model.built:
            encoder.adopt_again(statistics)
            model.retrace()  # what was traced has the means and deviations from before
        model.conditions = encoder

    def _make_networks(self) -> None:
        """Make the networks that are missing; those made without data look at first increments."""
        assert self.sample is not None
        if self.sample.ndim != 3:
            return
        parts = [self.sample]
        if "length" in self.sample_conditions:
            parts = list(reading.by_length(self.sample, self.sample_conditions["length"]))
        categories: list[tuple[int, int]] = []
        if self.scaler_statistics is not None:
            categories = self.scaler_statistics.categories()
        elif self.model.scaler is not None:
            categories = self.model.scaler.categories
        self._encode_process()
        traits = Traits(default_increments(parts), categories)
        if self.model.generator is None:
            process = self._process_of(categories)
            traits = dataclasses.replace(traits, news=news_of(parts), **process)
        self.assembly.make_networks(self.sample.shape, traits)

    def _encode_process(self) -> None:
        """Let the mean of a linear process follow from the conditions, whose columns are known now."""
        statistics, encoder = self.layer_statistics.get("process"), self.model.conditions
        if statistics is None or encoder is None:
            return
        layout = self.assembly.layout(statistics.num_features)

        def columns_of(rows: dict[str, np.ndarray], lengths: np.ndarray, steps: int) -> np.ndarray:
            if "length" in encoder.names:
                rows = {**rows, "length": lengths}
            encoded = encoder(encoder.encode(rows, optional=("observed",)), length=steps)
            known = ops.convert_to_numpy(encoded).astype("float64")
            columns = np.zeros((len(lengths), known.shape[1], layout.total))
            own = layout.of_conditions
            first = slice(layout.length, layout.length + layout.covariates)
            columns[..., first] = known[..., first]
            columns[..., layout.total - own.static :] = known[..., own.total - own.static :]
            return columns[:, :steps]

        statistics.encode(columns_of)

    def _process_of(self, categories: list[tuple[int, int]]) -> dict[str, Any]:
        """Return as what process a generator that is made begins, if as any, and why."""
        statistics = self.layer_statistics.get("process")
        chosen = sum(behind - first for first, behind in categories)
        told = {"linear_process", "mixture_process"} & set(self.assembly.changes["generator"])
        if statistics is None or told or chosen == statistics.num_features:
            return {}
        count = statistics.num_features
        steps = process_steps(statistics.longest, count, self.assembly.layout(count).total)
        if not steps:
            return {}
        misfit, clusters = process_choice.best_fit(statistics, steps, MISFIT_OF_PARTS)
        mixture = process_choice.best_mixture(statistics, steps, misfit, MixtureProcess.values_of)
        if mixture is not None and mixture[0] <= MISFIT_OF_PARTS:
            return {"misfit": mixture[0], "mixture": mixture[1:]}
        fits = misfit <= MISFIT
        return {"linear_process": steps if fits else 0, "misfit": misfit, "clusters": clusters}

    def _adapt_scaler(self) -> None:
        """Adapt the scaler, whose variables belong to the model."""
        scaler = self.model.scaler
        if not scaler.built:
            assert self.sample is not None
            with keras.name_scope(self.model.name):
                scaler.build(self.sample.shape)
        scaler.adopt(self.scaler_statistics)
        self._warn_of_outliers()

    def _warn_of_outliers(self) -> None:
        """Warn of features of which a few values leave next to no room for the others."""
        scaling = getattr(self.scaler_statistics, "scaling", None)
        if not isinstance(scaling, MinMax) or self.model.scaler.per_sequence:
            return
        for feature, words in scaling.stretched().items():
            warnings.warn(
                f"Feature {feature} reaches {words}. Scaled by its range, all else lies close "
                "together, and what is generated will be coarse there. Drop or mask what are errors, "
                "or make RecurrentGAN(scaler='robust').",
                stacklevel=2,
            )

    def _adapt_layers(self) -> None:
        """Adapt those layers that look at the scaled data."""
        scaler, scaling = self.model.scaler, {}
        if scaler is not None and not scaler.per_sequence:
            scaling = dict(zip(("offset", "scale"), scaler.data_offset_and_scale(), strict=True))
        for role, statistics in self.layer_statistics.items():
            layer = self.assembly.adaptable_layer(role)
            if layer is not None:
                layer.adopt(statistics, **scaling)
        begin_at = getattr(self.model.generator, "begin_at", None)
        if begin_at is not None and self.begins:
            begin_at(self._some_scaled())
        if self.layer_statistics or begin_at is not None:
            self.model.average.begin()

    def _some_scaled(self) -> np.ndarray:
        """Return some of the data in the networks' space."""
        assert self.sample is not None
        rows = np.linspace(0, len(self.sample) - 1, min(len(self.sample), NUM_FIRST)).astype(int)
        some, scaler = reading.to_numpy(self.sample)[rows], self.model.scaler
        return np.asarray(some if scaler is None else ops.convert_to_numpy(scaler(some)), "float32")

    def is_alike(self) -> bool:
        """Return whether the source has a scale like that of the scaler; nothing changes."""
        scaler = self.model.scaler
        if self.scaler_statistics is None:
            return True
        for sequences, conditions in self._batches():
            self._look(sequences, conditions)
            self._take_levels(sequences, conditions.get("length"), "observed" in conditions)
        other = type(scaler).from_config(scaler.get_config())
        other.adopt(self.scaler_statistics)
        (offset, scale), (others, other_scale) = (
            layer.data_offset_and_scale() for layer in (scaler, other)
        )
        distance = np.abs(others - offset)
        ratio = other_scale / np.where(scale > 0.0, scale, 1.0)
        near = distance <= ALIKE * np.maximum(scale, 1e-6 * np.abs(offset))
        return bool((near & (ratio <= ALIKE) & ((ratio >= 1.0 / ALIKE) | (scale == 0.0))).all())


def keep_examples(model: Any, sample: Any, conditions: Any) -> None:
    """Keep some of the data for pictures, NaN where there is none."""
    chosen = np.linspace(0, len(sample) - 1, min(NUM_EXAMPLES, len(sample))).astype(int)
    examples = reading.to_numpy(sample[chosen]).astype("float64")
    lengths = conditions.get("length")
    if lengths is not None:  # what is padded is not drawn
        counting = reading.counting(reading.to_numpy(lengths)[chosen], examples.shape[1])
        examples[~counting] = np.nan
    model.examples = examples


def learn(model: Any, source: Source, limit: int | None) -> bool:
    """Adapt what does not know its data yet, in one pass; return whether there was any.

    Args:
        model: The `RecurrentGAN`.
        source: The data.
        limit: The most batches to read of a source whose end is not known.
    """
    adapting = (model.scaler, model.gap_features)
    if model.built and all(layer is None or layer.adapted for layer in adapting):
        return False
    Survey(model, source, limit).run()
    return True


def learn_again(model: Any, source: Source, limit: int | None) -> None:
    """Adapt a model anew that was not trained yet; refuse one that was, in other units.

    Raises:
        ValueError: If it was.
    """
    survey = Survey(model, source, limit, again=True)
    if not value_of(model.ema_steps):
        survey.run()
    elif not survey.is_alike():
        raise ValueError(
            "This model was trained in the units of the data that it was first adapted to, and its "
            "weights mean nothing in others. Expected: that data. Received: data of another scale. "
            "Go on training with fit(data), or make a new RecurrentGAN."
        )


def _unpadded(sequences: np.ndarray, lengths: Any) -> Iterator[np.ndarray]:
    return iter([sequences]) if lengths is None else reading.by_length(sequences, lengths)
