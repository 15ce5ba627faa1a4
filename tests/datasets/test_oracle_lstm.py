import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import refuses


def small():
    return kr.datasets.OracleLSTM(vocabulary_size=5, length=3, units=4, embedding_dim=2, seed=3)


def test_likelihoods_are_of_a_distribution():
    """All sequences of two tokens together are certain."""
    ids = np.stack(np.meshgrid(range(5), range(5), indexing="ij"), axis=-1).reshape(-1, 2)
    likelihoods = np.exp(-2.0 * small().negative_log_likelihood(ids))
    assert likelihoods.sum() == pytest.approx(1.0)


def test_what_it_writes_comes_as_often_as_it_says():
    oracle = small()
    ids = oracle.sample(20_000, seed=0)
    assert ids.dtype == np.int32
    assert ids.shape == (20_000, 3)
    codes, counts = np.unique(ids @ [25, 5, 1], return_counts=True)
    sequences = np.stack([codes // 25, codes // 5 % 5, codes % 5], axis=-1)
    expected = np.exp(-3.0 * oracle.negative_log_likelihood(sequences))
    often = expected > 0.005
    error = np.sqrt(expected / 20_000)
    assert (np.abs(counts / 20_000 - expected)[often] < 5.0 * error[often]).all()


def test_one_seed_one_language():
    a, b = small(), small()
    np.testing.assert_array_equal(a.sample(10, seed=1), b.sample(10, seed=1))
    assert (a.sample(10, seed=1) != a.sample(10, seed=2)).any()
    ids = a.sample(7, seed=1)
    np.testing.assert_array_equal(
        a.negative_log_likelihood(ids), b.negative_log_likelihood(ids[..., None].astype("float32"))
    )


def test_wrong_ids():
    refuses(lambda: small().negative_log_likelihood([[0, 5]]), "from 0 to 4.*Received: 5 at index")
    refuses(lambda: small().negative_log_likelihood([0, 1]), r"\(samples, time\)")
    refuses(lambda: small().negative_log_likelihood(np.zeros((2, 0), int)), "one step at the least")
