import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.training import course
from keras_rgan.utils.variables import value_of
from tests.testing import refuses, slow_but_on_torch, state_of

IDS = np.random.default_rng(0).integers(7, size=(48, 5))
TEXTS = ["red fish swim", "a green bird flies", "fish swim", "birds"] * 12
WORDS = ["red", "green", "fish", "bird", "birds", "a", "swim", "flies"]


def tiny(vocabulary=7, warm_up=2, compiled=True, **options):
    gan = kr.TokenGAN(
        vocabulary, {"units": 4, "embedding_dim": 3}, {"filters": 2, "embedding_dim": 3}, seed=0
    )
    if compiled:
        gan.compile(warm_up=warm_up, **options)
    return gan


def fit(gan, data, **options):
    return gan.fit(data, **{"batch_size": 16, "epochs": 2, "verbose": 0, **options})


def test_a_whole_run(tmp_path):
    """Trained through both phases, evaluated, generated from, saved, loaded, and gone on with."""
    gan = tiny()
    history = fit(gan, IDS, validation_data=IDS[:16]).history
    assert all(np.isfinite(v).all() for v in history.values())
    assert {"negative_log_likelihood", "val_negative_log_likelihood"} <= set(history)
    assert history["discriminator_loss"][1] != 0.0, "the second epoch is of the game"
    assert np.log(7.0) * 0.8 < history["val_negative_log_likelihood"][-1] < np.log(7.0) * 1.2
    ids = gan.generate(20, seed=3)
    assert ids.dtype == np.int32
    assert ids.shape == (20, 5)
    assert 0 <= ids.min() <= ids.max() < 7
    gan.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(loaded.generate(20, seed=3), ids)
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    assert loaded.warm_up == 2
    for model in (gan, loaded):
        fit(model, IDS, epochs=1, shuffle=False)
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@slow_but_on_torch
def test_text_of_different_lengths(tmp_path):
    vectorization = keras.layers.TextVectorization()
    vectorization.adapt(TEXTS)
    gan = tiny(vectorization)
    fit(gan, TEXTS)
    ids = gan.generate(50, seed=0)
    assert isinstance(ids, list)
    assert {len(x) for x in ids} <= {1, 2, 3, 4}
    texts = gan.generate_text(50, seed=0)
    assert all(len(x) >= len(text.split()) for x, text in zip(ids, texts, strict=True))
    assert set(" ".join(texts).split()) <= {*vectorization.get_vocabulary()}
    likelihood = gan.evaluate(TEXTS, verbose=0, return_dict=True)["negative_log_likelihood"]
    assert gan.negative_log_likelihood(TEXTS) == pytest.approx(likelihood, rel=1e-4)
    gan.save(tmp_path / "gan.keras")
    assert kr.load_model(tmp_path / "gan.keras").generate_text(50, seed=0) == texts
    assert all(len(x) == 2 for x in gan.generate(5, length=2))


@slow_but_on_torch
def test_labels_beside_ids():
    gan = tiny()
    fit(gan, (IDS, {"label": np.arange(48) % 3}))
    assert gan.generate(conditions={"label": [0, 1]}, seed=0).shape == (2, 5)


@slow_but_on_torch
def test_datasets_of_batches():
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return IDS[16 * index : 16 * index + 16, :, None]

    gan = tiny()
    fit(gan, Batches(), batch_size=None)
    assert gan.generate(4).shape == (4, 5)
    refuses(lambda: tiny(5).fit(Batches(), epochs=1, verbose=0), "from 0 to 4")
    refuses(lambda: gan.negative_log_likelihood(Batches()), "in memory")


def test_temperature_is_of_a_call_alone():
    gan = tiny(compiled=False)
    gan.adapt(IDS)
    kernel = gan.ema_weights[[v.path for v in gan.average.weights].index(gan.generator.head.bias.path)]
    kernel.assign(np.linspace(0.0, 2.0, 7))
    plain = gan.generate(200, seed=0)
    cold = gan.generate(200, seed=0, temperature=0.2)
    assert (cold == 6).mean() > (plain == 6).mean() + 0.2
    np.testing.assert_array_equal(gan.generate(200, seed=0), plain)
    batches = gan.generate_batches(6, batch_size=4, seed=0, temperature=0.2)
    first = next(batches)
    np.testing.assert_array_equal(gan.generate(200, seed=0), plain)
    np.testing.assert_array_equal(np.concatenate([first, *batches]), cold[:6])
    assert value_of(gan.generator.temperature.value) == 1.0
    ones = np.full((4, 5), 6)
    likely = [gan.negative_log_likelihood(ones, temperature=t) for t in (1.0, 0.2)]
    assert likely[1] < likely[0]
    refuses(lambda: gan.generate(1, temperature=0.0), "above 0")
    refuses(lambda: gan.generate(1, temperature=-1.0), "`temperature`")


@slow_but_on_torch
def test_a_schedule_of_the_relaxation():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([2], [1.0, 0.25])
    gan = tiny(relaxation=schedule)
    fit(gan, IDS, epochs=1)
    assert value_of(gan.generator.relaxation.value) == 1.0
    fit(gan, IDS, epochs=1)
    assert value_of(gan.generator.relaxation.value) == 0.25
    assert gan.get_compile_config()["relaxation"]["class_name"] == "PiecewiseConstantDecay"


@slow_but_on_torch
def test_without_a_warm_up():
    gan = tiny(warm_up=0)
    history = fit(gan, IDS, epochs=1).history
    assert "negative_log_likelihood" not in history
    assert history["discriminator_loss"][0] != 0.0
    assert gan.evaluate(IDS, verbose=0, return_dict=True)["negative_log_likelihood"] > 1.0


def test_what_makes_no_sense_for_tokens_is_refused():
    gan = tiny()
    gan.adapt(IDS)
    refuses(lambda: gan.calibrate(IDS), "ids of tokens are names")
    refuses(lambda: gan.compile(keep_best=True), "judge of real numbers.*ModelCheckpoint")
    for complete in (gan.impute, gan.forecast, gan.continue_from):
        refuses(lambda complete=complete: complete(IDS, steps=1), "writes whole sequences")
    refuses(lambda: next(gan.stream()), "continue_from")
    refuses(lambda: gan.generate_text(1), "has no words")
    refuses(lambda: gan.compile(keep_best="always"), "`keep_best` must be one of 'auto', False")
    refuses(lambda: gan.negative_log_likelihood(IDS, batch_size=0), "`batch_size`")
    refuses(lambda: gan.compile(relaxation=0.0), "above 0")
    refuses(lambda: gan.compile(warm_up=-1), "`warm_up`")


@slow_but_on_torch
def test_networks_that_do_not_fit():
    refuses(lambda: kr.TokenGAN(7, {"vocabulary_size": 7}), "generator argument")
    refuses(lambda: kr.TokenGAN(7, {"unit": 7}), "'units'")
    generator = kr.networks.TokenGenerator(6, units=4)
    refuses(lambda: kr.TokenGAN(7, generator), "knows 6 tokens, the vocabulary has 7")
    plain = keras.Sequential([keras.Input((5, 1)), keras.layers.Dense(7, activation="softmax")])
    gan = kr.TokenGAN(7, plain, kr.networks.TokenDiscriminator(7, filters=2))
    gan.compile()
    refuses(lambda: fit(gan, IDS), "no method `log_likelihood.*warm_up=0")


@slow_but_on_torch
def test_any_keras_model_can_play_without_a_warm_up():
    plain = keras.Sequential([keras.Input((5, 1)), keras.layers.Dense(7, activation="softmax")])
    gan = kr.TokenGAN(7, plain, kr.networks.TokenDiscriminator(7, filters=2), seed=0)
    gan.compile(warm_up=0)
    fit(gan, IDS, epochs=1)
    assert gan.generate(3, seed=0).shape == (3, 5)
    refuses(lambda: gan.generate(3, temperature=0.5), "no layer `temperature`")


@slow_but_on_torch
def test_one_seed_one_model():
    made = []
    for _ in range(2):
        keras.utils.set_random_seed(0)
        gan = tiny()
        fit(gan, IDS)
        made.append(gan.generate(10, seed=0))
    np.testing.assert_array_equal(*made)


@slow_but_on_torch
def test_fit_without_epochs_ends_by_itself(monkeypatch):
    monkeypatch.setattr(course, "MOST_EPOCHS", 1)
    monkeypatch.setattr(course, "LEAST_UPDATES", 6)
    gan = tiny()
    gan.fit(IDS, batch_size=16, verbose=0)
    updates = int(value_of(gan.optimizer.iterations))
    assert 2 + 6 + 9 <= updates <= 2 + 6 + 9 + 3, "the warm-up, the game, and rates that fall"


@slow_but_on_torch
def test_padding_is_never_written():
    gan = tiny(WORDS)
    fit(gan, TEXTS)
    assert all(x.min() > 0 for x in gan.generate(500, seed=0))


@slow_but_on_torch
def test_scores_of_finished_sequences_take_what_it_makes():
    gan = tiny()
    callback = kr.callbacks.ScoreOnValidation(IDS[..., None], {"bleu": kr.metrics.bleu})
    history = fit(gan, IDS, callbacks=[callback]).history
    assert 0.0 < history["val_bleu"][-1] <= 1.0


@slow_but_on_torch
def test_a_compile_that_is_refused_leaves_no_trace():
    gan = kr.TokenGAN(5, {"units": 4}, {"filters": 4}, seed=0)
    gan.compile(warm_up=8, relaxation=0.5)
    phases = gan.phases
    for wrong in ({"loss": "nope"}, {"metrics": "nope"}, {"discriminator_steps": 0}):
        refuses(lambda wrong=wrong: gan.compile(warm_up=77, relaxation=2.0, **wrong), "must be")
        assert (gan.warm_up, gan.relaxation, gan.phases) == (8, 0.5, phases)


@slow_but_on_torch
def test_more_that_is_refused_by_name():
    gan = kr.TokenGAN(["a", "b", "c"], {"units": 4}, {"filters": 4}, seed=0)
    gan.compile(warm_up=1)
    texts = ["a b", "b c", "c a", "a a"] * 4
    gan.fit(texts, batch_size=8, epochs=1, verbose=0)
    refuses(lambda: gan.generate_text(2, scaled=True), "Texts have no networks' space")
    for kind in (kr.callbacks.ScoreOnValidation, kr.callbacks.KeepBest):
        for held_out in (texts, np.zeros((16, 2, 1), "float32")):
            refuses(
                lambda kind=kind, held_out=held_out: gan.fit(
                    texts, batch_size=8, epochs=1, verbose=0, callbacks=[kind(held_out)]
                ),
                "A TokenGAN's ids are names.*val_negative_log_likelihood",
            )
    numbers = kr.TokenGAN(5, {"units": 4}, {"filters": 4}, seed=0)
    numbers.compile(warm_up=1)
    refuses(
        lambda: numbers.fit(np.full((8, 3), -1), batch_size=8, epochs=1, verbose=0),
        "from -1 to -1. Number tokens from 0 on",
    )


@slow_but_on_torch
def test_texts_of_conditions_draw_their_lengths():
    gan = tiny(WORDS, warm_up=4)
    fit(gan, (TEXTS, {"kind": ["long", "short"] * 24}), epochs=1)
    texts = gan.generate_text(conditions={"kind": ["long"] * 20 + ["short"] * 20}, seed=0)
    lengths = [len(text.split()) for text in texts]
    assert set(lengths[:20]) == {2, 3}
    assert set(lengths[20:]) == {1, 4}
