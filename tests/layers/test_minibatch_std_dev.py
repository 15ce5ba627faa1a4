import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_layer_test, to_numpy


def by_hand(x, group_size):
    groups = [x[i : i + group_size] for i in range(0, len(x), group_size)]
    spread = [np.sqrt(g.var(axis=0) + 1e-8).mean() for g in groups]
    column = np.concatenate([np.full(len(g), s) for g, s in zip(groups, spread, strict=True)])
    column = np.broadcast_to(column.reshape(-1, *[1] * (x.ndim - 1)), (*x.shape[:-1], 1))
    return np.concatenate([x, column], axis=-1)


@pytest.mark.parametrize("shape", [(8, 5), (10, 6, 3), (3, 2, 2, 2)])
@pytest.mark.parametrize("group_size", [4, 3, None])
def test_numbers(shape, group_size):
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    outputs = kr.layers.MinibatchStdDev(group_size)(x)
    assert_close(outputs, by_hand(x, group_size or len(x)).astype("float32"), 1e-5)


def test_a_collapsed_batch_shows():
    varied = np.random.default_rng(0).normal(size=(8, 6, 3)).astype("float32")
    collapsed = np.repeat(varied[:1], 8, axis=0)
    layer = kr.layers.MinibatchStdDev()
    assert to_numpy(layer(collapsed))[..., -1].max() < 1e-3
    assert to_numpy(layer(varied))[..., -1].min() > 0.5


def test_is_a_layer(tmp_path):
    mask = np.ones((4, 6), bool)
    run_layer_test(
        lambda: kr.layers.MinibatchStdDev(2),
        np.random.default_rng(0).normal(size=(4, 6, 3)),
        (4, 6, 4),
        tmp_path,
        mask=mask,
        output_mask=mask,
    )


def test_bad_group_size():
    with pytest.raises(ValueError, match="`group_size` must be an integer of at least 1"):
        kr.layers.MinibatchStdDev(0)
