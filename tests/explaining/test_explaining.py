"""What all that explains a model has in common: it leaves that model alone, and knows its data."""

import sys

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    recurrent_gan,
    recurrent_networks,
    slow_but_on_torch,
    state_of,
    windows,
)

FUNCTIONS = {
    "interpolate": lambda gan, x: kr.explaining.interpolate(gan, num_steps=3).samples,
    "traverse": lambda gan, x: kr.explaining.traverse(gan, 0, (0.0, 1.0)).samples,
    "invert": lambda gan, x: kr.explaining.invert(gan, x, num_updates=2).reconstructions,
    "attribute": lambda gan, x: kr.explaining.attribute(gan, x, num_steps=4).attributions,
}


@slow_but_on_torch
def test_a_trained_model_stays_as_it_is():
    gan = recurrent_gan()
    gan.compile()
    gan.fit(windows(), batch_size=20, epochs=1, verbose=0)
    before = state_of(gan)
    results = {name: function(gan, windows(2)) for name, function in FUNCTIONS.items()}
    for a, b in zip(before, state_of(gan), strict=True):
        np.testing.assert_array_equal(a, b)
    for name, function in FUNCTIONS.items():
        assert np.isfinite(results[name]).all()
        np.testing.assert_array_equal(function(gan, windows(2)), results[name])
    gan.fit(windows(), batch_size=20, epochs=1, verbose=0)  # and trains on
    assert not np.allclose(FUNCTIONS["attribute"](gan, windows(2)), results["attribute"])


@slow_but_on_torch
@pytest.mark.parametrize("name", FUNCTIONS)
def test_in_half_precision_and_of_a_file(name, tmp_path):
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0, dtype="mixed_float16")
    gan.adapt(windows())
    made = FUNCTIONS[name](gan, windows(2))
    assert np.isfinite(made).all()
    gan.save(tmp_path / "gan.keras")
    np.testing.assert_allclose(FUNCTIONS[name](kr.load_model(tmp_path / "gan.keras"), windows(2)), made)


@slow_but_on_torch
def test_of_categories_and_a_calibrated_model():
    """Values come on their steps, and a latent is found through the map of quantiles."""
    random = np.random.default_rng(0)
    kinds = np.eye(3, dtype="float32")[random.integers(3, size=(40, 6))]
    data = np.concatenate([windows(40), kinds], axis=-1)
    gan = kr.RecurrentGAN({"units": 4, "linear_process": 0}, {"units": 4}, seed=0)
    gan.adapt(data)
    made = kr.explaining.interpolate(gan, num_steps=5, num_paths=2).samples
    assert set(np.unique(made[..., 2:])) == {0.0, 1.0}
    np.testing.assert_array_equal(made[..., 2:].sum(axis=-1), 1.0)
    plain = kr.RecurrentGAN({"units": 4, "linear_process": 0}, {"units": 4}, seed=0)
    plain.adapt(windows(40))
    plain.calibrate(windows(40), num_samples=500)
    assert np.asarray(keras.ops.convert_to_numpy(plain.scaler.calibrated)).any()
    found = kr.explaining.invert(plain, plain.generate(2, seed=9), num_updates=100)
    assert (found.relative_errors < 0.3 * found.nearest_errors).all()
    mixed = kr.explaining.invert(gan, gan.generate(2, seed=9), num_updates=10, num_starts=2)
    assert (mixed.relative_errors <= mixed.nearest_errors).all()
    assert np.abs(kr.explaining.attribute(gan, data[:2], num_steps=8).attributions[..., 2:]).max() > 0


@slow_but_on_torch
@pytest.mark.parametrize(
    "begin", [{"linear_process": 2, "process_clusters": 3}, {"mixture_process": (1, 2)}]
)
def test_of_what_begins_as_a_process(begin):
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, seed=1, **begin)
    gan = kr.RecurrentGAN(generator, recurrent_networks()[1], seed=0)
    gan.adapt(windows())
    found = kr.explaining.interpolate(gan, (3, 4), num_steps=3)
    assert {"latent", "noise", "process"} == set(found.latents)
    np.testing.assert_allclose(found.samples[:, -1], gan.generate(1, seed=4), rtol=1e-5)
    found = kr.explaining.invert(gan, gan.generate(2, seed=9), num_updates=20, num_starts=2)
    assert (found.relative_errors < found.nearest_errors).all()


@slow_but_on_torch
def test_of_values_far_from_zero():
    data = windows().astype("float64")
    near, far = recurrent_gan(), recurrent_gan()
    near.adapt(data)
    far.adapt(data + 1.7e9)
    x = data[:2]
    found, moved = (
        kr.explaining.invert(gan, y, num_updates=5) for gan, y in ((near, x), (far, x + 1.7e9))
    )
    np.testing.assert_allclose(moved.errors, found.errors, rtol=1e-2)
    np.testing.assert_allclose(moved.reconstructions - 1.7e9, found.reconstructions, atol=1e-2)
    found, moved = (kr.explaining.attribute(gan, y) for gan, y in ((near, x), (far, x + 1.7e9)))
    np.testing.assert_allclose(moved.attributions, found.attributions, atol=1e-3)
    np.testing.assert_allclose(moved.baseline - 1.7e9, found.baseline, atol=1e-2)


def test_drawing_needs_matplotlib(monkeypatch):
    gan = recurrent_gan()
    gan.adapt(windows())
    found = kr.explaining.interpolate(gan, num_steps=3)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'keras_rgan\[viz\]'"):
        found.plot()
