import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import slow_but_on_torch

LENGTHS = np.repeat([3, 7], 20)
"""Of those of kind "short" and of kind "long"."""


@slow_but_on_torch
def test_lengths_follow_the_conditions_that_were_asked_for():
    random = np.random.default_rng(0)
    sequences = [random.normal(size=(n, 2)) for n in LENGTHS]
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.compile()
    gan.adapt((sequences, {"kind": np.where(LENGTHS == 3, "short", "long")}))
    made = gan.generate(conditions={"kind": ["long", "short", "long"]}, seed=0)
    assert [len(x) for x in made] == [7, 3, 7]
    exact = gan.generate(conditions={"kind": ["long", "short"], "length": [2, 5]}, seed=0)
    assert [len(x) for x in exact] == [2, 5]
    told = gan.generate(conditions={"kind": ["long", "short"]}, length=4, seed=0)
    assert [len(x) for x in told] == [4, 4]
    with pytest.raises(ValueError, match=r"Expected the conditions \['length', 'kind'\]"):
        gan.generate(conditions={"sort": ["long"]})
    with pytest.raises(ValueError, match="length"):
        gan.evaluate((np.zeros((4, 7, 2)), {"kind": ["long"] * 4}), verbose=0)
