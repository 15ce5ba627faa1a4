"""The generator whose sequences are made in a space that is learned."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan.layers import recurrence
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape, Tensor

PARTS = ("embedder", "recovery", "generator", "supervisor")
"""The networks that it consists of."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class EmbeddingGenerator(keras.Model):
    """Makes hidden sequences of noise and recovers from these sequences as the data has them.

    Four recurrent networks, each with a dense layer at every step: the embedder maps sequences to
    hidden ones, the recovery maps them back, the generator makes hidden ones of noise, and the
    supervisor tells of each hidden step the next one. What is generated goes through generator,
    supervisor and recovery.

    Args:
        num_features: Width of the sequences.
        units: Width of the recurrent layers and of hidden sequences; None for four times the features.
        num_layers: How many recurrent layers each network has; the supervisor has one fewer, one at the
            least.
        cell: "gru", "lstm", "simple", "min_gru" or a Keras cell of width `units`.
        noise_dim: Width of the noise at each step; None for as many as there are features.
        output_activation: Activation of what is recovered, as a Keras activation: "sigmoid" for
            features scaled to 0 … 1.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.Model`.

    Attributes:
        parts: The layers of each of the four networks, by its name.

    Call arguments:
        inputs: Noise, `(batch, time, noise_dim)`.

    Output shape:
        `(batch, time, num_features)`.

    Raises:
        ValueError: If an argument is out of range or the cell unknown.

    Example:
        >>> import keras, keras_rgan as kr
        >>> generator = kr.networks.EmbeddingGenerator(num_features=3, units=12)
        >>> generator(keras.random.uniform((2, 24, 3))).shape == (2, 24, 3)
        True
        >>> generator.embed(keras.ops.ones((2, 24, 3))).shape == (2, 24, 12)
        True

    Reference:
        Yoon, Jarrett and van der Schaar, "Time-series Generative Adversarial Networks" (TimeGAN),
        NeurIPS 2019.
    """

    def __init__(
        self,
        num_features: int,
        units: int | None = None,
        num_layers: int = 3,
        cell: Any = "gru",
        noise_dim: int | None = None,
        output_activation: Any = "sigmoid",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_features = checks.positive_int("num_features", num_features)
        self.units = checks.positive_int("units", 4 * num_features if units is None else units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        width = num_features if noise_dim is None else noise_dim
        self.noise_dim = checks.positive_int("noise_dim", width)
        self.output_activation = keras.activations.get(output_activation)
        self.seed = seed
        self.embedder = self._network("embedder", cell, self.units)
        self.recovery = self._network("recovery", cell, num_features, output_activation)
        self.generator = self._network("generator", cell, self.units)
        self.supervisor = self._network("supervisor", cell, self.units)

    def _network(self, name: str, cell: Any, width: int, activation: Any = "sigmoid") -> list[Any]:
        """Return the layers of a network: recurrent ones, and a dense one."""
        count = max(self.num_layers - 1, 1) if name == "supervisor" else self.num_layers
        layers = recurrence.stack(
            self.units, cell, count, seed=self.seed, dtype=self.dtype_policy, name=name
        )
        head = keras.layers.Dense(
            width,
            activation=activation,
            kernel_initializer=seeding.glorot(self.seed, f"{name}_head"),
            dtype=self.dtype_policy,
            name=f"{name}_head",
        )
        return [*layers, head]

    @property
    def parts(self) -> dict[str, list[Any]]:
        """The layers of each network."""
        return {name: getattr(self, name) for name in PARTS}

    def variables_of(self, *parts: str) -> list[keras.Variable]:
        """Return the variables that some of the networks train."""
        return [v for name in parts for layer in self.parts[name] for v in layer.trainable_variables]

    @property
    def noise_shape(self) -> Shape:
        """The shape of the input, without the batch; the length is open."""
        return (None, self.noise_dim)

    def build(self, input_shape: Any = None) -> None:
        """Build the layers; the input's shape is known from the arguments."""
        widths = {"embedder": self.num_features, "generator": self.noise_dim}
        for name, layers in self.parts.items():
            width = widths.get(name, self.units)
            for layer in layers:
                layer.build((None, None, width))
                width = self.units

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Make sequences."""
        return self.recover(self.supervise(self.imagine(inputs, training), training), training)

    def embed(self, sequences: Tensor, training: bool = False) -> Tensor:
        """Return the hidden sequences of sequences, `(batch, time, units)`."""
        return _run(self.embedder, sequences, training)

    def recover(self, hidden: Tensor, training: bool = False) -> Tensor:
        """Return the sequences of hidden ones, `(batch, time, num_features)`."""
        return _run(self.recovery, hidden, training)

    def imagine(self, noise: Tensor, training: bool = False) -> Tensor:
        """Return hidden sequences of noise, before the supervisor, `(batch, time, units)`."""
        return _run(self.generator, noise, training)

    def supervise(self, hidden: Tensor, training: bool = False) -> Tensor:
        """Return what follows each step of hidden sequences, `(batch, time, units)`."""
        return _run(self.supervisor, hidden, training)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return `(batch, time, num_features)`."""
        return (*input_shape[:2], self.num_features)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "num_features": self.num_features,
            "units": self.units,
            "num_layers": self.num_layers,
            "cell": recurrence.serialize_cell(self.embedder[0]),
            "noise_dim": self.noise_dim,
            "output_activation": keras.activations.serialize(self.output_activation),
            "seed": self.seed,
        }


def _run(network: list[Any], sequences: Tensor, training: bool) -> Tensor:
    """Return what the layers of a network make of sequences."""
    *layers, head = network
    for layer in layers:
        sequences = recurrence.run(layer, sequences, training=training)[0]
    made: Tensor = head(sequences)
    return made
