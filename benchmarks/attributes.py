"""Attributes that the model draws by itself: are they, and the series beside them, as in the data?

    python benchmarks/attributes.py --minutes 4

Trains on sines with a label of three unequal classes, a real attribute that depends on the label, a
frequency that depends on the label and an amplitude that is the attribute; then draws attributes and
series. Prints how far the labels' shares are off (total variation), the correlation of label and
attribute, the Wasserstein distance of the attribute within a label (in deviations, worst label), the
share of series that a classifier of real ones takes for their label, the correlation of amplitude and
attribute, the share of attributes that are values of the data, and a strict judge's score: of what was
generated, of series on request for rows of the data (`attributes="drawn"`), and of other real data.
"""

import argparse

import numpy as np
from quality import add_training_options, choose_environment, train
from sklearn.svm import SVC

import keras_rgan as kr

SHARES = (0.6, 0.3, 0.1)
"""Of the labels."""

PERIODS = (1.5, 3.0, 4.5)
"""Of each label, in a sequence."""

LENGTH = 24


def labelled_sines(num_samples: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Make sines, and the attributes that they follow from."""
    random = np.random.default_rng(seed)
    label = random.choice(len(SHARES), num_samples, p=SHARES)
    size = (2.0 + label + random.uniform(-1.2, 1.2, num_samples)).astype("float32")
    phase = random.uniform(-np.pi, np.pi, num_samples)[:, None]
    time = 2.0 * np.pi * np.arange(LENGTH)[None] / LENGTH
    waves = size[:, None] * np.sin(np.take(PERIODS, label)[:, None] * time + phase)
    return waves[..., None].astype("float32"), {"label": label, "size": size}


def shapes_of(series: np.ndarray) -> np.ndarray:
    """Return what tells the label whatever the size: spectra that sum to one."""
    spectra = np.abs(np.fft.rfft(series[..., 0], axis=1))
    return spectra / np.maximum(spectra.sum(axis=1, keepdims=True), 1e-6)


def compare(
    data: tuple[np.ndarray, dict[str, np.ndarray]], other: tuple[np.ndarray, dict[str, np.ndarray]]
) -> dict[str, float]:
    """Return the figures of another set beside the training data."""
    (real, known), (made, drawn) = data, other
    shares = [np.bincount(x["label"], minlength=len(SHARES)) / len(x["label"]) for x in (known, drawn)]
    classifier = SVC(C=10.0, gamma="scale").fit(shapes_of(real[:3000]), known["label"][:3000])
    within = [
        kr.metrics.marginal_wasserstein_distance(
            *(x["size"][x["label"] == label][:, None, None] for x in (known, drawn))
        )
        for label in range(len(SHARES))
        if (drawn["label"] == label).any()
    ]
    amplitude = np.sqrt(2.0) * made.std(axis=(1, 2))
    return {
        "labels": 0.5 * float(np.abs(shares[0] - shares[1]).sum()),
        "correlation": float(np.corrcoef(drawn["label"], drawn["size"])[0, 1]),
        "within": max(within),
        "recognized": float((classifier.predict(shapes_of(made)) == drawn["label"]).mean()),
        "amplitude": float(np.corrcoef(amplitude, drawn["size"])[0, 1]),
        "copies": float(np.isin(drawn["size"], known["size"]).mean()),
    }


def main() -> None:
    """Train both ways and print a table."""
    parser = argparse.ArgumentParser(description="Generated attributes.")
    add_training_options(parser, 4.0)
    parser.add_argument("--sources", nargs="+", default=["generated", "drawn"])
    options = parser.parse_args()
    choose_environment(options.backend)
    data = labelled_sines(6_000, 0)
    sets = {}
    for source in options.sources:
        gan = train(source, data, options, attributes=source)
        sets[source] = gan.generate(4_000, seed=1), gan.sample_conditions(4_000, seed=1)
    sets["other real data"] = labelled_sines(4_000, 1)
    rows = {name: compare(data, other) for name, other in sets.items()}
    for name, (made, _) in sets.items():
        score = kr.metrics.discriminative_score(
            data[0], made, judge="strict", units=32, steps=1500, repeats=2
        )
        rows[name]["strict"] = score.mean
    names = list(rows["other real data"])
    print("| | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for name, figures in rows.items():
        print(f"| {name} | " + " | ".join(f"{figures[k]:.3f}" for k in names) + " |")


if __name__ == "__main__":
    main()
