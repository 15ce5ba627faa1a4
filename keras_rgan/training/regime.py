"""What training may learn of its data, and how: by itself anything, and plainly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras

from keras_rgan.sequences import survey
from keras_rgan.sequences.admission import Source
from keras_rgan.sequences.batch import Batch
from keras_rgan.training import course
from keras_rgan.training.finite_steps import Look
from keras_rgan.training.recipe import Recipe
from keras_rgan.utils.types import Tensor

if TYPE_CHECKING:
    from keras_rgan.training.adversarial_step import AdversarialStep


class Regime:
    """Stands between a model and its data. A subclass restricts what passes.

    Args:
        model: The `RecurrentGAN`.

    Attributes:
        hidden: Names of what is not logged in training.
        keeps_rows: Whether rows of the data, and words about its values, may stay and be shown.
        looks_at_batches: Whether a step is undone where real samples are not finite once scaled.
        single_samples: Whether gradients of each sample apart are taken of the discriminator.
        variables: State of its own that steps change, and that stays where a step is undone.
    """

    hidden: tuple[str, ...] = ()
    keeps_rows: bool = True
    looks_at_batches: bool = True
    single_samples: bool = False

    def __init__(self, model: Any) -> None:
        self.model = model
        self.variables: list[keras.Variable] = []

    def check(self, recipe: Recipe, discriminator_optimizer: Any) -> None:
        """Refuse a recipe, or networks as far as they are known, that do not go with it."""

    def flush(self) -> None:
        """Bring what steps counted into the model's record."""

    def resume(self) -> None:
        """Go on where a file that was loaded had come to."""

    def looks(self, action: str) -> None:
        """Know, or refuse, that a method looks at data beyond the updates of `fit`.

        Args:
            action: The method's name.
        """
        self.model.record.clean = False

    def learn(self, source: Source, limit: int | None) -> bool:
        """Have a model know data that it is to train on; return whether that was looked through.

        Args:
            source: The data.
            limit: The most batches to read of a source whose end is not known.
        """
        self.looks("fit")
        return survey.learn(self.model, source, limit)

    def batches(self, data: Any, batch_size: int, steps: int | None) -> Any:
        """Return a dataset in place of an array; None to batch it as ever.

        Args:
            data: The array, as steps take it.
            batch_size: Samples in a batch.
            steps: Batches in an epoch; None for as many as the data has.
        """
        return None

    def plan(
        self,
        source: Source,
        validation: Source | None,
        epochs: int | str,
        steps: int | None,
        callbacks: Any,
    ) -> tuple[int, list[keras.callbacks.Callback]]:
        """Return for how many epochs to train, and what looks in; arguments as of `course.plan`."""
        return course.plan(self.model, source, validation, epochs, steps, callbacks)

    def parts(self, real: Batch, count: int) -> Sequence[Batch]:
        """Return the real samples of each of the discriminator's turns in a step."""
        return [real] * count

    def discriminator_turn(self, step: AdversarialStep, real: Batch, look: Look) -> Tensor | None:
        """Update the discriminator; return what it said of real samples if the generator is to know."""
        return step.discriminator_turn(real, look)
