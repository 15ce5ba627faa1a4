"""What the tests of layers, networks and GANs share."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr

BACKEND = keras.backend.backend()
ROOT = Path(__file__).parents[1]

slow_but_on_tensorflow = pytest.mark.slow if BACKEND != "tensorflow" else lambda test: test
"""For tests of minutes that differ little between backends: left out of CI on all but the default."""

slow_but_on_torch = pytest.mark.slow if BACKEND != "torch" else lambda test: test
"""For tests of words, files and broad tables of cases, which differ little between backends: torch has
nothing to trace, and CI leaves them out elsewhere."""
ON_TORCH = [] if BACKEND == "torch" else [pytest.mark.slow]
"""The same for modules."""

SLOW_ON_JAX = [pytest.mark.slow] if BACKEND == "jax" else []
"""For modules that test messages and files, not numbers, and compile for minutes on JAX."""
slow_on_jax = pytest.mark.slow if BACKEND == "jax" else lambda test: test
"""For tests that compile for long on JAX, and show nothing that others do not show there."""


def all_on_torch(cases, elsewhere=()):
    """Return cases as parameters of which all but those named are left out of CI, but on torch."""
    return [
        pytest.param(case, marks=[] if BACKEND == "torch" or case in elsewhere else pytest.mark.slow)
        for case in cases
    ]


def refuses(action, message):
    """Assert that an action raises a ValueError whose message matches."""
    with pytest.raises(ValueError, match=message):
        action()


def windows(num_samples=40, length=6, num_features=2, seed=0):
    """Return small sequences whose features have different units."""
    sines = kr.datasets.make_sines(num_samples, length, num_features, seed)
    return sines * np.arange(1, num_features + 1, dtype="float32") * 10.0 + 100.0


def dense_networks(length=6, num_features=2, latent_dim=4):
    """Return networks that are traced and compiled fast, always with the same weights."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [
            keras.Input((latent_dim,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(length * num_features),
            keras.layers.Reshape((length, num_features)),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((length, num_features)),
            keras.layers.Flatten(),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(1),
        ]
    )
    return generator, discriminator


def dense_gan(seed=0, **kwargs):
    return kr.RecurrentGAN(*dense_networks(), seed=seed, **kwargs)


def recurrent_networks(num_features=2, units=4, **kwargs):
    generator = kr.networks.RecurrentGenerator(
        num_features, units, latent_dim=3, noise_dim=2, seed=1, **kwargs
    )
    # In one direction: half of what there is to trace
    discriminator = kr.networks.RecurrentDiscriminator(units, bidirectional=False, seed=2, **kwargs)
    return generator, discriminator


def recurrent_gan(seed=0, **kwargs):
    return kr.RecurrentGAN(*recurrent_networks(), seed=seed, **kwargs)


def completing_gan(static=0, temporal=0, scaler="auto", **recipe):
    """Return a compiled model that completes sequences of two features, beside columns of conditions."""
    options = {"temporal_conditions": 6 + temporal, "static_conditions": static}
    generator = kr.networks.RecurrentGenerator(
        2, 4, latent_dim=3, noise_dim=2, context_units=2, completion=True, seed=1, **options
    )
    discriminator = kr.networks.RecurrentDiscriminator(4, bidirectional=False, seed=2, **options)
    gan = kr.RecurrentGAN(generator, discriminator, scaler=scaler, completion=True, seed=0)
    gan.compile(**recipe)
    return gan


def with_gaps(data):
    """Return which values of sequences are observed, about 7 in 10, and these with NaN for the others."""
    observed = np.random.default_rng(0).random(data.shape) < 0.7
    observed[0, :, 1] = False
    return observed, np.where(observed, data, np.float32(np.nan))


def to_numpy(nested):
    return keras.tree.map_structure(ops.convert_to_numpy, nested)


def assert_close(a, b, tolerance=1e-6):
    a, b = keras.tree.flatten(to_numpy(a)), keras.tree.flatten(to_numpy(b))
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance)


def assert_same_gradients(layer, reference, inputs, states, tolerance=1e-4):
    """Compare gradients of two recurrent layers in training, with respect to inputs, states and weights."""
    found = []
    for one in (layer, reference):
        if BACKEND == "tensorflow":
            import tensorflow as tf

            given = [tf.constant(x) for x in (inputs, *states)]

            def gradient(one=one, given=given):
                with tf.GradientTape() as tape:
                    tape.watch(given)
                    total = _curved(one(given[0], initial_state=given[1:], training=True))
                variables = [v.value for v in one.trainable_variables]
                return tape.gradient(total, [*given, *variables])

            assert_close(tf.function(gradient)(), gradient(), tolerance)
            found.append(gradient())
        elif BACKEND == "jax":
            import jax

            fixed = [v.value for v in one.non_trainable_variables]

            def total(weights, inputs, *states, one=one, fixed=fixed):
                options = {"initial_state": list(states), "training": True}
                outputs, _ = one.stateless_call(weights, fixed, inputs, **options)
                return _curved(outputs)

            weights = [v.value for v in one.trainable_variables]
            arguments = tuple(range(2 + len(states)))
            at_weights, *rest = jax.grad(total, arguments)(weights, inputs, *states)
            found.append([*rest, *at_weights])
        else:
            import torch

            given = [torch.tensor(x, requires_grad=True) for x in (inputs, *states)]
            total = _curved(one(given[0], initial_state=given[1:], training=True))
            variables = [v.value for v in one.trainable_variables]
            found.append(torch.autograd.grad(total, [*given, *variables]))
    assert_close(*found, tolerance)


def _curved(outputs):
    return sum(keras.ops.sum(x * keras.ops.cos(x) + (i + 1) * x**3) for i, x in enumerate(outputs))


def state_of(model):
    """Return all state that training changes: weights, random states, optimizers, by position."""
    variables = [*model.variables, *model.optimizer.variables]
    return [ops.convert_to_numpy(v.value) for v in variables]


def run_serialization_test(instance):
    """Check that an object survives its config, and return the copy."""
    config = keras.saving.serialize_keras_object(instance)
    assert config["registered_name"].startswith("keras_rgan>")
    copy = keras.saving.deserialize_keras_object(config)
    assert type(copy) is type(instance)
    assert keras.saving.serialize_keras_object(copy) == config
    return copy


def run_layer_test(
    make, inputs, output_shape, tmp_path, *, mask=None, output_mask=None, half=True, tolerance=1e-6
):
    """Check that a layer is a good citizen of any Keras model.

    Args:
        make: Function without arguments that returns the layer.
        inputs: An array or a nest of arrays.
        output_shape: Expected shape, or nest of shapes.
        tmp_path: Folder for files.
        mask: Mask to send along, where the layer supports one.
        output_mask: Mask expected behind the layer.
        half: Whether the layer computes in half precision under a mixed policy.
        tolerance: How far outputs of equal layers may differ.
    """
    inputs = keras.tree.map_structure(lambda x: np.asarray(x, "float32"), inputs)
    layer = make()
    outputs = layer(inputs)
    shapes = [tuple(o.shape) for o in keras.tree.flatten(outputs)]
    expected = output_shape if isinstance(output_shape, list) else [output_shape]
    assert shapes == expected

    # Symbolic, with an open batch
    if isinstance(inputs, dict):
        symbolic = {k: keras.Input(x.shape[1:], name=k) for k, x in inputs.items()}
    else:
        symbolic = keras.tree.map_structure(lambda x: keras.Input(x.shape[1:]), inputs)
    symbolic_outputs = make()(symbolic)
    model = keras.Model(symbolic, symbolic_outputs)
    open_shapes = [tuple(o.shape) for o in keras.tree.flatten(symbolic_outputs)]
    assert open_shapes == [(None, *shape[1:]) for shape in expected]

    assert all(np.isfinite(o).all() for o in keras.tree.flatten(to_numpy(outputs)))

    # Config, and a file
    copy = run_serialization_test(layer)
    copy(inputs)
    copy.set_weights(layer.get_weights())
    assert_close(copy(inputs), outputs, tolerance)
    path = tmp_path / "layer.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    assert_close(loaded(inputs), model(inputs), tolerance)
    assert_close(keras.tree.flatten(model.predict(inputs, verbose=0)), model(inputs), 1e-5)

    if mask is not None:
        masked_layer = make()
        assert masked_layer.supports_masking
        computed = masked_layer.compute_mask(inputs, mask)
        assert_close([computed], [output_mask])

    # Mixed precision
    keras.config.set_dtype_policy("mixed_float16")
    mixed = make()
    dtypes = {keras.backend.standardize_dtype(o.dtype) for o in keras.tree.flatten(mixed(inputs))}
    assert dtypes == ({"float16"} if half else {"float32"})
    assert all(w.dtype == "float32" for w in mixed.weights)
    keras.config.set_dtype_policy("float32")
    return layer


def run_gan_test(gan, data, tmp_path, **fit_kwargs):
    """Train, evaluate, generate, save, load, and check that the copy is the same model."""
    if not gan.compiled:
        gan.compile()
    options = {"batch_size": 16, "epochs": 1, "verbose": 0, **fit_kwargs}
    history = gan.fit(data, validation_data=data[:20], **options)
    assert all(np.isfinite(v).all() for v in history.history.values())
    scores = gan.evaluate(data, batch_size=20, return_dict=True, verbose=0)
    assert set(scores) >= {"generator_loss", "discriminator_loss", "real_score", "fake_score"}
    samples = gan.generate(5, seed=3)
    assert samples.shape == (5, *data.shape[1:])
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    np.testing.assert_array_equal(samples, gan.generate(5, seed=3))
    path = tmp_path / "gan.keras"
    gan.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded.generate(5, seed=3), samples)
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    return loaded


def run_python(code, backend=BACKEND, check=True, **environment):
    """Run code in a process of its own, and return the finished process."""
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "PYTHONPATH": str(ROOT),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if check and process.returncode:
        raise AssertionError(f"rc {process.returncode}\n{process.stdout}\n{process.stderr[-4000:]}")
    return process


def limited(size, action):
    """Call with a limit of files' size, which is a full disk in small."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        action()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def autoregression(num_samples, length, weight=0.8, across=0.5, seed=0):
    """Return a stationary AR(1) of two features whose innovations are correlated."""
    random = np.random.default_rng(seed)
    factor = np.linalg.cholesky([[1.0, across], [across, 1.0]])
    steps = random.normal(size=(num_samples, length, 2)) @ factor.T
    steps[:, 0] /= np.sqrt(1.0 - weight**2)
    for i in range(1, length):
        steps[:, i] += weight * steps[:, i - 1]
    return steps * np.sqrt(1.0 - weight**2)


def assert_parts_join(process, noise, columns=None, atol=1e-5):
    """Assert that a process makes of noise in parts, or of the first of it, what it makes of it whole."""
    beside = {} if columns is None else {"columns": columns}
    parts = [{k: v[:, a:b] for k, v in beside.items()} for a, b in ((0, 5), (5, None), (0, 2))]
    whole = to_numpy(process(noise, **beside)[0])
    first, _, state = process(noise[:, :5], **parts[0])
    second, *_ = process(noise[:, 5:], past=state, **parts[1])
    np.testing.assert_allclose(to_numpy(ops.concatenate([first, second], 1)), whole, atol=atol)
    shorter, *_ = process(noise[:, :2], **parts[2])
    np.testing.assert_allclose(to_numpy(shorter), whole[:, :2], atol=1e-5)
