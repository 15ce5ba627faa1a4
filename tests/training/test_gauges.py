"""What is measured of turns is right, and gone with the `fit` that it was asked for."""

import keras
import numpy as np
import pytest

from keras_rgan.training.gauges import ROLES, GradientNorm, Turn, unscaled
from tests.testing import dense_gan, slow_but_on_torch, to_numpy, windows

RATE = 0.01


class Measured(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.model.add_gauges(lambda: [GradientNorm(role) for role in ROLES])


def weights_of(network):
    return np.concatenate([np.ravel(to_numpy(v.value)) for v in network.trainable_variables])


def test_the_norm_of_gradients():
    """Gradient descent moves weights by its rate times the gradient."""
    gan = dense_gan()
    gan.compile(
        generator_optimizer=keras.optimizers.SGD(RATE),
        discriminator_optimizer=keras.optimizers.SGD(RATE),
    )
    data = windows(16)
    gan.adapt(data)
    before = {role: weights_of(getattr(gan, role)) for role in ROLES}
    logs = gan.fit(data, batch_size=16, epochs=1, verbose=0, callbacks=[Measured()]).history
    for role in ROLES:
        moved = np.linalg.norm(weights_of(getattr(gan, role)) - before[role])
        assert logs[f"{role}_gradient_norm"][0] == pytest.approx(moved / RATE, rel=1e-3)
    assert not gan.gauges
    assert "generator_gradient_norm" not in gan.fit(data, epochs=1, batch_size=16, verbose=0).history


@slow_but_on_torch
def test_a_mean_over_turns():
    gan = dense_gan()
    gan.compile(discriminator_steps=3)
    gan.adapt(windows(16))
    gan.add_gauges(lambda: [GradientNorm("discriminator")])
    (gauge,) = gan.gauges
    gan.adversarial_step(windows(16))
    assert float(to_numpy(gauge.turns.value)) == 3.0
    gauge.reset_state()
    for size in (3.0, 4.0):
        gradients = [keras.ops.ones((1,)) * size, None, keras.ops.zeros((2,))]
        gauge.at_turn(Turn("discriminator", None, gradients))
        gauge.at_turn(Turn("generator", None, [keras.ops.ones((9,))]))
    assert float(to_numpy(gauge.result())) == pytest.approx(3.5)


@slow_but_on_torch
def test_what_was_scaled_is_unscaled():
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(), initial_scale=64.0)
    optimizer.build([keras.Variable(np.zeros(2, "float32"))])
    (gradient, none) = unscaled([keras.ops.full((2,), 128.0), None], optimizer)
    assert none is None
    np.testing.assert_allclose(to_numpy(gradient), [2.0, 2.0])


@slow_but_on_torch
def test_gauges_go_with_a_fit_that_fails():
    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    gan = dense_gan()
    gan.compile()
    with pytest.raises(KeyboardInterrupt):
        gan.fit(windows(16), batch_size=8, epochs=1, verbose=0, callbacks=[Measured(), Fails()])
    assert not gan.gauges
