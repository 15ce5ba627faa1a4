from keras_rgan.training.game import Game
from tests.testing import dense_gan


def test_the_parts_share_samples_and_judge():
    gan = dense_gan()
    game = Game.of(gan)
    for part in (game.step, game.evaluation):
        assert part.samples is game.samples
        assert part.judge is game.judge
    assert game.step.penalizer is game.penalizer
    assert all(part.model is gan for part in game)
