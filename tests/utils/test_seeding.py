from keras_rgan.utils import seeding


def test_children_differ_and_repeat():
    seeds = [seeding.child_seed(seed, name) for seed in (0, 1) for name in ("a", "b")]
    assert len(set(seeds)) == 4
    assert seeds[0] == seeding.child_seed(0, "a")
    assert all(0 <= s < 2**31 for s in seeds)
    assert seeding.child_seed(None, "a") is None


def test_configs_are_filled_by_place():
    config = {
        "seed": None,
        "units": 3,
        "kernel": {"config": {"seed": None, "gain": None}},
        "recurrent": {"config": {"seed": 5}},
        "cells": [{"seed": None}, {"seed": None}, "name"],
    }
    filled = seeding.filled(config, 0, "cell")
    seeds = [
        filled["seed"],
        filled["kernel"]["config"]["seed"],
        *(filled["cells"][i]["seed"] for i in range(2)),
    ]
    assert len(set(seeds)) == 4
    assert seeds[0] == seeding.child_seed(0, "cell/seed")
    assert filled["recurrent"] == {"config": {"seed": 5}}
    assert (filled["units"], filled["kernel"]["config"]["gain"], filled["cells"][2]) == (
        3,
        None,
        "name",
    )
    assert config["seed"] is config["cells"][0]["seed"] is None  # as it was
    assert seeding.filled(config, 0, "cell") == filled
    assert seeding.filled(config, 1, "cell")["seed"] != filled["seed"]
    assert seeding.filled(config, 0, "other")["seed"] != filled["seed"]
    assert seeding.filled(config, None, "cell") == config
