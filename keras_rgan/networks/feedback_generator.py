"""The generator that reads what it has made."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.layers.feedback_cell import FeedbackCell
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape, Tensor

CELLS = {
    "gru": keras.layers.GRUCell,
    "lstm": keras.layers.LSTMCell,
    "simple": keras.layers.SimpleRNNCell,
}
"""The recurrent cells that can be named."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class FeedbackGenerator(keras.Model):
    """Makes sequences of any length of noise at every step and of its own output at the step before.

    The same network can be taught to predict the next step of real sequences, `predict_next`.

    Args:
        num_features: Width of the sequences.
        units: Width of the recurrent layers.
        num_layers: How many recurrent layers are stacked.
        cell: "gru", "lstm" or "simple".
        noise_dim: Width of the noise at each step; None for as many as there are features.
        output_activation: Activation of the output, as a Keras activation; None is the identity.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Noise, `(batch, time, noise_dim)`.

    Output shape:
        `(batch, time, num_features)`.

    Raises:
        ValueError: If an argument is out of range or the cell unknown.

    Example:
        >>> import keras, keras_rgan as kr
        >>> generator = kr.networks.FeedbackGenerator(num_features=3, units=16)
        >>> noise = keras.random.normal((2, 24, 3))
        >>> generator(noise).shape == (2, 24, 3)
        True
        >>> generator.predict_next(noise, keras.ops.ones((2, 24, 3))).shape == (2, 24, 3)
        True

    Reference:
        Mogren, "C-RNN-GAN: Continuous recurrent neural networks with adversarial training", 2016.
    """

    def __init__(
        self,
        num_features: int,
        units: int = 350,
        num_layers: int = 2,
        cell: str = "lstm",
        noise_dim: int | None = None,
        output_activation: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_features = checks.positive_int("num_features", num_features)
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.cell = checks.one_of("cell", cell, CELLS)
        width = num_features if noise_dim is None else noise_dim
        self.noise_dim = checks.positive_int("noise_dim", width)
        self.output_activation = keras.activations.get(output_activation)
        self.seed = seed
        cells = [
            CELLS[cell](
                units,
                kernel_initializer=seeding.glorot(seed, f"cell_{i}/kernel"),
                recurrent_initializer=seeding.orthogonal(seed, f"cell_{i}/recurrent"),
                seed=seeding.child_seed(seed, f"cell_{i}/dropout"),
                dtype=self.dtype_policy,
                name=f"cell_{i}",
            )
            for i in range(num_layers)
        ]
        own = FeedbackCell(
            keras.layers.StackedRNNCells(cells, dtype=self.dtype_policy, name="cells"),
            num_features,
            output_activation,
            seeding.glorot(seed, "head"),
            dtype=self.dtype_policy,
            name="feedback",
        )
        self.recurrence = keras.layers.RNN(
            own, return_sequences=True, dtype=self.dtype_policy, name="recurrence"
        )

    @property
    def noise_shape(self) -> Shape:
        """The shape of the input, without the batch; the length is open."""
        return (None, self.noise_dim)

    def build(self, input_shape: Any = None) -> None:
        """Build the layers; the input's shape is known from the arguments."""
        self.recurrence.build((None, None, self.noise_dim))

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Make sequences."""
        made: Tensor = self.recurrence(inputs, training=training)
        return made

    def predict_next(self, noise: Tensor, sequences: Tensor, training: bool = False) -> Tensor:
        """Predict every step of sequences from the steps before it.

        Args:
            noise: `(batch, time, noise_dim)`.
            sequences: `(batch, time, num_features)`.
            training: Whether the layers train.

        Returns:
            `(batch, time, num_features)`; the first step follows from noise alone.
        """
        before = ops.pad(sequences[:, :-1], [[0, 0], [1, 0], [0, 0]])
        given = ops.concatenate([noise, ops.cast(before, noise.dtype)], axis=-1)
        predicted: Tensor = self.recurrence(given, training=training)
        return predicted

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
            "cell": self.cell,
            "noise_dim": self.noise_dim,
            "output_activation": keras.activations.serialize(self.output_activation),
            "seed": self.seed,
        }
