"""Sentences that read like Python's documentation.

    python examples/sentences.py out/sentences
    python examples/sentences.py out/sentences --minutes 20

The corpus is what this Python brings: the first sentence of the docstring of everything in the standard
library. A language model learns them by maximum likelihood, and then, as a generator, plays on against
a discriminator. What they write is held against sentences that neither saw: BLEU-4 says how much of it
stands in these (quality), self-BLEU-4 how alike the sentences of one model are (lack of variety). Each
model is asked at several temperatures, which trade one for the other, and beside both stands what real
sentences come to. Prints sentences and the figures, and draws them.
"""

import argparse
import ast
import re
import sysconfig
from collections import Counter
from pathlib import Path
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure

import keras_rgan as kr

TEMPERATURES = (1.0, 0.8, 0.6)
BATCH = 64
LEFT_OUT = {"site-packages", "test", "tests", "idlelib", "lib2to3"}
DOCUMENTED = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.Module)


def sentences() -> list[str]:
    """Return the first sentence of each docstring of the standard library, of 4 to 14 words."""
    folder = Path(sysconfig.get_path("stdlib"))
    found: dict[str, None] = {}
    for path in sorted([*folder.glob("*.py"), *folder.glob("*/*.py")]):
        if LEFT_OUT & set(path.relative_to(folder).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8", errors="ignore"))):
            text = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
            first = re.split(r"(?<=[.!?])\s|\n\s*\n", (text or "").strip())[0]
            words = re.findall(r"[a-z'-]+|[.,]", first.lower())
            if 4 <= len(words) <= 14 and re.fullmatch(r"[A-Za-z',.\s-]+", first):
                found[" ".join(words)] = None
    return list(found)


def frequent(texts: list[str], least: int = 3) -> list[str]:
    """Return those texts of which every word stands in so many."""
    counts = Counter(word for text in texts for word in set(text.split()))
    return [text for text in texts if all(counts[word] >= least for word in text.split())]


def scores(test: list[str], made: list[str]) -> tuple[float, float]:
    """Return how much stands in the test sentences, and how alike sentences are, of as many."""
    some = [text for text in made if text][: len(test)]
    return kr.metrics.bleu(test, some), kr.metrics.self_bleu(some)


def written(gan: kr.TokenGAN, test: list[str]) -> dict[float, Any]:
    """Return what a model writes at each temperature, and its scores."""
    result = {}
    for temperature in TEMPERATURES:
        texts = gan.generate_text(len(test), temperature=temperature, seed=0)
        result[temperature] = (texts, *scores(test, texts))
    return result


def main() -> None:
    """Learn, play, compare and draw."""
    parser = argparse.ArgumentParser(description="Sentences of documentation")
    parser.add_argument("folder", nargs="?", default="out/sentences", type=Path)
    parser.add_argument("--warm-up", default=1_500, type=int, help="updates by maximum likelihood")
    parser.add_argument("--game", default=1_500, type=int, help="updates of the game")
    parser.add_argument("--minutes", default=12.0, type=float, help="training time at the most")
    options = parser.parse_args()
    texts = frequent(sentences())
    order = np.random.default_rng(0).permutation(len(texts))
    texts = [texts[i] for i in order]
    cut = len(texts) // 5
    test, other, train = texts[:cut], texts[cut : 2 * cut], texts[cut:]
    vectorization = keras.layers.TextVectorization(standardize=None)
    vectorization.adapt(texts)

    keras.utils.set_random_seed(0)
    gan = kr.TokenGAN(vectorization, {"dropout": 0.3}, seed=0)
    gan.compile(warm_up=options.warm_up)
    steps = -(-len(train) // BATCH)
    ends = [-(-options.warm_up // steps), -(-(options.warm_up + options.game) // steps)]
    models = {}
    for name, first, last in zip(("likelihood", "game"), (0, ends[0]), ends, strict=True):
        share = (last - first) / ends[-1]
        budget = [kr.callbacks.TimeBudget(options.minutes * share, decay_share=0.0)]
        fitted = {"batch_size": BATCH, "initial_epoch": first, "epochs": last, "verbose": 0}
        gan.fit(train, callbacks=budget, **fitted)
        models[name] = written(gan, test)

    print(f"sentences            {len(train)} to train on, {cut} to test on")
    print(f"vocabulary           {gan.vocabulary.size} words")
    for name, results in models.items():
        for temperature, (made, *_) in results.items():
            print(f"{name}, temperature {temperature}")
            print("".join(f"    {text}\n" for text in made[:3]), end="")
    print("                     temperature   BLEU-4   self-BLEU-4")
    real = scores(test, other)
    print(f"{'real sentences':21}{'':11}{real[0]:9.3f}{real[1]:14.3f}")
    for name, results in models.items():
        for temperature, (_, quality, alike) in results.items():
            print(f"{name:21}{temperature:11.1f}{quality:9.3f}{alike:14.3f}")

    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    for name, results in models.items():
        _, quality, alike = zip(*results.values(), strict=True)
        axes.plot(quality, alike, marker="o", label=name)
    axes.plot(*real, "k*", markersize=12, label="real sentences")
    axes.set_xlabel("BLEU-4 against real sentences (right is better)")
    axes.set_ylabel("self-BLEU-4 (below is more varied)")
    axes.legend()
    options.folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.folder / "sentences.png", dpi=80)
    print(f"The figures are drawn in {options.folder / 'sentences.png'}")


if __name__ == "__main__":
    main()
