"""Whatever a model is asked for in threads, it answers as when it is asked alone.

`fit`, `train_on_batch`, `adapt` and `compile` change the model and are for one thread; all else may run beside
all else.
"""

import concurrent.futures
import itertools

import keras
import numpy as np
import pytest

from keras_rgan.generating import export
from tests.files import make
from tests.testing import BACKEND, slow_but_on_torch

ROUNDS, THREADS = 3 if BACKEND == "torch" else 1, 4  # where calls are compiled, they are slow
X = make.sequences()[..., :2]
LABELS = {"label": make.conditions()["label"]}
FOUR = {"label": LABELS["label"][:4]}
SEED = 3


def trained(**options):
    """Return a calibrated model, which completes sequences given a label."""
    gan = make.small(**options)
    gan.compile()
    gan.fit((X, LABELS), batch_size=8, verbose=0, epochs=1)
    gan.calibrate((X, LABELS), num_samples=50)
    return gan


def calls(gan, folder):
    """Return public calls that give the same each time, by name."""
    noise = gan.sample_noise(4, seed=SEED)
    gaps = X[:4].copy()
    gaps[:, 2:4] = np.nan
    count = itertools.count()

    def save(suffix, write):
        path = folder / f"{next(count)}{suffix}"
        write(path)
        assert path.stat().st_size > 1000

    def stream():
        parts = gan.stream(steps=6, seed=SEED, conditions={"label": ["a", "b"]})
        return np.concatenate(list(itertools.islice(parts, 2)), axis=1)

    return {
        "generate": lambda: gan.generate(4, seed=SEED),
        "generate scaled": lambda: gan.generate(4, seed=SEED, scaled=True),
        "generate_batches": lambda: list(gan.generate_batches(5, batch_size=4, seed=SEED)),
        "sample_noise": lambda: gan.sample_noise(4, seed=SEED),
        "sample_conditions": lambda: gan.sample_conditions(4, seed=SEED),
        "impute": lambda: gan.impute(gaps, seed=SEED, conditions=FOUR),
        "forecast": lambda: gan.forecast(X[:4, :2], steps=3, num_samples=2, seed=SEED, conditions=FOUR),
        "stream": stream,
        "calibrate": lambda: gan.calibrate((X, LABELS), num_samples=50),
        "evaluate": lambda: gan.evaluate((X, LABELS), batch_size=8, verbose=0),
        "test_on_batch": lambda: gan.test_on_batch(X[:8], {"label": LABELS["label"][:8]}),
        "save": lambda: save(".keras", gan.save),
        "save_weights": lambda: save(".weights.h5", gan.save_weights),
        "predict": lambda: gan.predict(noise, verbose=0),
        "predict_on_batch": lambda: gan.predict_on_batch(noise),
        "__call__": lambda: keras.ops.convert_to_numpy(gan(noise)),
    }


def assert_alike(made, alone):
    made, alone = (list(map(np.asarray, keras.tree.flatten(x))) for x in (made, alone))
    for one, other in zip(made, alone, strict=True):
        if one.dtype.kind == "f":
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
        else:
            np.testing.assert_array_equal(one, other)


def in_threads(tasks):
    """Run tasks at once, and raise what any of them raises."""
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]


def test_every_pair_of_calls_at_once(tmp_path):
    gan = trained(completion=True)
    own = calls(gan, tmp_path)
    alone = {name: call() for name, call in own.items()}
    before = [keras.ops.convert_to_numpy(v.value) for v in gan.variables]
    pairs = list(itertools.combinations_with_replacement(own, 2))[:: 1 if BACKEND == "torch" else 3]
    names = [name for pair in pairs for name in pair]
    names += list(np.random.default_rng(0).permutation(names * (ROUNDS - 1)))
    for name, made in zip(names, in_threads([own[name] for name in names]), strict=True):
        if made is not None:
            assert_alike(made, alone[name])
    for one, other in zip(before, gan.variables, strict=True):
        np.testing.assert_array_equal(one, keras.ops.convert_to_numpy(other.value), err_msg=other.path)


@slow_but_on_torch
def test_fillings_leave_the_range_to_samples():
    """Fillings go where the history does, samples never leave the range of the data."""
    gan = trained(completion=True)
    far = np.full((2, 6, 2), np.nan, "float32")
    far[:, 0] = X.max(axis=(0, 1)) * 3.0
    two = {"label": FOUR["label"][:2]}

    def fill():
        gan.impute(far, num_samples=2, conditions=two)

    made = in_threads([fill, lambda: gan.generate(8)] * 10)
    samples = np.concatenate([x for x in made if x is not None])
    assert (samples >= X.min(axis=(0, 1)) - 1e-3).all()
    assert (samples <= X.max(axis=(0, 1)) + 1e-3).all()
    assert np.isfinite(np.concatenate(gan.scaler.get_weights()[:2])).all()


@slow_but_on_torch
@pytest.mark.parametrize("completion", [pytest.param(False, marks=pytest.mark.slow), True])
def test_no_two_calls_without_a_seed_draw_the_same(completion):
    gan = trained(completion=completion)
    noise = gan.sample_noise(4, seed=SEED)
    others = [  # which write state back that was read before, on JAX
        lambda: [gan.predict(noise, verbose=0)].clear(),
        lambda: [gan.evaluate((X, LABELS), batch_size=8, verbose=0)].clear(),
    ]
    draws = [
        lambda: gan.generate(4)[..., 0].tobytes(),
        lambda: np.concatenate(list(gan.generate_batches(4)))[..., 0].tobytes(),
        lambda: gan.sample_noise(4)["latent"].tobytes(),
        lambda: next(gan.stream(conditions={"label": ["a"]}))[..., 0].tobytes(),
    ]
    made = [x for x in in_threads([*draws, *others] * 5) if x is not None]
    assert len(made) == 20
    assert len(set(made)) == len(made)


@slow_but_on_torch
def test_generated_attributes_and_ranges_in_threads():
    gan = make.small(scaler="per_sample", attributes="generated")
    gan.compile()
    gan.fit((X, {"age": make.conditions()["age"]}), batch_size=8, verbose=0, epochs=1)
    own = [
        lambda: gan.generate(4, seed=SEED),
        lambda: gan.sample_conditions(4, seed=SEED),
        lambda: gan.generate(conditions={"age": np.arange(20.0, 24.0)}, seed=SEED),
        lambda: gan.sample_noise(4, seed=SEED),
    ]
    alone = [call() for call in own]
    for number, made in enumerate(in_threads(own * 10)):
        assert_alike(made, alone[number % len(own)])


@slow_but_on_torch
def test_exports_take_turns_with_all_that_uses_the_model(tmp_path, monkeypatch):
    """Converters replace functions of whole libraries while they run."""
    gan = trained()
    running = []

    def convert(model, path, **kwargs):
        running.append(path)
        assert len(running) == 1
        with open(path, "w") as file:
            file.write("made")
        assert gan.sampler.lock.acquire(blocking=False)  # this thread holds it
        gan.sampler.lock.release()
        running.remove(path)

    monkeypatch.setattr(export.ExportedGenerator, "export", convert)
    monkeypatch.setattr("onnx.checker.check_model", lambda path: None)
    paths = [tmp_path / f"{i}.onnx" for i in range(6)]
    exports = [lambda path=path: gan.export_generator(path, format="onnx") for path in paths]
    in_threads([task for one in exports for task in (one, lambda: gan.generate(3, seed=SEED))])
    assert all(path.read_text() == "made" for path in paths)
