"""How a discriminator ranks is the area under the curve of what it says of data and of samples."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.callbacks.doctor.ranks import Ranks
from keras_rgan.sequences.admission import Source
from tests.testing import dense_gan, slow_but_on_torch, state_of, to_numpy, windows


@slow_but_on_torch
def test_the_share_is_that_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    gan = dense_gan()
    gan.compile(loss="wasserstein")
    gan.adapt(windows(40))
    ranks = Ranks(gan, Source(windows(40), {}, "fit"), 37, 0)
    before, share = state_of(gan), ranks.share()
    assert share == ranks.share()
    for a, b in zip(before, state_of(gan), strict=True):
        np.testing.assert_array_equal(a, b)
    real = gan.scaler(windows(40)[np.linspace(0, 39, 32).astype(int)])
    seen = []
    judge = type(gan.judge).__call__

    def heard(self, look, training):
        judged = judge(self, look, training)
        seen.append((to_numpy(look), to_numpy(judged.judgement)[:, 0]))
        return judged

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(gan.judge), "__call__", heard)
        assert ranks.share() == share
    (shown, of_real), (_, of_fake) = seen
    np.testing.assert_allclose(shown, to_numpy(real), atol=1e-6)
    labels = np.repeat([1, 0], 32)
    assert share == pytest.approx(metrics.roc_auc_score(labels, np.concatenate([of_real, of_fake])))


KINDS = {
    "labels": (windows(40), {"label": np.arange(40) % 3}),
    "lengths": [x[: 3 + i % 4] for i, x in enumerate(windows(40))],
    "clips": np.random.default_rng(0).normal(size=(40, 3, 8, 8, 1)).astype("float32"),
}


@slow_but_on_torch
@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_of_data_under_a_wasserstein_loss(kind):
    options = {"units": 4, "filters": 2} if kind == "clips" else {"units": 4}
    gan = kr.RecurrentGAN(options, options, seed=0)
    gan.compile(loss="wasserstein", keep_best=False)
    doctor = kr.callbacks.TrainingDoctor(every=1, num_samples=32)
    gan.fit(KINDS[kind], epochs=1, batch_size=20, verbose=0, callbacks=[doctor])
    (look,) = doctor.chart.looks
    assert 0.0 <= look.ranked <= 1.0
