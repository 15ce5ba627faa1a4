import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses, run_serialization_test

pytestmark = ON_TORCH


def test_survives_its_config():
    privacy = kr.DifferentialPrivacy(1.1, 0.5, 1e-6, 3.0, 7)
    copy = run_serialization_test(privacy)
    assert copy.get_config() == privacy.get_config()


@pytest.mark.parametrize("steps", [1, 4])
def test_the_noise_for_a_budget_is_that_of_the_updates_that_fit_makes(steps):
    sizes = {"num_samples": 410, "batch_size": 40, "epochs": 3, "discriminator_steps": steps}
    privacy = kr.DifferentialPrivacy.for_epsilon(2.0, **sizes, delta=1e-4)
    updates = 11 * 3 * steps
    mechanism = kr.training.privacy_accounting.Mechanism.of(410, 40, privacy.noise_multiplier)
    spent = kr.training.privacy_accounting.epsilon_of({mechanism: updates}, 1e-4)
    assert 1.98 < spent <= privacy.max_epsilon == 2.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"noise_multiplier": -1.0}, "`noise_multiplier` must be a number between 0"),
        ({"noise_multiplier": 1.0, "clipping_norm": 0.0}, "`clipping_norm` must be"),
        ({"noise_multiplier": 1.0, "clipping_norm": float("inf")}, "a finite clipping_norm"),
        ({"noise_multiplier": 1.0, "delta": 0.0}, "`delta` must be"),
        ({"noise_multiplier": 1.0, "max_epsilon": 0.0}, "`max_epsilon` must be"),
    ],
)
def test_refuses_what_is_out_of_range(arguments, words):
    refuses(lambda: kr.DifferentialPrivacy(**arguments), words)
