"""The layer that turns independent noise into a correlated sequence."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.layers import recurrence
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Nested, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class RecurrentNoiseEncoder(keras.layers.Layer):
    """Turns a global latent, noise at every step, or both, into a temporally correlated sequence.

    The first layer of a recurrent generator, usable in any model. The latent sets the initial state
    and is offered at each step; noise enters at its step.

    Args:
        units: Width of the output, and of the recurrent state.
        cell: "gru", "lstm", "simple", "min_gru" or a Keras cell (any object for `keras.layers.RNN`,
            whose width `units` must then match).
        num_layers: How many recurrent layers are stacked.
        sequence_length: How many steps to make of a latent alone; noise brings its own length.
        return_state: Whether to return the final states as well.
        truncation: Truncates backpropagation: in training the recurrence runs on parts of so many
            steps, and no gradient flows from one to the parts before. Every part gives the next its
            state, so that values are the same. None for whole sequences.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: A latent `(batch, latent_dim)`, noise `(batch, time, noise_dim)`, or both as a dict
            `{"latent": …, "noise": …}` or a pair `(latent, noise)`. Noise of width 0 says nothing
            but how long the sequence is.
        initial_state: List of states as returned with `return_state`, to continue a sequence; stands
            in for the one that the latent sets.
        mask: `(batch, time)`, True where a step counts; the noise's own mask by default.

    Output shape:
        `(batch, time, units)`; with `return_state` a list of it and every layer's states,
        `(batch, units)` each.

    Raises:
        ValueError: If an argument is out of range, the cell is unknown, or a latent comes alone and
            `sequence_length` is not set.

    Example:
        >>> import keras, keras_rgan as kr
        >>> encoder = kr.layers.RecurrentNoiseEncoder(16, cell="lstm")
        >>> latent, noise = keras.random.normal((4, 8)), keras.random.normal((4, 24, 2))
        >>> encoder({"latent": latent, "noise": noise}).shape == (4, 24, 16)
        True

    Reference:
        Esteban et al., "Real-valued (Medical) Time Series Generation with Recurrent Conditional
        GANs", 2017 (noise at each step); Mogren, "C-RNN-GAN", 2016. Truncation: Williams and Peng,
        "An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent Network
        Trajectories", Neural Computation 1990.
    """

    def __init__(
        self,
        units: int,
        cell: Any = "gru",
        num_layers: int = 1,
        sequence_length: int | None = None,
        return_state: bool = False,
        truncation: int | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        if sequence_length is not None:
            checks.positive_int("sequence_length", sequence_length)
        self.sequence_length = sequence_length
        self.return_state = return_state
        self.truncation = None if truncation is None else checks.positive_int("truncation", truncation)
        self.seed = seed
        self.supports_masking = True
        self.recurrent_layers = recurrence.stack(
            units, cell, num_layers, seed=seed, dtype=self.dtype_policy
        )
        output_size = getattr(self.recurrent_layers[-1].cell, "output_size", units)
        if output_size != units:
            raise ValueError(
                f"`units` must be the width of the cell's output. Received: units={units} and a "
                f"cell of width {output_size}"
            )
        self.state_sizes = [
            size
            for layer in self.recurrent_layers
            for size in keras.tree.flatten(layer.cell.state_size)
        ]
        self.state_projections: list[keras.layers.Layer] = []

    def build(self, input_shape: Nested) -> None:
        """Build the recurrent layers and the projections of the latent to their states."""
        latent, noise = _parts(input_shape, _rank_of_shape)
        batch = (latent or noise)[0]
        if latent is not None:
            self.state_projections = [
                keras.layers.Dense(
                    size,
                    activation="tanh",
                    kernel_initializer=seeding.glorot(self.seed, f"initial_state_{i}"),
                    dtype=self.dtype_policy,
                    name=f"initial_state_{i}",
                )
                for i, size in enumerate(self.state_sizes)
            ]
            for projection in self.state_projections:
                projection.build(latent)
        elif not noise[-1]:
            raise ValueError(
                "`RecurrentNoiseEncoder` needs noise or a latent. Received: noise of width 0 alone, "
                f"shape {noise}"
            )
        width = (latent[-1] if latent is not None else 0) + (noise[-1] if noise is not None else 0)
        for layer in self.recurrent_layers:
            layer.build((batch, None, width))
            width = layer.cell.output_size

    def call(
        self,
        inputs: Nested,
        initial_state: list[Tensor] | None = None,
        mask: Nested = None,
        inputs_mask: Nested = None,
        training: bool = False,
    ) -> Tensor:
        """Run the recurrence."""
        latent, noise = _parts(inputs, _rank_of_tensor)
        mask = _noise_mask(mask if mask is not None else inputs_mask)
        if latent is None:
            sequence = noise
        else:
            length = self._length(noise)
            sequence = ops.broadcast_to(
                latent[:, None, :], (ops.shape(latent)[0], length, latent.shape[-1])
            )
            if noise is not None and noise.shape[-1]:
                sequence = ops.concatenate([sequence, noise], axis=-1)
        states = self._initial_states(latent, initial_state)
        final: list[Tensor] = []
        for layer in self.recurrent_layers:
            count = len(keras.tree.flatten(layer.cell.state_size))
            start = None
            if states is not None:
                start = _plain(keras.tree.pack_sequence_as(layer.cell.state_size, states[:count]))
                start = start if isinstance(start, list) else [start]
                states = states[count:]
            sequence, *last = recurrence.run(layer, sequence, start, mask, training, self.truncation)
            final.extend(keras.tree.flatten(last))
        return [sequence, *final] if self.return_state else sequence

    def _length(self, noise: Tensor | None) -> Any:
        if noise is not None:
            return ops.shape(noise)[1]
        if self.sequence_length is None:
            raise ValueError(
                "`RecurrentNoiseEncoder` cannot tell how long a sequence to make of a latent alone. "
                "Pass sequence_length= to the layer, or noise (of width 0 if need be) beside the "
                "latent."
            )
        return self.sequence_length

    def _initial_states(
        self, latent: Tensor | None, initial_state: list[Tensor] | None
    ) -> list[Tensor] | None:
        if initial_state is not None:
            states = keras.tree.flatten(initial_state)
            if len(states) != len(self.state_sizes):
                raise ValueError(
                    f"`initial_state` must hold {len(self.state_sizes)} states, of widths "
                    f"{self.state_sizes}. Received: {len(states)}"
                )
            return states
        if latent is not None:
            return [projection(latent) for projection in self.state_projections]
        return None

    def compute_mask(self, inputs: Nested, previous_mask: Nested = None) -> Nested:
        """Pass the noise's mask on."""
        mask = _noise_mask(previous_mask)
        return [mask] + [None] * len(self.state_sizes) if self.return_state else mask

    def compute_output_shape(self, inputs_shape: Nested, initial_state_shape: Any = None) -> Nested:
        """Return `(batch, time, units)`, and the states' shapes with `return_state`."""
        latent, noise = _parts(inputs_shape, _rank_of_shape)
        batch = (latent or noise)[0]
        length = noise[1] if noise is not None else self.sequence_length
        sequence = (batch, length, self.units)
        if self.return_state:
            return [sequence, *((batch, size) for size in self.state_sizes)]
        return sequence

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "cell": recurrence.serialize_cell(self.recurrent_layers[0]),
            "num_layers": self.num_layers,
            "sequence_length": self.sequence_length,
            "return_state": self.return_state,
            "truncation": self.truncation,
            "seed": self.seed,
        }


def _plain(nest: Any) -> Any:
    """Return a nest in lists alone: Keras's own kinds, of cells of cells, are closed to JAX."""
    return [_plain(part) for part in nest] if isinstance(nest, list | tuple) else nest


def _rank_of_shape(part: Any) -> int | None:
    is_shape = isinstance(part, list | tuple) and all(n is None or isinstance(n, int) for n in part)
    return len(part) if is_shape else None


def _rank_of_tensor(part: Any) -> int | None:
    return len(part.shape) if hasattr(part, "shape") else None


def _parts(inputs: Nested, rank: Any) -> tuple[Any, Any]:
    """Split inputs, or their shapes, into latent and noise."""
    if isinstance(inputs, dict):
        unknown = set(inputs) - {"latent", "noise"}
        if unknown or not inputs:
            raise ValueError(
                "`RecurrentNoiseEncoder` takes a dict with 'latent' and/or 'noise'. Received: keys "
                f"{sorted(inputs)}"
            )
        latent, noise = inputs.get("latent"), inputs.get("noise")
    elif rank(inputs) is not None:
        latent, noise = (inputs, None) if rank(inputs) == 2 else (None, inputs)
    elif isinstance(inputs, list | tuple) and len(inputs) == 2:
        latent, noise = inputs
    else:
        raise ValueError(
            "`RecurrentNoiseEncoder` takes a latent, noise, a pair (latent, noise) or a dict of "
            f"them. Received: {inputs!r}"
        )
    for name, part, expected in (("latent", latent, 2), ("noise", noise, 3)):
        if part is not None and rank(part) != expected:
            raise ValueError(
                f"`RecurrentNoiseEncoder` expects a {name} of rank {expected}. Received: "
                f"{getattr(part, 'shape', part)}"
            )
    return latent, noise


def _noise_mask(mask: Nested) -> Tensor | None:
    if isinstance(mask, dict):
        return mask.get("noise")
    if isinstance(mask, list | tuple):
        return next((m for m in mask if m is not None), None)
    return mask
