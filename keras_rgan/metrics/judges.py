"""The networks that are trained to tell generated sequences from real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rgan.metrics import committee, post_hoc
from keras_rgan.networks import RecurrentDiscriminator
from keras_rgan.sequences.statistics.random_features import standardized_views

MAX_NUMBERS = 2000
"""Of longer sequences the quick judge sees a part of so many numbers, at a place drawn for each."""

Random = np.random.Generator


class Judge(NamedTuple):
    """A kind of network, and how it is trained.

    Attributes:
        units: Returns its width for a number of features.
        steps: Steps of training.
        look: Returns what it sees of two sets, whose features fill 0 … 1 in the real one.
        network: Returns one of a width, for samples of a shape.
        repeats: How many are trained by default.
        committee: Whether regressions on statistics are asked beside it.
    """

    units: Callable[[int], int]
    steps: int
    look: Callable[[list[np.ndarray], Random], list[np.ndarray]]
    network: Callable[[int, tuple[int, ...], Random], keras.Model]
    repeats: int = 5
    committee: bool = False

    def advantage(
        self,
        sets: list[np.ndarray],
        units: int,
        steps: int,
        batch_size: int,
        random: Random,
        groups: Sequence[np.ndarray | None] = (None, None),
    ) -> float:
        """Return by how much one that learned from four fifths is more often right about the rest.

        Args:
            sets: Real and generated samples, in units in which the real ones' features fill 0 … 1.
            units: Its width.
            steps: How many batches it learns from.
            batch_size: How many of either set are in one.
            random: For the split, the weights and the batches.
            groups: Which group each sample is of; None of each set where each is one of its own.
        """
        if self.committee:
            sets = [_part(x, random) for x in sets]

            def ask(fit: list[np.ndarray], others: list[list[np.ndarray]]) -> list[np.ndarray]:
                return self._said(fit, others, units, steps, batch_size, random)

            return committee.advantage(sets, groups, ask, random)
        shown = self.look(sets, random)
        parts = [post_hoc.split(len(x), 0.8, random, g) for x, g in zip(shown, groups, strict=True)]
        train = [x[i] for x, (i, _) in zip(shown, parts, strict=True)]
        test = [x[i] for x, (_, i) in zip(shown, parts, strict=True)]
        network = self.network(units, shown[0].shape[1:], random)
        post_hoc.learn_to_tell(network, train, steps, batch_size, int(random.integers(2**31)))
        return post_hoc.advantage(*(_logits(network, x) for x in test))

    def _said(
        self,
        fit: list[np.ndarray],
        others: list[list[np.ndarray]],
        units: int,
        steps: int,
        batch_size: int,
        random: Random,
    ) -> list[np.ndarray]:
        """Return the logits of pairs of sets of one that learned from the first."""
        ends = np.cumsum([[len(x) for x in pair] for pair in (fit, *others)], axis=0)
        whole = [np.concatenate(parts) for parts in zip(fit, *others, strict=True)]
        shown = self.look(whole, random)
        pairs = [
            [x[start:end] for x, start, end in zip(shown, starts, stops, strict=True)]
            for starts, stops in zip([[0, 0], *ends[:-1]], ends, strict=True)
        ]
        network = self.network(units, shown[0].shape[1:], random)
        post_hoc.learn_to_tell(network, pairs[0], steps, batch_size, int(random.integers(2**31)))
        return [_logits(network, np.concatenate(pair)) for pair in pairs[1:]]


def _logits(network: keras.Model, samples: np.ndarray) -> np.ndarray:
    """Return what a judge says, without `predict`, of whose graphs TensorFlow warns."""
    parts = [samples[i : i + 1024] for i in range(0, len(samples), 1024)]
    told = [ops.convert_to_numpy(network(ops.convert_to_tensor(part)))[:, 0] for part in parts]
    return np.concatenate(told)


def _as_they_are(sets: list[np.ndarray], random: Random) -> list[np.ndarray]:
    return sets


def _views(sets: list[np.ndarray], random: Random) -> list[np.ndarray]:
    """Return levels, increments and strength of each frequency, of parts of long sequences."""
    return standardized_views(*(_part(x, random) for x in sets))


def _part(sequences: np.ndarray, random: Random) -> np.ndarray:
    """Return parts of so many steps as are judged, which begin anywhere."""
    count, length, features = sequences.shape
    steps = min(length, max(MAX_NUMBERS // features, 2))
    if steps == length:
        return sequences
    first = random.integers(length - steps + 1, size=count)
    return np.take_along_axis(sequences, (first[:, None] + np.arange(steps))[..., None], axis=1)


def _dense(units: int, shape: tuple[int, ...], random: Random) -> keras.Model:
    """Return two hidden layers that see a whole sequence at once."""
    layers = [
        keras.layers.Dense(
            width,
            activation,
            kernel_initializer=keras.initializers.GlorotUniform(int(random.integers(2**31))),
            dtype="float32",
        )
        for width, activation in ((units, "swish"), (units, "swish"), (1, None))
    ]
    return keras.Sequential([keras.Input(shape, dtype="float32"), *layers])


def _recurrent(*pooling: str) -> Callable[[int, tuple[int, ...], Random], keras.Model]:
    def network(units: int, shape: tuple[int, ...], random: Random) -> keras.Model:
        return RecurrentDiscriminator(
            units,
            bidirectional=False,
            pooling=pooling if len(pooling) > 1 else pooling[0],
            seed=int(random.integers(2**31)),
            dtype="float32",
        )

    return network


JUDGES = {
    "quick": Judge(lambda features: 128, 400, _views, _dense, 2, committee=True),
    "dense": Judge(lambda features: 128, 600, _views, _dense),
    "strict": Judge(lambda features: 64, 3000, _as_they_are, _recurrent("last", "mean")),
    "timegan": Judge(lambda features: max(features // 2, 1), 2000, _as_they_are, _recurrent("last")),
}
"""The judges by name."""
