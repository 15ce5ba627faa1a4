"""Whether two networks fit the data and each other."""

import keras
import pytest

import keras_rgan as kr
from keras_rgan.networks import fit_check
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.sequences.noise import NoiseSpec
from tests.testing import dense_networks, recurrent_networks, refuses

NONE, LABELS = ColumnLayout(), ColumnLayout(static=3)
SHAPE = (None, 6, 2)


def spec(shapes):
    return NoiseSpec.from_shapes("normal", 0.0, 1.0, shapes, {})


def test_shapes_of_inputs_are_told():
    generator, discriminator = dense_networks()
    assert fit_check.input_shapes(generator) == (4,)
    assert fit_check.input_shapes(discriminator) == (6, 2)
    noise, columns = keras.Input((None, 2), name="noise"), keras.Input((None, 3), name="conditions")
    model = keras.Model({"noise": noise, "conditions": columns}, keras.layers.Dense(2)(noise))
    assert fit_check.noise_shapes(model) == {"noise": (None, 2)}
    assert fit_check.noise_shapes(recurrent_networks()[0]) == {"latent": (3,), "noise": (None, 2)}
    assert fit_check.input_shapes(keras.layers.Dense(1)) is None
    refuses(lambda: fit_check.noise_shapes(keras.layers.Dense(1)), "Pass noise_shape=")


def test_columns():
    conditional = kr.networks.RecurrentDiscriminator(2, static_conditions=3)
    fit_check.check_columns("discriminator", conditional, LABELS, False)
    fit_check.check_columns("discriminator", keras.layers.Dense(1), LABELS, False)  # says nothing
    message = (
        r"discriminator has \(temporal_conditions, static_conditions\) = \(0, 3\), the data \(0, 0\)"
    )
    refuses(lambda: fit_check.check_columns("discriminator", conditional, NONE, False), message)
    refuses(
        lambda: fit_check.check_columns("discriminator", conditional, ColumnLayout(shown=6), True),
        "three columns a feature",
    )


def test_a_generator_makes_what_the_data_is():
    generator, _ = dense_networks()
    fit_check.check_generator(generator, spec((4,)), NONE, SHAPE)
    for shape in ((None, 7, 2), (None, 6, 3)):
        refuses(
            lambda shape=shape: fit_check.check_generator(generator, spec((4,)), NONE, shape),
            r"makes samples of shape \(None, 6, 2\), the data has shape",
        )
    refuses(
        lambda: fit_check.check_generator(generator, spec((4,)), NONE, (None, 6)), "Batch a dataset"
    )
    refuses(
        lambda: fit_check.check_generator(generator, spec((4,)), LABELS, SHAPE),
        r"'conditions', shape \(None, 6, 3\). Received: a generator of one input",
    )


def test_a_network_that_cannot_be_called_is_told_of():
    noise, columns = keras.Input((6, 2), name="noise"), keras.Input((6, 5), name="conditions")
    generator = keras.Model({"noise": noise, "conditions": columns}, keras.layers.Dense(2)(noise))
    message = r"`generator` must take inputs of shape .*\(None, 6, 3\).*Received.*expected shape="
    shapes = {"noise": (6, 2)}
    refuses(lambda: fit_check.check_generator(generator, spec(shapes), LABELS, SHAPE), message)
    discriminator = keras.Sequential(
        [keras.Input((7, 2)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    message = r"`discriminator` must take inputs of shape \(None, 6, 2\)"
    refuses(lambda: fit_check.check_discriminator(discriminator, NONE, SHAPE), message)


@pytest.mark.parametrize(("units", "per_step"), [(None, False), (1, True)])
def test_a_discriminator_tells_whether_it_judges_every_step(units, per_step):
    layers = [keras.layers.Dense(1)] if per_step else [keras.layers.Flatten(), keras.layers.Dense(1)]
    discriminator = keras.Sequential(layers)
    assert fit_check.check_discriminator(discriminator, NONE, SHAPE) is per_step
    assert discriminator.built


def test_predictions_are_of_every_step_but_the_first():
    sequences = keras.Input((6, 2))
    judgement = keras.layers.Dense(1)(keras.layers.Flatten()(sequences))
    predicting = keras.Model(sequences, {"judgement": judgement, "prediction": sequences[:, 1:]})
    assert not fit_check.check_discriminator(predicting, NONE, SHAPE)
    wrong = keras.Model(sequences, {"judgement": judgement, "prediction": sequences})
    refuses(lambda: fit_check.check_discriminator(wrong, NONE, SHAPE), r"shape \(None, 5, 2\)")


def test_symbolic_columns():
    assert fit_check.symbolic_columns(NONE, 6) is None
    assert fit_check.symbolic_columns(LABELS, None).shape == (None, None, 3)
