"""How ids and text come in."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences import reading
from keras_rgan.sequences.admission import Admission, Source
from keras_rgan.sequences.tokens import check_ids
from keras_rgan.sequences.vocabulary import Vocabulary
from keras_rgan.utils.types import Shape


class TokenAdmission(Admission):
    """Lets ids of tokens in, and text by their vocabulary.

    Args:
        model: The `TokenGAN`.
        vocabulary: What tokens there are.
    """

    def __init__(self, model: Any, vocabulary: Vocabulary) -> None:
        super().__init__(model)
        self.vocabulary = vocabulary

    def gather(self, where: str, x: Any, y: Any = None, **weights: Any) -> Source:
        """Return a user's data in one form: ids `(samples, time, 1)`, and their lengths if they differ.

        Args:
            where: Which argument it comes by.
            x: Ids, an array or a list of sequences, or strings, alone or as a pair with conditions.
            y: Conditions.
            **weights: What a GAN does not take, by name.

        Raises:
            ValueError: If they are no ids of the vocabulary, or a sequence is empty.
        """
        x, y = reading.unpaired(x, y)
        if isinstance(y, dict) and "observed" in y:
            raise ValueError(
                "Sequences of tokens have no gaps. Received: the condition 'observed'. Give what is "
                "missing a token of its own."
            )
        if hasattr(x, "row_lengths"):  # a RaggedTensor
            x = [np.asarray(row) for row in x]
        if isinstance(x, str | bytes):
            raise ValueError(
                f"Expected a list of texts. Received: one, {x[:50]!r}. Pass [text], or "
                "text.splitlines()."
            )
        if reading.is_array(x):
            told = isinstance(y, dict) and not {"length", "mask"}.isdisjoint(y)
            x = self._of_array(reading.to_numpy(x), told)
        elif isinstance(x, list | tuple):
            x = self._of_list(where, list(x))
        return super().gather(where, x, y, **weights)

    def _of_array(self, values: np.ndarray, lengths_told: bool) -> Any:
        """Return ids `(samples, time, 1)`, or a list of such without the padding behind their ends.

        Args:
            values: Texts or ids.
            lengths_told: Whether conditions tell the lengths.
        """
        if values.dtype.kind in "OUS" and values.size and isinstance(values.flat[0], str | bytes):
            return self._padded(self.vocabulary.encode(values.reshape(-1)))
        ids = check_ids(values, self.vocabulary.size).astype("int32")
        if ids.ndim not in (2, 3) or ids.shape[2:] not in ((), (1,)):
            hint = " Of one-hot vectors pass np.argmax(x, axis=-1)." if ids.ndim == 3 else ""
            raise ValueError(
                "Expected ids of tokens, (samples, time) or (samples, time, 1). Received: shape "
                f"{ids.shape}.{hint}"
            )
        ids = ids[..., 0] if ids.ndim == 3 else ids
        pads = self.vocabulary.words is not None and not lengths_told
        if pads and ids.shape[1] and (self._learned_lengths or not ids[:, -1].all()):
            lengths = (ids != 0).sum(axis=1)
            if not np.array_equal(ids != 0, reading.counting(lengths, ids.shape[1])):
                raise ValueError(
                    "Id 0 is the padding of this vocabulary. Expected: at the end of sequences alone. "
                    "Received: a 0 before another id"
                )
            return self._of_list("", [row[:n] for row, n in zip(ids, lengths, strict=True)])
        return ids[..., None]

    def _of_list(self, where: str, sequences: list[Any]) -> Any:
        if not sequences:
            raise ValueError("Expected at least one sequence. Received: an empty list")
        texts = [isinstance(x, str | bytes) for x in sequences]
        if all(texts):
            return self._padded(self.vocabulary.encode(sequences))
        if any(texts):
            other = texts.index(False)
            raise ValueError(
                "Expected texts or sequences of ids. Received: a list of texts with "
                f"{sequences[other]!r} at index {other}. Drop what is missing; encode texts first "
                "where others are ids."
            )
        arrays = []
        for i, sequence in enumerate(sequences):
            array = reading.to_numpy(sequence)
            if array.ndim == 2 and array.shape[-1] == 1:
                array = array[:, 0]
            if array.ndim != 1 or not array.size:
                raise ValueError(
                    "Expected sequences of ids, (time,), of one token at the least. Received: shape "
                    f"{array.shape} at index {i}." + (" Drop what is empty." if not array.size else "")
                )
            arrays.append(check_ids(array, self.vocabulary.size, f" of sequence {i}").astype("int32"))
        return self._padded(arrays)

    @property
    def _learned_lengths(self) -> bool:
        """Whether the model knows sequences of different lengths, and is to be told all lengths."""
        encoder = self.model.conditions
        return encoder is not None and "length" in encoder.names

    def _padded(self, sequences: list[np.ndarray]) -> Any:
        """Return a list of arrays `(time, 1)`, whose lengths count, or one array where they do not."""
        columns = [sequence[:, None] for sequence in sequences]
        same = len({len(column) for column in columns}) == 1 and not self._learned_lengths
        return np.stack(columns) if same else columns

    def check(self, sequences: Any, gaps: bool = False) -> None:
        """Refuse what is no batch of ids of the vocabulary.

        Args:
            sequences: An array.
            gaps: Without effect: tokens have no gaps.

        Raises:
            ValueError: If it is none.
        """
        values = reading.to_numpy(sequences)
        self.check_array(values.shape, values.dtype)
        check_ids(values, self.vocabulary.size)
        super().check(sequences)

    def check_array(self, shape: Shape, dtype: np.dtype) -> None:
        """Refuse a batch of a dataset that has no axis of its own for the id.

        Raises:
            ValueError: If it has none, or is refused by `Admission.check_array`.
        """
        if len(shape) in (1, 2):
            raise ValueError(
                "Expected batches of ids of shape (batch, time, 1). Received: a batch of shape "
                f"{tuple(shape)}. "
                + (
                    "Add the axis: dataset.map(lambda ids: ids[..., None])."
                    if len(shape) == 2
                    else "Look texts up first, each as a row of ids, by a TextVectorization with "
                    "output_sequence_length: dataset.map(lambda texts: layer(texts)[..., None])."
                )
            )
        super().check_array(shape, dtype)
