"""Make a small saved model of every capability, with what it generates beside it.

`python tests/files/make.py`, with KERAS_BACKEND set, writes `tests/files/<release>/<backend>/<name>.keras`
and, of each, `<name>.npz`: what it generates of seed 3, the conditions of the same seed and, of models that
complete sequences, fillings and forecasts. `python tests/files/make.py NAME …` writes those into `next`, of
what no release has yet. Files of a release are never made anew:
`tests/workflows/test_golden_files.py` loads all of them, on every backend.
"""

import io
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np

import keras_rgan as kr

STEPS, SAMPLES = 6, 24
SMALL = {"units": 3, "latent_dim": 2, "noise_dim": 2}
JUDGE = {"units": 3, "convolution_units": 2}


def sequences(seed=0):
    """Return sequences of a continuous feature, a count and a copy of the first."""
    random = np.random.default_rng(seed)
    walk = 20.0 + random.normal(size=(SAMPLES, STEPS)).cumsum(axis=1)
    return np.stack([walk, random.poisson(3.0, walk.shape), walk], axis=-1).astype("float32")


def conditions(seed=1):
    """Return a label, a number and a covariate at each step."""
    random = np.random.default_rng(seed)
    return {
        "label": random.choice(["a", "b", "c"], SAMPLES),
        "age": random.uniform(20.0, 90.0, SAMPLES),
        "dose": random.uniform(size=(SAMPLES, STEPS, 1)),
    }


def lengths(seed=2):
    """Return how long each sequence is."""
    return np.random.default_rng(seed).integers(2, STEPS + 1, SAMPLES)


def observed(seed=3):
    """Return which values there are."""
    return np.random.default_rng(seed).random((SAMPLES, STEPS, 3)) < 0.8


def small(**options):
    """Return a model of narrow networks."""
    return kr.RecurrentGAN(dict(SMALL), dict(JUDGE), seed=0, **options)


def plain():
    """A calibrated model without conditions."""
    gan = small()
    gan.compile()
    gan.fit(sequences(), batch_size=8, verbose=0, epochs=1)
    gan.calibrate(sequences(), num_samples=50)
    return gan


def labels():
    """Static and temporal conditions, dropout, LSTMs, WGAN-GP."""
    gan = kr.RecurrentGAN({**SMALL, "cell": "lstm"}, {**JUDGE, "dropout": 0.1}, seed=0)
    gan.compile(loss="wasserstein", penalties="gradient_penalty", ema=None)
    gan.fit((sequences(), conditions()), batch_size=8, verbose=0, epochs=1)
    return gan


def ragged():
    """Lengths of their own, with a label."""
    gan = small(scaler="standard")
    gan.compile()
    rows = [x[:n] for x, n in zip(sequences(), lengths(), strict=True)]
    gan.fit((rows, {"label": conditions()["label"]}), batch_size=8, verbose=0, epochs=1)
    return gan


def gaps():
    """Gaps, and lengths of their own."""
    gan = small()
    gan.compile(metrics=["mmd", "roughness"])
    gan.fit(
        (sequences(), {"observed": observed(), "length": lengths()}), batch_size=8, verbose=0, epochs=1
    )
    return gan


def ranges():
    """Ranges of their own, drawn, with a label."""
    gan = small(scaler="per_sample")
    gan.compile()
    gan.fit((sequences(), {"label": conditions()["label"]}), batch_size=8, verbose=0, epochs=1)
    return gan


def attributes():
    """Generated attributes and ranges, lengths of their own, a covariate."""
    network = kr.networks.AttributeGenerator(10, [(1, 4)], context_dim=2, units=4, noise_dim=3, seed=1)
    gan = small(scaler="per_sample", attributes=network)
    gan.compile()
    gan.fit((sequences(), {**conditions(), "length": lengths()}), batch_size=8, verbose=0, epochs=1)
    return gan


def completion():
    """Completion of sequences with gaps, of lengths of their own, with a label."""
    gan = small(completion=True)
    gan.compile()
    values = np.where(observed(), sequences(), np.nan)
    given = {"label": conditions()["label"], "length": lengths()}
    gan.fit((values, given), batch_size=8, verbose=0, epochs=1)
    return gan


def futures():
    """Completion of sequences of one length."""
    gan = small(completion=True)
    gan.compile(completion_weight=0.5)
    gan.fit(sequences(), batch_size=8, verbose=0, epochs=1)
    return gan


def categories():
    """One-hot features, attention, convolution, several steps an emission."""
    random = np.random.default_rng(4)
    flags = np.eye(3)[random.integers(0, 3, (SAMPLES, STEPS))]
    more = {"attention_heads": 1, "convolution_units": 2, "emission_steps": 2}
    gan = kr.RecurrentGAN({**SMALL, **more}, {**JUDGE, "minibatch_group_size": 4}, seed=0)
    gan.compile()
    gan.fit(np.concatenate([sequences(), flags], axis=-1), batch_size=8, verbose=0, epochs=1)
    return gan


def own():
    """Networks of one's own, uniform noise, a robust scaler."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(STEPS * 3),
            keras.layers.Reshape((STEPS, 3)),
        ]
    )
    discriminator = kr.networks.RecurrentDiscriminator(3, next_step_prediction=True, seed=2)
    gan = kr.RecurrentGAN(generator, discriminator, scaler="robust", noise="uniform", seed=0)
    gan.compile(
        loss="hinge",
        penalties=[kr.penalties.R1Penalty(0.5, interval=2)],
        generator_optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.ExponentialDecay(1e-3, 10, 0.9), clipnorm=1.0
        ),
        discriminator_optimizer="sgd",
        discriminator_steps=2,
        ema=0.9,
    )
    gan.fit(sequences(), batch_size=8, verbose=0, epochs=1)
    return gan


def process():
    """A generator that begins as a linear process."""
    gan = kr.RecurrentGAN({**SMALL, "linear_process": 4}, dict(JUDGE), seed=0)
    gan.compile()
    gan.fit(sequences(), batch_size=8, verbose=0, epochs=1)
    return gan


def clusters():
    """One that begins around clusters."""
    gan = kr.RecurrentGAN({**SMALL, "linear_process": 4, "process_clusters": 2}, dict(JUDGE), seed=0)
    gan.compile()
    gan.fit(sequences(), batch_size=8, verbose=0, epochs=1)
    return gan


def mixture():
    """One that begins as a mixture of autoregressions."""
    gan = kr.RecurrentGAN({**SMALL, "mixture_process": (1, 2)}, dict(JUDGE), seed=0)
    gan.compile()
    gan.fit(sequences(), batch_size=8, verbose=0, epochs=1)
    return gan


def tokens():
    """Texts, after a warm-up, with a label."""
    networks = {"units": 3, "embedding_dim": 2}, {"filters": 2, "embedding_dim": 2}
    gan = kr.TokenGAN(["red", "green", "fish", "bird", "swims", "flies"], *networks, seed=0)
    gan.compile(warm_up=2)
    texts = np.resize(["red fish swims", "green bird flies", "fish swims"], SAMPLES)
    gan.fit((texts, {"label": conditions()["label"]}), batch_size=8, verbose=0, epochs=1)
    return gan


def clips():
    """Clips of frames, with a label."""
    frames, digits, _ = kr.datasets.make_moving_digits(SAMPLES, 4, size=10, num_digits=1)
    networks = {"units": 3, "filters": 2, "latent_dim": 2}, {"units": 3, "filters": 2}
    gan = kr.RecurrentGAN(*networks, seed=0)
    gan.compile()
    gan.fit((frames, {"digit": digits[:, 0]}), batch_size=8, verbose=0, epochs=1)
    return gan


def timegan():
    """A published model of several phases, in the middle of them."""
    gan = kr.applications.timegan(
        units=3, num_layers=1, embedding_updates=2, supervised_updates=2, seed=0
    )
    gan.fit(sequences(), batch_size=8, verbose=0, epochs=1)
    return gan


def doppelganger():
    """A published model whose networks are made for the data."""
    gan = kr.applications.doppelganger(
        units=3,
        emission_steps=2,
        attribute_units=3,
        discriminator_units=3,
        discriminator_layers=2,
        seed=0,
    )
    gan.fit((sequences(), {"label": conditions()["label"]}), batch_size=8, verbose=0, epochs=1)
    return gan


def private():
    """A differentially private one, which knows what it has spent."""
    generator = kr.networks.RecurrentGenerator(3, 3, latent_dim=2, noise_dim=2, seed=1)
    discriminator = kr.networks.RecurrentDiscriminator(3, seed=2)
    scaler = kr.layers.SequenceScaler.from_bounds([0.0, 0.0, 0.0], [40.0, 20.0, 40.0])
    gan = kr.RecurrentGAN(generator, discriminator, scaler=scaler, seed=0)
    gan.compile(privacy=kr.DifferentialPrivacy(1.0, delta=1e-3, seed=5))
    gan.fit(sequences(), batch_size=8, verbose=0, epochs=1)
    return gan


MODELS = (
    plain,
    labels,
    ragged,
    gaps,
    ranges,
    attributes,
    completion,
    futures,
    categories,
    own,
)
"""What release 0.1.0 has."""

NEXT = (process, clusters, mixture, tokens, clips, timegan, doppelganger, private)
"""What the next one will have besides."""


def results(gan):
    """Return what a model makes of seed 3."""
    found = {}
    made = gan.generate(5, seed=3)
    found["samples"] = np.concatenate(made) if isinstance(made, list) else made
    if gan.conditions is not None and gan.conditions.column_names:
        drawn = gan.sample_conditions(5, seed=3)
        found |= {f"condition_{name}": np.asarray(v) for name, v in drawn.items()}
    if gan.completion:
        history = np.where(observed(), sequences(), np.nan)[:4]
        history[:, 3:] = np.nan
        given = {"label": conditions()["label"][:4]} if gan.conditions is not None else None
        filled = gan.impute(history, num_samples=2, seed=3, conditions=given)
        found["filled"] = np.concatenate([np.ravel(x) for x in filled])
        found["future"] = gan.forecast(history[:, :3], steps=5, num_samples=2, seed=3, conditions=given)
    return found


def main(folder, models):
    """Write the files."""
    folder.mkdir(parents=True, exist_ok=folder.parent.name == "next")
    for make in models:
        gan = make()
        path = folder / f"{make.__name__}.keras"
        gan.save(path)
        with zipfile.ZipFile(path) as plain_file:
            parts = {info.filename: plain_file.read(info) for info in plain_file.infolist()}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
            for name, part in parts.items():
                file.writestr(name, part)
        path.write_bytes(packed.getvalue())
        np.savez_compressed(path.with_suffix(".npz"), **results(keras.models.load_model(path)))
        print(path, path.stat().st_size + path.with_suffix(".npz").stat().st_size)


if __name__ == "__main__":
    known = {make.__name__: make for make in (*MODELS, *NEXT)}
    wanted = [known[name] for name in sys.argv[1:]]
    release = "next" if wanted else kr.__version__
    main(Path(__file__).parent / release / keras.backend.backend(), wanted or known.values())
