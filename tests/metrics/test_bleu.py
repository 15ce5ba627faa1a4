import collections

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import refuses


def by_hand(sentence, references, order):
    """BLEU of one sentence as its definition has it."""

    def count(tokens, n):
        return collections.Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))

    product = 1.0
    for n in range(1, order + 1):
        runs = count(sentence, n)
        shared = sum(min(c, max(count(r, n)[g] for r in references)) for g, c in runs.items())
        if n == 1 and not shared:
            return 0.0
        product *= ((shared or 0.1) / max(sum(runs.values()), 1)) ** (1.0 / order)
    nearest = min((abs(len(r) - len(sentence)), len(r)) for r in references)[1]
    return product * (1.0 if len(sentence) > nearest else np.exp(1.0 - nearest / len(sentence)))


def random_sentences(count, seed):
    random = np.random.default_rng(seed)
    return [random.integers(0, 6, random.integers(1, 9)).tolist() for _ in range(count)]


@pytest.mark.parametrize("order", [1, 2, 4])
def test_as_by_hand(order):
    real, made = random_sentences(15, 0), random_sentences(12, 1)
    expected = np.mean([by_hand(s, real, order) for s in made])
    assert kr.metrics.bleu(real, made, order) == pytest.approx(expected)
    others = [by_hand(s, made[:i] + made[i + 1 :], order) for i, s in enumerate(made)]
    assert kr.metrics.self_bleu(made, order) == pytest.approx(np.mean(others))


def test_copies_and_strangers():
    real = ["a b c d e", "f g h i j"]
    assert kr.metrics.bleu(real, real) == 1.0
    assert kr.metrics.bleu(real, ["x y z x y"]) == 0.0
    assert kr.metrics.self_bleu(["a b c d"] * 3) == 1.0


def test_ids_strings_and_lists_are_alike():
    ids = np.array([[0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 3, 2]])
    words = [" ".join(f"w{i}" for i in row) for row in ids]
    forms = [ids, ids[..., None].astype("float32"), list(ids[..., None]), ids.tolist(), words]
    forms += [[sentence.encode() for sentence in words], np.array([x.encode() for x in words])]
    assert len({kr.metrics.self_bleu(form) for form in forms}) == 1


def test_what_is_no_sentences():
    refuses(lambda: kr.metrics.bleu("a b", ["a"]), "`real` must be a list of sentences.*splitlines")
    refuses(lambda: kr.metrics.bleu(["a"], ["a", " "]), "no token in sentence 1")
    refuses(lambda: kr.metrics.bleu(["a"], []), "no sentence")
    refuses(lambda: kr.metrics.bleu(["a"], [3]), "Received: 3 as one of them")
    refuses(lambda: kr.metrics.self_bleu(["a"]), "two at the least")
