"""What of the data decides how networks are."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.networks import traits


def test_second_increments_are_looked_at_where_every_feature_bends_slowly():
    def increments(data):
        gan = kr.RecurrentGAN(seed=0)
        gan.adapt(data)
        return gan.discriminator.increments

    sines = np.sin(np.linspace(0.0, 3.0, 24)[:, None] + np.arange(40.0)[:, None, None])
    noise = np.random.default_rng(0).normal(size=(40, 24, 1))
    assert increments(sines) == 2
    assert increments(np.concatenate([sines, noise], axis=-1)) == 1
    assert increments(np.concatenate([sines, np.ones((40, 24, 1))], axis=-1)) == 2
    assert increments(sines[:, :2]) == 1  # nothing to see
    assert increments(np.cumsum(noise, axis=1)) == 1  # a random walk


@pytest.mark.parametrize(
    ("steps", "features", "expected"),
    [(24, 28, 24), (24, 100, 10), (512, 3, 333), (3, 300, 3), (24, 500, 2), (24, 501, 0), (1, 1, 0)],
)
def test_a_process_has_as_many_steps_as_its_covariance_allows(steps, features, expected):
    assert traits.process_steps(steps, features) == expected


def test_what_is_new_at_a_step():
    """An AR(1) of 6 features whose innovations have 2 or 6 independent parts of one size."""
    random = np.random.default_rng(0)

    def series(rank):
        mixing = np.kron(np.eye(rank), np.ones((1, 6 // rank)))
        shocks = random.normal(size=(500, 30, rank)) @ mixing
        steps = [shocks[:, 0]]
        for i in range(1, 30):
            steps.append(0.9 * steps[-1] + shocks[:, i])
        return np.stack(steps, axis=1) * 10.0 ** np.arange(6) + 1e6

    for rank in (1, 2, 6):
        assert traits.news_of([series(rank)]) == pytest.approx(rank, rel=0.02)
    gaps = series(2)
    gaps[::3, 4] = np.nan
    assert traits.news_of([gaps[:100], gaps[100:, :20]]) == pytest.approx(2.0, rel=0.02)
    assert traits.news_of([np.ones((50, 8, 3))]) == 0.0
    assert traits.news_of([series(6)[:, :1]]) == 0.0


def test_of_a_group_of_categories_one_feature_counts():
    assert traits.count_apart(5, ()) == 5
    assert traits.count_apart(8, [(1, 4), (5, 8)]) == 4
