"""Words and their ids."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np

from keras_rgan.sequences import reading

EXPECTED = (
    "`vocabulary` must be the number of tokens, a list of words, or a keras.layers.TextVectorization "
    "that was adapted. Received: "
)


class Vocabulary:
    """How many tokens there are, and what they are called where they have names.

    Args:
        vocabulary: A number; a list of words, whose ids begin at 2, behind the padding and what is
            unknown; or a `keras.layers.TextVectorization`, of which a copy is taken.

    Attributes:
        size: How many tokens there are.
        words: What they are called, padding and the unknown first; None of a number.
        joint: What stands between words of a text.

    Raises:
        ValueError: If it is none of these.
    """

    def __init__(self, vocabulary: Any) -> None:
        self.vectorization: Any = None
        self.words: list[str] | None = None
        self.joint = " "
        if isinstance(vocabulary, keras.layers.TextVectorization):
            self.vectorization = _copied(vocabulary)
        elif isinstance(vocabulary, list | tuple):
            self.vectorization = _of_words(vocabulary)
        elif reading.is_array(vocabulary) and len(vocabulary.shape):
            self.vectorization = _of_words(reading.to_numpy(vocabulary).ravel().tolist())
        if self.vectorization is None:
            self.size = _whole_number(vocabulary)
            if self.size < 2:
                raise ValueError(f"{EXPECTED}vocabulary={self.size}, of which no two tokens differ")
            return
        self.words = [str(word) for word in self.vectorization.get_vocabulary()]
        self.size = len(self.words)
        if self.vectorization.get_config()["split"] == "character":
            self.joint = ""

    def encode(self, texts: Iterable[Any]) -> list[np.ndarray]:
        """Return the ids of texts, each `(tokens,)`.

        Raises:
            ValueError: If there are no words, or a text has none or is no text.
        """
        if self.vectorization is None:
            raise ValueError(
                f"This model knows {self.size} tokens by their ids alone. Received: text. Make it with "
                "TokenGAN(keras.layers.TextVectorization(…)), adapted to the text, or with a list of "
                "words; or look the ids up first."
            )
        texts = [_text(i, text) for i, text in enumerate(texts)]
        if not texts:
            raise ValueError("Expected at least one text. Received: none")
        ids = np.asarray(reading.to_numpy(self.vectorization(np.asarray(texts, object))))
        ids = ids.reshape(len(texts), -1).astype("int32")
        lengths = (ids != 0).sum(axis=1)
        if not lengths.all():
            empty = int(np.flatnonzero(lengths == 0)[0])
            raise ValueError(
                f"Expected texts of a token at the least. Received: {texts[empty]!r} at index {empty}; "
                f"{int((lengths == 0).sum())} texts have none. Drop them: "
                "[text for text in texts if text.strip()]."
            )
        return [row[row != 0] for row in ids]  # a split of one's own may leave empty words between

    def decode(self, sequences: Iterable[Sequence[int]]) -> list[str]:
        """Return the texts of sequences of ids.

        Raises:
            ValueError: If there are no words.
        """
        if self.words is None:
            raise ValueError(
                f"This model knows {self.size} tokens by their ids alone, and has no words. Make it "
                "with TokenGAN(keras.layers.TextVectorization(…)) or a list of words, or use generate."
            )
        words = self.words
        return [self.joint.join(words[int(i)] for i in ids if words[int(i)]) for ids in sequences]

    def get_config(self) -> Any:
        """Return what a file holds of it: the number, or the `TextVectorization` with its words."""
        if self.vectorization is None:
            return self.size
        return keras.saving.serialize_keras_object(self.vectorization)


def _whole_number(vocabulary: Any) -> int:
    """Return a number of tokens."""
    try:
        if isinstance(vocabulary, bool):
            raise TypeError
        return operator.index(vocabulary)
    except TypeError:
        raise ValueError(f"{EXPECTED}{vocabulary!r}") from None


def _text(index: int, text: Any) -> str:
    """Return a text, or refuse what is none: what is missing in a column of a table, say."""
    if isinstance(text, bytes):
        return text.decode()
    if not isinstance(text, str):
        raise ValueError(
            f"Expected texts. Received: {text!r} at index {index}. Drop what is missing: "
            "series.dropna()."
        )
    return str(text)


def _of_words(words: Sequence[Any]) -> keras.layers.TextVectorization:
    wrong = [word for word in words if not isinstance(word, str) or not word]
    if wrong or len(words) < 2:
        what = f"{wrong[0]!r} among them" if wrong else f"{len(words)} of them"
        raise ValueError(f"Expected a vocabulary of two words at the least. Received: {what}")
    twice = sorted({word for word in words if words.count(word) > 1})[:3] if _repeats(words) else []
    if twice:
        raise ValueError(f"Expected each word of a vocabulary once. Received twice: {twice}")
    split = next((word for word in words if len(word.split()) != 1), None)
    if split is not None:
        raise ValueError(
            f"Texts are split at spaces, so that no word holds one. Received: {split!r} as a word. "
            "Join its parts, 'New_York', in the texts too, or pass a keras.layers.TextVectorization "
            "with a split of its own."
        )
    words = [word for word in words if word != "[UNK]"]
    return keras.layers.TextVectorization(standardize=None, vocabulary=list(words))


def _repeats(words: Sequence[str]) -> bool:
    return len(set(words)) < len(words)


def _copied(layer: keras.layers.TextVectorization) -> keras.layers.TextVectorization:
    """Return a copy that holds its words in its config."""
    config = layer.get_config()
    if config["output_mode"] != "int":
        raise ValueError(
            "Expected a TextVectorization(output_mode='int'), which keeps the order of tokens. "
            f"Received: output_mode={config['output_mode']!r}"
        )
    words = [str(word) for word in layer.get_vocabulary(include_special_tokens=False)]
    if not words:
        raise ValueError(
            f"{EXPECTED}one that knows no words. Call adapt(texts) on it first, or pass vocabulary=."
        )
    # Not `from_config`, which takes functions, as of a split of one's own, for configs.
    return type(layer)(**{**config, "vocabulary": words, "ragged": False})
