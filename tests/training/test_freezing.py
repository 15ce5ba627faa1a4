"""A step that is not wanted leaves weights and optimizer as they were."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan.training.freezing import Freezer
from keras_rgan.training.phases import Phase
from keras_rgan.utils.untracked import Untracked
from tests.testing import dense_networks, to_numpy, windows


class Shrinking(Phase):
    """Goes down the size of the generator's first layer, where that is wanted."""

    def __init__(self, model):
        super().__init__(None)
        self.model, self.freezer = model, Freezer()

    def turn(self, step, real, look):
        kernel = self.model.generator.trainable_variables[0]

        def objective():
            size = ops.sum(ops.square(kernel))
            return size, ops.stop_gradient(size)

        self.freezer.descend(
            lambda size: size * 0.0 + self.model.wanted > 0.5,
            step,
            objective,
            look,
            self.model.generator_optimizer,
            [kernel],
        )


class Wanting(kr.RecurrentGAN):
    """A GAN of one phase."""

    wanted = 1.0

    @property
    def phases(self):
        if not hasattr(self, "shrinking"):
            self.shrinking = Untracked((Shrinking(self),))
        return self.shrinking.value


@pytest.mark.parametrize("wanted", [1.0, 0.0])
def test_weights_and_optimizer(wanted):
    gan = Wanting(*dense_networks(), seed=0)
    gan.wanted = wanted
    gan.compile(generator_optimizer=keras.optimizers.Adam(0.1))
    gan.adapt(windows())
    watched = [gan.generator.trainable_variables[0], *gan.generator_optimizer.variables]
    before = [np.array(to_numpy(v.value)) for v in watched]
    for _ in range(2):
        gan.train_on_batch(windows(8))
    moved = [bool((to_numpy(v.value) != b).any()) for v, b in zip(watched, before, strict=True)]
    assert moved[0] == bool(wanted)
    assert any(moved[1:]) == bool(wanted)
    assert int(to_numpy(gan.optimizer.iterations)) == 2
