"""What is exported runs in a process without this package, and computes what the model does."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan.backend import internals
from keras_rgan.generating import export
from tests.testing import BACKEND, dense_gan, dense_networks, slow_on_jax, to_numpy, windows

RUN = """
import json, sys
import numpy as np

def signature(format, path):
    if format == "tf_saved_model":
        import tensorflow as tf
        loaded = tf.saved_model.load(path)
        return lambda inputs: loaded.serve({k: tf.constant(x) for k, x in inputs.items()}).numpy()
    if format == "onnx":
        import onnxruntime
        session = onnxruntime.InferenceSession(path)
        return lambda inputs: session.run(None, inputs)[0]
    import tensorflow as tf
    runner = tf.lite.Interpreter(model_path=path).get_signature_runner()
    return lambda inputs: next(iter(runner(**inputs).values()))

for path, files in json.loads(sys.argv[2]):
    call = signature(sys.argv[1], path)
    for given, out in files:
        np.save(out, call(dict(np.load(given))))
assert "keras_rgan" not in sys.modules
"""

FORMATS = [f for f, backends in export.BACKENDS.items() if BACKEND in backends]


def need(format):
    if format == "onnx":
        pytest.importorskip("onnxruntime")
        pytest.importorskip(export.PACKAGES[BACKEND])


def run_elsewhere(format, files):
    """Return what files make of batches of inputs, in a process that does not know this package.

    Args:
        format: Of all files.
        files: Pairs of a path and a list of dicts of inputs.
    """
    work = []
    for path, batches in files:
        pairs = [(f"{path}_{i}.npz", f"{path}_{i}.npy") for i in range(len(batches))]
        for (given, _), inputs in zip(pairs, batches, strict=True):
            np.savez(given, **inputs)
        work.append((str(path), pairs))
    process = subprocess.run(
        [sys.executable, "-c", RUN, format, json.dumps(work)],
        capture_output=True,
        text=True,
        check=False,
        cwd=files[0][0].parent,
    )
    assert not process.returncode, process.stderr[-3000:]
    return [[np.load(out) for _, out in pairs] for _, pairs in work]


def adapted(data, conditions=None, **kwargs):
    """Return a model whose weights are not the averages that it generates with."""
    gan = kr.RecurrentGAN(discriminator={"units": 4}, seed=0, **kwargs)
    gan.adapt(data if conditions is None else (data, conditions))
    for variable in gan.generator.trainable_variables:
        variable.assign(0.5 * variable + 0.1)
    return gan


def counts_and_categories():
    random = np.random.default_rng(0)
    kinds = np.eye(3, dtype="float32")[random.integers(0, 3, (40, 6))]
    return np.concatenate([random.poisson(5, (40, 6, 1)).astype("float32"), kinds], axis=-1)


def categorical_gan():
    options = {"units": 4, "cell": "lstm", "convolution_units": 4, "attention_heads": 2}
    return adapted(counts_and_categories(), generator={**options, "emission_steps": 2})


def conditional_gan():
    random = np.random.default_rng(0)
    conditions = {"label": random.integers(0, 3, 40), "heat": random.normal(size=(40, 6, 1))}
    gan = adapted(windows(), conditions, generator={"units": 4, "context_units": 3})
    gan.calibrate((windows(), conditions))
    return gan


def own_gan():
    steps, whole = keras.Input((None, 3)), keras.Input((5,))
    hidden = keras.layers.Bidirectional(keras.layers.GRU(4, return_sequences=True))(steps)
    hidden = keras.layers.Add()([hidden, keras.layers.Dense(8)(whole)[:, None]])
    generator = keras.Model([steps, whole], keras.layers.Dense(2)(hidden))
    return adapted(windows(), generator=generator, noise="uniform")


def cell_gan(cell, **options):
    smooth = {"smoothing": cell != "simple", "gated_smoothing": cell != "simple"}
    return adapted(windows(), generator={"units": 4, "cell": cell, **smooth, **options})


def variable_length_gan():
    sequences = [x[: 3 + i % 4] for i, x in enumerate(windows())]
    return adapted(sequences, generator={"units": 4})


def completing_gan():
    return adapted(windows(), generator={"units": 4}, completion=True)


def ranged_gan():
    scales = 10.0 ** np.random.default_rng(0).uniform(0.0, 3.0, (40, 1, 1))
    return adapted((scales * windows()).astype("float32"), generator={"units": 4}, scaler="per_sample")


def dense_noise_gan():
    return adapted(windows(), generator=dense_networks()[0])


def token_gan():
    gan = kr.TokenGAN(5, {"units": 4}, {"filters": 2}, seed=0)
    gan.adapt(np.random.default_rng(0).integers(0, 5, (16, 6)))
    gan.generator.head.bias.assign(np.arange(5.0))
    return gan


def video_gan():
    clips = np.random.default_rng(0).random((16, 6, 6, 6, 1), "float32")
    gan = kr.RecurrentGAN({"units": 4, "filters": 2}, {"units": 4, "filters": 2}, seed=0)
    gan.adapt(clips)
    return gan


GANS = {
    "categories": categorical_gan,
    "conditions": conditional_gan,
    "own": own_gan,
    "dense": dense_noise_gan,
    "ranges": ranged_gan,
    "tokens": token_gan,
}
MORE = {
    "gru": lambda: cell_gan("gru", num_layers=2),
    "simple": lambda: cell_gan("simple"),
    "min_gru": lambda: cell_gan("min_gru"),
    "elman": lambda: cell_gan(kr.layers.ElmanCell(4, 4)),
    "variable_length": variable_length_gan,
    "completion": completing_gan,
    "clips": video_gan,
}


def values_of(gan):
    flags = [getattr(x, "use_cudnn", None) for x in internals.layers_of(gan.generator)]
    flags += [getattr(x, "unroll", None) for x in internals.layers_of(gan.generator)]
    return to_numpy([v.value for v in gan.variables]), flags


def assert_unchanged(gan, before):
    values, flags = values_of(gan)
    assert flags == before[1]
    for a, b in zip(values, before[0], strict=True):
        np.testing.assert_array_equal(a, b)


def noise_of(gan, name, count, length, seed):
    if name == "conditions":
        heat = np.random.default_rng(seed).normal(size=(count, length, 1))
        conditions = {"label": np.arange(count) % 3, "heat": heat}
        return gan.sample_noise(length=length, seed=seed, conditions=conditions)
    return gan.sample_noise(count, length=None if name == "dense" else length, seed=seed)


def by_name(noise):
    return dict(zip(export.names_of(noise), keras.tree.flatten(noise), strict=True))


@pytest.mark.parametrize(
    "format",
    # On JAX every generator is compiled for each format; LiteRT files are made of the SavedModel's graph
    [pytest.param(f, marks=[pytest.mark.slow] * (BACKEND == "jax" or f == "litert")) for f in FORMATS],
)
@pytest.mark.parametrize("gans", [GANS, pytest.param(MORE, marks=pytest.mark.slow)], ids=["", "more"])
def test_files_compute_what_the_model_does(gans, format, tmp_path):
    need(format)
    files, expected = [], {}
    for name, make in gans.items():
        gan = make()
        path = tmp_path / f"{name}{export.SUFFIXES[format]}"
        # What jax2onnx lacks where the length is open: loops from the end, the mask of attention
        fixed = format == "onnx" and BACKEND == "jax" and name in ("own", "categories", "ranges")
        before = values_of(gan)
        gan.export_generator(path, format=format, length=6 if fixed else None)
        assert_unchanged(gan, before)
        assert [p.name for p in tmp_path.glob(f"*{name}*")] == [path.name]
        open_length = name != "dense" and not fixed and export._takes_any_length(gan, format)
        shapes = [(3, 6), (1, 9 if open_length else 6), (5, 6)]
        noise = [noise_of(gan, name, *shape, seed) for seed, shape in enumerate(shapes)]
        call = gan.predict_on_batch if BACKEND == "jax" else gan  # compiled, of many small operations
        expected[name] = [to_numpy(call(x)) for x in noise]
        assert [x.shape[:2] for x in expected[name]] == shapes
        files.append((path, [by_name(x) for x in noise]))
    for (path, _), made in zip(files, run_elsewhere(format, files), strict=True):
        for found, wanted in zip(made, expected[path.stem], strict=True):
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, wanted, atol=1e-4 * np.ptp(wanted), err_msg=path.name)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="noise is drawn inside on TensorFlow only")
def test_noise_that_is_drawn_inside(tmp_path):
    conditional = conditional_gan()
    columns = conditional.sample_noise(3, seed=0)["conditions"]
    cases = {
        "gru": (cell_gan("gru"), {"num_samples": np.int32(4), "length": np.int32(9)}, (4, 9)),
        "conditions": (conditional, {"conditions": columns}, (3, 6)),
        "dense": (dense_noise_gan(), {"num_samples": np.int32(4)}, (4, None)),
    }
    files = []
    for name, (gan, inputs, _) in cases.items():
        gan.export_generator(tmp_path / name, seeded=True)
        files.append((tmp_path / name, [{**inputs, "seed": np.int32(seed)} for seed in (7, 7, 8)]))
    for made, (gan, inputs, (count, length)) in zip(
        run_elsewhere("tf_saved_model", files), cases.values(), strict=True
    ):
        np.testing.assert_array_equal(made[0], made[1])
        assert np.abs(made[0] - made[2]).max() > 1e-3
        noise = gan.noise_spec.draw(count, length, keras.random.SeedGenerator(7))
        if "conditions" in inputs:
            noise = {**noise, "conditions": columns}
        wanted = to_numpy(gan(noise))
        np.testing.assert_allclose(made[0], wanted, atol=1e-4 * np.ptp(wanted))


def test_an_earlier_file_is_replaced_and_a_failure_leaves_it(tmp_path, monkeypatch):
    format = FORMATS[0]
    need(format)
    gan = dense_noise_gan()
    path = tmp_path / f"dense{export.SUFFIXES[format]}"
    gan.export_generator(path, format=format)
    first = sorted(p.name for p in tmp_path.rglob("*"))
    gan.export_generator(path, format=format)
    assert sorted(p.name for p in tmp_path.rglob("*")) == first

    gan, before = cell_gan("gru"), None

    def fail(self, filepath, **kwargs):
        assert any(
            x.use_cudnn is False for x in internals.layers_of(gan.generator) if hasattr(x, "unroll")
        )
        raise RuntimeError("no such operation")

    before = values_of(gan)
    monkeypatch.setattr(keras.Model, "export", fail)
    with pytest.raises(
        ValueError, match=r"cannot be written as .* no such operation .*Replace the layer"
    ):
        gan.export_generator(path, format=format)
    assert_unchanged(gan, before)
    assert sorted(p.name for p in tmp_path.rglob("*")) == first


@pytest.mark.skipif(BACKEND != "tensorflow", reason="what tf2onnx and LiteRT lack")
@pytest.mark.parametrize("format", ["onnx", "litert"])
def test_an_operation_that_a_format_lacks(format, tmp_path):
    need(format)
    noise = keras.Input((4,))
    spectrum = keras.layers.Lambda(lambda x: ops.irfft(ops.rfft(x)))(noise)
    generator = keras.Model(noise, keras.layers.Reshape((6, 2))(keras.layers.Dense(12)(spectrum)))
    gan = adapted(windows(), generator=generator)
    with pytest.raises(
        ValueError, match=r"cannot be written as .*RFFT.*Replace the layer.*tf_saved_model"
    ):
        gan.export_generator(tmp_path / f"fourier{export.SUFFIXES[format]}", format=format)
    assert not list(tmp_path.iterdir())


@keras.saving.register_keras_serializable(package="tests")
class Shaken(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, inputs):
        return inputs + keras.random.normal(inputs.shape[1:], seed=self.seed_generator)


@slow_on_jax
def test_a_generator_that_draws_is_refused(tmp_path):
    need("onnx")
    noise = keras.Input((4,))
    hidden = keras.layers.Dropout(0.5)(Shaken(name="shaken")(noise))
    generator = keras.Model(noise, keras.layers.Reshape((6, 2))(keras.layers.Dense(12)(hidden)))
    gan = adapted(windows(), generator=generator)
    before = values_of(gan)
    with pytest.raises(ValueError, match="layer 'shaken' changes its state .* a part of the noise"):
        gan.export_generator(tmp_path / "noise.onnx", format="onnx")
    assert_unchanged(gan, before)
    assert not list(tmp_path.iterdir())


def test_what_is_refused(tmp_path, monkeypatch):
    need("onnx")
    gan, path = dense_noise_gan(), tmp_path / "dense.onnx"
    with pytest.raises(ValueError, match="does not know its data yet"):
        kr.RecurrentGAN().export_generator(path, format="onnx")
    with pytest.raises(ValueError, match="never adapted to data, so an export"):
        dense_gan().export_generator(path, format="onnx")
    with pytest.raises(ValueError, match="one of 'tf_saved_model', 'onnx', 'litert'"):
        gan.export_generator(path, format="onxx")
    with pytest.raises(ValueError, match=r"ends in '\.onnx'. Received: .*dense'"):
        gan.export_generator(tmp_path / "dense", format="onnx")
    with pytest.raises(ValueError, match="folder that exists. Received: .*nowhere"):
        gan.export_generator(tmp_path / "nowhere" / "dense.onnx", format="onnx")
    with pytest.raises(ValueError, match="samples of shape .* only.*length=9"):
        gan.export_generator(path, format="onnx", length=9)
    with pytest.raises(ValueError, match="Received: seeded=True, format='onnx'. Leave seeded out"):
        gan.export_generator(path, format="onnx", seeded=True)
    for name, backends in export.BACKENDS.items():
        if BACKEND not in backends:
            target = tmp_path / f"dense{export.SUFFIXES[name]}"
            with pytest.raises(ValueError, match=f"Received: the backend '{BACKEND}'.*KERAS_BACKEND"):
                gan.export_generator(target, format=name)
    if BACKEND == "jax":
        with pytest.raises(ValueError, match="the backend 'jax', seeded=True"):
            gan.export_generator(tmp_path / "dense", seeded=True)
    if BACKEND != "torch":
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "notes.txt").write_text("keep")
        with pytest.raises(ValueError, match="mine', which holds other things"):
            gan.export_generator(tmp_path / "mine")
        assert (tmp_path / "mine" / "notes.txt").read_text() == "keep"
    monkeypatch.setattr(export.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=f"pip install {export.PACKAGES[BACKEND]}"):
        gan.export_generator(path, format="onnx")
    assert not list(tmp_path.glob("*dense*"))


@pytest.mark.parametrize("format", [f for f in FORMATS if f != "tf_saved_model"])
def test_half_precision_is_refused(format, tmp_path):
    need(format)
    keras.config.set_dtype_policy("mixed_bfloat16")
    gan = dense_noise_gan()
    with pytest.raises(ValueError, match=r"compute in float32. Received: .* in bfloat16"):
        gan.export_generator(tmp_path / f"half{export.SUFFIXES[format]}", format=format)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(BACKEND == "torch", reason="writes no SavedModel")
def test_a_saved_model_of_half_precision(tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    gan = cell_gan("gru")
    gan.export_generator(tmp_path / "half")
    noise = gan.sample_noise(3, seed=0)
    ((found,),) = run_elsewhere("tf_saved_model", [(tmp_path / "half", [noise])])
    wanted = to_numpy(gan(noise))
    np.testing.assert_allclose(found, wanted, atol=0.05 * np.ptp(wanted))
