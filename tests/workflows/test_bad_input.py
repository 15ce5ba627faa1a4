"""What a user sees who passes something wrong: what was expected, what came, how to mend it."""

import io
import zipfile

import h5py
import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, dense_gan, dense_networks, recurrent_gan, state_of, windows

pytestmark = ON_TORCH


def fitted():
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), verbose=0, epochs=1)
    return gan


def refuses(gan, data, message, **kwargs):
    """Check the message of `fit`, and that it came before anything changed."""
    before = state_of(gan) if gan.built else None
    with pytest.raises(ValueError, match=message):
        gan.fit(data, **{"epochs": 1, "verbose": 0, **kwargs})
    if before is None:
        assert not gan.built
    else:
        for a, b in zip(before, state_of(gan), strict=True):
            np.testing.assert_array_equal(a, b)


def made():
    gan = dense_gan()
    gan.compile()
    return gan


def new():
    gan = kr.RecurrentGAN()
    gan.compile()
    return gan


def test_wrong_rank():
    message = r"shape \(samples, time, features\). Received: shape \(100, 2\). Cut a long series with keras_rgan.data"
    refuses(new(), np.ones((100, 2), "float32"), message)
    refuses(new(), np.ones(100, "float32"), r"Received: shape \(100,\)")
    refuses(new(), np.ones((50, 2, 3, 4), "float32"), r"Received: shape \(50, 2, 3, 4\)")
    refuses(fitted(), np.ones((50, 12), "float32"), r"shape \(None, 6, 2\). Received: shape \(50, 12\)")


def test_too_few_samples_for_a_batch():
    message = "at least one full batch of 64 samples. Received: 40. Pass a smaller batch_size="
    refuses(new(), windows(40), message, batch_size=64)
    refuses(new(), windows(40)[:0], "full batch of 32 samples. Received: 0")


@pytest.mark.parametrize(("value", "name"), [(np.nan, "NaN"), (np.inf, "infinite")])
def test_values_that_are_not_finite(value, name):
    data = windows()
    data[7, 3, 1] = value
    message = rf"Received: NaN or infinite values in feature 1: 1 {name}; the first at index \(7, 3, 1\). Drop or fill"
    refuses(new(), data, message)
    refuses(fitted(), data, message)
    refuses(fitted(), windows(), message, validation_data=data)


def test_not_numbers():
    refuses(new(), np.full((40, 6, 2), "a"), "Expected numbers. Received: an array of dtype <U1")
    refuses(new(), None, "Expected sequences as `x`. Received: None")


def test_features_that_differ_from_the_scalers():
    gan = recurrent_gan()
    gan.compile()
    gan.fit(windows(), verbose=0, epochs=1)
    message = (
        r"adapted to 2 features. Received: samples of 3, shape \(40, 6, 3\). Pass the same features"
    )
    refuses(gan, windows(num_features=3), message)
    with pytest.raises(ValueError, match="adapted to 2 features"):
        gan.evaluate(windows(num_features=3), verbose=0)
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(windows(num_features=3))
    given = kr.RecurrentGAN(scaler=scaler)
    given.compile()
    refuses(given, windows(), "adapted to 3 features. Received: samples of 2")


def test_data_of_another_shape_than_the_networks():
    refuses(
        fitted(),
        windows(length=7),
        r"built for samples of shape \(None, 6, 2\). Received: shape \(40, 7, 2\)",
    )


def test_generator_output_of_another_shape():
    generator, _ = dense_networks(length=5)
    gan = kr.RecurrentGAN(generator, dense_networks()[1])
    gan.compile()
    message = r"generator makes samples of shape \(None, 5, 2\), the data has shape \(None, 6, 2\)"
    refuses(gan, windows(), message)
    gan = kr.RecurrentGAN(kr.networks.RecurrentGenerator(3, 4), None)
    gan.compile()
    refuses(gan, windows(), r"samples of shape \(None, 6, 3\), the data has shape \(None, 6, 2\)")


def test_networks_that_are_none():
    with pytest.raises(ValueError, match="`generator` must be a Keras model or layer, or None"):
        kr.RecurrentGAN(generator="gru")
    with pytest.raises(ValueError, match="`scaler` must be 'auto', 'per_sample', a kind"):
        kr.RecurrentGAN(scaler=3)
    with pytest.raises(ValueError, match="`kind` must be one of 'min_max'"):
        kr.RecurrentGAN(scaler="minmax")
    with pytest.raises(ValueError, match="`noise` must be one of 'normal', 'uniform'"):
        kr.RecurrentGAN(noise="gaussian")


def test_noise_that_cannot_be_inferred():
    class Own(keras.Model):
        def call(self, inputs):
            return inputs

    gan = kr.RecurrentGAN(Own(), dense_networks()[1])
    gan.compile()
    refuses(gan, windows(), "shape of the noise cannot be inferred.*Pass noise_shape=")


def test_targets_and_weights():
    refuses(
        new(),
        windows(),
        "without targets or weights. Received: y in fit. Pass the sequences only",
        y=np.ones(40),
    )
    refuses(new(), windows(), "Received: sample_weight in fit", sample_weight=np.ones(40))
    refuses(
        new(), windows(), "Received: y in validation_data", validation_data=(windows(), np.ones(40))
    )


def test_a_python_generator_before_the_data_is_known():
    def batches():
        while True:
            yield windows(8)

    refuses(new(), batches(), r"can be read only once.*Call gan.adapt\(samples\)", steps_per_epoch=2)


def test_generate_before_fit():
    with pytest.raises(
        ValueError, match=r"does not know its data yet.*Call fit\(data\) or adapt\(data\)"
    ):
        kr.RecurrentGAN().generate(3)
    gan = kr.RecurrentGAN()
    gan.build((None, 6, 2))
    with pytest.raises(ValueError, match="scaler was never adapted to data, so generate has no units"):
        gan.generate(3)
    with pytest.raises(ValueError, match="scaler was never adapted"):
        gan(gan.sample_noise(3))
    gan.compile()
    with pytest.raises(ValueError, match="scaler was never adapted"):
        gan.evaluate(windows(), verbose=0)
    gan.adapt(windows())
    assert gan.generate(3).shape == (3, 6, 2)  # untrained weights are allowed


def test_length_for_a_generator_that_cannot():
    gan = fitted()
    message = r"samples of shape \(6, 2\) only.*Received: length=12. Leave length= out"
    with pytest.raises(ValueError, match=message):
        gan.generate(3, length=12)
    assert gan.generate(3, length=6).shape == (3, 6, 2)


@pytest.mark.parametrize("value", [-1, 0, 2.5, "ten"])
def test_negative_and_other_counts(value):
    gan = fitted()
    for name in ("num_samples", "length", "batch_size"):
        arguments = {"num_samples": 3, name: value}
        with pytest.raises(
            ValueError, match=f"`{name}` must be an integer of at least 1. Received: {name}="
        ):
            gan.generate(**arguments)
    if value != 0:
        with pytest.raises(ValueError, match="`seed` must be an integer of at least 0"):
            gan.generate(3, seed=value)


def test_fit_before_compile():
    with pytest.raises(ValueError, match=r"must call `compile\(\)`"):
        kr.RecurrentGAN().fit(windows(), epochs=1)


def test_a_damaged_file(tmp_path):
    """Nothing loads from a damaged file; the messages of `load_model` are Keras's."""
    gan = fitted()
    path = tmp_path / "gan.keras"
    gan.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        ValueError, match=r"gan.keras. Please ensure the file is an accessible `.keras` zip"
    ):
        keras.models.load_model(path)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + b"\xff" * 64 + whole[middle + 64 :])
    with pytest.raises(zipfile.BadZipFile, match=r"Bad CRC-32 for file 'model.weights.h5'"):
        keras.models.load_model(path)


def test_a_file_that_lacks_a_part(tmp_path):
    gan = fitted()
    path = tmp_path / "gan.keras"
    gan.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(weights, "a") as file:
        del file["vars"]["seed_training"]
    parts["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    message = r"does not hold the state of this model. Expected: 8 entries .* Received: 7. The file is damaged"
    with pytest.raises(ValueError, match=message):
        keras.models.load_model(path)


def test_damaged_weights(tmp_path):
    gan = fitted()
    weights = tmp_path / "gan.weights.h5"
    gan.save_weights(weights)
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    before = state_of(gan)
    with pytest.raises(OSError, match=r"gan.weights.h5 is damaged: its weights.*Take an earlier copy"):
        gan.load_weights(weights)
    with pytest.raises(FileNotFoundError, match="other.weights.h5, where there is no file"):
        gan.load_weights(tmp_path / "other.weights.h5")
    for a, b in zip(before, state_of(gan), strict=True):
        np.testing.assert_array_equal(a, b)


def test_weights_of_another_model(tmp_path):
    fitted().save_weights(tmp_path / "gan.weights.h5")
    other = recurrent_gan()
    other.adapt(windows())
    with pytest.raises(ValueError, match=r"could not be loaded|does not hold the state of this model"):
        other.load_weights(tmp_path / "gan.weights.h5")


def test_lists_are_no_arrays():
    with pytest.raises(
        ValueError, match="Expected one array of samples. Received: a list of 40. Pass np.a"
    ):
        made().fit(windows().tolist(), epochs=1)


def test_an_unbatched_dataset():
    batches = [windows(1)[0]] * 4

    class Unbatched(keras.utils.PyDataset):
        num_batches = 4

        def __getitem__(self, index):
            return batches[index]

    with pytest.raises(ValueError, match="Batch a dataset first"):
        made().fit(Unbatched(), epochs=1)


@pytest.mark.parametrize("call", ["predict", "__call__"])
def test_samples_in_place_of_noise(call):
    gan = fitted()
    message = "called with noise, of shape .*4.* Received: .*6, 2.* Use generate"
    with pytest.raises(ValueError, match=message):
        getattr(gan, call)(windows(8))


def test_data_in_other_units_is_warned_of():
    gan = fitted()
    with pytest.warns(UserWarning, match="Feature 0 reaches .* times as far"):
        gan.fit(windows() * np.array([50.0, 1.0], "float32"), batch_size=20, verbose=0, epochs=1)


def test_weights_for_a_model_that_knows_no_data(tmp_path):
    fitted().save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(ValueError, match=r"Call fit\(data\) or adapt\(data\)"):
        kr.RecurrentGAN().load_weights(tmp_path / "a.weights.h5")


def test_a_learning_rate_goes_to_an_optimizer():
    with pytest.raises(TypeError, match="pass generator_optimizer= and discriminator_optimizer="):
        dense_gan().compile(learning_rate=1e-4)
