"""The recurrent generator."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan import checks, seeding
from keras_rgan.layers import recurrence
from keras_rgan.layers.exponential_smoothing import ExponentialSmoothing
from keras_rgan.layers.recurrent_noise_encoder import RecurrentNoiseEncoder
from keras_rgan.types import Nested, Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class RecurrentGenerator(keras.Model):
    """Makes sequences of any length of a global latent and of noise at every step.

    A `RecurrentNoiseEncoder`, and a head that reads its output and the noise of the step.

    Args:
        num_features: Width of the sequences.
        units: Width of the recurrent layers.
        num_layers: How many recurrent layers are stacked.
        cell: "gru", "lstm", "simple" or a Keras cell of width `units`.
        latent_dim: Width of the latent that a whole sequence shares; 0 for none.
        noise_dim: Width of the noise at each step; 0 for none.
        hidden_units: Width of the head's hidden layer; 0 for none.
        output_activation: Activation of the output, as a Keras activation; None is the identity.
        smoothing: Whether an `ExponentialSmoothing` follows, whose paces `RecurrentGAN` adapts.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Dict of `latent`, `(batch, latent_dim)` (left out where `latent_dim` is 0), and
            `noise`, `(batch, time, noise_dim)`; noise of width 0 gives the length alone.
        initial_state: List of states, to continue a sequence; see `continue_from`.

    Output shape:
        `(batch, time, num_features)`.

    Raises:
        ValueError: If an argument is out of range, or both widths of noise are 0.

    Example:
        >>> import keras, keras_rgan as kr
        >>> generator = kr.networks.RecurrentGenerator(num_features=3, units=16, noise_dim=4)
        >>> noise = {
        ...     "latent": keras.random.normal((2, generator.latent_dim)),
        ...     "noise": keras.random.normal((2, 24, 4)),
        ... }
        >>> generator(noise).shape == (2, 24, 3)
        True

    Reference:
        Esteban et al., "Real-valued (Medical) Time Series Generation with Recurrent Conditional
        GANs", 2017; Mogren, "C-RNN-GAN", 2016.
    """

    def __init__(
        self,
        num_features: int,
        units: int,
        num_layers: int = 1,
        cell: Any = "gru",
        latent_dim: int = 32,
        noise_dim: int = 8,
        hidden_units: int = 0,
        output_activation: Any = None,
        smoothing: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_features = checks.positive_int("num_features", num_features)
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers)
        self.latent_dim = checks.non_negative_int("latent_dim", latent_dim)
        self.noise_dim = checks.non_negative_int("noise_dim", noise_dim)
        self.hidden_units = checks.non_negative_int("hidden_units", hidden_units)
        if not (latent_dim or noise_dim):
            raise ValueError("A generator needs a latent or noise. Received: latent_dim=0, noise_dim=0")
        self.output_activation = keras.activations.get(output_activation)
        self.seed = seed
        self.encoder = RecurrentNoiseEncoder(
            units,
            cell,
            num_layers,
            return_state=True,
            seed=seeding.child_seed(seed, "encoder"),
            dtype=self.dtype_policy,
            name="encoder",
        )
        self.hidden = (
            keras.layers.Dense(
                hidden_units,
                activation="swish",
                kernel_initializer=seeding.glorot(seed, "hidden"),
                dtype=self.dtype_policy,
                name="hidden",
            )
            if hidden_units
            else None
        )
        self.head = keras.layers.Dense(
            num_features,
            activation=output_activation,
            kernel_initializer=seeding.glorot(seed, "head"),
            dtype=self.dtype_policy,
            name="head",
        )

        self.smoother = (
            ExponentialSmoothing(return_state=True, dtype=self.dtype_policy, name="smoother")
            if smoothing
            else None
        )

    @property
    def noise_shape(self) -> dict[str, Shape]:
        """The shapes of the inputs, without the batch; the length is open."""
        latent: dict[str, Shape] = {"latent": (self.latent_dim,)} if self.latent_dim else {}
        return {**latent, "noise": (None, self.noise_dim)}

    def build(self, input_shape: Nested = None) -> None:
        """Build the layers; the input's shape is known from the arguments."""
        self.encoder.build({k: (None, *shape) for k, shape in self.noise_shape.items()})
        width = self.units + self.noise_dim
        if self.hidden is not None:
            self.hidden.build((None, None, width))
            width = self.hidden_units
        self.head.build((None, None, width))
        if self.smoother is not None:
            self.smoother.build((None, None, self.num_features))

    def call(
        self,
        inputs: Nested,
        initial_state: list[Tensor] | None = None,
        training: bool = False,
    ) -> Tensor:
        """Make sequences."""
        return self.continue_from(inputs, initial_state, training=training)[0]

    def continue_from(
        self, inputs: Nested, state: list[Tensor] | None = None, training: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        """Make sequences that go on from `state`.

        Args:
            inputs: As in a call; the latent must be the one that the sequences began with.
            state: The state after the last step, or None to begin.
            training: Whether the layers train.

        Returns:
            The sequences, `(batch, time, num_features)`, and the state after them.
        """
        last = None
        if state is not None and self.smoother is not None:
            *state, last = state
        hidden, *state = self.encoder(inputs, initial_state=state, training=training)
        if self.noise_dim:
            step_noise = ops.cast(inputs["noise"], hidden.dtype)
            hidden = ops.concatenate([hidden, step_noise], axis=-1)
        if self.hidden is not None:
            hidden = self.hidden(hidden)
        outputs = self.head(hidden)
        if self.smoother is None:
            return outputs, state
        outputs, last = self.smoother(outputs, initial_state=last)
        return outputs, [*state, last]

    def compute_output_shape(self, inputs_shape: Nested, initial_state_shape: Any = None) -> Shape:
        """Return `(batch, time, num_features)`."""
        batch, length, _ = inputs_shape["noise"]
        return (batch, length, self.num_features)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "num_features": self.num_features,
            "units": self.units,
            "num_layers": self.num_layers,
            "cell": recurrence.serialize_cell(self.encoder.recurrent_layers[0]),
            "latent_dim": self.latent_dim,
            "noise_dim": self.noise_dim,
            "hidden_units": self.hidden_units,
            "output_activation": keras.activations.serialize(self.output_activation),
            "smoothing": self.smoother is not None,
            "seed": self.seed,
        }
