import numpy as np

from keras_rgan.sequences.poisson_batches import PoissonBatches
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def data(count=200):
    return np.arange(1.0, count + 1.0)[:, None, None] * np.ones((1, 3, 2))


def test_each_sequence_is_in_a_sample_apart_from_the_others():
    batches = PoissonBatches(data(), 0.1, 60, 1, 7, 500)
    drawn = np.zeros((500, 200))
    for i in range(500):
        batch = batches[i]
        taken = batch["taken"] > 0
        rows = batch["sequences"][:, 0, 0].astype(int)
        assert (rows[~taken] == 0).all()
        assert len(set(rows[taken])) == taken.sum()
        drawn[i, rows[taken] - 1] = 1
    # Of 100,000 draws with 0.1 the mean has a standard error of 0.001, sizes a deviation of sqrt(18)
    assert abs(drawn.mean() - 0.1) < 0.004
    assert abs(drawn.sum(axis=1).std() - np.sqrt(18.0)) < 0.5
    joint = (drawn.T @ drawn / 500)[np.triu_indices(200, 1)]
    assert abs(joint.mean() - 0.01) < 0.001


def test_samples_too_large_lose_some_at_random():
    batches = PoissonBatches(data(), 0.5, 20, 1, 7, 400)
    rows = [batches[i]["sequences"][:, 0, 0] for i in range(400)]
    assert all(batches[i]["taken"].all() for i in range(400))
    counts = np.bincount(np.concatenate(rows).astype(int), minlength=201)[1:]
    assert abs(counts.std() - np.sqrt(400 * 0.1 * 0.9)) < 1.5


def test_batches_follow_from_seed_and_number_alone():
    one, again, other = (PoissonBatches(data(), 0.1, 60, 2, seed, 10) for seed in (7, 7, 8))
    np.testing.assert_equal(one[3], again[3])
    assert (one[3]["sequences"] != other[3]["sequences"]).any()
    again.first = 4  # two samples in each batch
    np.testing.assert_equal(one[3], again[1])
    first, second = np.split(one[0]["sequences"], 2)
    assert (first != second).any()
    assert one.num_batches == 10
    assert one[0]["sequences"].shape == (120, 3, 2)


def test_conditions_come_with_their_sequences_and_public_ones_with_none():
    conditions = {"number": np.arange(1, 201)[:, None], "age": np.arange(1.0, 201.0)[:, None]}
    public = {"number": np.arange(300, 310)[:, None], "age": np.arange(300.0, 310.0)[:, None]}
    known = {"sequences": data(), "conditions": conditions}
    batches = PoissonBatches(known, 0.1, 60, 2, 7, 10, public)
    plain = PoissonBatches(data(), 0.1, 60, 2, 7, 10)
    seen = set()
    for i in range(10):
        batch = batches[i]
        np.testing.assert_array_equal(batch["sequences"], plain[i]["sequences"])
        for name, dtype in (("number", "int"), ("age", "float")):
            np.testing.assert_array_equal(batch["conditions"][name], batch["sequences"][:, 0, :1])
            assert dtype in str(batch["conditions"][name].dtype)
        assert batch["public"]["age"].shape == (60, 1)
        np.testing.assert_array_equal(batch["public"]["age"], batch["public"]["number"])
        seen |= set(batch["public"]["number"].ravel().tolist())
    assert seen == set(range(300, 310))
