"""What stands between a model and its data: by itself nothing, but it is known what came in."""

import keras
import pytest

from keras_rgan.training.regime import Regime
from keras_rgan.utils.untracked import Untracked
from tests.testing import ON_TORCH, dense_gan, refuses, windows

pytestmark = ON_TORCH

WAYS = {
    "fit": lambda gan: gan.fit(windows(), epochs=1, verbose=0),
    "adapt": lambda gan: gan.adapt(windows()),
    "train_on_batch": lambda gan: gan.train_on_batch(windows(8)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_model_is_clean_until_it_sees_data(way, tmp_path):
    gan = dense_gan()
    gan.compile()
    gan.build((None, 6, 2))
    gan.save(tmp_path / "clean.keras")
    assert gan.record.clean
    assert keras.saving.load_model(tmp_path / "clean.keras").record.clean
    WAYS[way](gan)
    assert not gan.record.clean
    gan.save(tmp_path / "gan.keras")
    assert not keras.saving.load_model(tmp_path / "gan.keras").record.clean


class Halves(Regime):
    """Has each turn of the discriminator see a part of the batch, and looks at nothing else."""

    hidden = ("real_score",)

    def parts(self, real, count):
        size = real.sequences.shape[0] // count
        return [real._replace(sequences=real.sequences[i * size :][:size]) for i in range(count)]

    def looks(self, action):
        if action == "calibrate":
            raise ValueError("not here")


def test_a_regime_says_what_a_turn_sees_and_what_is_logged(monkeypatch):
    gan = dense_gan()
    gan.compile(discriminator_steps=2)
    gan._regime = Untracked(Halves(gan))
    seen = []
    monkeypatch.setattr(
        gan._game.value.step,
        "discriminator_turn",
        lambda real, look: seen.append(real.sequences) or real.sequences[:, 0, :1],
    )
    monkeypatch.setattr(gan._game.value.step, "generator_turn", lambda *args: None)
    history = gan.fit(windows(16), batch_size=16, epochs=1, verbose=0).history
    assert [part.shape[0] for part in seen] == [8, 8]
    assert (seen[0] != seen[1]).any()
    assert "real_score" not in history
    assert "fake_score" in history
    refuses(lambda: gan.calibrate(windows()), "not here")
