"""A user's data in one form, checked by the same words whatever brought it."""

import warnings

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.sequences.admission import FAR, Source
from tests.testing import dense_gan, recurrent_gan, refuses, windows

DATA = windows(20)


@pytest.fixture(scope="module")
def built():
    gan = dense_gan()
    gan.adapt(DATA)
    return gan


def test_a_source_is_split_with_its_conditions():
    labels = np.arange(20)
    train, held_out = Source(DATA, {"label": labels}, "fit").split(0.25)
    np.testing.assert_array_equal(np.concatenate([train.data, held_out.data]), DATA)
    assert (len(train.data), len(held_out.data)) == (15, 5)
    assert train.conditions["label"].tolist() == labels[:15].tolist()
    assert held_out.conditions["label"].tolist() == labels[15:].tolist()
    refuses(lambda: Source(DATA, {"label": labels[:3]}, "fit").split(0.25), "one row of the condition")


def test_data_is_gathered_in_one_form():
    admission = kr.RecurrentGAN().admission
    alone = admission.gather("fit", DATA)
    assert alone.is_array
    assert alone.data is DATA
    pair = admission.gather("fit", (DATA, {"label": np.arange(20)}))
    assert set(pair.conditions) == {"label"}
    uneven = admission.gather("fit", [DATA[0], DATA[1, :4]])
    assert uneven.data.shape == (2, 6, 2)
    assert uneven.conditions["length"].tolist() == [6, 4]
    batches = admission.gather("fit", iter([DATA]))
    assert not batches.is_array


def test_lengths_that_say_nothing_are_left_out():
    admission = kr.RecurrentGAN().admission

    def left(data):
        return set(admission.gather("fit", data).with_lengths_that_tell.conditions)

    assert left(list(DATA)) == set()
    assert left((DATA, {"length": np.full(20, 6)})) == set()
    assert left((DATA, {"length": np.r_[np.full(19, 6), 5]})) == {"length"}


def test_what_is_packed_in_no_known_way_is_refused():
    admission = kr.RecurrentGAN().admission
    refuses(lambda: admission.gather("fit", DATA, np.ones(20)), "Received: y in fit")
    refuses(lambda: admission.gather("fit", DATA, weight=1), "Received: weight in fit")
    refuses(lambda: admission.gather("fit", DATA.tolist()), "Received: a list of 20")
    refuses(lambda: admission.gather("fit", iter([DATA]), {"label": [1]}), "a dataset yields pairs")


def test_arrays_and_batches_are_admitted_alike(built):
    admission = built.admission
    np.testing.assert_array_equal(admission.admit(Source(DATA, {}, "fit")), DATA)
    np.testing.assert_array_equal(admission.admit_batch((DATA[:5],)), DATA[:5])
    wrong = DATA.copy()
    wrong[3, 2, 1] = np.inf
    message = r"feature 1: 1 infinite; the first at index \(3, 2, 1\)"
    refuses(lambda: admission.admit(Source(wrong, {}, "fit")), message)
    refuses(lambda: admission.admit_batch(wrong), message)
    problem, index = admission.problem
    assert isinstance(problem, ValueError)
    assert index == 0
    assert admission.admit(Source(wrong, {}, "fit"), checked=True) is wrong


def test_a_pipelines_error_is_told_in_the_words_of_what_was_wrong(built):
    admission = built.admission

    def fail():
        with admission.own_words():
            try:
                admission.admit_batch(np.full((4, 6, 2), np.nan))
            except ValueError as error:
                raise RuntimeError("the pipeline broke") from error

    refuses(fail, "Expected finite values")
    assert admission.problem is None
    with pytest.raises(RuntimeError, match="another"), admission.own_words():
        raise RuntimeError("another")


def test_shapes(built):
    check = built.admission.check_array
    check((7, 6, 2), np.dtype("float64"))
    refuses(lambda: check((7, 6, 2), np.dtype("U3")), "Expected numbers")
    refuses(lambda: check((6, 2), np.dtype("float32")), "sliding_windows")
    refuses(lambda: check((7, 6, 3), np.dtype("float32")), "adapted to 2 features")
    refuses(lambda: check((7, 5, 2), np.dtype("float32")), "built for samples of shape")
    refuses(lambda: built.admission.check_shape((7, 5, 2)), "a batch of shape")
    open_gan = recurrent_gan()
    open_gan.adapt(DATA)
    open_gan.admission.check_array((7, 5, 2), np.dtype("float32"))  # any length


def test_other_units_are_warned_of_from_a_distance_on(built, recwarn):
    low, high = DATA.min(axis=(0, 1)), DATA.max(axis=(0, 1))
    reach = 0.5 * (high - low)
    at = 0.5 * (low + high) + (FAR - 0.1) * reach
    built.admission.warn_of_other_units(at[None, None])
    assert not any("times as far" in str(warning.message) for warning in recwarn)
    with pytest.warns(UserWarning, match="reaches 3.1 times as far"):
        built.admission.warn_of_other_units((at + 0.2 * reach)[None, None])


def test_what_a_batch_will_be_is_known_before_it_comes():
    gan = kr.RecurrentGAN({"units": 2}, {"units": 2}, seed=0)
    gan.adapt((DATA, {"label": np.arange(20) % 2}))
    spec = gan.admission.spec_of_batch((None, 6, 2), "float32")
    batch = gan.admission.admit_batch((DATA[:5], {"label": np.ones(5, int)}))
    keras.tree.assert_same_structure(
        keras.tree.map_structure(lambda leaf: 0, batch), {"sequences": 0, "conditions": {"label": 0}}
    )
    assert set(spec) == set(batch)
    leaf = spec["conditions"]["label"]
    assert np.dtype(leaf.dtype) == batch["conditions"]["label"].dtype
    assert tuple(leaf.shape)[1:] == batch["conditions"]["label"].shape[1:]


def test_what_will_be_clipped_is_told():
    x = np.linspace(0.0, 1.0, 400).reshape(20, 10, 2)
    gan = dense_gan_of(x)
    wide = x * 1.6
    with pytest.warns(
        UserWarning, match=r"37.5% of the values of feature 1 lie outside .* gan.scaler.widen"
    ):
        gan.admission.warn_of_other_units(wide)
    gan.scaler.widen(wide)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        gan.admission.warn_of_other_units(wide)
    restored = gan.scaler.restore(np.full((1, 1, 2), 9.0))
    assert float(restored[0, 0, 1]) == pytest.approx(1.6, abs=0.01)  # of its steps


def dense_gan_of(x):
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.adapt(x)
    return gan


def test_without_a_scaler_float32_must_do():
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, scaler=None, seed=0)
    x = np.full((4, 3, 1), -1e16)
    refuses(lambda: gan.adapt(x), r"at most 1e\+15.*float32 holds. Received: 1e\+16.*scaler='auto'")
    refuses(lambda: gan.adapt(x.astype("int64")), r"Received: 1e\+16")
    gan.adapt(x * 0.1)
    half = kr.RecurrentGAN({"units": 4}, {"units": 4}, scaler=None, dtype="mixed_float16")
    refuses(lambda: half.adapt(x * 1e-11), r"at most 10000.*float16 holds. Received: 100000")
    half.adapt(x * 1e-12)
    half.adapt(np.ones((4, 3, 1), bool))


def test_without_a_scaler_features_must_vary_by_more_than_nothing():
    tiny = 1e-12 * np.random.default_rng(0).normal(size=(8, 5, 2)) * [1e9, 1.0]
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, scaler=None, seed=0)
    refuses(lambda: gan.adapt(tiny), r"vary by 1e-10 at least.*in feature 1.*scaler='auto'")
    assert not gan.built
    gan.adapt(tiny * 1e3 + [0.0, 1.0])
    kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0).adapt(tiny)
