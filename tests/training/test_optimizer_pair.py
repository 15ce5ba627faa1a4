import keras
import numpy as np
import pytest

from keras_rgan.training.optimizer_pair import OptimizerPair
from tests.testing import dense_gan, to_numpy, windows


def test_variables_are_its_own_and_those_of_both():
    pair = OptimizerPair(keras.optimizers.Adam(1e-3), keras.optimizers.SGD(1e-2))
    weights = [keras.Variable(np.ones(3)), keras.Variable(np.ones(2))]
    pair.build_for(weights[:1], weights[1:])
    inner = [v for o in pair.optimizers for v in o.variables]
    assert {id(v) for v in inner} < {id(v) for v in pair.variables}
    assert len(pair.variables) == len(inner) + 2  # its step count and its idle learning rate
    assert pair.built
    assert all(o.built for o in pair.optimizers)


def test_each_optimizer_trains_its_own_network():
    gan = dense_gan()
    # A loss of pairs has no slope in the last bias, which would stay as it is but for rounding.
    gan.compile(
        loss="non_saturating",
        generator_optimizer=keras.optimizers.SGD(0.0),
        discriminator_optimizer=keras.optimizers.SGD(0.1),
    )
    data = windows()
    gan.adapt(data)
    before = [to_numpy(v.value) for v in (*gan.generator.weights, *gan.discriminator.weights)]
    gan.fit(data, batch_size=20, verbose=0, epochs=1)
    after = [to_numpy(v.value) for v in (*gan.generator.weights, *gan.discriminator.weights)]
    count = len(gan.generator.weights)
    assert all((a == b).all() for a, b in zip(before[:count], after[:count], strict=True))
    assert all((a != b).any() for a, b in zip(before[count:], after[count:], strict=True))


@pytest.mark.parametrize("frozen", ["generator", "discriminator"])
def test_none_leaves_a_network_as_it_is(frozen):
    gan = dense_gan()
    gan.compile(**{f"{frozen}_optimizer": None})
    data = windows()
    gan.adapt(data)
    before = {n: getattr(gan, n).get_weights() for n in ("generator", "discriminator")}
    gan.fit(data, batch_size=20, verbose=0, epochs=1)
    for name, weights in before.items():
        same = all(
            (a == b).all() for a, b in zip(weights, getattr(gan, name).get_weights(), strict=True)
        )
        assert same == (name == frozen)


def test_refuses_gradients_of_its_own():
    pair = OptimizerPair(keras.optimizers.Adam(), keras.optimizers.Adam())
    with pytest.raises(ValueError, match="OptimizerPair applies no gradients"):
        pair.apply([np.ones(3)])


def test_learning_rate_callbacks_reach_both():
    gan = dense_gan()
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(1e-3),
        discriminator_optimizer=keras.optimizers.Adam(4e-3),
    )
    callback = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    gan.fit(windows(), epochs=2, verbose=0, callbacks=[callback])
    rates = [float(to_numpy(o.learning_rate)) for o in gan.optimizer.optimizers]
    assert rates == pytest.approx([2.5e-4, 1e-3])


def test_reduce_on_plateau():
    gan = dense_gan()
    gan.compile()
    callback = keras.callbacks.ReduceLROnPlateau("val_mmd", mode="max", patience=1, min_delta=1e9)
    gan.fit(windows(), validation_data=windows(), epochs=3, verbose=0, callbacks=[callback])
    rates = [float(to_numpy(o.learning_rate)) for o in gan.optimizer.optimizers]
    assert rates[0] == pytest.approx(rates[1])
    assert rates[0] < 1e-3


def test_learning_rate_schedules():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([2], [1e-3, 0.0])
    gan = dense_gan()
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(schedule),
        discriminator_optimizer=keras.optimizers.Adam(schedule),
    )
    data = windows()
    gan.fit(data, batch_size=10, verbose=0, epochs=1)  # 4 steps; after 3 the rate is 0
    before = gan.generator.get_weights()
    gan.fit(data, batch_size=10, verbose=0, epochs=1)
    for a, b in zip(before, gan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_optimizer_that_averages_weights_finalizes_them():
    gan = dense_gan()
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    gan.compile(generator_optimizer=optimizer, discriminator_optimizer="sgd")
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    averages = optimizer._model_variables_moving_average
    for variable, average in zip(gan.generator.trainable_variables, averages, strict=True):
        np.testing.assert_array_equal(to_numpy(variable.value), to_numpy(average.value))
    gan.fit(
        windows(), batch_size=20, verbose=0, epochs=1
    )  # which on JAX gives buffers away, of each variable its own
    assert np.isfinite([to_numpy(average.value).sum() for average in averages]).all()


def test_counts_steps():
    gan = dense_gan()
    gan.compile(discriminator_steps=3)
    gan.fit(windows(40), batch_size=10, epochs=2, verbose=0)
    assert int(to_numpy(gan.optimizer.iterations.value)) == 8
    assert int(to_numpy(gan.optimizer.generator_optimizer.iterations.value)) == 8
    assert int(to_numpy(gan.optimizer.discriminator_optimizer.iterations.value)) == 24


def test_gradient_clipping_and_accumulation_of_the_inner_optimizers():
    gan = dense_gan()
    gan.compile(
        generator_optimizer=keras.optimizers.SGD(1.0, clipvalue=1e-6),
        discriminator_optimizer=keras.optimizers.SGD(1.0, gradient_accumulation_steps=8),
    )
    data = windows(40)
    gan.adapt(data)
    before = [gan.generator.get_weights(), gan.discriminator.get_weights()]
    gan.fit(data, batch_size=10, verbose=0, epochs=1)  # 4 steps
    moved = [np.abs(a - b).max() for a, b in zip(before[0], gan.generator.get_weights(), strict=True)]
    assert 0.0 < max(moved) <= 4.1e-6
    for a, b in zip(before[1], gan.discriminator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)  # not yet updated


def test_a_wrapped_optimizer_lists_all_that_it_updates():
    # Keras's own `LossScaleOptimizer.build` leaves Nadam's running product out.
    pair = OptimizerPair(keras.optimizers.LossScaleOptimizer(keras.optimizers.Nadam(1e-3)), None)
    pair.build_for([keras.Variable(np.ones(3))], [])
    inner = pair.generator_optimizer.inner_optimizer
    assert any(v is inner._u_product for v in pair.variables)
