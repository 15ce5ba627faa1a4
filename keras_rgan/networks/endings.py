"""What a discriminator ends in, where a loss expects logits or probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_rgan.losses import AdversarialLoss
from keras_rgan.networks.discriminator import Discriminator

SHAPING = (keras.layers.Reshape, keras.layers.Flatten, keras.layers.Permute, keras.layers.Dropout)
"""Layers that hand judgements on as they are."""

SQUASHING = (keras.activations.sigmoid, keras.activations.hard_sigmoid, keras.activations.softmax)
"""Activations that make probabilities."""

REACH = 100.0
"""How far from 0 samples are by which a network shows that it makes no probabilities."""


def check_ending(
    discriminator: Any, loss: AdversarialLoss, judge: Callable[[float], np.ndarray] | None = None
) -> None:
    """Refuse probabilities where a loss expects logits, and the reverse.

    Args:
        discriminator: A Keras model or layer.
        loss: The loss.
        judge: Judges samples of any size, given how large they are; tells of a subclassed model, whose
            layers do not say in which order they are called. None where it cannot be asked yet.

    Raises:
        ValueError: If the two do not go together.
    """
    activation, certain = last_activation(discriminator)
    if not certain:
        activation = _confirmed(activation, judge)
    if not loss.from_logits and activation is keras.activations.linear:
        raise ValueError(
            f"{type(loss).__name__}(from_logits=False) expects probabilities, and the discriminator "
            "ends in a linear layer: judgements outside of 0 … 1 would have no slope. Leave "
            "from_logits out, or end the discriminator in a sigmoid."
        )
    if not loss.from_logits or activation not in SQUASHING:
        return
    name = activation.__name__
    raise ValueError(
        f"The discriminator ends in a {name}, and {type(loss).__name__} expects logits. Remove "
        f"the {name} (activation=None), or pass loss=NonSaturatingLoss(from_logits=False) or "
        "MinimaxLoss(from_logits=False)."
    )


def _confirmed(activation: Any, judge: Callable[[float], np.ndarray] | None) -> Any:
    """Return an activation that a network seems to end in, if its judgements are such; else None."""
    if judge is None or activation not in (*SQUASHING, keras.activations.linear):
        return None
    judgements = np.concatenate([np.ravel(judge(size)) for size in (1.0, REACH)])
    within = bool(((judgements >= 0.0) & (judgements <= 1.0)).all())
    return activation if within == (activation in SQUASHING) else None


def last_activation(network: Any) -> tuple[Any, bool]:
    """Return the activation that a network ends in, and whether that is sure.

    Layers of a subclassed model stand in the order in which they were made, not called.
    """
    if getattr(type(network), "call", None) is Discriminator.call:
        return keras.activations.linear, True
    layers = [x for x in getattr(network, "layers", []) if not isinstance(x, SHAPING)]
    if not layers:
        return getattr(network, "activation", None), True
    outputs = _outputs_of(network)
    last = next((x for x in layers if _makes(x, outputs)), layers[-1])
    activation, certain = last_activation(last)
    return activation, certain and (bool(outputs) or isinstance(network, keras.Sequential))


def _outputs_of(network: Any) -> list[Any]:
    """Return the symbolic outputs of a functional or sequential model; none of others."""
    try:
        return list(network.outputs or [])
    except (AttributeError, ValueError):
        return []


def _makes(layer: Any, outputs: list[Any]) -> bool:
    try:
        return any(o is output for o in keras.tree.flatten(layer.output) for output in outputs)
    except (AttributeError, ValueError):
        return False
