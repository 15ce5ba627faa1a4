"""A file that is saved without data holds no row of it, and what needs one says so."""

import io
import zipfile

import h5py
import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from tests.testing import dense_gan, recurrent_gan, refuses, slow_but_on_torch, slow_on_jax, windows

COUNT = 40


def numbers_of(path):
    """Return all numbers of a file, array by array, with the text that stands beside them."""
    arrays, text = {}, b""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    else:
        members = {path.name: path.read_bytes()}
    for name, content in members.items():
        if not name.endswith(".h5"):
            text += content
            continue
        with h5py.File(io.BytesIO(content)) as file:
            file.visititems(
                lambda key, item: (
                    arrays.update({key: np.ravel(item[()]).astype("float64")})
                    if isinstance(item, h5py.Dataset)
                    else None
                )
            )
        text += content
    return arrays, text


def rows_found(path, *sets):
    """Return the share of sequences of which a file holds two numbers side by side, in any units.

    Args:
        path: The file.
        *sets: Sequences, `(samples, ...)`, in the data's units and in those of the networks.
    """
    arrays, text = numbers_of(path)
    found = np.zeros(len(sets[0]), bool)
    for rows in sets:
        rows = np.asarray(rows, "float64").reshape(len(rows), -1)
        for i, row in enumerate(rows):
            for kind in ("float32", "float64"):
                found[i] |= any(
                    row[j : j + 2].astype(kind).tobytes() in text for j in range(len(row) - 1)
                )
        for values in arrays.values():
            for i, row in enumerate(rows):
                close = np.abs(values[:, None] - row) <= 1e-6 * np.maximum(np.abs(row), 1e-3)
                found[i] |= bool((close[:-1, :-1] & close[1:, 1:]).any())
    return found.mean()


def values_found(path, values):
    """Return how many of some numbers a file holds."""
    arrays, _ = numbers_of(path)
    known = np.concatenate(list(arrays.values()))
    return sum(bool((np.abs(known - value) <= 1e-6 * abs(value)).any()) for value in values)


def conditioned():
    rng = np.random.default_rng(0)
    data = rng.normal(size=(COUNT, 6, 2)).cumsum(axis=1).astype("float32")
    data *= np.array([3.0, 50.0], "float32")
    observed = rng.random(data.shape) < 0.8
    observed[:, 0] = True
    given = {
        "age": rng.uniform(20.0, 90.0, COUNT).astype("float32"),
        "who": np.array(["a", "b"])[rng.integers(2, size=COUNT)],
        "weather": rng.normal(size=(COUNT, 6, 2)).astype("float32"),
        "length": rng.integers(3, 7, COUNT),
        "observed": observed,
    }
    return data, given


@pytest.fixture(scope="module")
def trained():
    data, given = conditioned()
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4, "bidirectional": False}, seed=0)
    gan.compile()
    gan.adapt((data, given))  # builds all that a file holds, and traces nothing
    gan.calibrate((data, given))
    return gan, data, given


@slow_on_jax
def test_no_row_of_the_data_is_in_the_file(trained, tmp_path):
    gan, data, given = trained
    gan.save(tmp_path / "whole.keras")
    gan.save(tmp_path / "gan.keras", without_data=True)
    gan.save_weights(tmp_path / "gan.weights.h5", without_data=True)
    scaled = ops.convert_to_numpy(gan.scaler(data))
    weather = [given["weather"], gan.conditions.rows["weather"]]
    assert rows_found(tmp_path / "whole.keras", *weather) == 1.0
    assert values_found(tmp_path / "whole.keras", given["age"]) == COUNT
    for name in ("gan.keras", "gan.weights.h5"):
        assert rows_found(tmp_path / name, *weather) == 0.0
        assert rows_found(tmp_path / name, data, scaled, data.swapaxes(1, 2)) == 0.0
        assert values_found(tmp_path / name, given["age"]) == 0
    assert rows_found(tmp_path / "whole.keras", data, scaled, data.swapaxes(1, 2)) == 0.0


@slow_on_jax
def test_what_is_searched_for_would_be_found(trained, tmp_path):
    _, data, _ = trained
    with h5py.File(tmp_path / "some.h5", "w") as file:
        file["a/b"] = data[:5].astype("float64") + 0.0
    assert rows_found(tmp_path / "some.h5", data) == 5 / COUNT


@slow_on_jax
def test_it_makes_samples_of_given_conditions_and_says_what_is_missing(trained, tmp_path):
    gan, _, given = trained
    path = tmp_path / "gan.keras"
    gan.save(path, without_data=True)
    assert gan.conditions.rows
    loaded = kr.load_model(path)
    asked = {name: values[:5] for name, values in given.items() if name != "observed"}
    made, same = loaded.generate(conditions=asked, seed=0), gan.generate(conditions=asked, seed=0)
    for a, b in zip(made, same, strict=True):
        np.testing.assert_array_equal(a, b)
    refuses(lambda: loaded.generate(3), "No rows of the data are kept.*without_data=True.*'weather'")
    refuses(lambda: loaded.sample_conditions(3), "No rows of the data are kept")
    refuses(lambda: loaded.generate(conditions=asked, missing=True), "and this draws gaps of them")


@slow_but_on_torch
def test_optimizers_are_as_new_and_the_model_itself_stays(tmp_path):
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), batch_size=20, epochs=1, verbose=0)
    before = [ops.convert_to_numpy(v) for v in gan.optimizer.variables]
    pair = gan.optimizer
    gan.save(tmp_path / "gan.keras", without_data=True)
    assert gan.optimizer is pair
    for a, b in zip(before, pair.variables, strict=True):
        np.testing.assert_array_equal(a, ops.convert_to_numpy(b))
    arrays, _ = numbers_of(tmp_path / "gan.keras")
    moments = {k: v for k, v in arrays.items() if "_optimizer/" in k and v.size > 1}
    assert moments
    assert all(not v.any() for v in moments.values())
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert int(loaded.optimizer.iterations) == int(gan.optimizer.iterations) == 2
    assert float(loaded.generator_optimizer.learning_rate) == pytest.approx(1e-3)
    np.testing.assert_array_equal(loaded.generate(4, seed=1), gan.generate(4, seed=1))
    loaded.fit(windows(), batch_size=20, epochs=1, verbose=0)
    gan.fit(windows(), batch_size=20, epochs=1, verbose=0)


@slow_but_on_torch
def test_optimizers_that_scale_losses_are_as_new(tmp_path):
    gan = dense_gan(dtype="mixed_float16")
    gan.compile(generator_optimizer=None)
    gan.fit(windows(), batch_size=20, epochs=1, verbose=0)
    gan.save(tmp_path / "gan.keras", without_data=True)
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    loaded.fit(windows(), batch_size=20, epochs=1, verbose=0)
    assert loaded.generator_optimizer is None


@slow_but_on_torch
def test_a_model_of_gaps_alone_generates_without_rows(tmp_path):
    data, given = conditioned()
    gan = recurrent_gan()
    gan.compile()
    gan.fit((data, {"observed": given["observed"]}), batch_size=20, epochs=1, verbose=0)
    gan.save(tmp_path / "gan.keras", without_data=True)
    loaded = kr.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(loaded.generate(3, seed=0), gan.generate(3, seed=0))
    refuses(lambda: loaded.generate(3, missing=True), "this draws gaps of them")


@slow_but_on_torch
def test_attributes_that_are_generated_need_no_rows(tmp_path):
    data, given = conditioned()
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, attributes="generated", seed=0)
    gan.compile()
    beside = {name: given[name] for name in ("age", "who")}
    gan.fit((data, beside), batch_size=20, epochs=1, verbose=0)
    gan.save(tmp_path / "gan.keras", without_data=True)
    assert values_found(tmp_path / "gan.keras", given["age"]) == 0
    loaded = kr.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(loaded.generate(3, seed=0), gan.generate(3, seed=0))
    shown, same = loaded.sample_conditions(3, seed=0), gan.sample_conditions(3, seed=0)
    assert sorted(shown) == sorted(same) == ["age", "who"]
    np.testing.assert_array_equal(shown["age"], same["age"])


@slow_but_on_torch
def test_lengths_must_be_given_too(tmp_path):
    data, given = conditioned()
    for names in (["length"], ["length", "who"]):
        gan = kr.RecurrentGAN({"units": 4}, {"units": 4, "bidirectional": False}, seed=0)
        gan.compile()
        gan.fit((data, {n: given[n] for n in names}), batch_size=20, epochs=1, verbose=0)
        gan.save(tmp_path / "gan.keras", without_data=True)
        loaded = kr.load_model(tmp_path / "gan.keras")
        refuses(lambda model=loaded: model.generate(3), r"conditions=\{…\} with all of \['length'")
        asked = {"length": [3, 6], "who": ["a", "b"]}
        made = loaded.generate(conditions={n: asked[n] for n in names}, seed=0)
        assert [len(x) for x in made] == [3, 6]
    refuses(lambda: loaded.generate(conditions={"who": ["a"]}), "draws 'length' among those like")


@slow_on_jax
def test_weights_without_data_leave_the_rows_that_are_there(trained, tmp_path):
    gan, _, _ = trained
    gan.save_weights(tmp_path / "gan.weights.h5", without_data=True)
    rows = gan.conditions.rows
    gan.load_weights(tmp_path / "gan.weights.h5")
    assert gan.conditions.rows is rows


@slow_but_on_torch
@pytest.mark.parametrize("scaler", ["auto", "per_sample"])
def test_it_is_explained_too(scaler, tmp_path):
    data, given = conditioned()
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, scaler=scaler, seed=0)
    gan.compile()
    who = {"who": given["who"]}
    gan.fit((data, who), batch_size=20, epochs=1, verbose=0)
    gan.save(tmp_path / "gan.keras", without_data=True)
    loaded = kr.load_model(tmp_path / "gan.keras")
    found = kr.explaining.attribute(loaded, (data[:3], {"who": who["who"][:3]}), num_steps=16)
    assert np.isfinite(found.attributions).all()
    assert np.abs(found.completeness_errors).max() < 0.05
    if scaler == "per_sample":
        refuses(lambda: loaded.generate(2), r"all of \['who', 'minimum', 'maximum'\]")
        return
    asked = {"who": ["a", "b"]}
    way = kr.explaining.traverse(loaded, 0, (0.0, 1.0), conditions=asked, seed=4)
    np.testing.assert_allclose(way.samples[:, 0], loaded.generate(conditions=asked, seed=4), atol=1e-4)
