"""Published models: their papers' settings, what is trained when, files, and what they refuse."""

import sys

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan.training.phases import current
from tests.testing import BACKEND, ON_TORCH, all_on_torch, refuses, state_of, to_numpy, windows

DATA = windows(24, 8)
LABELS = {"label": np.arange(24) % 2}
SMALL = {
    "rgan": {"units": 4},
    "rcgan": {"units": 4},
    "c_rnn_gan": {"units": 4, "num_layers": 1, "pretraining_updates": 3},
    "cot_gan": {"units": 4, "num_processes": 3, "iterations": 5},
    "doppelganger": {
        "units": 4,
        "emission_steps": 3,
        "attribute_units": 4,
        "discriminator_units": 4,
        "discriminator_layers": 2,
    },
    "timegan": {"units": 4, "num_layers": 1, "embedding_updates": 2, "supervised_updates": 2},
}
"""Each model as small as it becomes."""


def made(name, **arguments):
    return getattr(kr.applications, name)(**{**SMALL[name], "seed": 0, **arguments})


def data_for(name, count=24):
    return (DATA[:count], {"label": LABELS["label"][:count]}) if name == "rcgan" else DATA[:count]


def trained(name, updates=6, **arguments):
    gan = made(name, **arguments)
    gan.fit(data_for(name, 4 * updates), batch_size=4, epochs=1, shuffle=False, verbose=0)
    return gan


def values(variables):
    return [np.array(to_numpy(v.value)) for v in variables]


def test_there_is_a_test_of_each():
    assert sorted(SMALL) == sorted(kr.applications.__all__)


def trains_saves_loads_and_goes_on(name, tmp_path):
    gan = made(name)
    history = gan.fit(data_for(name), batch_size=4, epochs=1, shuffle=False, verbose=0).history
    assert all(np.isfinite(v).all() for v in history.values())
    gan.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras")
    assert type(loaded) is type(gan)
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    made_of = [model.generate(5, seed=3) for model in (gan, loaded)]
    assert np.isfinite(made_of[0]).all()
    np.testing.assert_array_equal(*made_of)
    if BACKEND == "torch":  # what else is there to trace
        for model in (gan, loaded):
            model.fit(data_for(name), batch_size=4, epochs=1, shuffle=False, verbose=0)
        np.testing.assert_array_equal(gan.generate(5, seed=3), loaded.generate(5, seed=3))
        assert "mmd" in gan.evaluate(data_for(name), return_dict=True, verbose=0)


# A test of each that has parts of its own: it runs on all three backends


def test_timegan_trains_saves_loads_and_goes_on(tmp_path):
    trains_saves_loads_and_goes_on("timegan", tmp_path)


def test_c_rnn_gan_trains_saves_loads_and_goes_on(tmp_path):
    trains_saves_loads_and_goes_on("c_rnn_gan", tmp_path)


def test_cot_gan_trains_saves_loads_and_goes_on(tmp_path):
    trains_saves_loads_and_goes_on("cot_gan", tmp_path)


def test_doppelganger_trains_saves_loads_and_goes_on(tmp_path):
    trains_saves_loads_and_goes_on("doppelganger", tmp_path)


@pytest.mark.parametrize("name", all_on_torch(["rgan", "rcgan"]))
def test_others_train_save_load_and_go_on(name, tmp_path):
    trains_saves_loads_and_goes_on(name, tmp_path)


@pytest.mark.parametrize("name", all_on_torch(["timegan", "c_rnn_gan"]))
def test_a_run_that_was_interrupted_within_a_phase_goes_on_as_one_that_was_not(name, tmp_path):
    options = {"batch_size": 12, "shuffle": False, "verbose": 0}
    whole, part = (made(name) for _ in range(2))
    whole.fit(DATA, epochs=4, **options)
    part.fit(DATA, epochs=2, **options)  # 4 updates
    part.save(tmp_path / "part.keras")
    rest = kr.load_model(tmp_path / "part.keras")
    rest.fit(DATA, epochs=4, initial_epoch=2, **options)
    for a, b in zip(whole.get_weights(), rest.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", all_on_torch(SMALL))
def test_config_makes_the_same_model(name):
    gan = made(name)
    copy = type(gan).from_config(gan.get_config())
    data = data_for(name)
    samples = []
    for model in (gan, copy):
        model.adapt(data)
        samples.append(model.generate(2, seed=0))
    np.testing.assert_array_equal(*samples)


def optimizers(gan):
    return gan.generator_optimizer, gan.discriminator_optimizer


def rate(optimizer):
    return round(float(to_numpy(optimizer.learning_rate)), 6)


class TestPapers:
    """The settings of the papers, as the models have them once they know data of two features."""

    pytestmark = ON_TORCH

    def built(self, name):
        gan = getattr(kr.applications, name)(seed=0)
        gan.adapt(data_for(name))
        return gan

    @pytest.mark.parametrize("name", ["rgan", "rcgan"])
    def test_rgan(self, name):
        gan = self.built(name)
        generator, discriminator = gan.generator, gan.discriminator
        assert (generator.units, generator.noise_dim, generator.latent_dim) == (100, 5, 0)
        assert keras.activations.serialize(generator.output_activation) == "tanh"
        assert generator.smoother is None
        assert generator.process is None
        assert generator.hidden is None
        assert generator.head.kernel.shape == (100, 2)  # of the LSTM alone
        assert (discriminator.units, discriminator.per_step) == (100, True)
        assert not discriminator.bidirectional
        assert discriminator.view is None
        assert isinstance(generator.encoder.recurrent_layers[0], kr.layers.LSTM)
        own, other = optimizers(gan)
        assert isinstance(own, keras.optimizers.Adam)
        assert rate(own) == 1e-3
        assert isinstance(other, keras.optimizers.SGD)
        assert rate(other) == 0.1
        recipe = gan.recipe
        assert isinstance(recipe.loss, kr.losses.NonSaturatingLoss)
        assert (recipe.discriminator_steps, recipe.ema, recipe.penalties) == (5, None, [])
        labels = 2 if name == "rcgan" else 0
        assert discriminator.forward_layers[0].cell.kernel.shape[0] == 2 + labels
        assert discriminator.projection is None

    def test_c_rnn_gan(self):
        gan = self.built("c_rnn_gan")
        generator, discriminator = gan.generator, gan.discriminator
        assert (generator.units, generator.num_layers, generator.noise_dim) == (350, 2, 2)
        assert (discriminator.units, discriminator.num_layers) == (350, 2)
        assert discriminator.bidirectional
        assert discriminator.per_step
        for optimizer in optimizers(gan):
            assert isinstance(optimizer, keras.optimizers.SGD)
            assert rate(optimizer) == 0.1
            assert optimizer.global_clipnorm == 5.0
        assert sum(phase.updates or 0 for phase in gan.phases) == 1109
        assert (gan.noise, gan.noise_mean, gan.noise_scale) == ("uniform", 0.5, 0.5)

    def test_doppelganger(self):
        gan = self.built("doppelganger")
        assert (gan.generator.units, gan.generator.emission_steps) == (100, 10)
        assert gan.generator.head.kernel.shape == (100, 20)
        for judge in (gan.discriminator, gan.attribute_judge):
            assert (judge.units, judge.num_layers) == (200, 5)
        assert (gan.attribute_generator.units, gan.attribute_generator.noise_dim) == (100, 5)
        for optimizer in optimizers(gan):
            assert isinstance(optimizer, keras.optimizers.Adam)
            assert (rate(optimizer), optimizer.beta_1) == (1e-3, 0.5)
        (penalty,) = gan.recipe.penalties
        assert isinstance(penalty, kr.penalties.GradientPenalty)
        assert penalty.weight == 10.0
        assert isinstance(gan.recipe.loss, kr.losses.WassersteinLoss)
        assert isinstance(gan.scaler, kr.layers.PerSampleScaler)

    def test_timegan(self):
        gan = self.built("timegan")
        generator = gan.generator
        assert [len(layers) - 1 for layers in generator.parts.values()] == [3, 3, 3, 2]
        assert (generator.units, generator.noise_dim, gan.discriminator.units) == (24, 2, 24)
        assert gan.discriminator.per_step
        assert not gan.discriminator.bidirectional
        for optimizer in optimizers(gan):
            assert isinstance(optimizer, keras.optimizers.Adam)
            assert rate(optimizer) == 1e-3
        assert [phase.updates for phase in gan.phases] == [10_000, 10_000, None]
        assert (gan.gamma, gan.scaler.feature_range) == (1.0, (0.0, 1.0))

    def test_cot_gan(self):
        gan = self.built("cot_gan")
        assert gan.generator.noise_shape == {"latent": (10,), "noise": (None, 10)}
        assert (gan.generator.units, gan.generator.hidden_units) == (32, 32)
        processes = gan.discriminator
        assert (processes.num_processes, processes.num_layers, processes.kernel_size) == (32, 2, 5)
        assert (gan.epsilon, gan.iterations, gan.martingale_weight) == (100.0, 100, 10.0)
        for optimizer in optimizers(gan):
            assert isinstance(optimizer, keras.optimizers.Adam)
            assert rate(optimizer) == 1e-3
        assert gan.noise == "uniform"


# Phases


def changed_in(gan, phases, groups, batch):
    """Return, phase by phase, which groups of variables one update changes."""
    found = []
    for updates in phases:
        gan.optimizer.iterations.assign(updates)
        before = {name: values(variables) for name, variables in groups.items()}
        gan.train_on_batch(batch)
        found.append(
            {
                name
                for name, variables in groups.items()
                if any((a != b).any() for a, b in zip(values(variables), before[name], strict=True))
            }
        )
    return found


@pytest.mark.parametrize("name", all_on_torch(["timegan"]))
def test_each_phase_of_timegan_trains_its_networks_and_no_others(name):
    gan = made(name, run_eagerly=True)
    gan.adapt(DATA)
    groups = {part: gan.generator.variables_of(part) for part in gan.generator.parts}
    groups["discriminator"] = gan.discriminator.trainable_variables
    first, second, third = changed_in(gan, (0, 2, 4), groups, DATA[:8])
    assert first == {"embedder", "recovery"}
    assert second == {"supervisor"}
    assert third == set(groups)


@pytest.mark.parametrize("name", all_on_torch(["c_rnn_gan"]))
def test_each_phase_of_c_rnn_gan_trains_its_networks_and_no_others(name):
    gan = made(name, freezing=0.0, run_eagerly=True)
    gan.adapt(DATA)
    groups = {
        "generator": gan.generator.trainable_variables,
        "discriminator": gan.discriminator.trainable_variables,
    }
    *pretraining, last = changed_in(gan, (0, 1, 2, 3), groups, DATA[:8])
    assert pretraining == [{"generator"}] * 3
    assert last == {"generator", "discriminator"}
    lengths = [phase._part(ops.convert_to_tensor(DATA)).shape[1] for phase in gan.phases[:-1]]
    assert lengths == [2, 4, 8]


@pytest.mark.parametrize("name", all_on_torch(["c_rnn_gan"]))
def test_networks_that_are_ahead_rest(name):
    groups = {}
    for freezing in (0.0, 1.0):
        gan = made(name, pretraining_updates=0, freezing=freezing, run_eagerly=True)
        gan.adapt(DATA)
        gan.discriminator.head.bias.assign([8.0])  # all is taken for real: the generator is far ahead
        nets = {"g": gan.generator.trainable_variables, "d": gan.discriminator.trainable_variables}
        groups[freezing] = changed_in(gan, [0], nets, DATA[:8])[0]
    assert groups == {0.0: {"g", "d"}, 1.0: {"d"}}


@pytest.mark.parametrize("count", all_on_torch([8, 5, 1]))
def test_cot_gan_takes_batches_of_any_size(count):
    gan = made("cot_gan", run_eagerly=True)
    gan.adapt(DATA)
    nets = {"g": gan.generator.trainable_variables, "d": gan.discriminator.trainable_variables}
    assert changed_in(gan, [0], nets, DATA[:count]) == [{"g", "d"}]


@pytest.mark.parametrize("name", all_on_torch(["cot_gan", "c_rnn_gan", "rgan"]))
def test_sequences_with_gaps(name):
    gan = made(name)
    observed = np.random.default_rng(0).random(DATA.shape) > 0.2
    history = gan.fit((DATA, {"observed": observed}), batch_size=5, epochs=1, verbose=0).history
    assert all(np.isfinite(v).all() for v in history.values())
    assert np.isfinite(gan.generate(3, seed=0)).all()


@pytest.mark.parametrize("name", all_on_torch(["timegan"]))
def test_the_discriminator_of_timegan_rests_while_its_loss_is_small(name, monkeypatch):
    gan = made(name, embedding_updates=0, supervised_updates=0, run_eagerly=True)
    gan.adapt(DATA)
    nets = {"d": gan.discriminator.trainable_variables}
    monkeypatch.setattr(sys.modules[type(gan).__module__], "WEAK", 1e6)
    assert changed_in(gan, [0], nets, DATA[:8]) == [set()]
    monkeypatch.setattr(sys.modules[type(gan).__module__], "WEAK", 0.0)
    assert changed_in(gan, [0], nets, DATA[:8]) == [{"d"}]


@pytest.mark.parametrize("name", all_on_torch(["timegan"]))
def test_losses_of_timegan_are_those_of_the_paper(name):
    gan = made(name, embedding_updates=1, supervised_updates=1)
    gan.adapt(DATA)
    scaled = to_numpy(gan.scaler(DATA))
    assert scaled.min() >= 0.0
    assert scaled.max() <= 1.0
    networks = gan.generator
    hidden = to_numpy(networks.embed(scaled))
    logs = gan.train_on_batch(DATA, return_dict=True)
    expected = np.mean((to_numpy(networks.recover(hidden)) - scaled) ** 2)
    assert expected < logs["reconstruction_loss"]  # one step down
    hidden = to_numpy(networks.embed(scaled))
    missed = to_numpy(networks.supervise(hidden))[:, :-1] - hidden[:, 1:]
    logs = gan.train_on_batch(DATA, return_dict=True)
    np.testing.assert_allclose(logs["supervised_loss"], np.mean(missed**2), rtol=1e-4)
    module = sys.modules[type(gan).__module__]
    one, other = np.random.default_rng(0).random((2, 16, 8, 2)).astype("float32")
    expected = np.abs(one.std(axis=0) - other.std(axis=0)).mean()
    expected += np.abs(one.mean(axis=0) - other.mean(axis=0)).mean()
    np.testing.assert_allclose(float(to_numpy(module._moments(one, other))), expected, rtol=1e-4)


@pytest.mark.parametrize("name", all_on_torch(["timegan"]))
def test_the_discriminator_of_timegan_judges_hidden_sequences(name):
    gan = made(name)
    gan.adapt(DATA)
    assert gan.discriminator.forward_layers[0].cell.kernel.shape[0] == 4
    np.testing.assert_allclose(
        to_numpy(gan.as_judged(ops.ones((2, 8, 2)))),
        to_numpy(gan.generator.embed(ops.ones((2, 8, 2)))),
    )


# What they refuse


class TestRefusals:
    """Errors say what to do."""

    pytestmark = ON_TORCH

    @pytest.mark.parametrize("name", ["timegan", "c_rnn_gan", "cot_gan"])
    def test_clips(self, name):
        clips = np.ones((8, 3, 6, 6, 1), "float32")
        refuses(lambda: made(name).adapt(clips), r"learns sequences.*\(None, 3, 6, 6, 1\)")

    def test_timegan_with_gaps(self):
        gan = made("timegan")
        observed = np.ones(DATA.shape, bool)
        observed[0, 0] = False
        refuses(lambda: gan.adapt((DATA, {"observed": observed})), "nothing tells a gap")
        assert gan.generator is None
        gan.adapt(DATA)

    def test_rcgan_without_conditions(self):
        refuses(lambda: made("rcgan").adapt(DATA), r"use kr\.applications\.rgan")
        lists = [DATA[0], DATA[1, :5]] * 16  # whose lengths are no conditions of the user's
        refuses(lambda: made("rcgan").adapt(lists), r"use kr\.applications\.rgan")

    @pytest.mark.parametrize("name", ["timegan", "c_rnn_gan", "cot_gan"])
    def test_conditions_and_lengths(self, name):
        message = r"takes no conditions.*Leave these out"
        refuses(lambda: made(name).adapt((DATA, LABELS)), message)
        refuses(lambda: made(name).adapt([DATA[0], DATA[1, :5]] * 16), message)

    @pytest.mark.parametrize("name", ["timegan", "c_rnn_gan"])
    def test_losses_other_than_its_own(self, name):
        refuses(lambda: made(name, loss="hinge"), r"losses.*of its own.*loss='hinge'")
        refuses(lambda: made(name, discriminator_steps=2), "discriminator_steps=2")
        refuses(lambda: made(name, penalties="r1"), "penalties='r1'")

    @pytest.mark.parametrize("name", ["timegan", "c_rnn_gan", "cot_gan"])
    def test_single_steps(self, name):
        refuses(lambda: made(name).adapt(DATA[:, :1]), "at least 2 steps")

    def test_gaps(self):
        gaps = np.where(DATA.mean() < DATA, DATA, np.nan)
        with pytest.raises(ValueError, match="NaN|gaps|finite"):
            made("doppelganger").adapt(gaps)

    @pytest.mark.parametrize("name", SMALL)
    def test_unknown_arguments(self, name):
        with pytest.raises(TypeError, match="unexpected"):
            made(name, learning_speed=1.0)

    @pytest.mark.parametrize(
        ("name", "argument", "value"),
        [
            ("rgan", "noise_dim", -1),
            ("c_rnn_gan", "freezing", 2.0),
            ("c_rnn_gan", "pretraining_updates", -1),
            ("cot_gan", "epsilon", 0.0),
            ("doppelganger", "auxiliary_weight", -1.0),
            ("timegan", "gamma", -1.0),
            ("timegan", "embedding_updates", 1.5),
        ],
    )
    def test_values_out_of_range(self, name, argument, value):
        def make():
            made(name, **{argument: value}).adapt(data_for(name))

        refuses(make, f"`{argument}`|`weight`")


@pytest.mark.parametrize("name", all_on_torch(["rgan"]))
def test_arguments_of_compile_take_the_place_of_the_papers(name):
    gan = made(name, discriminator_steps=1, generator_optimizer="sgd", ema=0.9)
    assert isinstance(gan.generator_optimizer, keras.optimizers.SGD)
    assert (gan.recipe.discriminator_steps, gan.recipe.ema) == (1, 0.9)


@pytest.mark.parametrize("name", all_on_torch(["doppelganger"]))
def test_doppelganger_generates_attributes_and_ranges(name):
    gan = made(name)
    gan.fit((DATA, LABELS), batch_size=8, epochs=1, verbose=0)
    drawn = gan.sample_conditions(6, seed=0)
    assert sorted(drawn) == ["label", "maximum", "minimum"]
    samples = gan.generate(6, seed=0)
    assert set(drawn["label"]) <= {0, 1}
    assert (drawn["minimum"] <= drawn["maximum"]).all()
    assert samples.shape == (6, 8, 2)


@pytest.mark.parametrize("name", all_on_torch(["timegan"]))
def test_fit_goes_through_all_phases_by_itself(name, cut_short):
    gan = made(name, embedding_updates=1, supervised_updates=0)
    history = gan.fit(DATA, batch_size=8, verbose=0).history
    assert history["reconstruction_loss"][0] > 0.0
    assert history["discriminator_loss"][0] > 0.0
    assert current(gan.phases, 1) is gan.phases[2]


@pytest.mark.parametrize("name", all_on_torch(["rgan", "rcgan", "cot_gan"], []))
def test_clips_are_refused_in_words_of_data(name):
    clips = np.random.default_rng(0).random((8, 4, 6, 6, 1)).astype("float32")
    data = (clips, {"label": LABELS["label"][:8]}) if name == "rcgan" else clips
    refuses(
        lambda: made(name).fit(data, batch_size=4, epochs=1, verbose=0),
        r"\(samples, time, features\).*data of shape \(None, 4, 6, 6, 1\).*RecurrentGAN",
    )
