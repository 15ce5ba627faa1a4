"""Private updates: clipping against a loop, noise, counting, stopping, going on."""

import keras
import numpy as np
import pytest
from keras import ops
from sklearn.metrics import roc_auc_score

import keras_rgan as kr
from keras_rgan.training.finite_steps import changing
from keras_rgan.training.privacy_accounting import Mechanism, epsilon_of, updates_within
from tests.testing import (
    BACKEND,
    all_on_torch,
    assert_close,
    dense_networks,
    recurrent_networks,
    refuses,
    slow_but_on_torch,
    to_numpy,
)

DELTA = 1e-3


def sines(count=40, length=6):
    return kr.datasets.make_sines(count, length, 2, seed=0)


def scaler():
    return kr.layers.SequenceScaler.from_bounds([0.0, 0.0], [1.0, 1.0])


def private_gan(networks=None, noise=1.0, seed=5, steps=1, build=True, **options):
    """Return a compiled model that is built, for windows of two features."""
    privacy = kr.DifferentialPrivacy(noise, delta=DELTA, seed=seed, **options)
    gan = kr.RecurrentGAN(*(networks or dense_networks()), scaler=scaler(), seed=0)
    gan.compile(privacy=privacy, discriminator_steps=steps)
    if build:
        gan.build((None, 6, 2))
    return gan


def alone(gan, rows):
    """Return the gradients of each row by itself, by the ordinary way of gradients."""
    found = []
    variables = gan.optimizer.discriminator_variables.value

    def loss(one):
        return ops.sum(ops.softplus(gan.discriminator(one, training=True)) * (1.0 + one[:, 0, :1]))

    for i in range(len(rows)):
        one = ops.convert_to_tensor(rows[i : i + 1])
        found.append(gan.value_and_gradients(lambda one=one: (loss(one), None), variables)[1])
    together = gan.per_sample_gradients(
        lambda row: loss(row[None]), variables, ops.convert_to_tensor(rows)
    )
    return [np.stack(parts) for parts in zip(*to_numpy(found), strict=True)], together


@pytest.mark.parametrize("cell", all_on_torch(["gru", "lstm", "simple", "min_gru"], ["gru"]))
def test_gradients_and_clipping_are_those_of_a_loop_over_samples(cell):
    generator, _ = recurrent_networks()
    discriminator = kr.networks.RecurrentDiscriminator(
        3, cell=cell, convolution_units=2, increments=1, bidirectional=False, seed=2
    )
    gan = private_gan((generator, discriminator), noise=0.0, clipping_norm=0.5)
    rows = np.random.default_rng(0).normal(size=(5, 6, 2)).astype("float32")
    expected, found = alone(gan, rows)
    assert_close(found, expected, 1e-5)

    norms = np.sqrt(sum((g.reshape(5, -1) ** 2).sum(axis=1) for g in expected))
    assert (norms > 0.5).any()
    expected[0][1] = np.nan  # counts as none, as does what is not taken
    taken = np.array([1, 1, 0, 1, 1], "float32")
    sums = [np.zeros(g.shape[1:]) for g in expected]
    for i in (0, 3, 4):
        for total, gradient in zip(sums, expected, strict=True):
            total += gradient[i] * min(1.0, 0.5 / norms[i])
    clipped = gan.regime.privatized(
        [ops.convert_to_tensor(g) for g in expected], ops.convert_to_tensor(taken), 4.0
    )
    assert_close(clipped, [(total / 4.0).astype("float32") for total in sums], 1e-6)


@pytest.mark.skipif(BACKEND != "torch", reason="the other backends have no such operations")
def test_operations_that_refuse_vmap_take_one_sample_after_another(monkeypatch):
    generator, _ = dense_networks()
    layers = [keras.layers.Reshape((6, 2, 1)), keras.layers.Conv2D(2, 2), keras.layers.Flatten()]
    stack = [keras.Input((6, 2)), *layers, keras.layers.Dense(1)]
    gan = private_gan((generator, keras.Sequential(stack)))
    rows = np.random.default_rng(0).normal(size=(3, 6, 2)).astype("float32")

    def refuse(*args, **kwargs):
        raise RuntimeError("NYI")

    for change in (lambda: None, lambda: monkeypatch.setattr("torch.func.vmap", refuse)):
        change()
        expected, found = alone(gan, rows)
        assert_close(found, expected, 1e-5)
    assert gan._rows_apart


def test_noise_has_the_deviation_that_is_accounted_for():
    gan = private_gan(noise=3.0, clipping_norm=0.5)
    shapes = [(4, 200, 100), (4, 20_000)]
    nothing, taken = [ops.zeros(shape) for shape in shapes], ops.ones(4)
    first, again = (to_numpy(gan.regime.privatized(nothing, taken, 10.0)) for _ in range(2))
    for noise in (*first, *again):
        assert abs(noise.std() / 0.15 - 1.0) < 0.02
        assert abs(noise.mean()) < 0.004
    draws = np.stack([x.ravel() for x in (*first, *again)])
    assert np.abs(np.corrcoef(draws) - np.eye(4)).max() < 0.03


def test_without_clip_and_noise_a_step_is_the_ordinary_one():
    data = sines(16)
    options = {
        "loss": "non_saturating",
        "penalties": [kr.penalties.ApproximateR1Penalty(0.1, noise_scale=0.5)],
    }
    weights = []
    for privacy in (None, kr.DifferentialPrivacy(0.0, float("inf"), seed=5)):
        gan = kr.RecurrentGAN(*dense_networks(), scaler=scaler(), seed=0)
        optimizers = {
            f"{role}_optimizer": keras.optimizers.SGD(0.5) for role in ("generator", "discriminator")
        }
        gan.compile(privacy=privacy, **options, **optimizers)
        gan.build((None, 6, 2))
        before = gan.discriminator.get_weights()
        history = gan.fit(data, batch_size=16, epochs=1, shuffle=False, verbose=0).history
        assert (privacy is not None) == (gan.record.total == 1)
        weights.append([*gan.discriminator.get_weights(), *gan.generator.get_weights()])
        assert max(np.abs(a - b).max() for a, b in zip(before, weights[-1], strict=False)) > 0.01
    assert history["epsilon"] == [np.inf]
    assert_close(*weights, 1e-5)


def test_logs_tell_of_the_generator_and_epsilon_alone():
    gan = private_gan()
    history = gan.fit(sines(), batch_size=8, epochs=2, verbose=0).history
    assert set(history) == {"generator_loss", "epsilon"}
    mechanism = Mechanism.of(40, 8, 1.0)
    assert history["epsilon"] == [epsilon_of({mechanism: n}, DELTA) for n in (5, 10)]
    assert gan.record.updates == {mechanism: 10}
    assert gan.examples is None
    assert gan.generate(3, seed=0).shape == (3, 6, 2)


def test_several_turns_see_a_sample_each():
    gan = private_gan(steps=2)
    gan.fit(sines(), batch_size=8, epochs=1, verbose=0)
    assert gan.record.updates == {Mechanism.of(40, 8, 1.0): 10}
    real = gan.samples.real(gan.regime.dataset[0], gan.seed_generator)
    one, other = (to_numpy(part.sequences) for part in gan.regime.parts(real, 2))
    assert len(one) == len(other) == Mechanism.of(40, 8, 1.0).capacity
    assert (one != other).any()


@slow_but_on_torch
def test_goes_on_from_a_file_as_if_it_had_not_stopped(tmp_path):
    whole, stopped = private_gan(), private_gan()
    whole.fit(sines(), batch_size=8, epochs=3, verbose=0)
    stopped.fit(sines(), batch_size=8, epochs=1, verbose=0)
    stopped.save(tmp_path / "gan.keras")
    stopped.save_weights(tmp_path / "gan.weights.h5")
    loaded = kr.load_model(tmp_path / "gan.keras")
    other = private_gan()
    other.load_weights(tmp_path / "gan.weights.h5")
    for gan in (loaded, other):
        assert gan.record.updates == {Mechanism.of(40, 8, 1.0): 5}
        history = gan.fit(sines(), batch_size=8, epochs=3, initial_epoch=1, verbose=0).history
        assert history["epsilon"][-1] == epsilon_of({Mechanism.of(40, 8, 1.0): 15}, DELTA)
        assert_close(
            *([*g.weights, *g.optimizer.variables[:-2], g.regime.noise.state] for g in (gan, whole))
        )


@slow_but_on_torch
def test_no_way_of_compiling_or_loading_forgets(tmp_path):
    gan = private_gan()
    gan.fit(sines(), batch_size=8, epochs=1, verbose=0)
    gan.compile(privacy=kr.DifferentialPrivacy(2.0, delta=DELTA, seed=5))
    noise = to_numpy(gan.regime.noise.state)
    assert (noise == gan.record.noise_state).all()  # which goes on, and repeats nothing
    gan.fit(sines(), batch_size=8, epochs=1, verbose=0)
    expected = {Mechanism.of(40, 8, 1.0): 5, Mechanism.of(40, 8, 2.0): 5}
    assert gan.record.updates == expected
    gan.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras", compile=False)
    assert loaded.record.updates == expected
    assert gan.regime.privacy.epsilon(loaded) == epsilon_of(expected, DELTA)
    gan.compile()
    gan.fit(sines(), batch_size=8, epochs=1, verbose=0)
    assert kr.DifferentialPrivacy(1.0).epsilon(gan) == np.inf
    gan.save(tmp_path / "gan.keras")
    assert kr.DifferentialPrivacy(1.0).epsilon(kr.load_model(tmp_path / "gan.keras")) == np.inf


@slow_but_on_torch
def test_randomness_without_a_seed_is_new_and_in_no_file(tmp_path):
    one, other = (private_gan(seed=None) for _ in range(2))
    for gan in (one, other):
        gan.fit(sines(), batch_size=8, epochs=1, verbose=0)
    assert (one.discriminator.get_weights()[0] != other.discriminator.get_weights()[0]).any()
    one.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras")
    assert loaded.record.noise_state is None
    assert (to_numpy(loaded.regime.noise.state) != to_numpy(one.regime.noise.state)).any()
    assert loaded.regime.entropy != one.regime.entropy


@pytest.mark.parametrize("epochs", all_on_torch([9, "auto"]))
def test_stops_before_epsilon_is_more_than_it_may_be(epochs):
    mechanism = Mechanism.of(40, 8, 1.0)
    bound = epsilon_of({mechanism: 8}, DELTA) + 1e-4
    gan = private_gan(max_epsilon=bound)
    history = gan.fit(sines(), batch_size=8, epochs=epochs, verbose=0).history
    assert len(history["epsilon"]) == 2
    assert gan.record.updates == {mechanism: 8} == {mechanism: updates_within(mechanism, bound, DELTA)}
    assert history["epsilon"][-1] <= bound
    before = gan.get_weights()
    refuses(
        lambda: gan.fit(sines(), batch_size=8, epochs=1, verbose=0), "room for an update below max_ep"
    )
    assert_close(gan.get_weights(), before, 0.0)


@pytest.mark.skipif(BACKEND == "torch", reason="which takes one step in each call")
def test_several_steps_at_once_stop_in_time_too():
    mechanism = Mechanism.of(40, 8, 1.0)
    for room, expected in ((2, None), (6, 4)):
        bound = epsilon_of({mechanism: room}, DELTA) + 1e-4
        gan = private_gan(max_epsilon=bound, build=False)
        gan.compile(privacy=gan.regime.privacy, steps_per_execution=4)
        gan.build((None, 6, 2))
        if expected is None:
            refuses(
                lambda gan=gan: gan.fit(sines(), batch_size=8, epochs=2, verbose=0),
                "room for 4 updates at once below max_epsilon",
            )
        else:
            gan.fit(sines(), batch_size=8, epochs=2, verbose=0)
        assert gan.record.updates == ({} if expected is None else {mechanism: expected})


def test_noise_does_not_go_back_with_weights(tmp_path):
    gan = private_gan()
    gan.fit(sines(), batch_size=8, epochs=1, verbose=0)
    gan.save_weights(tmp_path / "gan.weights.h5")
    gan.fit(sines(), batch_size=8, epochs=1, verbose=0)
    before = to_numpy(gan.regime.noise.state)
    gan.load_weights(tmp_path / "gan.weights.h5")
    assert (
        to_numpy(gan.regime.noise.state) == before
    ).all()  # as samples go on behind the second `fit`
    assert gan.record.total == 10


def test_what_is_counted_stays_where_a_step_is_undone():
    gan = private_gan()
    changed = {id(v) for v in changing(gan)}
    assert not changed & {id(v) for v in gan.regime.variables}
    assert {id(v) for v in gan.regime.variables} <= {id(v) for v in gan.optimizer.variables}


def test_a_model_is_built_of_nothing_but_the_shape_of_its_data():
    twins = []
    for factor in (1.0, 0.1):
        gan = kr.RecurrentGAN({"units": 3}, {"units": 3}, scaler=scaler(), seed=0)
        gan.compile(privacy=kr.DifferentialPrivacy(1.0, seed=5), generator_optimizer="sgd")
        gan.build((None, 6, 2)) if factor == 1.0 else gan.regime.learn(
            gan.admission.gather("fit", factor * sines()), None
        )
        twins.append(gan.get_weights())
    assert_close(*twins, 0.0)


def conditional_gan(noise=0.0, clipping_norm=float("inf"), steps=1, private=True):
    """Return a model of labels that are known without the data."""
    encoder = kr.layers.ConditionEncoder()
    encoder.adapt({"label": np.arange(3)})
    gan = kr.RecurrentGAN(
        {"units": 3, "latent_dim": 2, "noise_dim": 1, "linear_process": 0},
        {"units": 3, "increments": 0, "convolution_units": 0, "bidirectional": False},
        scaler=scaler(),
        conditions=encoder,
        seed=0,
    )
    privacy = kr.DifferentialPrivacy(noise, clipping_norm, DELTA, seed=5) if private else None
    optimizers = [keras.optimizers.SGD(0.5) for _ in range(2)]
    gan.compile("non_saturating", None, *optimizers, discriminator_steps=steps, privacy=privacy)
    gan.build((None, 6, 2))
    return gan


def test_conditions_without_clip_and_noise_are_those_of_the_ordinary_step():
    data = sines(16), {"label": np.arange(16) % 3}
    weights = []
    for private in (False, True):
        gan = conditional_gan(private=private)
        before = gan.discriminator.get_weights()
        gan.fit(data, batch_size=16, epochs=1, shuffle=False, verbose=0)
        weights.append(gan.discriminator.get_weights())
    assert max(np.abs(a - b).max() for a, b in zip(before, weights[0], strict=True)) > 0.005
    assert_close(*weights, 1e-5)


@slow_but_on_torch
def test_one_row_moves_the_discriminator_by_its_clip_and_the_generator_by_nothing_else():
    norm, found = 0.01, []
    for label in (0, 1, 2):  # of the first row
        gan = conditional_gan(clipping_norm=norm)
        before = gan.discriminator.get_weights()
        labels = np.arange(16) % 3
        labels[0] = label
        gan.fit((sines(16), {"label": labels}), batch_size=16, epochs=1, verbose=0)
        found.append(gan.discriminator.get_weights())
        moved = np.sqrt(sum(np.square(a - b).sum() for a, b in zip(before, found[-1], strict=True)))
        assert 0.0 < moved <= 0.5 * norm + 1e-6
    apart = np.sqrt(sum(np.square(a - b).sum() for a, b in zip(found[0], found[1], strict=True)))
    assert 0.0 < apart <= 0.5 * 2.0 * norm / 16 + 1e-6

    generators = []
    for labels in (np.zeros(16, int), np.full(16, 2)):
        gan = conditional_gan(clipping_norm=1e-12)  # by which the discriminator stays as it is
        gan.fit((sines(16), {"label": labels}), batch_size=16, epochs=1, verbose=0)
        generators.append(gan.generator.get_weights())
    assert_close(*generators, 0.0 if BACKEND == "torch" else 1e-6)


@slow_but_on_torch
def test_a_model_of_conditions_is_counted_saved_and_gone_on_with(tmp_path):
    data = sines(), {"label": np.arange(40) % 3}
    gan = conditional_gan(1.0, 1.0, steps=2)
    history = gan.fit(data, batch_size=8, epochs=1, verbose=0).history
    assert set(history) == {"generator_loss", "epsilon"}
    assert gan.record.updates == {Mechanism.of(40, 8, 1.0): 10}
    batch = gan.samples.real(gan.regime.dataset[0], gan.seed_generator)
    parts = gan.regime.parts(batch, 2)
    assert [to_numpy(part.columns).shape for part in parts] == 2 * [(len(batch.taken) // 2, 6, 3)]
    assert (to_numpy(parts[0].columns) != to_numpy(parts[1].columns)).any()
    assert set(gan.sample_conditions(50, seed=0)["label"]) == {0, 1, 2}
    assert gan.generate(conditions={"label": [0, 2]}).shape == (2, 6, 2)
    gan.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras")
    for model in (gan, loaded):
        model.fit(data, batch_size=8, epochs=1, verbose=0)
    assert_close(gan.get_weights(), loaded.get_weights(), 1e-6)
    gan.save(tmp_path / "bare.keras", without_data=True)
    bare = kr.load_model(tmp_path / "bare.keras")
    refuses(lambda: bare.fit(data, batch_size=8, epochs=1, verbose=0), "trains the generator with such")


def overtrained(privacy, members):
    """Return a discriminator that has seen few sequences often, of noise that only memory tells."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [
            keras.Input((32,)),
            keras.layers.Dense(32, kernel_initializer="identity"),
            keras.layers.Reshape((8, 4)),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((8, 4)),
            keras.layers.Flatten(),
            keras.layers.Dense(256, activation="leaky_relu"),
            keras.layers.Dense(1),
        ]
    )
    gan = kr.RecurrentGAN(generator, discriminator, scaler=None, noise="uniform", seed=0)
    optimizers = [keras.optimizers.Adam(rate) for rate in (1e-4, 0.01)]
    gan.compile("non_saturating", None, *optimizers, keep_best=False, privacy=privacy)
    gan.fit(members, batch_size=50, epochs=40, verbose=0)
    return gan


@slow_but_on_torch
def test_a_membership_attack_at_epsilon_one_comes_to_chance():
    # Hayes et al., "LOGAN", PoPETs 2019: what the discriminator finds most real it has seen. No attack
    # on such updates reaches more than some 0.575 at epsilon 1 and delta 1e-5; this one 0.55, of six sets.
    members, others = np.random.default_rng(0).uniform(-1, 1, (2, 200, 8, 4)).astype("float32")
    told = [1] * 200 + [0] * 200
    both = np.concatenate([members, others])
    privacy = kr.DifferentialPrivacy.for_epsilon(1.0, num_samples=200, batch_size=50, epochs=40, seed=1)
    found = []
    for each in (None, privacy):
        gan = overtrained(each, members)
        judged = ops.convert_to_numpy(gan.discriminator(both))
        found.append(roc_auc_score(told, judged.ravel()))
    error = np.sqrt(401 / (12 * 200 * 200))  # of the area where nothing can be told: 0.029
    assert privacy.epsilon(gan) <= 1.0
    assert found[0] > 0.9
    assert abs(found[1] - 0.5) < 3 * error
