import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import refuses, slow_on_jax

IDS = np.array([[2, 3, 4], [4, 2, 2]])


def gather(x, vocabulary=5, y=None):
    return kr.TokenGAN(vocabulary, seed=0).admission.gather("fit", x, y)


@pytest.mark.parametrize(
    "form", [IDS, IDS[..., None], IDS.astype("float32"), IDS.tolist(), list(IDS), list(IDS[..., None])]
)
def test_ids_in_any_form(form):
    source = gather(form)
    np.testing.assert_array_equal(source.data, IDS[..., None])
    assert not source.conditions


def test_different_lengths():
    source = gather([[1, 2, 3], [4]])
    assert source.data.shape == (2, 3, 1)
    assert source.conditions["length"].ravel().tolist() == [3, 1]


@pytest.mark.parametrize("form", [list, np.array, tuple])
def test_texts(form):
    source = gather(form(["a b c", "c"]), ["a", "b", "c"])
    assert source.data[0, :, 0].tolist() == [2, 3, 4]
    assert source.conditions["length"].ravel().tolist() == [3, 1]


def test_padding_of_a_vocabulary_with_words_is_told_from_tokens():
    source = gather(np.array([[2, 3], [4, 0]]), ["a", "b", "c"])
    assert source.conditions["length"].ravel().tolist() == [2, 1]
    source = gather(np.array([[[2], [3]], [[4], [0]]]), ["a", "b", "c"])
    assert source.conditions["length"].ravel().tolist() == [2, 1]
    assert not gather(np.array([[2, 3], [4, 0]])).conditions, "a number has no padding"
    refuses(lambda: gather(np.array([[0, 3], [4, 0]]), ["a", "b", "c"]), "Id 0 is the padding")


@pytest.mark.parametrize("told", [{"length": [2, 1]}, {"mask": np.array([[1, 1], [1, 0]])}])
@pytest.mark.parametrize("vocabulary", [5, ["a", "b", "c"]])
def test_padding_where_lengths_are_told(told, vocabulary):
    source = gather(np.array([[2, 3], [4, 0]]), vocabulary, told)
    assert np.ravel(source.conditions["length"]).tolist() == [2, 1]
    assert source.data.shape == (2, 2, 1)


@slow_on_jax
def test_lengths_that_happen_to_be_equal():
    """A model that learned lengths is told them of a single text too."""
    gan = kr.TokenGAN(["a", "b"], {"units": 4}, {"filters": 2}, seed=0)
    gan.adapt(["a b", "b"] * 2)
    for form in (["a b"], [[2, 3]], np.array([[2, 3]])):
        assert np.isfinite(gan.negative_log_likelihood(form))
    for form in (["b"], np.array([[3, 0]])):
        assert gan.negative_log_likelihood(form) == gan.negative_log_likelihood([[3]])


def test_texts_that_are_missing():
    words = ["a", "b", "c"]
    refuses(lambda: gather(["a b", None], words), "a list of texts with None at index 1")
    table = np.array(["a b", np.nan], object)
    refuses(lambda: gather(table, words), "Received: nan at index 1. Drop what is missing")


def test_conditions_beside():
    source = gather((IDS, {"label": np.array([0, 1])}))
    assert source.data.shape == (2, 3, 1)
    assert list(source.conditions) == ["label"]


def test_wrong_data():
    refuses(lambda: gather([]), "Received: an empty list")
    refuses(lambda: gather([[1], []]), r"one token at the least. Received: shape \(0,\) at index 1")
    refuses(lambda: gather([[1], [5]]), "from 0 to 4.*of sequence 1. Received: 5")
    refuses(lambda: gather([[1], "a"]), r"texts with \[1\] at index 0")
    refuses(lambda: gather("a b c"), "Pass \\[text\\]")
    refuses(lambda: gather(["a b"]), "5 tokens by their ids alone")
    refuses(lambda: gather(["a", ""], ["a", "b"]), "Received: '' at index 1")
    refuses(lambda: gather(np.zeros((2, 3, 5))), r"argmax")
    refuses(lambda: gather(np.full((2, 3), 0.5)), "Real numbers are no tokens")
    refuses(lambda: gather(np.arange(4)), r"\(samples, time\) or .*Received: shape \(4,\)")
    refuses(lambda: gather((IDS, {"observed": IDS > 2})), "have no gaps")
    refuses(lambda: kr.TokenGAN(5).adapt(iter([])), "Python generator")


def test_batches_of_a_dataset_are_checked():
    admission = kr.TokenGAN(5).admission
    refuses(lambda: admission.check(IDS), r"shape \(batch, time, 1\).*dataset.map")
    refuses(lambda: admission.check(IDS[..., None] + 1), "Received: 5")
    admission.check(IDS[..., None])


class Batches(keras.utils.PyDataset):
    """One batch, again and again."""

    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return self.batch


def test_a_dataset_is_told_what_its_batches_lack():
    gan = kr.TokenGAN(5, {"units": 4}, {"filters": 2}, seed=0)
    refuses(lambda: gan.adapt(Batches(IDS)), r"shape \(batch, time, 1\).*\(2, 3\).*dataset.map")
    refuses(lambda: gan.adapt(Batches(np.array(["a b", "c"]))), "Look texts up first")
    gan.adapt(Batches(IDS[..., None]))
