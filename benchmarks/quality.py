"""Trains the default recipe on a benchmark's data and scores what comes out.

    python benchmarks/quality.py --dataset sines --seeds 3 --out out/quality
    python benchmarks/quality.py --dataset energy --out out/quality
    python benchmarks/quality.py --dataset stocks --stocks stock.csv.gz --out out/quality

Nothing is tuned per data set: a model of defaults, and `fit(windows, batch_size=64)`, which ends by
itself. Windows of 24 steps (`--length`) at stride 1, as many generated as there are; a twentieth of the
series, in blocks, is kept from training so that copying can be told from learning. `--minutes` ends
training before. The reported judges see the result alone. Stocks are the daily prices of the TimeGAN
paper's benchmark, which are not bundled: pass the file.

`--model NAME` runs one of `kr.applications` in batches as its paper's, and the default beside it for
as many minutes; `--scores` leaves all but some scores out:

    python benchmarks/quality.py --dataset sines --model timegan --minutes 5 --clock processor \
        --phases 1000 --scores discriminative quick correlational

Beside the scores stand those of a Gaussian copula in closed form, and the floor: what the same judges
say of real data against real data, every other block of the series against the blocks between.
`--share` trains on a part of the windows, drawn at random, as TimeVAE's table does.

Each seed writes `real.npy`, `synthetic.npy` (data units), `scores.json` and pictures into
OUT/DATASET/seed_N, with `--model` into OUT/DATASET/NAME/seed_N; a finished seed of as many minutes is
not run again. Prints one table with the published rows beside.
"""

import argparse
import functools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

import keras_rgan as kr
from keras_rgan.callbacks.sample_grid import draw_samples

FIRST_LENGTH = 24
"""Steps of the published windows."""

BLOCK = 300
"""How many steps of a series are a block, all of whose windows a judge has seen or none."""

BATCH_SIZES = {
    "default": 64,
    "rgan": 28,
    "c_rnn_gan": 20,
    "cot_gan": 64,
    "timegan": 128,
    "doppelganger": 100,
}
"""Of the default, and of published models as their papers have it."""

WITHOUT_END = 1_000_000
"""Epochs of a published model, which minutes end."""

PHASES = {
    "timegan": ("embedding_updates", "supervised_updates"),
    "c_rnn_gan": ("pretraining_updates",),
}
"""Arguments of published models that say how long phases before the last are."""

# Discriminative, predictive and correlational score at 24 steps as the papers' tables have them.
PUBLISHED: dict[str, dict[str, tuple[float | None, ...]]] = {
    "sines": {
        "C-RNN-GAN": (0.229, None, None),
        "COT-GAN": (0.254, None, None),
        "RCGAN": (0.022, None, None),
        "TimeGAN": (0.011, 0.093, 0.045),
        "TimeVAE": (0.041, None, None),
        "Diffusion-TS": (0.006, 0.093, 0.015),
        "PaD-TS": (0.013, None, None),
    },
    "stocks": {
        "C-RNN-GAN": (0.399, None, None),
        "COT-GAN": (0.230, None, None),
        "RCGAN": (0.196, None, None),
        "TimeGAN": (0.102, 0.038, 0.063),
        "TimeVAE": (0.145, None, None),
        "Diffusion-TS": (0.067, 0.036, 0.004),
        "PaD-TS": (0.055, None, None),
    },
    "energy": {
        "C-RNN-GAN": (0.499, None, None),
        "COT-GAN": (0.498, None, None),
        "RCGAN": (0.336, None, None),
        "TimeGAN": (0.236, 0.273, 4.010),
        "TimeVAE": (0.499, None, None),
        "Diffusion-TS": (0.122, 0.250, 0.856),
        "PaD-TS": (0.078, None, None),
    },
}


def choose_environment(backend: str | None) -> None:
    """Start anew with the settings that must be known before Keras is imported.

    TensorFlow runs many small operations here: a core each is faster than all cores for each.
    """
    wanted = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": str(os.cpu_count())}
    missing = {k: v for k, v in wanted.items() if k not in os.environ}
    if backend not in (None, keras.backend.backend()):
        missing["KERAS_BACKEND"] = backend
    if missing:
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **missing})


CLOCKS = {"wall": time.monotonic, "processor": time.process_time}
"""What minutes of training are counted by; those of the process alone are fair on a busy machine."""


def add_training_options(parser: argparse.ArgumentParser, minutes: float) -> None:
    """Add the options that `train` takes."""
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--updates", type=int, help="the most updates of each model")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="of the minutes")
    parser.add_argument("--share", type=float, default=1.0, help="of the windows that are trained on")
    parser.add_argument("--backend", choices=["tensorflow", "jax", "torch"])


def train(name: str, data: Any, options: argparse.Namespace, **model: Any) -> kr.RecurrentGAN:
    """Return a model of the default recipe that was trained as `add_training_options` has it."""
    keras.utils.set_random_seed(options.seed)
    gan = kr.RecurrentGAN(seed=options.seed, **model)
    gan.compile()
    budget = kr.callbacks.TimeBudget(
        options.minutes, clock=CLOCKS[options.clock], updates=options.updates
    )
    gan.fit(data, batch_size=64, verbose=0, callbacks=[budget])
    steps = int(keras.ops.convert_to_numpy(gan.optimizer.iterations))
    print(f"{name}: {steps} updates", flush=True)
    return gan


def finished(path: Path, minutes: float | None, **others: Any) -> bool:
    """Return whether the result of a run of so many minutes, and of others, lies at a path."""
    if not path.exists():
        return False
    found = json.loads(path.read_text())
    return all(found.get(name) == value for name, value in {"minutes": minutes, **others}.items())


def run_once(path: Path, minutes: float, run: Callable[[], dict[str, Any]], **others: Any) -> None:
    """Keep and print the result of a run, where none of so many minutes, and others, is there."""
    if finished(path, minutes, **others):
        return
    result = run()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"minutes": minutes, **others, **result}, indent=2))
    print(f"{path.parent.name}, {path.stem}: {result}", flush=True)


def kept(path: Path, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a file holds, which is made where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(run(), indent=2))
    return json.loads(path.read_text())


class Data(NamedTuple):
    """Windows of a benchmark, `(windows, time, features)` each."""

    real: np.ndarray
    """What generated windows are compared with."""
    train: np.ndarray
    held: np.ndarray
    """Not trained on, and without an overlap with what is."""
    beside: np.ndarray
    """As many of the training windows as are held out, from beside these."""
    others: np.ndarray
    """All windows that are neither held out nor beside."""
    blocks: np.ndarray | None
    """Of each real window its block of the series, -1 where it reaches into the next."""


def load_series(name: str, stocks: str | None) -> np.ndarray:
    """Return a benchmark's series in its own units, `(time, features)`."""
    if name == "energy":
        return kr.datasets.load_energy()[0]
    if stocks is None:
        raise SystemExit("Stocks are not bundled. Pass --stocks FILE, a .csv or .csv.gz with a header.")
    return np.loadtxt(stocks, delimiter=",", skiprows=1, dtype="float32")


def load(name: str, stocks: str | None, length: int = FIRST_LENGTH, share: float = 1.0) -> Data:
    """Return the windows of a benchmark, of which a share is trained on."""
    if name == "sines":
        sines = kr.datasets.make_sines(11_000, length, 5)
        real = sines[:10_000]
        train = real[: int(share * len(real))]
        beside = train[: min(len(train) // 2, 1_000)]
        return Data(real, train, sines[10_000:], beside, train[len(beside) :], None)
    windows = kr.data.sliding_windows(load_series(name, stocks), length)
    part = parts(len(windows), length)
    held, beside = part == "held", part == "beside"
    train = beside | (part == "train")
    drawn = np.random.default_rng(0).permutation(len(windows)) < share * len(windows)
    train, beside, held = (mask & drawn for mask in (train, beside, held))
    blocks = kr.data.window_blocks(len(windows), length, BLOCK)
    others = windows[(part != "held") & ~beside]
    # The copying score compares a training window with each that is held out.
    held &= np.cumsum(held) <= beside.sum()
    return Data(windows, windows[train], windows[held], windows[beside], others, blocks)


def parts(num_windows: int, length: int, share: float = 0.05) -> np.ndarray:
    """Return what each window is for, as a name.

    "held" are blocks, evenly spread; windows that overlap one are in its "guard", and blocks of twice
    their number keep that loss small; "beside" are the training windows next to the guards, as many as
    are held out; "train" is the rest.
    """
    part = np.full(num_windows, "train ")
    num_blocks = min(max(int(share * num_windows / (2 * length)), 1), 20)
    size = max(int(share * num_windows / num_blocks) // 2 * 2, 2)
    for start in np.linspace(0, num_windows - size, num_blocks + 2).astype(int)[1:-1]:
        for name, reach in (("beside", length - 1 + size // 2), ("guard", length - 1), ("held", 0)):
            part[max(start - reach, 0) : start + size + reach] = name
    return np.char.strip(part)


def evaluate(
    data: Data, made: np.ndarray, rescale: bool, names: list[str] | None = None
) -> dict[str, Any]:
    """Return every score of one generated set, or those of some names."""
    m, real = kr.metrics, data.real
    scores: dict[str, Callable[[], Any]] = {
        "discriminative": lambda: m.discriminative_score(real, made, judge="timegan", repeats=5),
        "strict discriminative": lambda: m.discriminative_score(real, made, judge="strict", repeats=3),
        "strict, of blocks not seen": lambda: unseen_blocks(data, made),
        "quick": lambda: m.quick_score(real, made),
        "predictive": lambda: m.predictive_score(real, made, repeats=3, rescale=rescale),
        "correlational": lambda: m.correlational_score(real, made),
        "roughness": lambda: m.roughness(real, made),
        "marginal Wasserstein": lambda: m.marginal_wasserstein_distance(real, made),
        "autocorrelation": lambda: m.autocorrelation_difference(real, made),
        "spectral": lambda: m.spectral_difference(real, made),
        "context-FID": lambda: m.context_fid(real, made),
        "memorisation": lambda: m.memorisation(made, data.beside, data.held, data.others),
        "precision and recall": lambda: m.precision_recall(real, made),
    }
    unknown = set(names or ()) - set(scores)
    if unknown:
        raise SystemExit(f"--scores are of {list(scores)}. Received: {sorted(unknown)}")
    found: dict[str, Any] = {}
    for name in names or scores:
        value = scores[name]()
        found |= value if isinstance(value, dict) else {name: value}
    return as_numbers(found)


def as_numbers(scores: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return scores as a file keeps them."""
    return {
        name: {"mean": s.mean, "spread": s.spread}
        if isinstance(s, kr.metrics.Score)
        else {"mean": float(s)}
        for name, s in scores.items()
    }


def floor(data: Data, rescale: bool) -> dict[str, Any]:
    """Return what the judges say of real data: every other block against the blocks between."""
    m, real = kr.metrics, data.real
    if data.blocks is None:
        sides = [np.arange(i, len(real), 2) for i in range(2)]
    else:
        sides = [np.flatnonzero((data.blocks >= 0) & (data.blocks % 2 == i)) for i in range(2)]
    one, other = (real[side] for side in sides)
    scores = {
        "discriminative": m.discriminative_score(one, other, judge="timegan", repeats=5),
        "strict discriminative": m.discriminative_score(one, other, judge="strict", repeats=3),
        "quick": m.quick_score(one, other),
        "predictive": m.predictive_score(one, other, repeats=3, rescale=rescale),
        "correlational": m.correlational_score(one, other),
        "context-FID": m.context_fid(one, other),
    }
    if data.blocks is not None:
        blocks = [data.blocks[side] for side in sides]
        scores["strict, of blocks not seen"] = m.discriminative_score(
            one, other, judge="strict", repeats=3, groups=blocks[0], generated_groups=blocks[1]
        )
    return as_numbers(scores)


def of_copula(data: Data, rescale: bool) -> dict[str, Any]:
    """Return the scores of a Gaussian copula of the training windows."""
    made = kr.baselines.GaussianCopula().fit(data.train).generate(len(data.real), seed=0)
    return evaluate(data, made, rescale)


def unseen_blocks(data: Data, made: np.ndarray) -> Any:
    """Return the strict score of a judge that is asked about blocks it has not seen, if there are."""
    if data.blocks is None:
        return {}
    whole = data.blocks >= 0
    real, groups = data.real[whole], data.blocks[whole]
    return kr.metrics.discriminative_score(real, made, judge="strict", repeats=3, groups=groups)


def judge(real: np.ndarray, made: np.ndarray) -> float:
    """Return what a short, middling judge says of generated windows."""
    if not np.isfinite(made).all():
        return 0.5
    small = {"units": 32, "steps": 400, "repeats": 1, "seed": 1234}
    return kr.metrics.discriminative_score(real, made, judge="strict", **small).mean


def make(model: str, seed: int, phases: int | None) -> kr.RecurrentGAN:
    """Return the default, or a published model, compiled."""
    keras.utils.set_random_seed(seed)
    if model != "default":
        shorter = {} if phases is None else dict.fromkeys(PHASES.get(model, ()), phases)
        return getattr(kr.applications, model)(seed=seed, **shorter)
    gan = kr.RecurrentGAN(seed=seed)
    gan.compile()
    return gan


def run(
    data: Data, options: argparse.Namespace, model: str, seed: int, out: Path, rescale: bool
) -> None:
    """Train as the README shows, generate as many windows as there are, score and draw."""
    real, train, minutes = data.real, data.train, options.minutes
    gan = make(model, seed, options.phases)
    now = CLOCKS[options.clock]
    start = now()
    falls = 0.6 if model == "default" else 0.0  # no paper has its rates fall
    budget = [] if minutes is None else [kr.callbacks.TimeBudget(minutes, falls, clock=now)]
    epochs = "auto" if model == "default" or minutes is None else WITHOUT_END
    options_of_fit: dict[str, Any] = {"batch_size": BATCH_SIZES[model], "epochs": epochs, "verbose": 0}
    history = gan.fit(train, callbacks=budget, **options_of_fit)
    took = (now() - start) / 60.0
    made = gan.generate(len(real), seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "real.npy", real)
    np.save(out / "synthetic.npy", made)
    gan.save(out / "gan.keras")
    draw(real, made, out)
    looks = history.history.get("val_judge", [])
    scores = {
        "model": model,
        "seed": seed,
        "minutes": minutes,
        "phases": options.phases,
        "took": took,
        "clock": options.clock,
        "backend": keras.backend.backend(),
        "epochs": len(history.epoch),
        "kept": int(keras.ops.convert_to_numpy(gan.optimizer.iterations)),
        "looks": [x for i, x in enumerate(looks) if i == 0 or x != looks[i - 1]],
        "scores": evaluate(data, made, rescale, options.scores),
    }
    (out / "scores.json").write_text(json.dumps(scores, indent=2))


def draw(real: np.ndarray, made: np.ndarray, out: Path) -> None:
    """Draw samples, PCA and t-SNE overlays, marginals and autocorrelations."""
    from matplotlib.figure import Figure
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    rng = np.random.default_rng(0)
    a, b = (x[rng.permutation(len(x))[:1000]] for x in (real, made))
    draw_samples(a, b).savefig(out / "samples.png", dpi=80)
    low, width = real.min(axis=(0, 1)), np.maximum(np.ptp(real, axis=(0, 1)), 1e-12)
    flat = [((x - low) / width).reshape(len(x), -1) for x in (a, b)]
    reducers: dict[str, Callable[[], np.ndarray]] = {
        "PCA": lambda: PCA(2).fit(flat[0]).transform(np.concatenate(flat)),
        "t-SNE": lambda: TSNE(2, random_state=0).fit_transform(np.concatenate(flat)),
    }
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    for axis, (name, reduce) in zip(figure.subplots(1, 2), reducers.items(), strict=True):
        points = reduce()
        axis.scatter(*points[: len(a)].T, s=4, alpha=0.5, label="real")
        axis.scatter(*points[len(a) :].T, s=4, alpha=0.5, label="generated")
        axis.set_title(name)
        axis.legend()
    figure.savefig(out / "overlays.png", dpi=80)
    count = min(real.shape[-1], 6)
    figure = Figure(figsize=(10, 1.8 * count), layout="constrained")
    rows = figure.subplots(count, 2, squeeze=False)
    memory = [kr.metrics.autocorrelation(x) for x in (real, made)]
    for i, (left, right) in enumerate(rows):
        bins = np.histogram_bin_edges(np.concatenate([a[..., i].ravel(), b[..., i].ravel()]), 50)
        for values, curve, name in zip((a, b), memory, ("real", "generated"), strict=True):
            left.hist(values[..., i].ravel(), bins, density=True, histtype="step", label=name)
            right.plot(curve[:, i], label=name)
        left.set_ylabel(f"feature {i}")
    rows[0][0].set_title("values")
    rows[0][1].set_title("autocorrelation by lag")
    rows[0][0].legend()
    figure.savefig(out / "marginals.png", dpi=80)


def table(
    name: str,
    folders: list[Path],
    constant: float,
    beside: dict[str, dict[str, dict[str, float]]],
    model: str = "keras_rgan",
) -> str:
    """Return the scores over seeds beside the published ones, as Markdown.

    Args:
        name: Of the data set.
        folders: Of the seeds.
        constant: The predictive score of a constant.
        beside: Scores of the copula, and of real data.
        model: What it is called.
    """
    results = [json.loads((f / "scores.json").read_text())["scores"] for f in folders]
    lines = [f"| {name} | discriminative | predictive | correlational |", "|---|---|---|---|"]
    for paper, values in PUBLISHED.get(name, {}).items():
        cells = ["" if v is None else f"{v:.3f}" for v in values]
        lines.append(f"| {paper} (published) | " + " | ".join(cells) + " |")

    def cell(score: str) -> str:
        if any(score not in r for r in results):
            return ""
        values = np.array([r[score]["mean"] for r in results])
        spread = f" ± {values.std(ddof=1):.3f}" if len(values) > 1 else ""
        return f"{values.mean():.3f}{spread}"

    ours = [cell(s) for s in ("discriminative", "predictive", "correlational")]
    lines.append(f"| {model}, {len(results)} seeds | " + " | ".join(ours) + " |")
    lines.append("")
    lines += [f"| score | {model} | {' | '.join(beside)} |", "|---|---|" + "---|" * len(beside)]
    for score in (score for score in results[0] if all(score in r for r in results)):
        others = [f"{x[score]['mean']:.3f}" if score in x else "" for x in beside.values()]
        lines.append(f"| {score} | {cell(score)} | {' | '.join(others)} |")
    lines.append(f"| predictive, of a constant | {constant:.3f} |")
    return "\n".join(lines)


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description="Scores of the default recipe.")
    parser.add_argument("--dataset", choices=list(PUBLISHED), required=True)
    parser.add_argument("--minutes", type=float, help="of training, at the most")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="of the minutes")
    parser.add_argument("--length", type=int, default=FIRST_LENGTH, help="steps of a window")
    parser.add_argument("--share", type=float, default=1.0, help="of the windows that are trained on")
    parser.add_argument("--backend", choices=["tensorflow", "jax", "torch"])
    parser.add_argument("--stocks", help="file of the stocks benchmark")
    published = [name for name in BATCH_SIZES if name != "default"]
    parser.add_argument("--model", choices=published, help="a published one, beside the default")
    parser.add_argument("--phases", type=int, help="updates of each of its phases before the last")
    parser.add_argument("--scores", nargs="+", help="the scores to compute; by default all")
    parser.add_argument("--out", type=Path, default=Path("out/quality"))
    options = parser.parse_args()
    choose_environment(options.backend)
    data = load(options.dataset, options.stocks, options.length, options.share)
    name = options.dataset if options.length == FIRST_LENGTH else f"{options.dataset}_{options.length}"
    if options.share < 1.0:
        name += f"_{100 * options.share:g}_percent"
    models = {"keras_rgan": "default"}
    if options.model is not None:
        models = {f"{options.model}, as run here": options.model, **models}
    rescale = options.dataset != "sines"  # papers score these as they are
    constant = kr.metrics.constant_score(data.real, rescale)
    for seed in range(options.seeds):
        for title, model in models.items():
            place = options.out / name
            folders = [
                (place if options.model is None else place / model) / f"seed_{i}"
                for i in range(seed + 1)
            ]
            if not finished(folders[-1] / "scores.json", options.minutes):
                run(data, options, model, seed, folders[-1], rescale)
            beside = {}
            if options.model is None:
                beside = {
                    title: kept(place / file, functools.partial(score, data, rescale))
                    for title, file, score in (
                        ("Gaussian copula", "copula.json", of_copula),
                        ("real data (floor)", "floor.json", floor),
                    )
                }
            print(table(name, folders, constant, beside, title), flush=True)


if __name__ == "__main__":
    main()
