import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import all_on_torch, assert_close, run_layer_test, to_numpy

INPUTS = np.random.default_rng(0).normal(size=(2, 6, 3)).astype("float32")


def test_is_a_keras_layer(tmp_path):
    mask = np.arange(6)[None] < np.array([[4], [6]])
    run_layer_test(
        lambda: kr.layers.ConvolutionBlock(4, 3, seed=1),
        INPUTS,
        (2, 6, 4),
        tmp_path,
        mask=mask,
        output_mask=mask,
        tolerance=1e-5,
    )


def test_formula():
    """Of kernels of one step a convolution is a dense layer."""
    block = kr.layers.ConvolutionBlock(4, kernel_size=1, activation="tanh", seed=1)
    found = to_numpy(block(INPUTS))
    k1, b1, k2, b2, shortcut = (to_numpy(w.value) for w in block.weights)
    hidden = np.tanh(INPUTS @ k1[0] + b1)
    np.testing.assert_allclose(
        found, np.tanh(hidden @ k2[0] + b2) + INPUTS @ shortcut, rtol=1e-4, atol=1e-5
    )


def test_steps_that_do_not_count_change_nothing():
    block = kr.layers.ConvolutionBlock(4, seed=1)
    mask = np.arange(6)[None] < np.array([[4], [4]])
    other = np.where(mask[..., None], INPUTS, 99.0)
    a, b = (to_numpy(block(x, mask=keras.ops.convert_to_tensor(mask)))[:, :4] for x in (INPUTS, other))
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_causal_blocks_see_no_later_step():
    block = kr.layers.ConvolutionBlock(4, kernel_size=3, dilation_rate=2, causal=True, seed=1)
    sequence = np.random.default_rng(0).normal(size=(1, 30, 3)).astype("float32")
    changed = sequence.copy()
    changed[:, 10] += 1.0
    difference = np.abs(to_numpy(block(changed)) - to_numpy(block(sequence))).max(axis=(0, 2))
    assert block.span == 8
    assert set(np.flatnonzero(difference > 1e-6)) <= {10, 12, 14, 16, 18}
    assert difference[18] > 1e-6


@pytest.mark.parametrize("causal", all_on_torch([False, True]))
def test_a_single_step_is_one_beside_padding(causal):
    block = kr.layers.ConvolutionBlock(1, kernel_size=3, causal=causal, seed=0, dtype="float64")
    x = np.random.default_rng(0).normal(size=(2, 1, 3))
    longer = block(np.concatenate([x, x], axis=1), mask=np.asarray([[True, False]] * 2))
    assert_close(block(x), longer[:, :1])
    gan = kr.RecurrentGAN({"units": 2}, {"units": 3}, dtype="float64", seed=0)  # one filter
    gan.compile(penalties="r1")
    assert np.isfinite(gan.fit(x, batch_size=2, verbose=0, epochs=1).history["penalty"]).all()


def test_refuses():
    with pytest.raises(ValueError, match="`units` must be"):
        kr.layers.ConvolutionBlock(0)
