import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan import backend
from keras_rgan.training.finite_steps import UndoneSteps, changing
from tests.testing import all_on_torch, dense_gan, slow_but_on_torch, state_of
from tests.workflows.test_admission import Batches, dataset

GOOD = np.random.default_rng(0).normal(size=(5, 8, 6, 2)).astype("float32")


def with_bad(value, gaps=False):
    batches = GOOD.copy()
    batches[2, 3, 2, 1] = value
    return list(batches)


def small(**kwargs):
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.compile(**kwargs)
    return gan


def everything_of(gan):
    return [keras.ops.convert_to_numpy(v).copy() for v in changing(gan)]


def assert_same(before, after):
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("value", all_on_torch([1e38, 1e30], [1e38]))
def test_a_step_that_is_not_finite_changes_nothing_and_is_told_of(value):
    gan = small()
    gan.fit(Batches(list(GOOD)), verbose=0, shuffle=False, epochs=1)
    gan.reset_metrics()
    before, steps = everything_of(gan), int(gan.optimizer.iterations)
    with pytest.raises(FloatingPointError, match="the step of train_on_batch, in the samples"):
        gan.train_on_batch(with_bad(value)[2])
    assert_same(before, everything_of(gan))
    assert int(gan.optimizer.iterations) == steps
    words = "in 1 of 5 steps of epoch 2, the first in step 3, in the samples, once scaled"
    with pytest.raises(FloatingPointError, match=words):
        gan.fit(Batches(with_bad(value)), initial_epoch=1, epochs=2, verbose=0, shuffle=False)
    assert int(gan.optimizer.iterations) == steps + 4
    assert all(np.isfinite(part).all() for part in state_of(gan))
    gan.fit(Batches(list(GOOD)), verbose=0, epochs=1)  # which goes on


def test_training_goes_on_without_such_steps_on_request():
    gan, other = small(nonfinite="skip"), small(nonfinite="skip")
    for each in (gan, other):
        each.fit(Batches(list(GOOD)), verbose=0, shuffle=False, epochs=1)
    logs = gan.fit(
        Batches([*GOOD[:3], with_bad(np.nan)[2]]), verbose=0, shuffle=False, epochs=1
    ).history
    assert logs["skipped_steps"] == [1.0]
    expected = other.fit(Batches(list(GOOD[:3])), verbose=0, shuffle=False, epochs=1).history
    for name, values in expected.items():
        assert logs[name][0] == pytest.approx(values[0] + (name == "skipped_steps"), rel=1e-6), name
    for a, b in zip(gan.weights, other.weights, strict=True):
        if not a.path.startswith(("training", "seed")):
            np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (a, b)), err_msg=a.path)
    again = kr.RecurrentGAN.from_config(gan.get_config())
    again.compile_from_config(gan.get_compile_config())
    assert again.skips_nonfinite


@slow_but_on_torch
@pytest.mark.parametrize("kind", ["PyDataset", "tf.data", "DataLoader"])
@pytest.mark.parametrize("where", ["sequences", "condition"])
def test_every_kind_of_dataset(kind, where):
    ages = np.random.default_rng(1).normal(size=(5, 8)).astype("float32")
    x = with_bad(np.inf) if where == "sequences" else list(GOOD)
    if where == "condition":
        ages[2, 3] = np.nan
    batches = [(a, {"age": b}) for a, b in zip(x, ages, strict=True)]
    gan = small(nonfinite="skip")  # from the first look at the data on
    logs = gan.fit(dataset(kind, batches), epochs=2, verbose=0, shuffle=False).history
    assert logs["skipped_steps"] == [1.0, 1.0]
    assert int(gan.optimizer.iterations) == 8
    assert all(np.isfinite(part).all() for part in state_of(gan))
    strict = small()
    strict.fit(dataset(kind, [batches[0]] * 2), verbose=0, epochs=1)
    with pytest.raises(ValueError, match="It is batch 3 of epoch 1"):
        strict.fit(dataset(kind, batches), verbose=0, shuffle=False, epochs=1)


@slow_but_on_torch
def test_gaps_are_finite_and_infinity_is_not():
    x = GOOD.copy()
    x[:, 0, 0, 0] = np.nan
    observed = ~np.isnan(x)
    x[1, 2, 3, 1] = np.inf
    batches = [(a, {"observed": b}) for a, b in zip(x, observed, strict=True)]
    gan = small(nonfinite="skip")
    assert gan.fit(Batches(batches), verbose=0, epochs=1).history["skipped_steps"] == [1.0]


class Explodes(kr.losses.NonSaturatingLoss):
    """The generator's loss is infinite where a switch is on."""

    on = False

    def generator_loss(self, real, fake, weights=None):
        loss = super().generator_loss(real, fake, weights)
        return loss / 0.0 if self.on else loss


def test_a_turn_that_follows_a_finite_one():
    """The discriminator has moved already when the generator's loss is not finite."""
    gan = dense_gan()
    loss = Explodes()
    loss.on = True
    gan.compile(loss=loss, penalties=None)
    gan.adapt(GOOD[0])
    before = everything_of(gan)
    with pytest.raises(FloatingPointError, match="in the generator's loss"):
        gan.train_on_batch(GOOD[0])
    assert_same(before, everything_of(gan))


def test_a_rate_that_is_too_large():
    gan = dense_gan()
    gan.compile(
        loss="wasserstein",
        penalties=None,
        generator_optimizer=keras.optimizers.SGD(1e30),
        discriminator_optimizer=keras.optimizers.SGD(1e30),
    )
    with pytest.raises(FloatingPointError, match="of epoch 1"):
        gan.fit(np.concatenate(GOOD), batch_size=8, epochs=2, verbose=0)
    assert all(np.isfinite(part).all() for part in everything_of(gan))


def test_the_record_by_hand():
    record, steps = UndoneSteps(), keras.Variable(100, dtype="int32", trainable=False)
    record.forget(steps)
    steps.assign(105)
    for applied, cause in ((103, 3), (104, 0)):
        record.record.assign(record.with_one_more(keras.ops.convert_to_tensor(applied), cause))
    assert keras.ops.convert_to_numpy(record.record).tolist() == [2, 103, 3, 2]
    assert float(record.result()) == 2.0
    record.reset_state()
    assert float(record.result()) == 0.0
    with pytest.raises(FloatingPointError, match=r"2 of 7 steps here, the first in step 4, in the dis"):
        record.check("here", steps)
    record.forget(steps)
    record.check("here", steps)


def test_what_is_finite():
    def squares(*values):
        tensors = [None if v is None else keras.ops.convert_to_tensor(v, "float32") for v in values]
        return float(keras.ops.convert_to_numpy(backend.sum_of_squares(tensors)))

    assert squares([1.0, 2.0], None, [[3.0]]) == pytest.approx(14.0)
    for wrong in (np.nan, np.inf, -np.inf, 1e20):
        assert not np.isfinite(squares([1.0], [[0.0, wrong]]))
    with pytest.raises(ValueError, match="'raise' or 'skip'. Received: 'ignore'"):
        small(nonfinite="ignore")
