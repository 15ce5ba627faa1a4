import keras
import pytest

from keras_rgan.callbacks.learning_rates import LearningRates
from keras_rgan.training.optimizer_pair import OptimizerPair
from tests.testing import to_numpy


def test_they_fall_along_a_cosine_and_come_back():
    optimizer = keras.optimizers.Adam(0.5)
    rates = LearningRates(optimizer)
    for progress, factor in [(-1.0, 1.0), (0.0, 1.0), (0.5, 0.6), (1.0, 0.2), (2.0, 0.2)]:
        rates.fall(progress, 0.2)
        assert float(to_numpy(optimizer.learning_rate)) == pytest.approx(0.5 * factor)
    rates.reset()
    assert float(to_numpy(optimizer.learning_rate)) == pytest.approx(0.5)


def test_both_of_a_pair_and_what_scales_losses_but_no_schedule():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    pair = OptimizerPair(
        keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.25)), keras.optimizers.SGD(schedule)
    )
    rates = LearningRates(pair)
    rates.fall(1.0)
    assert rates.first == [0.25]
    inner = pair.generator_optimizer.inner_optimizer
    assert float(to_numpy(inner.learning_rate)) == pytest.approx(0.025)
    assert pair.discriminator_optimizer._learning_rate is schedule
