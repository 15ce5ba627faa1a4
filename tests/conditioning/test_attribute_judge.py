"""The judge of attributes alone: what it adds to both losses, and who trains it."""

import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan.sequences.batch import Batch
from tests.testing import ON_TORCH, recurrent_networks, refuses, to_numpy, windows

DATA = windows(24)
AGES = {"age": np.linspace(20.0, 90.0, 24)}


def judging(weight=1.0, **compiled):
    judge = kr.conditioning.AttributeJudge(4, 2, weight)
    networks = recurrent_networks(static_conditions=1)
    gan = kr.RecurrentGAN(*networks, attributes="generated", capabilities=[judge], seed=0)
    gan.compile(**{"loss": "wasserstein", "penalties": None, **compiled})
    gan.adapt((DATA, AGES))
    return gan


def batch_of(attributes):
    attributes = np.asarray(attributes, "float32").reshape(-1, 1, 1)
    columns = ops.convert_to_tensor(np.repeat(attributes, 6, axis=1))
    return Batch(ops.zeros((len(attributes), 6, 2)), columns, None)


@pytest.mark.parametrize("unused", [0])
def test_adds_the_compiled_loss_of_what_it_says_of_attributes(unused):
    gan = judging(weight=3.0)
    judge = gan.capabilities[-2]
    real, fake = [0.5, -1.0, 2.0], [0.0, 0.1, 0.2]
    said = [
        to_numpy(gan.attribute_judge(np.asarray(x, "float32")[:, None])).mean() for x in (real, fake)
    ]
    batches = batch_of(real), batch_of(fake)
    loss = float(to_numpy(judge.judges_loss(*batches)))
    np.testing.assert_allclose(loss, said[1] - said[0], atol=1e-5)
    np.testing.assert_allclose(float(to_numpy(judge.judged_loss(*batches))), -3.0 * said[1], atol=1e-5)


class TestTraining:
    """By whom, and what is refused."""

    pytestmark = ON_TORCH

    def test_penalties_join_its_loss(self):
        plain, held = judging(), judging(penalties=kr.penalties.GradientPenalty(10.0))
        batches = batch_of([0.5, -1.0]), batch_of([0.0, 0.3])
        losses = [float(to_numpy(g.capabilities[-2].judges_loss(*batches))) for g in (plain, held)]
        assert losses[1] > losses[0]

    @pytest.mark.parametrize("frozen", ["generator_optimizer", "discriminator_optimizer"])
    def test_is_trained_with_the_discriminator(self, frozen):
        gan = judging(run_eagerly=True, **{frozen: None})
        judge = gan.attribute_judge.trainable_variables
        before = [np.array(to_numpy(v.value)) for v in judge]
        gan.train_on_batch(DATA, AGES)
        moved = any((to_numpy(v.value) != b).any() for v, b in zip(judge, before, strict=True))
        assert moved == (frozen == "generator_optimizer")

    def test_it_is_in_the_file(self, tmp_path):
        gan = judging(run_eagerly=True)
        gan.train_on_batch(DATA, AGES)
        gan.save(tmp_path / "gan.keras")
        loaded = kr.load_model(tmp_path / "gan.keras")
        for a, b in zip(
            gan.attribute_judge.get_weights(), loaded.attribute_judge.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(a, b)

    def test_refuses(self):
        judge = kr.conditioning.AttributeJudge()
        refuses(lambda: kr.RecurrentGAN(capabilities=[judge]), "Expected: attributes='generated'")
        refuses(lambda: kr.conditioning.AttributeJudge(weight=-1.0), "`weight`")
