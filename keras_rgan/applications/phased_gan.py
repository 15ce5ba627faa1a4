"""What published models with phases of their own share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras_rgan import losses
from keras_rgan.recurrent_gan import RecurrentGAN
from keras_rgan.training.phases import Phase
from keras_rgan.utils.types import Shape
from keras_rgan.utils.untracked import Untracked

LEAST_STEPS = 2
"""Of a single step nothing follows."""


class PhasedGAN(RecurrentGAN):
    """A GAN that trains in phases, the last of which stands for the game of `RecurrentGAN`.

    Args:
        *args: As in `RecurrentGAN`.
        **kwargs: As in `RecurrentGAN`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own_phases: Untracked[Sequence[Phase]] = Untracked(())

    def build(self, data_shape: Shape) -> None:
        """Make and build the networks, as `RecurrentGAN.build`.

        Raises:
            ValueError: If the data is no sequences, or these have a single step.
        """
        if len(data_shape) != 3:
            raise ValueError(
                f"{type(self).__name__} learns sequences, (samples, time, features). Received: data of "
                f"shape {tuple(data_shape)}. Use kr.RecurrentGAN, which makes clips too."
            )
        if (data_shape[1] or LEAST_STEPS) < LEAST_STEPS:
            raise ValueError(
                f"{type(self).__name__} learns how steps follow one another. Expected: sequences of at "
                f"least {LEAST_STEPS} steps. Received: data of shape {tuple(data_shape)}. Use "
                "kr.RecurrentGAN."
            )
        super().build(data_shape)

    @property
    def phases(self) -> Sequence[Phase]:
        """What is trained, and how, one after the other."""
        own = getattr(self, "_own_phases", None)
        return () if own is None else own.value

    def compile(  # type: ignore[override]
        self,
        loss: Any = "auto",
        penalties: Any = "auto",
        discriminator_steps: int = 1,
        keep_best: bool | str = False,
        **options: Any,
    ) -> None:
        """Choose optimizers and the like; the losses are the model's own.

        Args:
            loss: Nothing.
            penalties: Nothing.
            discriminator_steps: Nothing.
            keep_best: As in `RecurrentGAN.compile`.
            **options: All else as in `RecurrentGAN.compile`.

        Raises:
            ValueError: If losses, penalties or steps are to be others than the model's own.
        """
        own = isinstance(loss, losses.NonSaturatingLoss) or loss in ("auto", "non_saturating")
        given = {} if own else {"loss": loss}
        if penalties not in ("auto", None, []):
            given["penalties"] = penalties
        if discriminator_steps != 1:
            given["discriminator_steps"] = discriminator_steps
        if given:
            raise ValueError(
                f"{type(self).__name__} has phases with losses, penalties and steps of its own. "
                "Expected: compile() with optimizers and the like. Received: "
                + ", ".join(f"{name}={value!r}" for name, value in given.items())
                + ". Leave these out, or use kr.RecurrentGAN."
            )
        super().compile(
            loss=loss if not isinstance(loss, str) else "non_saturating",
            penalties=None,
            keep_best=keep_best,
            **options,
        )


def as_published(gan: PhasedGAN, optimizer: Callable[..., Any], options: dict[str, Any]) -> PhasedGAN:
    """Compile a model with an optimizer of a paper for each network, and no averages.

    Args:
        gan: The model.
        optimizer: Returns a new optimizer of a `name`.
        options: Arguments of `compile` in place of these.
    """
    pair = {name: optimizer(name=name) for name in ("generator_optimizer", "discriminator_optimizer")}
    gan.compile(**{**pair, "ema": None, **options})
    return gan
