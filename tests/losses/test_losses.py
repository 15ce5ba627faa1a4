"""Each loss against its formula, worked by hand in NumPy on probabilities and logits."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.losses.adversarial_loss import mean, weights_for
from tests.testing import assert_close, run_serialization_test

RNG = np.random.default_rng(0)
REAL = RNG.normal(1.0, 1.0, size=(7, 1))
FAKE = RNG.normal(-1.0, 1.0, size=(7, 1))


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


D_REAL, D_FAKE = sigmoid(REAL), sigmoid(FAKE)
VALUE = np.log(D_REAL).mean() + np.log(1.0 - D_FAKE).mean()  # V(D, G)

FORMULAS = {
    "minimax": (-VALUE, np.log(1.0 - D_FAKE).mean()),
    "non_saturating": (-VALUE, -np.log(D_FAKE).mean()),
    "least_squares": (
        0.5 * ((REAL - 1.0) ** 2).mean() + 0.5 * (FAKE**2).mean(),
        0.5 * ((FAKE - 1.0) ** 2).mean(),
    ),
    "hinge": (
        np.maximum(0.0, 1.0 - REAL).mean() + np.maximum(0.0, 1.0 + FAKE).mean(),
        -FAKE.mean(),
    ),
    "wasserstein": (FAKE.mean() - REAL.mean(), -FAKE.mean()),
    "relativistic": (-np.log(sigmoid(REAL - FAKE)).mean(), -np.log(sigmoid(FAKE - REAL)).mean()),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas(name):
    loss = kr.losses.get(name)
    discriminator, generator = FORMULAS[name]
    real, fake = REAL.astype("float32"), FAKE.astype("float32")
    assert_close(loss.discriminator_loss(real, fake), np.array(discriminator), 1e-5)
    assert_close(loss.generator_loss(real, fake), np.array(generator), 1e-5)
    run_serialization_test(loss)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_judgement_a_step_is_a_mean_over_steps(name):
    loss = kr.losses.get(name)
    real, fake = (np.repeat(x[:, None], 5, axis=1).astype("float32") for x in (REAL, FAKE))
    assert_close(loss.discriminator_loss(real, fake), np.array(FORMULAS[name][0]), 1e-5)
    assert_close(loss.generator_loss(real, fake), np.array(FORMULAS[name][1]), 1e-5)


LENGTHS = [4, 1, 3]
PADDED = np.array([[3.5, 1.0, -0.5, 2.0], [-1.0, 9.0, 9.0, 9.0], [0.5, 1.5, -2.0, -7.0]])


def costs(name, real, fake):
    """What each judgement costs the discriminator and the generator."""
    probabilities = np.log1p(np.exp(-real)) + np.log1p(np.exp(fake))
    return {
        "minimax": (probabilities, -np.log1p(np.exp(fake))),
        "non_saturating": (probabilities, np.log1p(np.exp(-fake))),
        "least_squares": (0.5 * (real - 1.0) ** 2 + 0.5 * fake**2, 0.5 * (fake - 1.0) ** 2),
        "hinge": (np.maximum(0.0, 1.0 - real) + np.maximum(0.0, 1.0 + fake), -fake),
        "wasserstein": (fake - real, -fake),
        "relativistic": (np.log1p(np.exp(fake - real)), np.log1p(np.exp(real - fake))),
    }[name]


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("padding", [0, 1, 8, 60])
def test_steps_that_do_not_count_do_not_count(name, padding):
    """Each sample's mean is over its own steps, whatever stands in the padding and how long it is."""
    real = np.pad(PADDED, [(0, 0), (0, padding)], constant_values=5.0)
    fake = -0.7 * real + 0.1
    counts = (np.arange(real.shape[1]) < np.array(LENGTHS)[:, None]).astype("float32")
    weights = counts / counts.mean(axis=1, keepdims=True)
    expected = [
        np.mean([cost[i, :n].mean() for i, n in enumerate(LENGTHS)]) for cost in costs(name, real, fake)
    ]
    loss = kr.losses.get(name)
    real, fake, weights = (x[..., None].astype("float32") for x in (real, fake, weights))
    assert_close(loss.discriminator_loss(real, fake, weights), np.array(expected[0]), 1e-5)
    assert_close(loss.generator_loss(real, fake, weights=weights), np.array(expected[1]), 1e-5)


def test_hinge_by_hand():
    """Two steps of one sample and one of another: (0.5 + 1.5) / 2 and 3, of which the mean is 2."""
    real = np.array([[[0.5], [-0.5]], [[-2.0], [7.0]]], "float32")
    weights = np.array([[[1.0], [1.0]], [[2.0], [0.0]]], "float32")
    fake = np.full_like(real, -1.0)
    assert float(kr.losses.HingeLoss().discriminator_loss(real, fake, weights)) == pytest.approx(2.0)
    assert float(kr.losses.HingeLoss().generator_loss(real, fake, weights)) == pytest.approx(1.0)


class TwoArguments(kr.losses.HingeLoss):
    def generator_loss(self, real, fake):
        return -keras.ops.mean(fake)


class Anything(kr.losses.HingeLoss):
    def generator_loss(self, *args, **kwargs):
        return super().generator_loss(*args, **kwargs)


def test_a_loss_tells_whether_it_takes_weights():
    assert all(kr.losses.get(name).takes_weights for name in FORMULAS)
    assert Anything().takes_weights
    assert not TwoArguments().takes_weights
    weights = np.ones((2, 3, 1))
    assert weights_for(TwoArguments(), None) == weights_for(Anything(), None) == {}
    assert weights_for(Anything(), weights) == {"weights": weights}
    with pytest.raises(ValueError, match="Received: TwoArguments, .*weights=None.*per_step=False"):
        weights_for(TwoArguments(), weights)
    with pytest.raises(ValueError, match=r"a weight of each judgement.*\(2, 1\) and .*\(2, 3, 1\)"):
        mean(np.ones((2, 1)), weights)


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_probabilities_instead_of_logits(name):
    loss = type(kr.losses.get(name))(from_logits=False)
    real, fake = D_REAL.astype("float32"), D_FAKE.astype("float32")
    assert_close(loss.discriminator_loss(real, fake), np.array(FORMULAS[name][0]), 1e-4)
    assert_close(loss.generator_loss(None, fake), np.array(FORMULAS[name][1]), 1e-4)
    certain = loss.discriminator_loss(np.zeros((2, 1)), np.ones((2, 1)))
    assert np.isfinite(float(certain))


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_one_sided_label_smoothing(name):
    loss = type(kr.losses.get(name))(label_smoothing=0.1)
    entropy = -(0.9 * np.log(D_REAL) + 0.1 * np.log(1.0 - D_REAL)).mean()
    expected = entropy - np.log(1.0 - D_FAKE).mean()
    assert_close(loss.discriminator_loss(REAL, FAKE), np.array(expected), 1e-5)
    assert_close(loss.generator_loss(None, FAKE), np.array(FORMULAS[name][1]), 1e-5)
    copy = run_serialization_test(loss)
    assert copy.label_smoothing == 0.1


def test_least_squares_label_smoothing():
    loss = kr.losses.LeastSquaresLoss(label_smoothing=0.1)
    expected = 0.5 * ((REAL - 0.9) ** 2).mean() + 0.5 * (FAKE**2).mean()
    assert_close(loss.discriminator_loss(REAL, FAKE), np.array(expected), 1e-5)


def test_extreme_logits_stay_finite():
    for name in FORMULAS:
        loss = kr.losses.get(name)
        for real, fake in [(1e4, -1e4), (-1e4, 1e4)]:
            real, fake = np.full((2, 1), real, "float32"), np.full((2, 1), fake, "float32")
            assert np.isfinite(float(loss.discriminator_loss(real, fake)))
            assert np.isfinite(float(loss.generator_loss(real, fake)))


def test_minimax_saturates_and_non_saturating_does_not():
    """Where the discriminator is sure of a fake, only the non-saturating loss has a slope."""
    at, step = -20.0, 0.5
    slopes = {}
    for name in ("minimax", "non_saturating"):
        high, low = (
            float(kr.losses.get(name).generator_loss(None, np.full((1, 1), at + s, "float32")))
            for s in (step, -step)
        )
        slopes[name] = (high - low) / (2 * step)
    assert abs(slopes["minimax"]) < 1e-6
    assert slopes["non_saturating"] == pytest.approx(-1.0, abs=1e-3)


def test_unknown_names_and_bad_arguments():
    with pytest.raises(
        ValueError, match="`loss` must be one of 'minimax'.*'wasserstien'. Did you mean 'wasserstein'"
    ):
        kr.losses.get("wasserstien")
    with pytest.raises(ValueError, match="or an instance of AdversarialLoss"):
        kr.losses.get(keras.losses.MeanSquaredError())
    with pytest.raises(
        ValueError, match="a config of the class AdversarialLoss. Received: one of Dense"
    ):
        kr.losses.get(keras.saving.serialize_keras_object(keras.layers.Dense(3)))
    with pytest.raises(ValueError, match="`label_smoothing` must be a number between 0 and 0.5"):
        kr.losses.MinimaxLoss(label_smoothing=0.9)
