"""Files of models that are damaged, and that lie."""

import copy
import io
import json
import random
import warnings
import zipfile

import h5py
import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import all_on_torch, slow_but_on_torch


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return the path of a model of sequences with lengths and conditions, and the model."""
    random = np.random.default_rng(0)
    sequences = [random.normal(size=(random.integers(4, 9), 2)).cumsum(0) for _ in range(16)]
    conditions = {"kind": random.choice(["a", "b", "c"], 16), "age": random.normal(size=16)}
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.compile()
    gan.adapt((sequences, conditions))
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    gan.save(path)
    return path, gan


@pytest.fixture
def changed(saved, tmp_path):
    """Return a function that saves the model anew with something changed in its file."""
    with zipfile.ZipFile(saved[0]) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def change(config=None, weights=None, without=(), compression=zipfile.ZIP_STORED):
        path = tmp_path / "changed.keras"
        given = {"config.json": config, "model.weights.h5": weights}
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in members.items():
                new = given.get(name)
                if callable(new):
                    new = new(content)
                if name not in without:
                    archive.writestr(name, content if new is None else new)
        return path

    return change


def with_config(*keys, **entries):
    """Return a change of a config: entries of what stands under some keys; None takes one out."""

    def change(content):
        config = part = copy.deepcopy(json.loads(content))
        for key in keys:
            part = part[key]
        part.update(entries)
        for key in [key for key, value in entries.items() if value is None]:
            part.pop(key)
        return json.dumps(config)

    return change


def with_weights(name, values):
    """Return a change of the array of a name."""

    def change(content):
        file = io.BytesIO(content)
        with h5py.File(file, "a") as weights:
            shape = weights[name].shape
            dtype = weights[name].dtype
            del weights[name]
            weights[name] = np.broadcast_to(np.asarray(values, dtype), shape)
        return file.getvalue()

    return change


def with_empty_array(content):
    """Return weights with an array of a huge shape of which nothing is stored."""
    file = io.BytesIO(content)
    with h5py.File(file, "a") as weights:
        del weights["vars/ema_0"]
        weights.create_dataset("vars/ema_0", shape=(10**6, 10**6), chunks=(100, 100), dtype="float32")
    return file.getvalue()


GENERATOR = ("config", "generator", "config")
CONDITION = ("config", "conditions", "config", "conditions")
ROWS = "conditions/vars/rows_"
DEEP = '{"class_name":"a","config":{"a":' + "[" * 100_000 + "]" * 100_000 + "}}"


LIES = [
    ({"config": with_config(*GENERATOR, num_layers=10**8)}, "num_layers.* at most 100.*100000000"),
    ({"config": with_config(*GENERATOR, units=10**6)}, r"6,000.* numbers, its weights are"),
    ({"config": with_config("build_config", data_shape=[None, 10**8, 2])}, "100000000.*8, 2"),
    ({"config": with_config("build_config", data_shape=None)}, "the key 'data_shape' is missing"),
    ({"config": with_config(class_name=None)}, "describes no model.*'class_name'"),
    ({"config": "[1]"}, r"describes no model.*\[1\]"),
    ({"config": DEEP}, "nested deeper"),
    ({"config": with_config(*CONDITION, 0, max=-5)}, "'length'.*at least 1.*-5"),
    ({"config": with_config(*CONDITION, 1, deviation=[0.0])}, r"'age'.*above zero.*\[0.0\]"),
    ({"config": with_config(*CONDITION, 1, mean=[float("nan")])}, r"mean.*'age'.*finite.*nan"),
    ({"config": with_config(*CONDITION, 1, low=[9.0])}, r"low.*'age'.*at most high"),
    ({"config": with_config(*CONDITION, 1, name=None)}, "missing: name"),
    ({"config": with_config(*CONDITION, 2, categories=[])}, "'kind'.*between 1 and 1,000"),
    ({"config": with_config(*CONDITION, 2, kind="mood")}, "'kind' a kind of length.*'mood'"),
    ({"weights": with_weights(ROWS + "0", -5)}, "'length'.*between 1 and.*-5"),
    ({"weights": with_weights(ROWS + "1", np.nan)}, "finite numbers in the condition 'age'"),
    ({"weights": with_weights(ROWS + "2", 99)}, "'kind'.*categories.*99"),
    ({"weights": with_weights("layers/sequence_scaler/vars/1", np.nan)}, "scale of the scaler"),
    ({"weights": with_weights("layers/sequence_scaler/vars/5", 1e9)}, "source of the scaler"),
    ({"weights": with_empty_array}, r"ema_0 has the shape \(1000000, 1000000\)"),
    ({"config": b" " * 2**27, "compression": zipfile.ZIP_DEFLATED}, "unpacks to.*config.json"),
    (
        {"weights": bytes(2**27), "compression": zipfile.ZIP_DEFLATED},
        "unpacks to.*model.weights.h5",
    ),
    ({"config": " " * (2**26 + 1)}, "at most 64 MiB"),
]


@pytest.mark.parametrize("lie", all_on_torch(LIES, LIES[1:2]))
def test_a_file_that_lies_is_refused(lie, changed):
    change, message = lie
    with pytest.raises(ValueError, match=f"(?s){message}"):
        kr.load_model(changed(**change))


@slow_but_on_torch
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"without": ["model.weights.h5"]}, "model.weights.h5 not found in it"),
        ({"without": ["config.json"]}, "config.json not found in it"),
        ({"config": "{"}, "config.json in it is no JSON"),
        ({"weights": lambda content: content[:1000]}, "weights cannot be read as HDF5"),
    ],
)
def test_a_part_that_is_missing_or_cut_short_is_named(change, message, changed):
    with pytest.raises(OSError, match=f"is damaged: .*{message}.*earlier copy"):
        kr.load_model(changed(**change))


def test_no_file_and_no_archive(tmp_path):
    with pytest.raises(FileNotFoundError, match="where there is no file"):
        kr.load_model(tmp_path / "none.keras")
    (tmp_path / "text.keras").write_text("text")
    with pytest.raises(OSError, match="the archive cannot be read"):
        kr.load_model(tmp_path / "text.keras")


def test_the_file_as_it_is_loads_as_by_keras(saved):
    path, gan = saved
    loaded, by_keras = kr.load_model(path), keras.models.load_model(path)
    for x, y, z in zip(*(m.weights for m in (loaded, by_keras, gan)), strict=True):
        np.testing.assert_array_equal(np.asarray(x), np.asarray(y))
        np.testing.assert_array_equal(np.asarray(x), np.asarray(z))
    assert loaded.compiled
    assert not kr.load_model(path, compile=False).compiled


def test_looking_leaves_random_draws_and_names_alone(saved, tmp_path):
    network = keras.Sequential([keras.Input((4, 2)), keras.layers.GRU(3, dropout=0.5)])
    network.save(tmp_path / "network.keras")
    results = []
    for load in (keras.models.load_model, kr.load_model):
        random.seed(0)
        keras.utils.clear_session()
        load(tmp_path / "network.keras")
        results.append((random.random(), keras.layers.GRU(1).name))
    assert results[0] == results[1]


def flip(path, place, bit):
    """Change a bit of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


@slow_but_on_torch
@pytest.mark.parametrize("kind", [".keras", ".weights.h5"])
def test_any_bit_that_flips_and_any_cut_is_found_or_harmless(kind, saved, tmp_path):
    path, gan = tmp_path / f"model{kind}", saved[1]
    twin = kr.load_model(saved[0])
    expected = [np.asarray(w) for w in gan.weights]
    (gan.save if kind == ".keras" else gan.save_weights)(path)
    whole, found = path.read_bytes(), 0
    draws = np.random.default_rng(0)
    for i in range(30):
        path.write_bytes(whole if i % 3 else whole[: draws.integers(len(whole))])
        if i % 3:
            flip(path, draws.integers(len(whole)), draws.integers(8))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                loaded = kr.load_model(path) if kind == ".keras" else twin.load_weights(path) or twin
        except OSError as error:
            assert "is damaged" in str(error)  # noqa: PT017
            found, loaded = found + 1, twin
        for value, weight in zip(expected, loaded.weights, strict=True):
            np.testing.assert_array_equal(value, np.asarray(weight))
    assert found > 25


def test_weights_stay_where_a_file_is_of_other_networks(saved, tmp_path):
    other = kr.RecurrentGAN({"units": 5}, {"units": 4}, seed=1)
    other.compile()
    other.adapt(np.zeros((4, 8, 2)) + np.arange(8)[:, None])
    before = [np.asarray(w) for w in other.weights]
    saved[1].save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(ValueError, match="could not be loaded"):
        other.load_weights(tmp_path / "a.weights.h5")
    for value, weight in zip(before, other.weights, strict=True):
        np.testing.assert_array_equal(value, np.asarray(weight))
