import keras
import numpy as np
import pytest

from keras_rgan.sequences.vocabulary import Vocabulary
from tests.testing import refuses

TEXTS = ["the cat sat", "the dog sat on the mat"]


def vectorization(**options):
    layer = keras.layers.TextVectorization(**options)
    layer.adapt(TEXTS)
    return layer


def test_words_there_and_back():
    vocabulary = Vocabulary(vectorization())
    ids = vocabulary.encode(["The cat, sat!", "dog"])
    assert [len(x) for x in ids] == [3, 1]
    assert vocabulary.decode(ids) == ["the cat sat", "dog"]
    assert vocabulary.size == 8  # six words, padding and what is unknown
    assert vocabulary.decode(vocabulary.encode(["the unicorn"])) == ["the [UNK]"]
    assert vocabulary.decode([[0, 2, 0]]) == ["the"]


def test_characters():
    vocabulary = Vocabulary(vectorization(split="character", standardize=None))
    assert vocabulary.decode(vocabulary.encode(TEXTS)) == TEXTS


@pytest.mark.parametrize("made", [vectorization, lambda: ["on", "cat"], lambda: 7])
def test_it_survives_its_config(made):
    vocabulary = Vocabulary(made())
    config = vocabulary.get_config()
    copy = Vocabulary(keras.saving.deserialize_keras_object(config))
    assert copy.size == vocabulary.size
    assert copy.words == vocabulary.words
    assert copy.get_config() == config


def test_a_list_of_words_comes_as_it_is():
    vocabulary = Vocabulary(["Cat", "cat"])
    np.testing.assert_array_equal(vocabulary.encode(["cat Cat dog"])[0], [3, 2, 1])


def test_an_array_of_words():
    assert Vocabulary(np.array(["on", "cat"])).words == Vocabulary(["on", "cat"]).words


@keras.saving.register_keras_serializable(package="tests")
def split_at_commas(texts):
    import tensorflow as tf

    return tf.strings.split(texts, ",")


def test_a_split_of_ones_own():
    """Its config is a function, and it may leave empty words, whose id is that of padding."""
    vocabulary = Vocabulary(vectorization(split=split_at_commas, standardize=None))
    assert vocabulary.words[2:] == sorted(TEXTS, reverse=True)
    assert vocabulary.decode(vocabulary.encode([f"{TEXTS[0]},,{TEXTS[1]}"])) == [" ".join(TEXTS)]
    copy = Vocabulary(keras.saving.deserialize_keras_object(vocabulary.get_config()))
    ids = [v.encode([",".join(["", *TEXTS])])[0] for v in (vocabulary, copy)]
    np.testing.assert_array_equal(ids[0], ids[1])
    assert len(ids[0]) == 2


def test_what_is_no_vocabulary():
    refuses(lambda: Vocabulary(1), "number of tokens.*vocabulary=1, of which no two")
    refuses(lambda: Vocabulary(True), "number of tokens")
    refuses(lambda: Vocabulary("abc"), "number of tokens, a list of words")
    refuses(lambda: Vocabulary(["a"]), "two words at the least. Received: 1 of them")
    refuses(lambda: Vocabulary(["a", ""]), "Received: '' among them")
    refuses(lambda: Vocabulary(["a", "New York"]), "no word holds one. Received: 'New York'")
    refuses(lambda: Vocabulary(np.ones(3)), "Received: 1.0 among them")
    refuses(lambda: Vocabulary(5.0), "number of tokens.*Received: 5.0")
    refuses(lambda: Vocabulary(["a", "b", "a"]), r"Received twice: \['a'\]")
    refuses(lambda: Vocabulary(keras.layers.TextVectorization()), "knows no words. Call adapt")
    counts = vectorization(output_mode="count")
    refuses(lambda: Vocabulary(counts), "output_mode='int'")


def test_texts_without_tokens():
    vocabulary = Vocabulary(vectorization())
    refuses(lambda: vocabulary.encode(["cat", float("nan")]), "Received: nan at index 1. Drop what is")
    refuses(lambda: vocabulary.encode(["cat", None]), "Received: None at index 1")
    refuses(
        lambda: vocabulary.encode(["the", " ", "?"]), r"Received: ' ' at index 1; 2 texts.*Drop them"
    )
    refuses(lambda: vocabulary.encode([]), "at least one text")
    refuses(lambda: Vocabulary(5).encode(["a"]), "5 tokens by their ids alone.*TextVectorization")
    refuses(lambda: Vocabulary(5).decode([[1]]), "has no words")
