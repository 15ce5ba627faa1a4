import itertools
import time

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, dense_gan, windows

pytestmark = ON_TORCH


class Rates(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_begin(self, epoch, logs=None):
        self.seen.append(
            [
                float(keras.ops.convert_to_numpy(o.learning_rate))
                for o in self.model.optimizer.optimizers
            ]
        )


def fit(minutes, recipe=None, **options):
    """Train on a clock of which every look takes six seconds."""
    ticks = itertools.count(0.0, 6.0)
    budget = kr.callbacks.TimeBudget(minutes, clock=lambda: next(ticks), **options)
    gan, rates = dense_gan(), Rates()
    gan.compile(**(recipe or {}))
    gan.fit(windows(20), batch_size=20, epochs=1000, verbose=0, callbacks=[budget, rates])
    return np.array(rates.seen)


def test_ends_and_lowers_both_rates():
    rates = fit(2.0, decay_share=0.5, final_rate=0.1)
    assert 5 < len(rates) < 30
    np.testing.assert_array_equal(rates[:, 0], rates[:, 1])
    np.testing.assert_allclose(rates[: len(rates) // 2 - 1], 1e-3, rtol=1e-5)
    assert (np.diff(rates[:, 0]) <= 0).all()
    assert 1e-4 <= rates[-1, 0] < 2e-4


@pytest.mark.parametrize("clock", [time.process_time, itertools.count(0.0, 1e-6).__next__])
def test_updates_end_it_first_at_the_same_place_on_every_machine(clock):
    budget = kr.callbacks.TimeBudget(60.0, 0.5, 0.1, updates=25, clock=clock)
    gan, rates = dense_gan(), Rates()
    gan.compile()
    gan.fit(windows(30), batch_size=10, epochs=1000, verbose=0, callbacks=[budget, rates])
    assert int(keras.ops.convert_to_numpy(gan.optimizer.iterations)) == 25
    found = np.array(rates.seen)[:, 0]
    turns = np.clip(2.0 * np.arange(0, 27, 3) / 25 - 1.0, 0.0, 1.0)
    expected = 1e-3 * (0.1 + 0.45 * (1.0 + np.cos(np.pi * turns)))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    last = [float(keras.ops.convert_to_numpy(o.learning_rate)) for o in gan.optimizer.optimizers]
    np.testing.assert_allclose(last, 1e-3, rtol=1e-5, err_msg="a later fit begins anew")


def test_no_decay_and_schedules_leave_the_rates():
    rates = fit(1.0, decay_share=0.0)
    np.testing.assert_allclose(rates, 1e-3, rtol=1e-5)
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([10_000], [0.5, 0.1])
    optimizers = {
        "generator_optimizer": keras.optimizers.SGD(schedule),
        "discriminator_optimizer": keras.optimizers.SGD(0.25),
    }
    rates = fit(1.0, optimizers, decay_share=1.0)
    np.testing.assert_allclose(rates[:, 0], 0.5)
    assert rates[-1, 1] < 0.25


def test_refuses():
    with pytest.raises(ValueError, match="`decay_share` must be a number between 0 and 1"):
        kr.callbacks.TimeBudget(1.0, decay_share=2.0)
    with pytest.raises(ValueError, match="`updates` must be an integer of at least 1"):
        kr.callbacks.TimeBudget(1.0, updates=0)


def test_a_run_that_goes_on_knows_the_first_rates(tmp_path):
    class Kill(keras.callbacks.Callback):
        """Ends as a killed process does."""

        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 6:
                raise KeyboardInterrupt

    def run(*others):
        gan, rates = dense_gan(), Rates()
        gan.compile()
        budget = kr.callbacks.TimeBudget(60.0, 1.0, updates=20)
        backup = keras.callbacks.BackupAndRestore(tmp_path)
        gan.fit(
            windows(30), batch_size=15, epochs=9, verbose=0, callbacks=[backup, budget, rates, *others]
        )
        return gan, rates.seen

    with pytest.raises(KeyboardInterrupt):
        run(Kill())
    gan, seen = run()
    assert len(seen) == 3
    np.testing.assert_allclose(seen[0], 1e-3, rtol=1e-5)
    last = [float(keras.ops.convert_to_numpy(o.learning_rate)) for o in gan.optimizer.optimizers]
    np.testing.assert_allclose(last, 1e-3, rtol=1e-5)
