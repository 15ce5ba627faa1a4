"""What joins the losses: predictions, regularizers and what layers add."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan.training.terms import added_losses, prediction_error, weight_regularization
from tests.testing import all_on_torch, dense_networks, recurrent_gan, slow_on_jax, to_numpy, windows


def test_regularizers_of_weights_count():
    generator, _ = dense_networks()
    discriminator = keras.Sequential(
        [
            keras.Input((6, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(1e3)),
        ]
    )
    gan = kr.RecurrentGAN(generator, discriminator)
    gan.compile(penalties=None, discriminator_optimizer=keras.optimizers.SGD(1e-4))
    gan.adapt(windows())
    before = np.abs(gan.discriminator.get_weights()[0]).sum()
    gan.fit(
        windows(), batch_size=20, verbose=0, epochs=1
    )  # 2 steps, each shrinks by a factor of 1 - 0.2
    after = np.abs(gan.discriminator.get_weights()[0]).sum()
    assert after == pytest.approx(before * 0.64, rel=0.01)


@slow_on_jax
def test_next_step_prediction_trains_both_networks():
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, next_step_prediction=True
    )
    gan = kr.RecurrentGAN(recurrent_gan().generator, discriminator)
    gan.compile()
    history = gan.fit(windows(), validation_data=windows(), batch_size=20, verbose=0, epochs=1).history
    assert history["prediction_loss"][0] > 0.0
    assert history["val_prediction_loss"][0] > 0.0
    # Switched off, the head gets no gradient and stands still
    head = discriminator.prediction_head
    before = head.get_weights()[0]
    gan.compile(prediction_weight=0.0)
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    np.testing.assert_allclose(head.get_weights()[0], before, atol=1e-6)


class Adding(keras.layers.Layer):
    """Adds a loss, and returns its inputs."""

    def call(self, inputs):
        self.add_loss(0.5 * keras.ops.mean(keras.ops.square(inputs)))
        return inputs


@pytest.mark.parametrize("role", ["generator", "discriminator"])
@pytest.mark.parametrize("run_eagerly", all_on_torch([False, True], [False]))
def test_losses_that_layers_add_are_trained(role, run_eagerly):
    """With a loss of its own that is large, a network's outputs shrink."""

    def reach(weight):
        generator, discriminator = dense_networks()
        networks = {"generator": generator, "discriminator": discriminator}
        model = networks[role]
        head = next(x for x in reversed(model.layers) if isinstance(x, keras.layers.Dense))
        if weight:
            index = model.layers.index(head)
            adding = keras.layers.ActivityRegularization(l2=weight)
            layers = [*model.layers[: index + 1], adding, Adding(), *model.layers[index + 1 :]]
            networks[role] = keras.Sequential([keras.Input(model.input_shape[1:]), *layers])
        gan = kr.RecurrentGAN(**networks, scaler="standard", seed=0)
        fast = {f"{name}_optimizer": keras.optimizers.Adam(0.02) for name in networks}
        gan.compile(run_eagerly=run_eagerly, penalties=None, **fast)
        gan.fit(windows(), batch_size=20, epochs=10, shuffle=False, verbose=0)
        return np.square(ops.convert_to_numpy(head.kernel)).sum()

    assert reach(weight=10.0) < 0.5 * reach(weight=0.0)


def test_the_prediction_error_is_of_steps_that_count():
    sequences = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    nothing = ops.zeros((2, 3, 3))

    def error(prediction, counts=None):
        counts = None if counts is None else ops.convert_to_tensor(counts)
        return float(prediction_error(prediction, ops.convert_to_tensor(sequences), counts))

    squares = sequences[:, 1:] ** 2
    assert error(None) == 0.0
    assert error(nothing) == pytest.approx(squares.mean(), rel=1e-5)
    counts = (np.arange(4) < np.array([[2], [4]]))[..., None].astype("float32")
    expected = np.concatenate([squares[0, :1], squares[1]]).mean()
    assert error(nothing, counts) == pytest.approx(expected, rel=1e-5)
    assert error(nothing, 0.0 * counts) == 0.0
    assert float(prediction_error(nothing[:, :0], ops.convert_to_tensor(sequences[:, :1]))) == 0.0


def test_regularizers_of_weights_and_losses_of_layers_are_told_apart():
    network = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(
                2, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(3.0)
            ),
            Adding(),
        ]
    )
    outputs = to_numpy(network(np.ones((5, 2), "float32")))
    assert float(weight_regularization(network)) == pytest.approx(3.0 * 4)
    assert float(added_losses(network)) == pytest.approx(0.5 * (outputs**2).mean())
