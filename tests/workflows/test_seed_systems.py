"""The systems that the project was founded on, S1 to S6, each against formulas worked by hand."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    all_on_torch,
    assert_close,
    dense_networks,
    recurrent_networks,
    to_numpy,
    windows,
)


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


class Affine:
    """G(z) = z + a and D(x) = sigmoid(w x + c) on numbers: small enough to differentiate by hand."""

    def __init__(self, loss, rate=0.1):
        generator = keras.Sequential(
            [keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")]
        )
        generator.layers[0].kernel.trainable = False
        discriminator = keras.Sequential(
            [
                keras.Input((1,)),
                keras.layers.Dense(1, kernel_initializer=keras.initializers.Constant(0.7)),
            ]
        )
        self.gan = kr.RecurrentGAN(generator, discriminator, scaler=None, seed=0)
        self.gan.compile(
            loss=loss,
            penalties=None,
            generator_optimizer=keras.optimizers.SGD(rate),
            discriminator_optimizer=keras.optimizers.SGD(rate),
            ema=None,
        )
        self.gan.build((None, 1))
        self.rate = rate

    def noise(self, steps, batch):
        """The noise that training will draw: for the discriminator, then for the generator."""
        seed = keras.random.SeedGenerator(0)
        seed.state.assign(self.gan.seed_generator.state.value)
        spec = self.gan.noise_spec
        return [to_numpy(spec.draw(batch, None, seed)) for _ in range(2 * steps)]


# S1: the GAN


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_s1_alternating_gradient_steps_on_the_value(name):
    """min over G, max over D of V = E[log D(x)] + E[log(1 - D(G(z)))], three steps by hand."""
    system = Affine(name)
    x = np.random.default_rng(0).normal(2.0, 0.5, size=(8, 1)).astype("float32")
    draws = system.noise(3, 8)
    w, c, a, rate = 0.7, 0.0, 0.0, system.rate
    for step in range(3):
        fake = draws[2 * step] + a
        d_real, d_fake = sigmoid(w * x + c), sigmoid(w * fake + c)
        # Ascend dV/dw = E[(1 - D(x)) x] - E[D(G) G], dV/dc alike
        w, c = (
            w + rate * (((1 - d_real) * x).mean() - (d_fake * fake).mean()),
            c + rate * ((1 - d_real).mean() - d_fake.mean()),
        )
        d_fake = sigmoid(w * (draws[2 * step + 1] + a) + c)
        # Descend d/da E[log(1 - D)] = -E[D] w, or d/da E[-log D] = -E[1 - D] w
        slope = -d_fake * w if name == "minimax" else -(1 - d_fake) * w
        a = a - rate * slope.mean()
        system.gan.train_on_batch(x)
    assert_close([w.value for w in system.gan.discriminator.weights], [[[w]], [c]], 1e-5)
    assert_close(system.gan.generator.weights[1].value, np.array([a]), 1e-5)


def test_s1_reported_losses_are_the_values():
    system = Affine("minimax")
    x = np.random.default_rng(0).normal(2.0, 0.5, size=(8, 1)).astype("float32")
    (noise, _) = system.noise(1, 8)
    value = np.log(sigmoid(0.7 * x)).mean() + np.log(1.0 - sigmoid(0.7 * noise)).mean()
    logs = system.gan.train_on_batch(x, return_dict=True)
    assert float(logs["discriminator_loss"]) == pytest.approx(-value, rel=1e-5)


def test_s1_learns_a_distribution():
    """A normal law is learnt: mean and spread of N(5, 2)."""
    x = np.random.default_rng(0).normal(5.0, 2.0, size=(2048, 1)).astype("float32")
    generator = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(32, "relu"),
            keras.layers.Dense(32, "relu"),
            keras.layers.Dense(1),
        ]
    )
    gan = kr.RecurrentGAN(generator, discriminator, scaler="standard", seed=0)
    gan.compile(ema=0.99)
    gan.fit(x, batch_size=64, epochs=15, verbose=0)
    samples = gan.generate(4000, seed=0)
    assert samples.mean() == pytest.approx(5.0, abs=0.5)
    assert samples.std() == pytest.approx(2.0, abs=0.5)


# S2: the RNN (its numbers: tests/layers/test_elman_cell.py)


def test_s2_the_cell_serves_both_networks(tmp_path):
    generator, discriminator = recurrent_networks(cell=kr.layers.ElmanCell(5, 4))
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile()
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    samples = gan.generate(3, seed=0)
    assert samples.shape == (3, 6, 2)
    gan.save(tmp_path / "elman.keras")
    loaded = keras.models.load_model(tmp_path / "elman.keras")
    assert_close(loaded.generate(3, seed=0), samples, 0.0)


# S3: the recurrent generator


def test_s3_generates_step_by_step():
    """A sequence made at once is the one made step by step with the state carried along."""
    generator, _ = recurrent_networks()
    spec = kr.RecurrentGAN(generator, _, scaler=None)
    spec.build((None, 6, 2))
    noise = spec.sample_noise(3, length=10, seed=0)
    whole = to_numpy(generator(noise))
    state, steps = None, []
    for t in range(10):
        step, state = generator.continue_from(
            {"latent": noise["latent"], "noise": noise["noise"][:, t : t + 1]}, state
        )
        steps.append(to_numpy(step))
    assert_close(np.concatenate(steps, axis=1), whole, 1e-5)


# S4: the recurrent discriminator


def test_s4_judges_by_sequence_prediction():
    """The auxiliary loss is the mean squared error of the next step, in both networks' losses."""
    generator, _ = recurrent_networks()
    discriminator = kr.networks.RecurrentDiscriminator(4, next_step_prediction=True, seed=2)
    gan = kr.RecurrentGAN(generator, discriminator, scaler=None, seed=0)
    gan.compile(generator_optimizer=None, discriminator_optimizer=None)
    real = (windows(8) - 100.0) / 20.0
    gan.adapt(real)
    seed = keras.random.SeedGenerator(0)
    seed.state.assign(gan.evaluation_seed_generator.state.value)
    fake = to_numpy(gan(gan.noise_spec.draw(8, 6, seed)))
    predicted = to_numpy(discriminator(fake)["prediction"])
    expected = ((predicted - fake[:, 1:]) ** 2).mean()
    logs = gan.test_on_batch(real, return_dict=True)
    assert float(logs["prediction_loss"]) == pytest.approx(float(expected), rel=1e-4)


def test_s4_the_prediction_is_learnt_from_real_sequences():
    generator, _ = recurrent_networks()
    discriminator = kr.networks.RecurrentDiscriminator(16, next_step_prediction=True, seed=2)
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(prediction_weight=10.0)
    data = windows(200)
    gan.adapt(data)
    scaled = to_numpy(gan.scaler(data))

    def error():
        predicted = to_numpy(discriminator(scaled)["prediction"])
        return float(((predicted - scaled[:, 1:]) ** 2).mean())

    before = error()
    gan.fit(data, batch_size=20, epochs=12, verbose=0)
    assert error() < 0.3 * before


# S5: the training


def test_s5_first_step_of_adam_by_hand():
    """Adam(1e-4, beta_1=0.5) moves every weight by the rate against its gradient's sign at first."""
    generator, discriminator = recurrent_networks()
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(
        loss="non_saturating",
        penalties=None,
        generator_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
    )
    data = windows(16)
    gan.adapt(data)
    networks = (generator, discriminator)
    before = [n.get_weights() for n in networks]
    gan.fit(data, batch_size=16, verbose=0, epochs=1)
    for network, weights in zip(networks, before, strict=True):
        for a, b in zip(weights, network.get_weights(), strict=True):
            moved = np.abs(b - a)
            assert (moved <= 1.001e-4).all()
            assert np.median(moved) == pytest.approx(1e-4, rel=0.05)


def test_s5_fifty_epochs_in_a_compiled_step():
    gan = kr.RecurrentGAN(*dense_networks(), seed=0)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
    )
    history = gan.fit(windows(64), epochs=50, verbose=0).history
    assert len(history["generator_loss"]) == 50
    assert np.isfinite(history["generator_loss"]).all()


def test_s5_backpropagation_through_time():
    """The loss at the last step reaches the noise of the first, as a finite difference says."""
    from keras_rgan import backend

    generator, _ = recurrent_networks()
    noise = {
        "latent": np.ones((1, 3), "float32"),
        "noise": np.random.default_rng(0).normal(size=(1, 5, 2)).astype("float32"),
    }
    per_step = keras.ops.convert_to_tensor(noise["noise"])

    def last(values):
        return generator({"latent": noise["latent"], "noise": values})[:, -1, 0]

    gradient = to_numpy(backend.input_gradient(last, per_step))[0, 0]
    for i in range(2):
        step = np.zeros((1, 5, 2), "float32")
        step[0, 0, i] = 1e-2
        slope = (to_numpy(last(noise["noise"] + step)) - to_numpy(last(noise["noise"] - step))) / 2e-2
        assert gradient[i] == pytest.approx(float(slope[0]), rel=1e-2, abs=1e-5)
        assert gradient[i] != 0.0


# S6: the dense example


def founding_networks(shape, noise_shape, ending=None):
    """G: noise -> 128 -> 256 -> 512 -> output, tanh; D: 512 -> 256 -> 128 -> 1."""
    generator = keras.Sequential(
        [
            keras.Input(noise_shape),
            keras.layers.Flatten(),
            *(keras.layers.Dense(n, activation="relu") for n in (128, 256, 512)),
            keras.layers.Dense(int(np.prod(shape)), activation="tanh"),
            keras.layers.Reshape(shape),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Flatten(),
            *(keras.layers.Dense(n, activation="relu") for n in (512, 256, 128)),
            keras.layers.Dense(1, activation=ending),
        ]
    )
    return generator, discriminator


@pytest.mark.parametrize("shape", all_on_torch([(8, 8, 1), (7,), (6, 2)], [(8, 8, 1)]))
def test_s6_dense_networks_on_data_of_any_rank(shape, tmp_path):
    rng = np.random.default_rng(0)
    data = rng.uniform(0.0, 255.0, size=(64, *shape)).astype("float32")
    gan = kr.RecurrentGAN(*founding_networks(shape, (10, 10)), noise_mean=0.9, noise_scale=0.1, seed=0)
    gan.compile()
    gan.fit(data, batch_size=32, verbose=0, epochs=1)
    samples = gan.generate(5)
    assert samples.shape == (5, *shape)
    assert samples.min() >= data.min() - 1e-3  # tanh ends where the data ends
    assert samples.max() <= data.max() + 1e-3
    gan.save(tmp_path / "dense.keras")
    assert keras.models.load_model(tmp_path / "dense.keras").generate(2).shape == (2, *shape)


def test_s6_noise_is_drawn_as_parameters_say():
    """0.9 + 0.1 N(0, 1), in the shape of the generator's input."""
    gan = kr.RecurrentGAN(
        *founding_networks((7,), (10, 10)), noise_mean=0.9, noise_scale=0.1, scaler=None, seed=0
    )
    noise = gan.sample_noise(500, seed=0)
    assert noise.shape == (500, 10, 10)
    assert noise.mean() == pytest.approx(0.9, abs=1e-3)
    assert noise.std() == pytest.approx(0.1, abs=1e-3)
    in_training = to_numpy(gan.noise_spec.draw(500, None, gan.seed_generator))
    assert in_training.mean() == pytest.approx(0.9, abs=1e-3)


@pytest.mark.parametrize("loss", ["auto", "minimax", "wasserstein"])
def test_s6_a_sigmoid_before_a_loss_on_logits_is_refused(loss):
    gan = kr.RecurrentGAN(*founding_networks((7,), (5,), ending="sigmoid"))
    with pytest.raises(
        ValueError, match=r"ends in a sigmoid, and \w+ expects logits. Remove the sigmoid"
    ):
        gan.compile(loss=loss)


@pytest.mark.parametrize(
    "ending",
    [
        [keras.layers.Dense(1), keras.layers.Activation("sigmoid")],
        [keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])],
        [keras.layers.Dense(1), keras.layers.Activation("sigmoid"), keras.layers.Reshape((1,))],
    ],
)
def test_s6_a_sigmoid_is_found_in_other_places(ending):
    sequential = keras.Sequential([keras.Input((7,)), keras.layers.Dense(4), *ending])
    inputs = keras.Input((7,))
    functional = keras.Model(inputs, sequential(inputs))
    for discriminator in (sequential, functional):
        gan = kr.RecurrentGAN(founding_networks((7,), (5,))[0], discriminator)
        with pytest.raises(ValueError, match="ends in a sigmoid"):
            gan.compile()


def test_s6_the_founding_pair_trains_with_a_loss_on_probabilities():
    gan = kr.RecurrentGAN(*founding_networks((7,), (5,), ending="sigmoid"), seed=0)
    gan.compile(loss=kr.losses.NonSaturatingLoss(from_logits=False), penalties=None)
    data = np.random.default_rng(0).normal(size=(64, 7)).astype("float32")
    history = gan.fit(data, verbose=0, epochs=1).history
    assert 0.0 < history["real_score"][0] < 1.0
    assert np.isfinite(history["generator_loss"][0])


def test_s6_nested_generators_with_several_inputs(tmp_path):
    """A model of models, with a latent, noise at each step and noise of a shape of its own."""
    latent, noise, extra = (
        keras.Input((3,), name="latent"),
        keras.Input((None, 2), name="noise"),
        keras.Input((4,), name="extra"),
    )
    inner = recurrent_networks()[0]
    sequence = inner({"latent": latent, "noise": noise})
    shift = keras.layers.Reshape((1, 2))(keras.layers.Dense(2)(extra))
    outputs = keras.layers.Add()([sequence, shift])
    generator = keras.Model({"latent": latent, "noise": noise, "extra": extra}, outputs)
    gan = kr.RecurrentGAN(generator, recurrent_networks()[1], seed=0)
    gan.compile()
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    assert gan.generate(3, length=9).shape == (3, 9, 2)
    assert set(gan.sample_noise(2)) == {"latent", "noise", "extra"}
    samples = gan.generate(3, seed=1)
    gan.save(tmp_path / "nested.keras")
    assert_close(keras.models.load_model(tmp_path / "nested.keras").generate(3, seed=1), samples, 0.0)
