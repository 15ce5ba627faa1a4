"""Every file of every release and backend loads, generates what it did, and trains on."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.files import make
from tests.testing import BACKEND

FOLDER = Path(make.__file__).parent
FILES = sorted(FOLDER.glob("*/*/*.keras"))
ROWS = 8
"""How many samples a model trains on with: one batch."""


def static(*names):
    return {name: make.conditions()[name][:ROWS] for name in names}


def cut(sequences):
    return [x[:n] for x, n in zip(sequences, make.lengths()[:ROWS], strict=True)]


def with_gaps(sequences):
    return np.where(make.observed()[:ROWS], sequences, np.nan)


def with_categories(sequences):
    chosen = np.random.default_rng(4).integers(0, 3, sequences.shape[:2])
    return np.concatenate([sequences, np.eye(3)[chosen]], axis=-1)


def more_data(name):
    """Return samples of the kind that a model has learned."""
    sequences, lengths = make.sequences()[:ROWS], make.lengths()[:ROWS]
    everything = static("label", "age", "dose")
    return {
        "plain": sequences,
        "labels": (sequences, everything),
        "ragged": (cut(sequences), static("label")),
        "gaps": (sequences, {"observed": make.observed()[:ROWS], "length": lengths}),
        "ranges": (sequences, static("label")),
        "attributes": (sequences, {**everything, "length": lengths}),
        "completion": (with_gaps(sequences), {**static("label"), "length": lengths}),
        "futures": sequences,
        "categories": with_categories(sequences),
        "own": sequences,
        "process": sequences,
        "clusters": sequences,
        "mixture": sequences,
        "tokens": (np.array(["red bird swims"] * ROWS), static("label")),
        "clips": (np.zeros((ROWS, 4, 10, 10, 1), "float32"), {"digit": np.full(ROWS, 5)}),
        "timegan": sequences,
        "doppelganger": (sequences, static("label")),
        "private": sequences,
    }[name]


def parameters():
    for path in FILES:
        release, backend = path.relative_to(FOLDER).parts[:2]
        # Elsewhere it is compiling that takes long, and a file of another backend holds the same.
        seen = ("labels", "mixture", *(["completion"] if BACKEND == "tensorflow" else []))
        slow = BACKEND != "torch" and (backend != BACKEND or path.stem not in seen)
        marks = [pytest.mark.slow] if slow else []
        yield pytest.param(path, marks=marks, id=f"{release}-{backend}-{path.stem}")


def as_columns(values, num_features):
    """Return values that `make.results` may have put in one row by feature, last."""
    return values.reshape(-1, num_features).T


def assert_as_recorded(results, recorded, num_features):
    assert set(results) == set(recorded)
    for name, expected in recorded.items():
        received = np.asarray(results[name])
        assert received.shape == expected.shape, name
        if expected.dtype.kind != "f":
            np.testing.assert_array_equal(received, expected, err_msg=name)
            continue
        features = 1 if name.startswith("condition_") else num_features
        for a, b in zip(as_columns(received, features), as_columns(expected, features), strict=True):
            if (b == np.round(b)).all():  # counts and flags
                np.testing.assert_array_equal(a, b, err_msg=name)
            else:
                np.testing.assert_allclose(
                    a, b, rtol=1e-5, atol=1e-5 * np.nanmax(np.abs(b)), err_msg=name
                )


@pytest.mark.parametrize(("release", "models"), [("0.1.0", make.MODELS), ("next", make.NEXT)])
def test_there_are_files_of_every_capability_and_backend(release, models):
    names = {model.__name__ for model in models}
    for backend in ("jax", "tensorflow", "torch"):
        assert {path.stem for path in (FOLDER / release / backend).glob("*.keras")} == names


@pytest.mark.parametrize("path", parameters())
def test_loads_generates_what_it_did_and_trains_on(path, tmp_path):
    gan = keras.models.load_model(path)
    num_features = {"categories": 6, "clips": 1}.get(path.stem, 3)
    with np.load(path.with_suffix(".npz")) as recorded:
        assert_as_recorded(make.results(gan), dict(recorded), num_features)
    before = gan.get_weights()
    gan.run_eagerly = BACKEND == "tensorflow"  # where tracing a step takes ten times as long as one
    history = gan.fit(more_data(path.stem), batch_size=ROWS, verbose=0, epochs=1).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert any((a != b).any() for a, b in zip(gan.get_weights(), before, strict=True))
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert_as_recorded(make.results(loaded), make.results(gan), num_features)
