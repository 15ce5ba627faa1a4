"""Completion: what a generator is shown of sequences, and how what it makes of the rest is scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan.conditioning.capability import Capability, Rows
from keras_rgan.layers import GapFeatures
from keras_rgan.sequences.batch import Batch
from keras_rgan.sequences.hiding import draw_observed
from keras_rgan.utils.types import Shape, Tensor


class Completion(Capability):
    """The generator is shown part of each sequence and goes on from there; what is observed stays."""

    @property
    def active(self) -> bool:
        """Whether the model completes sequences."""
        return bool(self.model.completion)

    def check_model(self) -> None:
        """Refuse what does not go with hidden values.

        Raises:
            ValueError: If attributes are generated, or sequences have ranges of their own.
        """
        model = self.model
        if self.active and model.attributes != "drawn":
            raise ValueError(
                "A model that completes sequences is given their attributes. Expected: "
                f"attributes='drawn' with completion=True. Received: attributes={model.attributes!r}"
            )
        if self.active and model.scaler is not None and model.scaler.per_sequence:
            raise ValueError(
                "A sequence of which part is hidden has no range of its own that is known. Expected: "
                "another scaler with completion=True. Received: scaler='per_sample'"
            )

    def num_columns(self, num_features: int) -> int:
        """Return three a feature: what `GapFeatures` makes of what is observed."""
        return 3 * num_features if self.active else 0

    def network_options(self, role: str, units: int) -> dict[str, Any]:
        """Let the generator keep to what it is shown, and read it from the end too."""
        if role == "discriminator" or not self.active:
            return {}
        return {"completion": True, "context_units": units // 2}

    def build(self, shape: Shape) -> None:
        """Build the layer that tells what is known of a sequence.

        Raises:
            ValueError: If the data is no sequences.
        """
        if not self.active:
            return
        if len(shape) != 3:
            raise ValueError(
                "completion=True is for sequences, (samples, time, features). Received: data of shape "
                f"{shape}"
            )
        if not self.model.gap_features.built:
            self.model.gap_features.build(shape)

    def columns(self, batch: Batch, seed: keras.random.SeedGenerator) -> Tensor | None:
        """Hide part of each sequence, and return what is shown of it."""
        if not self.active:
            return None
        counts = self.model.layout.counts_of(batch.columns)
        size = tuple(ops.shape(batch.sequences))
        shown = draw_observed(size, seed, batch.observed, counts)
        return self.model.gap_features(batch.sequences, shown)

    def shown_of(self, columns: Any) -> tuple[Tensor, Tensor]:
        """Return the bridged values and the spreads among columns."""
        _, bridged, spread = GapFeatures.split(self.model.layout.shown_of(columns))
        return bridged, spread

    def finish(self, samples: Tensor, columns: Any) -> Tensor:
        """Return samples in which what is observed is as it is."""
        if not self.active:
            return samples
        bridged, spread = self.shown_of(columns)
        return ops.where(spread > 0, samples, ops.cast(bridged, samples.dtype))

    @property
    def extra_draws(self) -> int:  # type: ignore[override]
        """One: the score compares two draws."""
        return int(self.active)

    @property
    def weight(self) -> float:  # type: ignore[override]
        """The factor that `compile` was given."""
        return float(self.model.recipe.completion_weight)

    @property
    def tracker(self) -> keras.metrics.Metric | None:  # type: ignore[override]
        """Logs the score."""
        tracker: keras.metrics.Metric = self.model.completion_loss_tracker
        return tracker

    def generator_term(self, batch: Batch, samples: Sequence[Tensor]) -> Tensor:
        """Return the continuous ranked probability score of two draws of what was hidden."""
        first_draw, second_draw = samples
        _, spread = self.shown_of(batch.columns)
        scale = spread * ops.convert_to_tensor(self.model.gap_features.deviation)
        observed = batch.observed
        if observed is None:
            observed = self.model.layout.counts_of(batch.columns)
        return score(batch.sequences, first_draw, second_draw, scale, observed)

    def unasked(self, columns: Any) -> Any:
        """Return columns that show nothing."""
        if not self.active:
            return columns
        nothing = self.model.gap_features.of_nothing(tuple(ops.shape(columns)[:2]))
        return self.model.layout.with_shown(columns, nothing)

    def columns_to_generate(self, num_samples: int, length: int, rows: Rows) -> Tensor | None:
        """Return columns that show nothing."""
        if not self.active:
            return None
        return self.model.gap_features.of_nothing((num_samples, length))


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
