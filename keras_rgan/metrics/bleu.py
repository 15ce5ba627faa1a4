"""How many short runs of tokens sentences share."""

from __future__ import annotations

import collections
import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from keras_rgan.sequences import reading
from keras_rgan.utils import checks

EPSILON = 0.1
"""Stands for a count of 0 among runs of two tokens and more."""

Runs = collections.Counter[tuple[Hashable, ...]]


def bleu(real: Any, generated: Any, order: int = 4) -> float:
    """Return how much of generated sentences stands in real ones: the mean BLEU of each against all.

    Of each generated sentence the share of its runs of 1 … `order` tokens that some real sentence has
    as often (runs of which there is none count 0.1), their geometric mean, times a penalty where it is
    shorter than the real sentence that is nearest in length. 1 where each is a copy of a real sentence:
    it sees no lack of variety, which `self_bleu` does. Compare with that of other real sentences.

    Args:
        real: Sentences to compare with: ids `(samples, time)` or `(samples, time, 1)`, or a list of
            sequences of tokens, or of strings, which are split at spaces.
        generated: Sentences to judge, likewise.
        order: The longest runs that count.

    Returns:
        A number from 0 to 1, higher where more is shared.

    Raises:
        ValueError: If there are no sentences, or one is empty.

    Example:
        >>> import keras_rgan as kr
        >>> real = ["the cat sat on the mat", "the dog lay on the rug"]
        >>> kr.metrics.bleu(real, ["the dog lay on the rug"])
        1.0
        >>> round(kr.metrics.bleu(real, ["the dog sat on the mat"]), 3)
        0.604

    Reference:
        Papineni et al., "BLEU", ACL 2002; smoothing 1 of Chen and Cherry, "A Systematic Comparison of
        Smoothing Techniques for Sentence-Level BLEU", 2014; of generated sentences as in Zhu et al.,
        "Texygen", SIGIR 2018.
    """
    checks.positive_int("order", order)
    references, sentences = _sentences("real", real), _sentences("generated", generated)
    most: Runs = collections.Counter()
    for sentence in references:
        for run, count in _runs(sentence, order).items():
            most[run] = max(most[run], count)
    lengths = collections.Counter(map(len, references))
    values = [_score(s, _runs(s, order), most, _nearest(len(s), lengths), order) for s in sentences]
    return float(np.mean(values))


def self_bleu(generated: Any, order: int = 4) -> float:
    """Return how alike generated sentences are: the mean BLEU of each against all others.

    1 where each occurs twice. Compare with that of as many real sentences: more others share more.

    Args:
        generated: Sentences, as `bleu` takes them, two at the least.
        order: The longest runs that count.

    Returns:
        A number from 0 to 1, lower where they vary more.

    Raises:
        ValueError: If there are fewer than two sentences, or one is empty.

    Example:
        >>> import keras_rgan as kr
        >>> round(kr.metrics.self_bleu(["a b c d", "a b c d", "e f g h"]), 2)
        0.67

    Reference:
        Zhu et al., "Texygen: A Benchmarking Platform for Text Generation Models", SIGIR 2018.
    """
    checks.positive_int("order", order)
    sentences = _sentences("generated", generated)
    if len(sentences) < 2:
        raise ValueError(
            "`self_bleu` compares sentences with each other. Expected: two at the least. Received: 1"
        )
    runs = [_runs(sentence, order) for sentence in sentences]
    # Of each run the most that a sentence has, that sentence, and the most of all others.
    most: dict[tuple[Hashable, ...], tuple[int, int, int]] = {}
    for i, counts in enumerate(runs):
        for run, count in counts.items():
            first, holder, second = most.get(run, (0, -1, 0))
            if count > first:
                most[run] = count, i, first
            elif count > second:
                most[run] = first, holder, count
    lengths = collections.Counter(map(len, sentences))
    values = []
    for i, (sentence, counts) in enumerate(zip(sentences, runs, strict=True)):
        others = {run: most[run][2] if most[run][1] == i else most[run][0] for run in counts}
        lengths[len(sentence)] -= 1
        nearest = _nearest(len(sentence), lengths)
        lengths[len(sentence)] += 1
        values.append(_score(sentence, counts, others, nearest, order))
    return float(np.mean(values))


def _score(sentence: Sequence[Any], runs: Runs, most: Any, nearest: int, order: int) -> float:
    """Return the BLEU of a sentence.

    Args:
        sentence: Its tokens.
        runs: How often it has each run.
        most: How often at the most a sentence that it is compared with has each.
        nearest: How long the one is that is nearest in length.
        order: The longest runs that count.
    """
    shared, total = [0] * order, [0] * order
    for run, count in runs.items():
        shared[len(run) - 1] += min(count, most.get(run, 0))
        total[len(run) - 1] += count
    if not shared[0]:
        return 0.0
    parts = zip(shared, total, strict=True)
    logs = [math.log((count or EPSILON) / max(of, 1)) for count, of in parts]
    brevity = min(0.0, 1.0 - nearest / len(sentence))
    return math.exp(brevity + sum(logs) / order)


def _runs(sentence: Sequence[Any], order: int) -> Runs:
    """Return how often a sentence has each run of up to so many tokens."""
    return collections.Counter(
        tuple(sentence[start : start + length])
        for length in range(1, order + 1)
        for start in range(len(sentence) - length + 1)
    )


def _nearest(length: int, lengths: collections.Counter[int]) -> int:
    """Return the length that is nearest, the shorter of two, of those that there are."""
    return min((n for n, count in lengths.items() if count), key=lambda n: (abs(n - length), n))


def _sentences(name: str, sentences: Any) -> list[list[Any]]:
    """Return sentences as lists of tokens."""
    if isinstance(sentences, str):
        raise ValueError(
            f"`{name}` must be a list of sentences. Received: one string, {sentences[:50]!r}. Pass "
            "[text], or text.splitlines()."
        )
    if reading.is_array(sentences):
        values = reading.to_numpy(sentences)
        values = values[..., 0] if values.ndim == 3 and values.shape[-1] == 1 else values
        sentences = values.tolist()
    result = []
    for sentence in sentences:
        sentence = sentence.decode() if isinstance(sentence, bytes) else sentence
        if reading.is_array(sentence):
            sentence = reading.to_numpy(sentence).reshape(-1).tolist()
        result.append(sentence.split() if isinstance(sentence, str) else _tokens(name, sentence))
    empty = [i for i, sentence in enumerate(result) if not sentence]
    if not result or empty:
        received = f"no token in sentence {empty[0]}" if empty else "no sentence"
        raise ValueError(f"`{name}` must be sentences of a token at the least. Received: {received}")
    return result


def _tokens(name: str, sentence: Any) -> list[Any]:
    try:
        return list(sentence)
    except TypeError:
        raise ValueError(
            f"`{name}` must be a list of sentences, each a sequence of tokens or a string. Received: "
            f"{sentence!r} as one of them"
        ) from None
