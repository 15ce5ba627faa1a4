"""An argument that is passed to the wrong call is shown the right one."""

import keras
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, windows

pytestmark = ON_TORCH


def test_of_the_constructor():
    for name, words in {
        "units": r"RecurrentGAN\(generator=\{'units': …\} or discriminator=\{'units': …\}",
        "batch_size": r"`batch_size` goes to fit\(batch_size=…\)\.",
        "loss": r"`loss` goes to compile\(loss=…\)\.",
        "learning_rate": "A GAN has two optimizers",
        "sead": "Did you mean 'seed'",
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
        "los": "Did you mean 'loss'",
        "zzz": "Expected some of loss, penalties",
    }.items():
        with pytest.raises(TypeError, match=rf"compile\(\) got .*\['{name}'\]\. .*{words}"):
            kr.RecurrentGAN().compile(**{name: 1})


def test_several_at_once():
    with pytest.raises(TypeError, match=r"\['batch_size', 'epochs'\]\. `batch_size` .*\. `epochs` "):
        kr.RecurrentGAN(epochs=1, batch_size=2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch_size": 0},
        {"steps_per_epoch": 0},
        {"validation_steps": 0},
        {"validation_batch_size": 0},
        {"validation_freq": 0},
        {"callbacks": [keras.callbacks.CSVLogger]},
        {"callbacks": kr.callbacks.KeepBest},
        {"callbacks": [3]},
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
        assert ("Call it: " in str(told.value)) == (wrong["callbacks"] != [3])
    assert not gan.built


def test_what_evaluate_is_told():
    gan = kr.RecurrentGAN()
    gan.compile()
    for wrong in ({"batch_size": 0}, {"steps": 0}, {"callbacks": [3]}):
        with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` must be"):
            gan.evaluate(windows(8), **wrong)
