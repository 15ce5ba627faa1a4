"""Stacks of recurrent layers, as the networks and the noise encoder use them."""

from __future__ import annotations

import copy
from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.layers.gru import GRU
from keras_rgan.layers.lstm import LSTM
from keras_rgan.layers.min_gru import MinGRU
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Tensor
from keras_rgan.utils.untracked import Untracked

LAYERS = {
    "gru": GRU,
    "lstm": LSTM,
    "simple": keras.layers.SimpleRNN,
    "min_gru": MinGRU,
}
"""The recurrent layers that can be named."""


def serialize_cell(layer: keras.layers.RNN) -> Any:
    """Return the name of a layer's cell, or the config of what `stack` made it of where it has none."""
    for name, named in LAYERS.items():
        if type(layer) is named:
            return name
    template = getattr(layer, "template", None)
    if template is not None:
        return copy.deepcopy(template.value)
    return keras.saving.serialize_keras_object(layer.cell)


def stack(
    units: int,
    cell: Any,
    num_layers: int,
    *,
    seed: int | None,
    dtype: Any,
    go_backwards: bool = False,
    name: str = "recurrent",
) -> list[keras.layers.RNN]:
    """Return `num_layers` recurrent layers that return sequences and states.

    Args:
        units: Width of each.
        cell: A name of `LAYERS`, a Keras cell, or its config. A cell is a template: every layer gets
            one of its own, made from its config. Seeds that are None there (of initializers, of
            dropout, of cells within) follow from `seed`; what draws without a seed in its config stays
            without.
        num_layers: How many.
        seed: Seed of the initial weights.
        dtype: Their dtype or policy.
        go_backwards: Whether they read the sequence from its end.
        name: Beginning of their names.

    Raises:
        ValueError: If the name is unknown, or the cell or its config is of something else.
    """
    shared = {"return_sequences": True, "return_state": True, "go_backwards": go_backwards}
    if isinstance(cell, str):
        layer = LAYERS[checks.one_of("cell", cell, LAYERS)]
        layers = []
        for i in range(num_layers):
            own = {"kernel_initializer": seeding.glorot(seed, f"{name}_{i}/kernel")}
            if layer is not MinGRU:
                own["recurrent_initializer"] = seeding.orthogonal(seed, f"{name}_{i}/recurrent")
                own["seed"] = seeding.child_seed(seed, f"{name}_{i}/dropout")
            layers.append(layer(units, dtype=dtype, name=f"{name}_{i}", **own, **shared))
        return layers
    if isinstance(cell, dict):
        cell = checks.from_config("cell", copy.deepcopy(cell), object)
    if isinstance(cell, keras.layers.RNN) or not (hasattr(cell, "state_size") and callable(cell)):
        raise ValueError(
            f"`cell` must be one of {', '.join(map(repr, LAYERS))}, or a Keras cell such as "
            f"keras.layers.GRUCell(16). Received: cell={cell!r}"
        )
    template = keras.saving.serialize_keras_object(cell)
    layers = []
    for i in range(num_layers):
        own = keras.saving.deserialize_keras_object(seeding.filled(template, seed, f"{name}_{i}"))
        layers.append(keras.layers.RNN(own, dtype=dtype, name=f"{name}_{i}", **shared))
        layers[-1].template = Untracked(template)
    return layers


def run(
    layer: keras.layers.RNN,
    sequence: Tensor,
    initial_state: list[Tensor] | None = None,
    mask: Tensor | None = None,
    training: bool = False,
    truncation: int | None = None,
) -> list[Any]:
    """Run a layer of `stack`, with gradients that end after some steps if wanted.

    Args:
        layer: Returns sequences and states.
        sequence: `(batch, time, features)`.
        initial_state: The states to begin with, or None.
        mask: `(batch, time)`, True where a step counts, or None.
        training: Whether the layer trains.
        truncation: The layer runs on parts of so many steps, and no gradient flows from a part to the
            states that it began with; None for the whole sequence.

    Returns:
        The outputs in the order in which the layer read the sequence, and the states after the last.
    """
    length = sequence.shape[1]
    if truncation is None or not training or (length is not None and length <= truncation):
        return list(layer(sequence, initial_state=initial_state, mask=mask, training=training))
    if length is None:
        raise ValueError(
            "Truncated backpropagation needs sequences of a known length. Received: a sequence of "
            f"shape {tuple(sequence.shape)} with truncation={truncation}. Give each batch sequences "
            "of one known length, or pass truncation=None."
        )
    outputs: list[Tensor] = []
    states = initial_state
    for start in range(0, length, truncation):
        stop = min(start + truncation, length)
        part = slice(length - stop, length - start) if layer.go_backwards else slice(start, stop)
        observed = None if mask is None else ops.cast(mask[:, part], "bool")
        part_outputs, *states = layer(
            sequence[:, part], initial_state=states, mask=observed, training=training
        )
        if observed is not None and outputs:  # before its first step that counts, a part's output is 0
            order = ops.flip(observed, axis=1) if layer.go_backwards else observed
            begun = ops.cumsum(ops.cast(order, "int32"), axis=1)[..., None] > 0
            part_outputs = ops.where(begun, part_outputs, outputs[-1][:, -1:])
        outputs.append(part_outputs)
        states = keras.tree.map_structure(ops.stop_gradient, states)
    return [ops.concatenate(outputs, axis=1), *(states or ())]


def first_steps(x: Tensor, count: int) -> Tensor:
    """Return so many first steps of `(batch, time, …)`, zeros behind the end of shorter sequences."""
    first = x[:, :count]
    if backend.is_open(x.shape[1]) or x.shape[1] < count:
        first = ops.pad(first, [[0, 0], [0, count], [0, 0]])[:, :count]
    return first
