"""A step of the game: who is updated, on what, and what is logged."""

import numpy as np
import pytest

from tests.testing import dense_gan, to_numpy, windows


@pytest.mark.parametrize("loss", ["minimax", "non_saturating", "least_squares", "hinge", "wasserstein"])
def test_every_loss_trains(loss):
    gan = dense_gan()
    gan.compile(loss=loss)
    history = gan.fit(windows(), epochs=2, verbose=0).history
    assert all(np.isfinite(v).all() for v in history.values())


def test_discriminator_steps():
    data = windows(20)
    weights = []
    for steps in (1, 3):
        gan = dense_gan()
        gan.compile(discriminator_steps=steps, generator_optimizer=None)
        gan.fit(data, batch_size=20, verbose=0, epochs=1)
        weights.append(gan.discriminator.get_weights()[0])
    assert not np.allclose(*weights)


def scores(step, seed=0):
    """Train a new model for a step, and return what was logged and its weights, by network."""
    gan = dense_gan()
    gan.compile(run_eagerly=True, **step)
    gan.adapt(windows())
    before = [network.get_weights() for network in (gan.generator, gan.discriminator)]
    gan.train_on_batch(windows(8))
    after = [network.get_weights() for network in (gan.generator, gan.discriminator)]
    moved = [
        any((a != b).any() for a, b in zip(*pair, strict=True))
        for pair in zip(before, after, strict=True)
    ]
    return gan, moved


@pytest.mark.parametrize("frozen", ["generator", "discriminator"])
def test_each_optimizer_moves_its_network_alone(frozen):
    gan, moved = scores({f"{frozen}_optimizer": None})
    assert moved == [frozen != "generator", frozen != "discriminator"]
    assert int(to_numpy(gan.optimizer.iterations.value)) == 1


def test_both_move_and_the_average_follows():
    gan, moved = scores({"ema": 0.5})
    assert moved == [True, True]
    assert float(to_numpy(gan.ema_steps.value)) == 1.0
