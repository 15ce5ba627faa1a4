"""What Keras and TensorFlow keep to themselves and we use still is as we need it.

Seen in Keras 3.15.1 and TensorFlow 2.21.0. Where a test fails on a newer release, mend the place in
`keras_rgan/backend/` that it names, and write the new release there.
"""

import pathlib
import re

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan
from keras_rgan import backend
from keras_rgan.backend import internals
from tests.testing import BACKEND, dense_gan, windows


def nested():
    inner = keras.Sequential([keras.Input((5, 2)), keras.layers.GRU(3, return_sequences=True)])
    both = keras.layers.Bidirectional(keras.layers.RNN([keras.layers.GRUCell(2)]))
    return keras.Sequential([keras.Input((5, 2)), inner, both, keras.layers.Dense(1)])


def test_layers_of_a_network_however_deep():
    network = nested()
    inner, both, dense = network.layers
    found = internals.layers_of(network)
    assert found[0] is network
    wanted = [*inner.layers, inner.layers[0].cell, both.forward_layer, both.backward_layer, dense]
    wanted += [both.forward_layer.cell, both.forward_layer.cell.cells[0], both.backward_layer.cell]
    assert {id(x) for x in wanted} <= {id(x) for x in found}
    assert len({id(x) for x in found}) == len(found)
    for holder, held in ((inner, inner.layers[0]), (both, both.forward_layer), (network, dense)):
        assert found.index(holder) < found.index(held)
    without = internals.layers_of(network, include_self=False)
    assert [id(x) for x in without] == [id(x) for x in found[1:]]


def test_layers_of_a_layer_that_is_no_model():
    layer = keras.layers.TimeDistributed(keras.layers.Dense(1))
    assert internals.layers_of(layer) == [layer, layer.layer]


def test_layers_of_has_no_public_twin():
    network = nested()
    assert len(network.layers) < len(internals.layers_of(network, include_self=False))
    assert not hasattr(network.layers[1], "layers")


def test_the_open_stateless_scope():
    assert internals.open_stateless_scope() is None
    variable = keras.Variable(1.0)
    with keras.StatelessScope([(variable, ops.convert_to_tensor(2.0))]) as outer:
        assert internals.open_stateless_scope() is outer
        with keras.StatelessScope() as inner:
            assert internals.open_stateless_scope() is inner
        assert internals.open_stateless_scope() is outer
        assert float(outer.get_current_value(variable)) == 2.0
    assert internals.open_stateless_scope() is None


def test_a_scope_maps_values_by_the_variables_ids():
    """`backend/jax/trainer.py` copies the mapping of one scope into another."""
    variable = keras.Variable(1.0)
    with keras.StatelessScope() as scope:
        scope.state_mapping.update({id(variable): ops.convert_to_tensor(3.0)})
        assert float(ops.convert_to_numpy(variable.value)) == 3.0


@pytest.mark.parametrize("name", ["Adam", "SGD", "RMSprop"])
def test_an_optimizer_is_portable(name):
    optimizer = getattr(keras.optimizers, name)(0.25)
    config = keras.saving.serialize_keras_object(optimizer)
    assert config["class_name"] == name
    assert config["module"].startswith("keras.src.backend.") == (BACKEND == "torch")
    made = internals.portable({"optimizers": [config], "other": 1})
    assert made["other"] == 1
    (config,) = made["optimizers"]
    assert config["module"] == "keras.optimizers"
    copy = keras.saving.deserialize_keras_object(config)
    assert type(copy) is type(optimizer)
    assert float(ops.convert_to_numpy(copy.learning_rate)) == 0.25


def test_fit_tells_evaluate_that_it_validates():
    class Told(keras.Sequential):
        def evaluate(self, *args, **kwargs):
            told.append(kwargs.get(internals.VALIDATION_OF_FIT))
            return super().evaluate(*args, **kwargs)

    told = []
    x, y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")
    model = Told([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    model.fit(x, y, validation_data=(x, y), verbose=0, epochs=1)
    model.evaluate(x, y, verbose=0)
    assert told == [True, None]


def test_a_learning_rate_that_can_be_set_is_a_variable():
    """`callbacks/time_budget.py` asks so; the optimizer's own `_learning_rate` need not be read."""
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    assert isinstance(keras.optimizers.Adam(0.5).learning_rate, keras.Variable)
    assert not isinstance(keras.optimizers.Adam(schedule).learning_rate, keras.Variable)
    assert not isinstance(keras.optimizers.Adam(lambda: 0.5).learning_rate, keras.Variable)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="XLA's contexts are TensorFlow's")
def test_whether_xla_compiles():
    import tensorflow as tf

    from keras_rgan.backend.tensorflow import tracing

    seen = []

    def look(x):
        seen.append(tracing.is_compiled())
        return tf.cond(x > 0.0, lambda: seen.append(tracing.is_compiled()) or x, lambda: -x)

    one = tf.constant(1.0)
    look(one)
    tf.function(look)(one)
    assert seen == [False] * 4
    tf.function(look, jit_compile=True)(one)
    assert seen[4:] == [True] * 2
    del seen[:]
    tf.function(lambda x: tf.function(look)(x), jit_compile=True)(one)
    assert seen == [True] * 2


@pytest.mark.skipif(BACKEND != "jax", reason="state that a running `fit` carries is JAX's")
def test_the_state_of_a_running_fit_is_written_back():
    gan = dense_gan()
    gan.compile()
    gan.adapt(windows(16))
    seen = [gan.generator.get_weights()[0]]

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            backend.synchronize(gan)  # as the callback's own `self.model` would
            seen.append(gan.generator.get_weights()[0])

    gan.fit(windows(16), batch_size=8, verbose=0, callbacks=[Look()], epochs=1)
    assert len(seen) == 3
    assert (seen[0] != seen[1]).any()
    assert (seen[1] != seen[2]).any()


def private_names():
    """Return the names that Keras's classes keep to themselves."""
    kinds = [keras.Model, keras.layers.RNN, keras.optimizers.Adam, keras.callbacks.Callback]
    kinds += [keras.metrics.Mean, keras.random.SeedGenerator, keras.StatelessScope, keras.Variable]
    made = [dense_gan().generator, keras.layers.GRU(2), keras.optimizers.Adam(), keras.metrics.Mean()]
    made += [keras.callbacks.Callback(), keras.random.SeedGenerator(1), keras.Variable(1.0)]
    names = {name for kind in kinds for name in dir(kind)} | {n for x in made for n in vars(x)}
    return {n for n in names if n.startswith("_") and not n.startswith("__")}


PLACES = ("backend/internals.py", "backend/tensorflow/tracing.py")
"""Where what is private may be used."""


def test_nothing_private_is_used_elsewhere():
    package = pathlib.Path(keras_rgan.__file__).parent
    private = private_names()
    assert {"_flatten_layers", "_learning_rate"} < private
    for file in package.rglob("*.py"):
        if file.relative_to(package).as_posix() in PLACES:
            continue
        text = file.read_text()
        own = set(re.findall(r"\bdef (_\w+)|\bself\.(_\w+)(?:: .+)? = ", text))
        own = {name for pair in own for name in pair}
        used = set(re.findall(r"\.(_[a-z]\w*)\b", text)) & private - own
        used |= set(re.findall(r"\bkeras\.src\b|\btensorflow\.python\b|_use_cached_eval_dataset", text))
        assert not used, f"{file} uses {used}; `keras_rgan/backend/internals.py` is the place for it"


def test_variables_have_no_value_on_jax_while_keras_carries_the_state():
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(20), batch_size=10, epochs=1, verbose=0)
    assert all(internals.has_value(v) for v in gan.variables)
    seen = []

    class Look(keras.callbacks.Callback):
        def on_predict_batch_end(self, batch, logs=None):
            seen.append([internals.has_value(v) for v in gan.variables])

    gan.predict(gan.sample_noise(4, seed=0), verbose=0, callbacks=[Look()])
    assert seen[0] == [BACKEND != "jax"] * len(gan.variables)  # elsewhere they keep theirs
    assert all(internals.has_value(v) for v in gan.variables)
