import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import run_layer_test, to_numpy

GROUPS = [(1, 4), (4, 6)]
NOISE = np.random.default_rng(0).normal(size=(50, 4 + 5)).astype("float32")
CONTEXT = np.random.default_rng(1).normal(size=(50, 2)).astype("float32")


def make(**kwargs):
    options = {"num_columns": 7, "categories": GROUPS, "units": 8, "noise_dim": 4, "seed": 0}
    return kr.networks.AttributeGenerator(**{**options, **kwargs})


@pytest.mark.parametrize("context_dim", [0, 2])
def test_is_a_model(context_dim, tmp_path):
    inputs = {"noise": NOISE, "context": CONTEXT} if context_dim else {"noise": NOISE}
    run_layer_test(
        lambda: make(context_dim=context_dim), inputs, (50, 7), tmp_path, half=False, tolerance=1e-5
    )


def test_one_of_each_group_is_chosen():
    generator = make()
    assert (generator.num_choices, generator.num_real) == (5, 2)
    made = to_numpy(generator({"noise": NOISE}))
    relaxed = to_numpy(generator({"noise": NOISE}, training=True))
    for first, last in GROUPS:
        assert set(np.unique(made[:, first:last])) == {0.0, 1.0}
        np.testing.assert_array_equal(made[:, first:last].sum(axis=1), 1.0)
        np.testing.assert_allclose(relaxed[:, first:last].sum(axis=1), 1.0, atol=1e-5)
        chosen = made[:, first:last].argmax(axis=1)
        assert len(set(chosen)) > 1
    assert ((relaxed > 0.01) & (relaxed < 0.99))[:, 1:6].any()
    assert len(np.unique(made[:, 0])) == len(np.unique(made[:, 6])) == 50


def test_what_is_made_later_knows_what_was_chosen():
    """The noise of a choice reaches its group, the groups behind it and the real numbers."""
    generator = make()
    before = to_numpy(generator({"noise": NOISE}, training=True))
    for start, still in ((4, []), (7, [1, 2, 3])):
        noise = NOISE.copy()
        noise[:, start] += 1.0
        changed = (to_numpy(generator({"noise": noise}, training=True)) != before).any(axis=0)
        assert np.flatnonzero(~changed).tolist() == still


def test_categories_or_numbers_alone():
    numbers = make(categories=())
    assert len(numbers.choices) == 0
    assert len(np.unique(to_numpy(numbers({"noise": NOISE[:, :4]})))) == 50 * 7
    labels = make(num_columns=3, categories=[(0, 3)])
    assert labels.real_head is None
    np.testing.assert_array_equal(to_numpy(labels({"noise": NOISE[:, :7]})).sum(axis=1), 1.0)


def test_the_context_counts():
    generator = make(context_dim=2)
    made, other = (
        to_numpy(generator({"noise": NOISE, "context": context}))
        for context in (CONTEXT, CONTEXT + 1.0)
    )
    assert (made != other).any(axis=0)[[0, 6]].all()


def test_refuses():
    with pytest.raises(ValueError, match="in order, within 7 columns"):
        make(categories=[(1, 4), (3, 6)])
    with pytest.raises(ValueError, match="within 4 columns"):
        make(num_columns=4)
    with pytest.raises(ValueError, match="`noise_dim` must be an integer of at least 1"):
        make(noise_dim=0)
    with pytest.raises(ValueError, match="context of width 2. Received: width 0"):
        make(context_dim=2)({"noise": NOISE})
