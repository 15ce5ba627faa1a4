"""An argument that is passed to the wrong call is shown the right one."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, windows

pytestmark = ON_TORCH


def test_of_the_constructor():
    for name, words in {
        "units": r"RecurrentGAN\(generator=\{'units': …\} or discriminator=\{'units': …\}\)\.",
        "batch_size": r"`batch_size` goes to fit\(batch_size=…\)\.",
        "loss": r"`loss` goes to compile\(loss=…\)\.",
        "learning_rate": "A GAN has two optimizers",
        "sead": "`sead` is unknown. Did you mean 'seed'",
        "zzz": "Expected some of generator, discriminator",
    }.items():
        with pytest.raises(TypeError, match=rf"RecurrentGAN\(\) got .*\['{name}'\]\. .*{words}"):
            kr.RecurrentGAN(**{name: 1})
    with pytest.raises(TypeError, match=r"TokenGAN\(\) got .*TokenGAN\(generator=\{'embedding_dim'"):
        kr.TokenGAN(5, embedding_dim=3)
    assert kr.RecurrentGAN(name="mine", trainable=True, dtype="float32").name == "mine"


def test_of_compile():
    for name, words in {
        "seed": r"`seed` goes to RecurrentGAN\(seed=…\)\.",
        "epochs": r"`epochs` goes to fit\(epochs=…\)\.",
        "units": r"RecurrentGAN\(generator=",
        "los": "`los` is unknown. Did you mean 'loss'",
        "zzz": "Expected some of loss, penalties",
    }.items():
        with pytest.raises(TypeError, match=rf"compile\(\) got .*\['{name}'\]\. .*{words}"):
            kr.RecurrentGAN().compile(**{name: 1})


def test_several_at_once():
    words = (
        r"\['epochs', 'sead', 'zzz'\]\. `epochs` goes .*\. `sead` is .*'seed'\? `zzz` is unknown\. E"
    )
    with pytest.raises(TypeError, match=words):
        kr.RecurrentGAN(epochs=1, sead=2, zzz=3)


def test_of_a_class_of_ones_own():
    class Mine(kr.RecurrentGAN):
        """Hands on what it does not know."""

        def __init__(self, *args, mine=1, **kwargs):
            super().__init__(*args, **kwargs)

        def compile(self, *args, **kwargs):
            super().compile(*args, **kwargs)

    with pytest.raises(
        TypeError, match=r"Mine\(\) got .*Expected some of mine, generator, disc.*, seed\."
    ):
        Mine(zzz=1)
    with pytest.raises(TypeError, match=r"`seed` goes to Mine\(seed=…\)\."):
        Mine().compile(seed=1)


def test_whole_numbers_of_numpy():
    gan = kr.RecurrentGAN({"units": 2}, {"units": 2})
    gan.compile()
    eight = np.int64(8)
    gan.fit(windows(16), batch_size=eight, epochs=1, verbose=0, steps_per_epoch=np.uint8(1))
    assert gan.optimizer.iterations == 1
    gan.evaluate(windows(16), batch_size=eight, steps=np.int32(2), verbose=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch_size": 0},
        {"steps_per_epoch": 0},
        {"validation_steps": 0},
        {"validation_batch_size": 0},
        {"validation_freq": 0},
        {"validation_freq": "each"},
        {"initial_epoch": -1},
        {"callbacks": [keras.callbacks.CSVLogger]},
        {"callbacks": kr.callbacks.KeepBest},
        {"callbacks": [3]},
        {"callbacks": [int]},
    ],
)
def test_what_fit_is_told(wrong):
    gan = kr.RecurrentGAN()
    gan.compile()
    data = windows(8)
    options = {"epochs": 1, "verbose": 0, "validation_data": data, **wrong}
    with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` must be") as told:
        gan.fit(data, **options)
    if "callbacks" in wrong:
        assert ("Call it: " in str(told.value)) == (wrong["callbacks"] not in ([3], [int]))
    assert not gan.built


def test_what_evaluate_is_told():
    gan = kr.RecurrentGAN()
    gan.compile()
    for wrong in ({"batch_size": 0}, {"steps": 0}, {"callbacks": [3]}):
        with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` must be"):
            gan.evaluate(windows(8), **wrong)
