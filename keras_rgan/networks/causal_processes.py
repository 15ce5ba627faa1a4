"""Processes that follow a sequence without looking ahead."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.networks import precision
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape, Tensor

GROUPS = ("tests", "martingales")
"""The two groups of processes."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class CausalProcesses(keras.Model):
    """Follows sequences by two groups of processes, h and M, whose values know the steps so far alone.

    Causal optimal transport tells by them whether a sequence is made from another by looking ahead. It
    stands in a discriminator's place, and judges nothing by itself.

    Args:
        num_processes: How many processes each group has.
        units: Width of the convolutions.
        num_layers: How many convolutions each group has.
        kernel_size: How many steps each sees.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Sequences, `(batch, time, features)`.

    Output shape:
        `(batch, time, 2 * num_processes)`, those of h first, in float32 under policies of half
        precision as well.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras, keras_rgan as kr
        >>> processes = kr.networks.CausalProcesses(num_processes=4, units=8)
        >>> processes(keras.random.normal((2, 24, 3))).shape == (2, 24, 8)
        True

    Reference:
        Xu, Wenliang, Munn and Acciaio, "COT-GAN: Generating Sequential Data via Causal Optimal
        Transport", NeurIPS 2020.
    """

    def __init__(
        self,
        num_processes: int = 32,
        units: int = 32,
        num_layers: int = 2,
        kernel_size: int = 5,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_processes = checks.positive_int("num_processes", num_processes)
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.kernel_size = checks.positive_int("kernel_size", kernel_size)
        self.seed = seed
        self.tests, self.martingales = (self._network(name) for name in GROUPS)

    def _network(self, name: str) -> list[Any]:
        """Return the layers of a group."""
        blocks: list[Any] = [
            keras.layers.Conv1D(
                self.units,
                self.kernel_size,
                padding="causal",
                activation="leaky_relu",
                kernel_initializer=seeding.glorot(self.seed, f"{name}_{i}"),
                dtype=self.dtype_policy,
                name=f"{name}_{i}",
            )
            for i in range(self.num_layers)
        ]
        head = keras.layers.Dense(
            self.num_processes,
            kernel_initializer=seeding.glorot(self.seed, f"{name}_head"),
            dtype=precision.of_outputs(self),
            name=f"{name}_head",
        )
        return [*blocks, head]

    def build(self, input_shape: Shape) -> None:
        """Build the layers for sequences of `input_shape`."""
        for layers in (self.tests, self.martingales):
            width = input_shape[-1]
            for layer in layers:
                layer.build((None, None, width))
                width = self.units

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Follow sequences."""
        groups = []
        for layers in (self.tests, self.martingales):
            values = inputs
            for layer in layers:
                values = layer(values)
            groups.append(values)
        return ops.concatenate(groups, axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return `(batch, time, 2 * num_processes)`."""
        return (*input_shape[:2], 2 * self.num_processes)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "num_processes": self.num_processes,
            "units": self.units,
            "num_layers": self.num_layers,
            "kernel_size": self.kernel_size,
            "seed": self.seed,
        }
