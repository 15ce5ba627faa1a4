"""Phases before the game: who is trained when, what is logged, and where a model goes on."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan.training.phases import Phase, current, updates_left
from tests.testing import BACKEND, dense_networks, windows


class Rehearsal(Phase):
    """Draws the generator's first layer alone to zero, and logs what is left of it."""

    def __init__(self, model, updates):
        super().__init__(updates, [model.rehearsal_tracker])
        self.model = model

    def turn(self, step, real, look):
        kernel = self.model.generator.trainable_variables[0]

        def objective():
            size = ops.sum(ops.square(kernel))
            return size, ops.stop_gradient(size)

        size = step.descend(objective, look, self.model.generator_optimizer, [kernel])
        self.model.rehearsal_tracker.update_state(size)


@keras.saving.register_keras_serializable(package="tests")
class Rehearsed(kr.RecurrentGAN):
    """A GAN whose first five updates are a rehearsal."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.rehearsal_tracker = keras.metrics.Mean(name="rehearsal_loss")

    @property
    def phases(self):
        if not hasattr(self, "rehearsal"):
            self.rehearsal = kr.utils.untracked.Untracked((Rehearsal(self, 5),))
        return self.rehearsal.value


def rehearsed(**compiled):
    gan = Rehearsed(*dense_networks(), seed=0)
    gan.compile(**compiled)
    gan.adapt(windows())
    return gan


def moved(gan, updates):
    """Return which of the generator's first and second layer and the discriminator an epoch moves."""
    watched = [*gan.generator.trainable_variables[::2], gan.discriminator.trainable_variables[0]]
    before = [np.array(ops.convert_to_numpy(v.value)) for v in watched]
    data = windows()[np.arange(8 * updates) % 40]
    history = gan.fit(data, batch_size=8, epochs=1, verbose=0).history
    after = [ops.convert_to_numpy(v.value) for v in watched]
    return [bool((a != b).any()) for a, b in zip(after, before, strict=True)], history


def test_which_phase_is_on():
    first, second = Rehearsal(rehearsed(), 2), Rehearsal(rehearsed(), None)
    assert [current([first], n) for n in (0, 1, 2)] == [first, first, None]
    assert [current([first, second], n) for n in (1, 2, 9)] == [first, second, second]
    assert current([], 0) is None
    assert [updates_left([first, second], n) for n in (0, 1, 7)] == [2, 1, 0]


def test_a_phase_trains_its_part_and_then_the_game_goes_on():
    gan = rehearsed()
    (kernel, other, discriminator), history = moved(gan, updates=5)
    assert (kernel, other, discriminator) == (True, False, False)
    assert history["rehearsal_loss"][0] > 0.0
    (kernel, other, discriminator), history = moved(gan, updates=1)
    assert (kernel, other, discriminator) == (True, True, True)
    assert history["rehearsal_loss"][0] == 0.0
    assert history["discriminator_loss"][0] != 0.0


def test_a_phase_ends_within_an_epoch():
    gan = rehearsed()
    (kernel, other, discriminator), _ = moved(gan, updates=6)
    assert (kernel, other, discriminator) == (True, True, True)


def test_steps_that_are_undone_are_none_of_a_phase():
    gan = rehearsed(nonfinite="skip")
    batches = np.stack([windows(8)] * 8)
    batches[[0, 2]] = np.nan
    with_phases = []
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: with_phases.append(gan._game.value.step.phase)
    )

    class Data(keras.utils.PyDataset):
        def __len__(self):
            return len(batches)

        def __getitem__(self, index):
            return batches[index]

    history = gan.fit(Data(), epochs=1, shuffle=False, verbose=0, callbacks=[watch]).history
    assert history["skipped_steps"] == [2.0]
    assert [phase is not None for phase in with_phases] == [True] * 7 + [False]


def test_a_loaded_model_goes_on_in_its_phase(tmp_path):
    whole = rehearsed()
    whole.fit(windows(24), batch_size=8, epochs=1, shuffle=False, verbose=0)
    whole.save(tmp_path / "part.keras")
    loaded = kr.load_model(tmp_path / "part.keras")
    for gan in (whole, loaded):
        gan.fit(windows(24), batch_size=8, epochs=1, shuffle=False, verbose=0)
    for a, b in zip(whole.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_single_batches_go_through_the_phases():
    gan = rehearsed()
    logs = [gan.train_on_batch(windows(8), return_dict=True) for _ in range(6)]
    assert [log["discriminator_loss"] != 0.0 for log in logs] == [False] * 5 + [True]


def test_evaluation_shows_nothing_of_phases():
    gan = rehearsed()
    assert "rehearsal_loss" not in gan.evaluate(windows(), return_dict=True, verbose=0)


@pytest.mark.skipif(BACKEND != "jax", reason="other backends train a part under every optimizer")
def test_on_jax_a_scaled_loss_trains_no_part():
    gan = rehearsed(generator_optimizer=keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()))
    with pytest.raises(ValueError, match="cannot train a part of its network"):
        gan.train_on_batch(windows(8))
