"""A language that is known exactly: an LSTM with random weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences.tokens import check_ids
from keras_rgan.utils import checks

CHUNK = 1_000
"""So many sequences are made or looked at at a time: logits of all would not fit."""


class OracleLSTM:
    """An LSTM with weights of N(0, 1) that writes sequences of tokens, and says how likely any are.

    The synthetic test of generators of text: what such a language makes is the data, and the oracle
    tells the exact likelihood of what a model made of it. It begins with token 0 as the one before the
    first, and with a state of zeros. It computes in NumPy, alike on every backend.

    Args:
        vocabulary_size: How many tokens there are.
        length: Tokens of a sequence.
        units: Width of the state.
        embedding_dim: Width to which tokens are embedded.
        seed: Seed of the weights.

    Raises:
        ValueError: If a number is not a positive integer.

    Example:
        >>> import keras_rgan as kr
        >>> oracle = kr.datasets.OracleLSTM(vocabulary_size=50, length=5, units=8)
        >>> ids = oracle.sample(100, seed=0)
        >>> ids.shape, oracle.negative_log_likelihood(ids).shape
        ((100, 5), (100,))
        >>> import numpy as np
        >>> others = np.random.default_rng(0).integers(50, size=(100, 5))
        >>> per_token = [float(oracle.negative_log_likelihood(x).mean()) for x in (ids, others)]
        >>> per_token[0] < per_token[1]
        True

    Reference:
        Yu et al., "SeqGAN: Sequence Generative Adversarial Nets with Policy Gradient", AAAI 2017.
    """

    def __init__(
        self,
        vocabulary_size: int = 5_000,
        length: int = 20,
        units: int = 32,
        embedding_dim: int = 32,
        seed: int = 0,
    ) -> None:
        self.vocabulary_size = checks.positive_int("vocabulary_size", vocabulary_size)
        self.length = checks.positive_int("length", length)
        self.units = checks.positive_int("units", units)
        self.embedding_dim = checks.positive_int("embedding_dim", embedding_dim)
        self.seed = seed
        random = np.random.default_rng(seed)
        shapes = {
            "embedding": (vocabulary_size, embedding_dim),
            "kernel": (embedding_dim, 4 * units),
            "recurrent_kernel": (units, 4 * units),
            "bias": (4 * units,),
            "output": (units, vocabulary_size),
            "output_bias": (vocabulary_size,),
        }
        self.weights = {name: random.normal(size=shape) for name, shape in shapes.items()}

    def sample(self, num_samples: int, seed: int = 0) -> np.ndarray:
        """Return new sequences, `(num_samples, length)` int32.

        Args:
            num_samples: How many.
            seed: Seed of the draws.
        """
        random = np.random.default_rng(seed)
        count = checks.positive_int("num_samples", num_samples)
        ids = np.zeros((count, self.length), "int32")
        for start in range(0, count, CHUNK):
            part = ids[start : start + CHUNK]
            state = self._start(len(part))
            token = np.zeros(len(part), "int64")
            for step in range(self.length):
                logs, state = self._step(token, state)
                shares = np.cumsum(np.exp(logs), axis=-1)
                beyond = random.random((len(part), 1)) * shares[:, -1:]
                token = np.minimum((shares <= beyond).sum(axis=-1), self.vocabulary_size - 1)
                part[:, step] = token
        return ids

    def negative_log_likelihood(self, ids: Any) -> np.ndarray:
        """Return how unlikely each sequence is, in nats a token, `(samples,)`.

        Args:
            ids: Sequences of tokens, `(samples, time)` or `(samples, time, 1)`, of any length.

        Raises:
            ValueError: If they are no ids of this vocabulary.
        """
        ids = check_ids(ids, self.vocabulary_size)
        if ids.ndim == 3 and ids.shape[-1] == 1:
            ids = ids[..., 0]
        if ids.ndim != 2 or not ids.shape[1]:
            raise ValueError(
                "Expected ids of shape (samples, time) or (samples, time, 1), of one step at the "
                f"least. Received: {ids.shape}"
            )
        result = np.zeros(len(ids))
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            state, before = self._start(len(part)), np.zeros(len(part), "int64")
            for token in part.T:
                logs, state = self._step(before, state)
                result[start : start + CHUNK] -= logs[np.arange(len(part)), token]
                before = token
        return result / ids.shape[1]

    def _start(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((count, self.units)), np.zeros((count, self.units))

    def _step(
        self, token: np.ndarray, state: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Return the log-probability of each next token, and the state then."""
        hidden, carry = state
        w = self.weights
        gates = w["embedding"][token] @ w["kernel"] + hidden @ w["recurrent_kernel"] + w["bias"]
        enter, forget, new, leave = np.split(gates, 4, axis=-1)
        carry = _sigmoid(forget) * carry + _sigmoid(enter) * np.tanh(new)
        hidden = _sigmoid(leave) * np.tanh(carry)
        logits = hidden @ w["output"] + w["output_bias"]
        logits -= logits.max(axis=-1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)), (hidden, carry)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + np.tanh(0.5 * x))
