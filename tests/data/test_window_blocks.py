import numpy as np

import keras_rgan as kr
from tests.testing import refuses


def test_windows_of_two_blocks_share_no_step():
    blocks = kr.data.window_blocks(200, length=7, block=30, stride=2)
    steps = [set(range(2 * i, 2 * i + 7)) for i in range(200)]
    for one in range(max(blocks)):
        here, there = (
            set.union(*(steps[i] for i in np.flatnonzero(blocks == b))) for b in (one, one + 1)
        )
        assert not here & there
    assert (blocks == -1).any()


def test_nonsense_is_refused():
    refuses(lambda: kr.data.window_blocks(100, length=24, block=20), "Choose `block` from 24 to 61")
    refuses(lambda: kr.data.window_blocks(100, length=24, block=2000), "where 1 do")
    refuses(lambda: kr.data.window_blocks(100, length=0, block=20), "length")
