"""The verbs in which the backends differ, against formulas."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan import backend
from tests.testing import BACKEND, dense_gan, dense_networks, run_python, to_numpy, windows


def test_input_gradient():
    x = ops.convert_to_tensor(np.random.default_rng(0).normal(size=(4, 3)).astype("float32"))
    gradient = backend.input_gradient(lambda v: ops.sum(v**3, axis=1), x)
    np.testing.assert_allclose(to_numpy(gradient), 3.0 * to_numpy(x) ** 2, rtol=1e-5)


def test_input_gradient_as_a_constant():
    x = ops.convert_to_tensor(np.arange(1.0, 4.0, dtype="float32")[:, None])

    def outer(x):
        inner = backend.input_gradient(lambda v: ops.sum(v**3, axis=1), x, constant=True)
        return ops.sum(x * inner, axis=1)  # of which the inner gradient, 3x², is a constant here

    gradient = backend.input_gradient(outer, x)
    np.testing.assert_allclose(to_numpy(gradient), 3.0 * to_numpy(x) ** 2, rtol=1e-5)


def test_nothing_is_recorded_without_gradients():
    variable = keras.Variable(2.0)
    with backend.no_gradient():
        square = ops.square(variable.value)
    assert float(to_numpy(square)) == 4.0
    if BACKEND == "torch":
        assert not square.requires_grad


def test_cond():
    one, two = (lambda: ops.convert_to_tensor(1.0)), (lambda: ops.convert_to_tensor(2.0))
    assert float(backend.cond(ops.convert_to_tensor(True), one, two)) == 1.0
    assert float(backend.cond(ops.convert_to_tensor(False), one, two)) == 2.0


def test_value_and_gradients_and_apply():
    gan = dense_gan()
    gan.compile(generator_optimizer=keras.optimizers.SGD(0.5))
    gan.adapt(windows())
    variables = gan.generator.trainable_variables
    before = [to_numpy(v.value) for v in variables]

    def half_squares():
        return sum(0.5 * ops.sum(ops.square(v.value)) for v in variables), "kept"

    rest, gradients = gan.value_and_gradients(half_squares, variables)
    assert rest == "kept"
    for gradient, value in zip(gradients, before, strict=True):
        np.testing.assert_allclose(to_numpy(gradient), value, rtol=1e-6)
    gan.apply(gan.optimizer.generator_optimizer, gradients, variables)
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_allclose(to_numpy(variable.value), 0.5 * value, rtol=1e-6)


def test_state_changed_under_a_gradient_is_kept():
    """A seed drawn from inside the objective must not repeat."""
    gan = dense_gan()
    gan.compile()
    gan.adapt(windows())
    before = to_numpy(gan.seed_generator.state.value)

    def objective():
        noise = keras.random.normal((3,), seed=gan.seed_generator)
        return ops.sum(gan.generator.trainable_variables[0].value) * ops.mean(noise), None

    gan.value_and_gradients(objective, gan.generator.trainable_variables)
    assert (to_numpy(gan.seed_generator.state.value) != before).any()


def test_a_branch_reads_the_state_of_the_scope_around_it():
    variable = keras.Variable(1.0)
    with keras.StatelessScope([(variable, ops.convert_to_tensor(5.0))]):
        read = backend.cond(
            ops.convert_to_tensor(True), lambda: variable.value + 0.0, lambda: variable.value * 0.0
        )
    assert float(to_numpy(read)) == 5.0


def test_one_replica_outside_of_a_strategy():
    assert backend.replica_count() == 1
    assert int(backend.replica_id()) == 0
    assert backend.device_count(dense_gan()) == 1


@pytest.mark.skipif(BACKEND != "torch", reason="torch.compile is torch's")
def test_torch_compile_is_refused_with_an_exact_penalty():
    gan = dense_gan()
    with pytest.raises(
        ValueError, match="`jit_compile=True` cannot train with an exact gradient penalty"
    ):
        gan.compile(penalties="r1", jit_compile=True)


@pytest.mark.skipif(BACKEND != "torch", reason="the others take several steps")
def test_several_steps_in_one_call_are_refused_on_torch():
    with pytest.raises(ValueError, match="Expected: steps_per_execution=1. Received: .*=2"):
        dense_gan().compile(steps_per_execution=2)


@pytest.mark.parametrize("penalties", ["auto", "gradient_penalty"])
def test_layers_that_write_weights_as_they_are_called(penalties):
    generator, _ = dense_networks()
    dense = keras.layers.SpectralNormalization(keras.layers.Dense(1))
    discriminator = keras.Sequential([keras.Input((6, 2)), keras.layers.Flatten(), dense])
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(penalties=penalties)
    history = gan.fit(windows(), batch_size=20, verbose=0, epochs=1).history
    assert all(np.isfinite(values).all() for values in history.values())


def test_an_unknown_backend_is_refused():
    # Keras's own NumPy backend does not begin without JAX.
    code = "import keras; keras.backend.backend = lambda: 'numpy'; import keras_rgan"
    process = run_python(code, check=False)
    assert process.returncode
    assert "'tensorflow', 'jax' and 'torch'. Received: 'numpy'. Set the environment" in process.stderr


def test_import_brings_no_other_backend_and_nothing_heavy():
    code = (
        "import keras, sys; before = set(sys.modules); import keras_rgan;"
        "new = {m.split('.')[0] for m in set(sys.modules) - before};"
        "heavy = {'tensorflow', 'jax', 'torch', 'keras_tuner', 'pandas', 'matplotlib', 'sklearn',"
        "'pyarrow'}; print(sorted(new & heavy))"
    )
    assert run_python(code).stdout.strip().splitlines()[-1] == "[]"
