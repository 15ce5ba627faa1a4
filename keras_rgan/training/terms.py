"""What joins the two losses beside the game."""

from __future__ import annotations

import keras
from keras import ops

from keras_rgan.utils.types import Tensor


def prediction_error(
    prediction: Tensor | None, sequences: Tensor, counts: Tensor | None = None
) -> Tensor:
    """Return the mean squared error of the prediction of every step but the first that counts.

    Args:
        prediction: `(batch, time - 1, features)`, or None for no error.
        sequences: `(batch, time, features)`.
        counts: Which steps count, `(batch, time, 1)`; None for all.
    """
    if prediction is None or sequences.shape[1] == 1:  # of one step nothing is predicted
        return ops.zeros(())
    errors = ops.square(prediction - sequences[:, 1:])
    if counts is None:
        return ops.mean(errors)
    counts = counts[:, 1:]
    total = ops.maximum(ops.sum(counts), 1.0) * sequences.shape[-1]
    return ops.sum(counts * errors) / total


def weight_regularization(network: keras.Model) -> Tensor:
    """Return the sum of the regularizers of a network's weights."""
    total = ops.zeros(())
    for variable in _regularized(network):
        total = total + ops.cast(variable.regularizer(variable), "float32")
    return total


def added_losses(network: keras.Model) -> Tensor:
    """Return the sum of what a network's layers added to its losses in the call before.

    That is what they passed to `add_loss`, and their activity regularizers.
    """
    losses = network.losses  # those of weights stand last
    total = ops.zeros(())
    for loss in losses[: len(losses) - len(_regularized(network))]:
        total = total + ops.cast(loss, "float32")  # not in place, which `vmap` refuses
    return total


def _regularized(network: keras.Model) -> list[keras.Variable]:
    return [v for v in network.trainable_variables if getattr(v, "regularizer", None) is not None]
