import numpy as np
import pytest

from keras_rgan.networks import causal_blocks
from tests.testing import assert_close, slow_on_jax, to_numpy

X = np.random.default_rng(0).normal(size=(3, 9, 4)).astype("float32")


def make(convolution_units=4, attention_heads=2, attention_span=3, seed=0):
    blocks = causal_blocks.make(convolution_units, attention_heads, attention_span, seed, "float32")
    for block in blocks:
        block.build((None, None, 4))
        if hasattr(block, "gain"):
            block.gain.assign(1.0)  # of 0 it would pass its inputs on
    return blocks


def test_those_that_have_a_width_are_made_of_the_seed():
    assert causal_blocks.make(0, 0, 3, 0, "float32") == []
    assert [block.name for block in make()] == ["convolution", "attention"]
    assert [block.name for block in make(convolution_units=0)] == ["attention"]
    one, same, other = (make(seed=seed)[0].trainable_variables for seed in (0, 0, 1))
    for a, b in zip(one, same, strict=True):
        np.testing.assert_array_equal(to_numpy(a.value), to_numpy(b.value))
    assert any((to_numpy(a.value) != to_numpy(b.value)).any() for a, b in zip(one, other, strict=True))


@slow_on_jax
@pytest.mark.parametrize("kwargs", [{}, {"convolution_units": 0}, {"attention_heads": 0}])
def test_parts_with_a_memory_are_the_whole(kwargs):
    blocks = make(**kwargs)
    whole, _ = causal_blocks.run(blocks, X)
    memory, parts = None, []
    for part in (X[:, :1], X[:, 1:5], X[:, 5:]):
        outputs, memory = causal_blocks.run(blocks, part, memory)
        parts.append(to_numpy(outputs))
    assert_close(np.concatenate(parts, axis=1), whole, 1e-5)
    values, known = to_numpy(memory)
    span = sum(block.span for block in blocks)
    assert values.shape == (3, span, 4)
    assert known.shape == (3, span)
    np.testing.assert_array_equal(values[:, -min(span, 9) :], X[:, -min(span, 9) :])
