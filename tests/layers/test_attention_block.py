import keras
import numpy as np
import pytest
from scipy.special import softmax

import keras_rgan as kr
from tests.testing import assert_close, run_layer_test, to_numpy

INPUTS = np.random.default_rng(0).normal(size=(2, 6, 4)).astype("float32")


def opened(**kwargs):
    """Return a block whose gain is 1."""
    block = kr.layers.AttentionBlock(2, seed=1, **kwargs)
    block.build(INPUTS.shape)
    block.gain.assign(1.0)
    return block


@pytest.mark.parametrize("kwargs", [{}, {"causal": True}, {"span": 2}], ids=str)
def test_is_a_keras_layer(kwargs, tmp_path):
    mask = np.arange(6)[None] < np.array([[4], [6]])
    run_layer_test(
        lambda: opened(**kwargs),
        INPUTS,
        (2, 6, 4),
        tmp_path,
        mask=mask,
        output_mask=mask,
        tolerance=1e-5,
    )


def test_starts_as_the_identity():
    assert_close(kr.layers.AttentionBlock(2)(INPUTS), INPUTS, 0.0)


@pytest.mark.parametrize(("causal", "span"), [(False, None), (True, None), (True, 2), (False, 1)])
def test_formula(causal, span):
    block = opened(causal=causal, span=span)
    scale = np.sqrt(INPUTS.var(axis=-1, keepdims=True) + block.normalization.epsilon)
    normalized = (INPUTS - INPUTS.mean(axis=-1, keepdims=True)) / scale
    q, k, v = (normalized @ to_numpy(p.kernel) for p in block.projections[:3])
    lags = np.arange(6)[:, None] - np.arange(6)[None]
    seen = (np.abs(lags) <= (6 if span is None else span)) & ((lags >= 0) | (not causal))
    heads = []
    for i in range(2):
        part = slice(2 * i, 2 * i + 2)
        logits = q[..., part] @ k[..., part].swapaxes(1, 2) / np.sqrt(2.0)
        heads.append(softmax(np.where(seen, logits, -np.inf), axis=-1) @ v[..., part])
    expected = INPUTS + np.concatenate(heads, axis=-1) @ to_numpy(block.projections[3].kernel)
    assert_close(block(INPUTS), expected, 1e-4)


def test_steps_that_do_not_count_change_nothing():
    block = opened()
    mask = np.arange(6)[None] < np.array([[4], [4]])
    other = np.where(mask[..., None], INPUTS, 99.0).astype("float32")
    a, b = (to_numpy(block(x, mask=keras.ops.convert_to_tensor(mask)))[:, :4] for x in (INPUTS, other))
    assert_close(a, b, 1e-5)
    assert_close(a, to_numpy(block(INPUTS[:, :4])), 1e-5)


def test_projections_differ():
    kernels = [to_numpy(p.kernel) for p in opened().projections]
    for i in range(4):
        for j in range(i):
            assert not np.allclose(kernels[i], kernels[j])


def test_refuses():
    with pytest.raises(ValueError, match="`num_heads` must be an integer of at least 1"):
        kr.layers.AttentionBlock(0)
    with pytest.raises(ValueError, match="`num_heads`.*must divide.* 3 heads, width 4"):
        kr.layers.AttentionBlock(3)(INPUTS)
