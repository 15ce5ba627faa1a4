"""The discriminator of dense layers."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.networks import conditions, precision
from keras_rgan.networks.discriminator import sequences_of
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Nested, Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class DenseDiscriminator(keras.Model):
    """Judges samples of one shape by dense layers that see all of it at once.

    Fast, and strong on short windows; a `RecurrentDiscriminator` judges sequences of any length.

    Args:
        units: Width of the hidden layers.
        num_layers: How many layers there are, with the last, which judges.
        activation: Activation of the hidden layers, as a Keras activation.
        temporal_conditions: How many columns of conditions are known at each step.
        static_conditions: How many columns of conditions hold for the whole sequence; they are read
            once.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Samples, `(batch, …)`; with conditions a dict of sequences `(batch, time, features)`
            as `sequences` and of `conditions`, `(batch, time, temporal_conditions +
            static_conditions)`, as a `ConditionEncoder` returns them.

    Output shape:
        Logits, `(batch, 1)`, in float32 under policies of half precision as well.

    Raises:
        ValueError: If an argument is out of range, or the length of sequences is open.

    Example:
        >>> import keras, keras_rgan as kr
        >>> discriminator = kr.networks.DenseDiscriminator(units=16, num_layers=3)
        >>> discriminator(keras.random.normal((2, 24, 3))).shape == (2, 1)
        True

    Reference:
        Lin et al., "Using GANs for Sharing Networked Time Series Data: Challenges, Initial Promise,
        and Open Questions" (DoppelGANger), IMC 2020.
    """

    def __init__(
        self,
        units: int = 200,
        num_layers: int = 5,
        activation: Any = "relu",
        temporal_conditions: int = 0,
        static_conditions: int = 0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.activation = keras.activations.get(activation)
        self.temporal_conditions = checks.non_negative_int("temporal_conditions", temporal_conditions)
        self.static_conditions = checks.non_negative_int("static_conditions", static_conditions)
        self.column_layout = ColumnLayout.of_network(temporal_conditions, static_conditions)
        self.seed = seed
        self.hidden = [
            keras.layers.Dense(
                units,
                activation=activation,
                kernel_initializer=seeding.glorot(seed, f"hidden_{i}"),
                dtype=self.dtype_policy,
                name=f"hidden_{i}",
            )
            for i in range(num_layers - 1)
        ]
        self.head = keras.layers.Dense(
            1,
            kernel_initializer=seeding.glorot(seed, "head"),
            dtype=precision.of_outputs(self),
            name="judgement",
        )

    def build(self, input_shape: Nested) -> None:
        """Build the layers for samples of `input_shape`."""
        shape = sequences_of(input_shape)
        width = 1
        for count in shape[1:]:
            if count is None:
                raise ValueError(
                    "Dense layers judge sequences of one length. Expected: a known length. Received: "
                    f"samples of shape {tuple(shape)}. Use a RecurrentDiscriminator for any length."
                )
            width *= count
        if self.temporal_conditions:
            width += shape[1] * self.temporal_conditions
        width += self.static_conditions
        for layer in [*self.hidden, self.head]:
            layer.build((None, width))
            width = self.units

    def call(self, inputs: Nested, training: bool = False) -> Tensor:
        """Judge samples."""
        samples = sequences_of(inputs)
        columns = inputs.get("conditions") if isinstance(inputs, dict) else None
        conditions.check_columns(columns, self.temporal_conditions, self.static_conditions)
        features = _flat(samples)
        if columns is not None:
            temporal = self.column_layout.temporal_of(columns)
            parts = [features] if temporal is None else [features, _flat(temporal)]
            static = self.column_layout.static_of(columns)
            parts += [] if static is None else [static]
            features = ops.concatenate([ops.cast(part, features.dtype) for part in parts], axis=-1)
        for layer in self.hidden:
            features = layer(features)
        judgement: Tensor = self.head(features)
        return judgement

    def compute_output_shape(self, input_shape: Nested) -> Shape:
        """Return `(batch, 1)`."""
        return (sequences_of(input_shape)[0], 1)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "num_layers": self.num_layers,
            "activation": keras.activations.serialize(self.activation),
            "temporal_conditions": self.temporal_conditions,
            "static_conditions": self.static_conditions,
            "seed": self.seed,
        }


def _flat(values: Tensor) -> Tensor:
    """Return all that belongs to a sample side by side, `(batch, width)`."""
    width = 1
    for count in values.shape[1:]:
        width *= count
    return ops.reshape(values, (-1, width))
