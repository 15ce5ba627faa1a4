"""A model goes back to what it knew, but for what counts, draws and rates."""

import numpy as np

from keras_rgan.callbacks.kept_state import KeptState
from tests.testing import dense_gan, slow_but_on_torch, to_numpy, windows


@slow_but_on_torch
def test_what_was_learned_comes_back():
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), batch_size=8, epochs=1, verbose=0)
    kept = KeptState(gan)
    before = [to_numpy(v.value).copy() for v in gan.state_variables()]
    gan.fit(windows(), batch_size=8, epochs=1, verbose=0)
    gan.generator_optimizer.learning_rate = 0.5
    gone_on = [to_numpy(v.value).copy() for v in gan.state_variables()]
    kept.put_back()
    assert kept.updates == 5
    stayed = set()
    for v, a, b in zip(gan.state_variables(), before, gone_on, strict=True):
        now = to_numpy(v.value)
        if (a != b).any() and (now == b).all():
            stayed.add(v.path.rsplit("/", 1)[-1])
        else:
            np.testing.assert_array_equal(now, a)
    assert {"learning_rate", "iteration"} <= stayed
    assert all(name in ("learning_rate", "iteration") or "seed" in name for name in stayed)
