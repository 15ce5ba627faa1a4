"""The two optimizers of a GAN as the one that Keras's trainers know."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan.utils.types import Tensor
from keras_rgan.utils.untracked import Untracked


class OptimizerPair(keras.optimizers.Optimizer):
    """Holds the generator's and the discriminator's optimizer; never applies gradients itself.

    Its variables are its own (`iterations` counts adversarial steps), those of the two, and further
    state of their steps. Either optimizer may be None: that network is then left as it is.
    """

    def __init__(
        self,
        generator_optimizer: keras.optimizers.Optimizer | None,
        discriminator_optimizer: keras.optimizers.Optimizer | None,
        further: Sequence[keras.Variable] = (),
    ) -> None:
        super().__init__(learning_rate=0.0, name="optimizer_pair")
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self._finalizers: list[Callable[[], None]] = []
        self.further = Untracked(list(further))
        self.generator_variables: Untracked[list[keras.Variable]] = Untracked([])
        self.discriminator_variables: Untracked[list[keras.Variable]] = Untracked([])

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """The optimizers that there are; Keras's callbacks look for this name."""
        pair = (self.generator_optimizer, self.discriminator_optimizer)
        return [optimizer for optimizer in pair if optimizer is not None]

    @property
    def variables(self) -> list[keras.Variable]:
        """Its own variables, and those of both optimizers."""
        of_both = (v for optimizer in self.optimizers for v in optimizer.variables)
        return [*super().variables, *of_both, *self.further.value]

    def variables_of(self, optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
        """Return what one of the two trains."""
        if optimizer is self.generator_optimizer:
            return self.generator_variables.value
        return self.discriminator_variables.value

    def build_for(
        self,
        generator_variables: Sequence[keras.Variable],
        discriminator_variables: Sequence[keras.Variable],
    ) -> None:
        """Create each optimizer's state for its network's variables, where it has none.

        What is trained is settled here, as in any `compile`: freezing a layer needs a new one.
        """
        self.generator_variables = Untracked(list(generator_variables))
        self.discriminator_variables = Untracked(list(discriminator_variables))
        parts = (
            (self.generator_optimizer, generator_variables),
            (self.discriminator_optimizer, discriminator_variables),
        )
        for optimizer, variables in parts:
            if optimizer is not None:
                if not optimizer.built:
                    # The same paths whatever scope is open: that of a model that is built, or none.
                    with keras.name_scope(self.name, override_parent=""):
                        # First what scales losses wraps: its own `build` would not list all of it.
                        inner = getattr(optimizer, "inner_optimizer", optimizer)
                        inner.build(variables)
                        if optimizer is not inner:
                            optimizer.build(variables)
                self._finalizers.append(
                    functools.partial(optimizer.finalize_variable_values, variables)
                )
        self.built = True

    def as_new(self) -> OptimizerPair:
        """Return a pair of the same settings and count of steps, whose state holds no gradient."""
        generator_optimizer, discriminator_optimizer = (
            None if optimizer is None else type(optimizer).from_config(optimizer.get_config())
            for optimizer in (self.generator_optimizer, self.discriminator_optimizer)
        )
        pair = OptimizerPair(generator_optimizer, discriminator_optimizer, self.further.value)
        if self.built:
            pair.build_for(self.generator_variables.value, self.discriminator_variables.value)
        pair.iterations.assign(self.iterations)
        return pair

    def apply(self, grads: Sequence[Tensor], trainable_variables: Any = None) -> None:
        """Refuse: each network's gradients go to its own optimizer."""
        raise ValueError(
            "OptimizerPair applies no gradients. Use `generator_optimizer` or "
            "`discriminator_optimizer`."
        )

    def finalize_variable_values(self, var_list: Sequence[keras.Variable]) -> None:
        """Let each optimizer that averages weights overwrite its network's at the end of `fit`."""
        for finalize in self._finalizers:
            finalize()
        parts = (
            (self.generator_optimizer, self.generator_variables),
            (self.discriminator_optimizer, self.discriminator_variables),
        )
        for optimizer, variables in parts:
            if optimizer is None:
                continue
            if getattr(optimizer, "inner_optimizer", optimizer).use_ema:
                for variable in variables.value:  # the average's own buffer, which JAX would give away
                    variable.assign(ops.copy(variable.value))

    @property
    def learning_rate(self) -> Any:
        """The first optimizer's learning rate."""
        return self.optimizers[0].learning_rate if self.optimizers else 0.0

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        for optimizer in self.optimizers:
            optimizer.learning_rate = learning_rate

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Save the count of steps; Keras's saver walks into the two optimizers by itself."""
        store["iterations"] = self.iterations.numpy()

    def load_own_variables(self, store: dict[str, Any]) -> None:
        """Load the count of steps."""
        self.iterations.assign(store["iterations"])
