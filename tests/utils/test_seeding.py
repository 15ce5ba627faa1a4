from keras_rgan.utils import seeding


def test_children_differ_and_repeat():
    seeds = [seeding.child_seed(seed, name) for seed in (0, 1) for name in ("a", "b")]
    assert len(set(seeds)) == 4
    assert seeds[0] == seeding.child_seed(0, "a")
    assert all(0 <= s < 2**31 for s in seeds)
    assert seeding.child_seed(None, "a") is None
