"""The generator of what holds for a whole sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan.networks import precision
from keras_rgan.sequences import noise as draws
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Nested, Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class AttributeGenerator(keras.Model):
    """Makes attributes, what holds for a whole sequence, of noise: categories and real numbers.

    `RecurrentGAN(attributes="generated")` makes one for the static conditions of the first `fit` and
    trains it with its generator. A few dense layers read the noise; one group of categories after the
    other is drawn, knowing those before; a head that knows all of them makes the real numbers.

    Args:
        num_columns: How many columns the attributes have.
        categories: The first column and the one behind the last of each group that is one-hot, 0 or 1.
            One of a group is drawn as `RecurrentGenerator` draws categories: in training a softmax
            stands for the choice. All other columns are real numbers.
        context_dim: Width of what is known of each sequence before; 0 for nothing.
        units: Width of the hidden layers.
        num_layers: How many layers read the noise.
        noise_dim: Width of the noise, that of the choices apart.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Dict of `noise`, N(0, 1), `(batch, noise_dim)` and a further column for each of those
            of categories; with `context_dim` also `context`, `(batch, context_dim)`.

    Output shape:
        `(batch, num_columns)`, in float32 under policies of half precision as well.

    Raises:
        ValueError: If an argument is out of range, or groups overlap.

    Example:
        >>> import keras, keras_rgan as kr
        >>> generator = kr.networks.AttributeGenerator(num_columns=4, categories=[(0, 3)], seed=0)
        >>> noise = keras.random.normal((5, *generator.noise_shape["noise"]))
        >>> made = generator({"noise": noise})
        >>> made.shape == (5, 4), keras.ops.convert_to_numpy(made[:, :3]).sum(axis=1).tolist()
        (True, [1.0, 1.0, 1.0, 1.0, 1.0])

    Reference:
        Lin et al., "Using GANs for Sharing Networked Time Series Data: Challenges, Initial Promise,
        and Open Questions" (DoppelGANger), IMC 2020; Jang, Gu and Poole, "Categorical
        Reparameterization with Gumbel-Softmax", ICLR 2017.
    """

    def __init__(
        self,
        num_columns: int,
        categories: Sequence[Sequence[int]] = (),
        context_dim: int = 0,
        units: int = 64,
        num_layers: int = 2,
        noise_dim: int = 16,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_columns = checks.positive_int("num_columns", num_columns)
        self.categories = [(int(first), int(last)) for first, last in categories]
        ends = [0, *(n for group in self.categories for n in group), num_columns]
        if ends != sorted(ends) or any(last <= first for first, last in self.categories):
            raise ValueError(
                "`categories` must be pairs (first, behind the last) of columns, in order, within "
                f"{num_columns} columns. Received: {self.categories}"
            )
        self.context_dim = checks.non_negative_int("context_dim", context_dim)
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.noise_dim = checks.positive_int("noise_dim", noise_dim)
        self.seed = seed
        self.hidden = [self._dense(units, f"hidden_{i}", "swish") for i in range(num_layers)]
        outputs = precision.of_outputs(self)  # real numbers are not rounded to a few hundred values
        self.choices = [
            self._dense(last - first, f"choice_{i}", dtype=outputs)
            for i, (first, last) in enumerate(self.categories)
        ]
        real = bool(self.num_real)
        self.real_hidden = self._dense(units, "real_hidden", "swish") if real else None
        self.real_head = self._dense(self.num_real, "real_head", dtype=outputs) if real else None

    def _dense(
        self, width: int, name: str, activation: str | None = None, dtype: Any = None
    ) -> keras.layers.Dense:
        return keras.layers.Dense(
            width,
            activation=activation,
            kernel_initializer=seeding.glorot(self.seed, name),
            dtype=dtype or self.dtype_policy,
            name=name,
        )

    @property
    def num_choices(self) -> int:
        """How many columns are of categories."""
        return sum(last - first for first, last in self.categories)

    @property
    def num_real(self) -> int:
        """How many columns are real numbers."""
        return self.num_columns - self.num_choices

    @property
    def noise_shape(self) -> dict[str, Shape]:
        """The shape of the noise, without the batch."""
        return {"noise": (self.noise_dim + self.num_choices,)}

    def build(self, input_shape: Nested = None) -> None:
        """Build the layers; the input's shape is known from the arguments."""
        width = self.noise_dim + self.context_dim
        for layer in self.hidden:
            layer.build((None, width))
            width = self.units
        for layer, (first, last) in zip(self.choices, self.categories, strict=True):
            layer.build((None, width))
            width += last - first
        if self.real_hidden is not None and self.real_head is not None:
            self.real_hidden.build((None, width))
            self.real_head.build((None, self.units))

    def call(self, inputs: Nested, training: bool = False) -> Tensor:
        """Make attributes; in training a softmax stands for each choice."""
        noise, context = inputs["noise"], inputs.get("context")
        given = 0 if context is None else context.shape[-1]
        if given != self.context_dim:
            raise ValueError(f"Expected a context of width {self.context_dim}. Received: width {given}")
        features = noise[:, : self.noise_dim]
        if context is not None:
            features = ops.concatenate([features, ops.cast(context, features.dtype)], axis=-1)
        for layer in self.hidden:
            features = layer(features)
        chosen: list[Tensor] = []
        start = self.noise_dim
        for layer, (first, last) in zip(self.choices, self.categories, strict=True):
            part = noise[:, start : start + last - first]
            start += last - first
            drawn = 0.5 + 0.5 * draws.choose(layer(features), part, relaxed=training)
            chosen.append(drawn)
            features = ops.concatenate([features, ops.cast(drawn, features.dtype)], axis=-1)
        if self.real_hidden is None or self.real_head is None:
            return ops.concatenate(chosen, axis=-1)
        return self._in_order(chosen, self.real_head(self.real_hidden(features)))

    def _in_order(self, chosen: list[Tensor], real: Tensor) -> Tensor:
        """Return choices and real numbers in the order of the columns."""
        parts, column, used = [], 0, 0
        for (first, last), drawn in zip(self.categories, chosen, strict=True):
            parts.append(real[:, used : used + first - column])
            parts.append(ops.cast(drawn, real.dtype))
            column, used = last, used + first - column
        return ops.concatenate([*parts, real[:, used:]], axis=-1)

    def compute_output_shape(self, inputs_shape: Nested) -> Shape:
        """Return `(batch, num_columns)`."""
        return (inputs_shape["noise"][0], self.num_columns)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "num_columns": self.num_columns,
            "categories": self.categories,
            "context_dim": self.context_dim,
            "units": self.units,
            "num_layers": self.num_layers,
            "noise_dim": self.noise_dim,
            "seed": self.seed,
        }
