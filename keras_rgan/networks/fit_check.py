"""Whether two networks fit the data and each other, by symbolic tensors."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.sequences.noise import NoiseSpec
from keras_rgan.training.judge import parts_of, with_columns
from keras_rgan.training.samples import beside
from keras_rgan.utils.types import Nested, Shape

OURS = "keras_rgan.networks."
"""Where the networks of this library are."""


def input_shapes(network: Any) -> Nested:
    """Return the shapes of a network's inputs without the batch, as it packs them; None if unknown."""
    try:
        inputs = network.inputs[0] if isinstance(network, keras.Sequential) else network.input
    except (AttributeError, ValueError, TypeError):
        return None
    return keras.tree.map_structure(lambda x: tuple(x.shape[1:]), inputs)


def noise_shapes(generator: Any) -> Nested:
    """Return the shapes of the noise that a generator takes, without the batch.

    Raises:
        ValueError: If they cannot be told.
    """
    shapes = getattr(generator, "noise_shape", None)
    if shapes is None:
        shapes = input_shapes(generator)
        if isinstance(shapes, dict):
            shapes = {name: s for name, s in shapes.items() if name != "conditions"}
    if shapes is None:
        raise ValueError(
            "The shape of the noise cannot be inferred: the generator's inputs are not known. "
            "Pass noise_shape=, for instance noise_shape=(32,), or build the generator with a "
            "keras.Input."
        )
    return shapes


def check_columns(role: str, network: Any, layout: ColumnLayout, completes: bool) -> None:
    """Refuse a network that was made for other columns of conditions.

    Raises:
        ValueError: If it was.
    """
    wanted = layout.temporal, layout.static
    names = "temporal_conditions", "static_conditions"
    given = tuple(getattr(network, name, count) for name, count in zip(names, wanted, strict=True))
    if given != wanted:
        raise ValueError(
            f"The {role} has (temporal_conditions, static_conditions) = {given}, the "
            f"data {wanted}. Make it with temporal_conditions={wanted[0]}, "
            f"static_conditions={wanted[1]}."
            + (" Completion takes three columns a feature." if completes else "")
        )


def check_generator(generator: Any, noise_spec: NoiseSpec, layout: ColumnLayout, shape: Shape) -> None:
    """Build a generator on symbolic tensors, and compare what it makes with the data.

    Raises:
        ValueError: If it makes samples of another shape, or cannot take conditions.
    """
    length = shape[1] if len(shape) > 2 else None
    noise = noise_spec.symbolic(length)
    if layout.total and not isinstance(noise, dict):
        raise ValueError(
            "With conditions the generator must take a dict of inputs, of noise and of the columns "
            f"'conditions', shape (None, {length}, {layout.total}). Received: a generator of one input."
        )
    samples = _called("generator", generator, beside(noise, symbolic_columns(layout, length)))
    received = tuple(samples.shape) if hasattr(samples, "shape") else repr(samples)
    fits = len(received) == len(shape) and all(
        a is None or b is None or a == b for a, b in zip(received, shape, strict=True)
    )
    if not fits:
        hint = (
            " Batch a dataset first (dataset.batch(64)), or add the axis that the data lacks."
            if len(received) == len(shape) + 1
            else " Change the generator's output, or the data."
        )
        raise ValueError(
            f"The generator makes samples of shape {received}, the data has shape {shape}. Expected: "
            f"the same shape.{hint}"
        )


def check_discriminator(discriminator: Any, layout: ColumnLayout, shape: Shape) -> bool:
    """Build a discriminator on symbolic tensors, and return whether it judges every step.

    Raises:
        ValueError: If it returns no judgements, or predicts sequences of another shape.
    """
    length = shape[1] if len(shape) > 2 else None
    sequences = keras.KerasTensor(shape, dtype="float32")
    inputs = with_columns(sequences, symbolic_columns(layout, length))
    judgement, prediction = parts_of(_called("discriminator", discriminator, inputs))
    if not hasattr(judgement, "shape") or len(judgement.shape) < 1:
        raise ValueError(
            "The discriminator must return a tensor of judgements, (batch, 1), or a dict with "
            f"one as 'judgement'. Received: {judgement!r}"
        )
    expected = (None, None if length is None else length - 1, *shape[2:])
    if prediction is not None and tuple(prediction.shape)[1:] != expected[1:]:
        raise ValueError(
            f"The discriminator's prediction must have the shape {expected}: every step but the "
            f"first. Received: {tuple(prediction.shape)}"
        )
    return len(judgement.shape) == 3 and judgement.shape[1] in (None, length)


def _called(role: str, network: Any, inputs: Nested) -> Nested:
    """Return what a network makes of Keras tensors.

    Raises:
        ValueError: If it cannot be called with these.
    """
    try:
        return network(inputs, training=False)
    except Exception as error:
        if type(network).__module__.startswith(OURS):  # whose words are too
            raise
        shapes = keras.tree.map_structure(lambda x: tuple(x.shape), inputs)
        raise ValueError(
            f"`{role}` must take inputs of shape {shapes}, which data and noise have here. Received: a "
            f"network that cannot be called with them: {error}"
        ) from error


def symbolic_columns(layout: ColumnLayout, length: int | None) -> keras.KerasTensor | None:
    """Return a Keras tensor of columns of conditions, or None where there are none."""
    return keras.KerasTensor((None, length, layout.total)) if layout.total else None
