"""Kills, full disks and damaged files, by the hundred: what is lost?

    KERAS_BACKEND=torch python benchmarks/faults.py
    KERAS_BACKEND=torch python benchmarks/faults.py --only kill-fit cut-or-flip --trials 20

Each trial draws by its number when a process is killed, how large a file may become, or which bit of a
file flips, does so to a small model, and asserts what `docs/reliability.md` promises. Results go to
lines of JSON in `--folder`, and a call goes on where an earlier one ended; about an hour on two cores.
A tenth of it runs in the tests. Processes are forked from one that has imported all, which torch alone
allows; files are written by the same code on every backend. Hostile files are in
`tests/loading/test_loading.py`, threads in `tests/workflows/test_threads.py`, memory in
`benchmarks/memory.py`, options in `benchmarks/options.py`.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_tuner
import numpy as np
import tensorflow  # noqa: F401  which keras-tuner and Keras import in every process that is forked

import keras_rgan as kr

DATA = kr.datasets.make_sines(24, length=6, num_features=2, seed=0)
OPTIONS: dict[str, Any] = {"batch_size": 8, "shuffle": False, "verbose": 0}
EPOCHS = 4


def make(units: int = 4) -> kr.RecurrentGAN:
    """Return a small model, always the same."""
    gan = kr.RecurrentGAN({"units": units}, {"units": units}, seed=0)
    gan.compile()
    gan.adapt(DATA)
    return gan


def digest(gan: kr.RecurrentGAN) -> str:
    """Return what tells the state of a model from any other."""
    content = hashlib.sha256()
    for variable in (*gan.weights, *gan.optimizer.variables):
        content.update(np.asarray(keras.ops.convert_to_numpy(variable)).tobytes())
    return content.hexdigest()[:16]


# What is done to models and files


def save_again_and_again(folder: Path) -> None:
    """Train a step and save, without end."""
    gan = make()
    for step in range(10_000):
        if step:
            gan.train_on_batch(DATA[:8])
        gan.save(folder / "model.keras")
        gan.save_weights(folder / "model.weights.h5")


def fit(folder: Path) -> None:
    """Train with backups, and save what comes out."""
    gan = make()
    backup = keras.callbacks.BackupAndRestore(folder / "backup")
    gan.fit(DATA, epochs=EPOCHS, callbacks=[backup], **OPTIONS)
    gan.save(folder / "model.keras")


def search(folder: Path) -> None:
    """Search three models."""

    def build(hp: Any) -> kr.RecurrentGAN:
        return make(hp.Choice("units", [3, 4, 5]))

    tuner = keras_tuner.RandomSearch(
        build,
        objective=keras_tuner.Objective("val_mmd", "min"),
        max_trials=3,
        seed=0,
        directory=folder,
        project_name="search",
    )
    tuner.search(DATA, epochs=1, validation_data=DATA, **OPTIONS)


def shards(folder: Path) -> None:
    """Generate shards."""
    kr.data.generate_parquet(
        make(), folder / "shards", num_samples=60, shard_size=10, batch_size=5, verbose=False
    )


def scores(folder: Path) -> dict[str, float]:
    """Return the score of each model of a search."""
    found = {}
    for path in folder.glob("search/trial_*/trial.json"):
        trial = json.loads(path.read_text())
        if trial["status"] == "COMPLETED":
            found[str(trial["hyperparameters"]["values"]["units"])] = trial["score"]
    return found


# Kills


def forked(
    action: Callable[[Path], None], folder: Path, seconds: float | None, after: Path | None = None
) -> bool:
    """Do something in a process of its own, which is killed after a time; return whether it ended.

    Args:
        action: What it does.
        folder: Where.
        seconds: When it is killed; None for never.
        after: A file from whose appearance on seconds count.
    """
    process = multiprocessing.get_context("fork").Process(target=quiet, args=(action, folder))
    process.start()
    while after is not None and not after.exists() and process.is_alive():
        time.sleep(0.01)
    process.join(seconds)
    if process.exitcode is None:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        return False
    assert process.exitcode == 0, f"{action.__name__} failed: {(folder / 'error').read_text()}"
    return True


def quiet(action: Callable[[Path], None], folder: Path) -> None:
    """Do something without a word, but for its error, which goes to a file."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    try:
        action(folder)
    except BaseException:
        (folder / "error").write_text(traceback.format_exc())
        os._exit(1)
    os._exit(0)


class References:
    """What comes out where nothing is killed, made once."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def of(self, action: Callable[[Path], None]) -> tuple[float, Any]:
        """Return how long an action takes, and its outcome."""
        if action.__name__ not in self.made:
            with tempfile.TemporaryDirectory() as name:
                start = time.monotonic()
                forked(action, Path(name), None)
                self.made[action.__name__] = time.monotonic() - start, OUTCOMES[action](Path(name))
        result: tuple[float, Any] = self.made[action.__name__]
        return result


OUTCOMES: dict[Callable[[Path], None], Callable[[Path], Any]] = {
    fit: lambda folder: digest(kr.load_model(folder / "model.keras")),
    search: scores,
    shards: lambda folder: {path.name: path.read_bytes() for path in folder.glob("shards/*.parquet")},
}
REFERENCES = References()


def kill_save(random: np.random.Generator, folder: Path) -> str:
    """Kill a process that saves: the files are whole, of one of its states."""
    forked(save_again_and_again, folder, random.random(), after=folder / "model.weights.h5")
    loaded, twin, gan = kr.load_model(folder / "model.keras"), make(), make()
    twin.load_weights(folder / "model.weights.h5")
    steps = int(keras.ops.convert_to_numpy(loaded.optimizer.iterations))
    states = [digest(gan)]
    for _ in range(steps):
        gan.train_on_batch(DATA[:8])
        states.append(digest(gan))
    assert digest(loaded) == states[-1], "model.keras is of no state that was saved"
    assert digest(twin) in states[-2:], "weights are of no state that was saved"
    gan.save(folder / "model.keras")
    gan.save_weights(folder / "model.weights.h5")
    left = [path.name for path in folder.iterdir()]
    assert sorted(left) == ["model.keras", "model.weights.h5"], f"left behind: {left}"
    return "whole"


def kill_and_go_on(action: Callable[[Path], None]) -> Callable[[np.random.Generator, Path], str]:
    """Return a trial that kills an action, does it again, and expects what comes out without a kill."""

    def trial(random: np.random.Generator, folder: Path) -> str:
        seconds, expected = REFERENCES.of(action)
        times = 0
        while not forked(action, folder, None if times == 2 else seconds * random.random() * 1.1):
            times += 1
            if any(not path.read_bytes() for path in folder.rglob("*.json")):
                return "a record of keras-tuner's own was cut"
        received = OUTCOMES[action](folder)
        assert received == expected, f"{received} in place of {expected}"
        return f"{times} kills"

    return trial


# Full disks


def full_disk(random: np.random.Generator, folder: Path) -> str:
    """Save where there is room for a part: one error, in words, and the earlier file is whole."""
    gan = make()
    suffix = str(random.choice([".keras", ".weights.h5", ".parquet"]))
    path = folder / f"model{suffix}"
    if suffix == ".parquet":
        path = folder / "shard-00000.parquet"

    def write() -> None:
        if suffix == ".keras":
            gan.save(path)
        elif suffix == ".weights.h5":
            gan.save_weights(path)
        else:
            kr.data.generate_parquet(gan, folder, num_samples=200, verbose=False)

    write()
    whole = path.read_bytes()
    if suffix == ".parquet":
        path.unlink()
    room = int(random.integers(1, len(whole) - 100))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        write()
    except OSError as error:
        assert path.name in str(error), error  # noqa: PT017
        assert "Make room" in str(error), error  # noqa: PT017
    else:
        raise AssertionError(f"written in {room} of {len(whole)} bytes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    if suffix != ".parquet":
        assert path.read_bytes() == whole, "the earlier file changed"
    write()
    assert suffix == ".keras" or path.read_bytes() == whole, "not what it was, with room"
    return suffix


# Damaged files


def with_weights(gan: kr.RecurrentGAN, path: Path) -> kr.RecurrentGAN:
    """Return a model that has loaded weights."""
    gan.load_weights(path)
    return gan


def cut_or_flip(random: np.random.Generator, folder: Path) -> str:
    """Cut a file, or change a bit of it: it is refused by name, or is what was saved."""
    gan, twin = make(), make()
    gan.train_on_batch(DATA[:8])
    gan.save(folder / "model.keras")
    gan.save_weights(folder / "model.weights.h5")
    kr.data.generate_parquet(gan, folder, num_samples=50, verbose=False)
    path = folder / str(random.choice(["model.keras", "model.weights.h5", "shard-00000.parquet"]))
    readers: dict[str, Callable[[], Any]] = {
        ".keras": lambda: digest(kr.load_model(path)),
        ".h5": lambda: digest(with_weights(twin, path)),
        ".parquet": lambda: kr.data.ParquetWindows(
            path, ["feature_0", "feature_1"], 6, 50, id="sample", shuffle=False
        )[0].tobytes(),
    }
    read = readers[path.suffix]
    expected, content, how = read(), bytearray(path.read_bytes()), "flipped"
    if random.random() < 0.25:
        content, how = content[: random.integers(len(content))], "cut"
    else:
        content[random.integers(len(content))] ^= 1 << random.integers(8)
    path.write_bytes(content)
    untouched = digest(twin)
    try:
        received = read()
    except (OSError, ValueError) as error:
        assert str(path) in str(error), f"an error that names no file: {error}"  # noqa: PT017
        assert digest(twin) == untouched, "weights changed, although the file was refused"
        return f"{path.suffix} {how}: refused"
    assert received == expected, f"{path.name} {how}: read, but not what was saved"
    return f"{path.suffix} {how}: harmless"


TRIALS: dict[str, tuple[int, Callable[[np.random.Generator, Path], str]]] = {
    "kill-save": (100, kill_save),
    "kill-fit": (100, kill_and_go_on(fit)),
    "kill-search": (100, kill_and_go_on(search)),
    "kill-shards": (100, kill_and_go_on(shards)),
    "full-disk": (60, full_disk),
    "cut-or-flip": (600, cut_or_flip),
}
"""How many trials of each kind, and one."""


def run(kind: str, number: int) -> dict[str, Any]:
    """Return what a trial came to."""
    random = np.random.default_rng([list(TRIALS).index(kind), number])
    result: dict[str, Any] = {"kind": kind, "number": number, "lost": None}
    with tempfile.TemporaryDirectory() as folder:
        try:
            result["outcome"] = TRIALS[kind][1](random, Path(folder))
        except Exception as error:
            result |= {"outcome": "lost", "lost": f"{type(error).__name__}: {error}"[:2000]}
    return result


def done_in(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the results of a file."""
    if path.exists():
        yield from map(json.loads, path.read_text().splitlines())


def main() -> None:
    """Run all trials that are not done, and show what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(TRIALS), default=list(TRIALS))
    parser.add_argument("--trials", type=int, help="how many of each kind")
    parser.add_argument("--folder", type=Path, default=Path("out/faults"))
    arguments = parser.parse_args()
    if keras.backend.backend() != "torch" or not hasattr(os, "fork"):
        raise SystemExit(
            "Processes are forked, which torch alone allows: KERAS_BACKEND=torch, not Windows."
        )
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = arguments.folder / "faults.jsonl"
    done = {(r["kind"], r["number"]): r for r in done_in(path)}
    for kind in arguments.only:
        for number in range(arguments.trials or TRIALS[kind][0]):
            if (kind, number) not in done:
                done[kind, number] = result = run(kind, number)
                with open(path, "a") as file:
                    file.write(json.dumps(result) + "\n")
                if result["lost"]:
                    print(f"{kind} {number}: {result['lost']}", flush=True)
        own = [r for (k, _), r in done.items() if k == kind]
        lost = sum(r["lost"] is not None for r in own)
        outcomes = collections.Counter(r["outcome"] for r in own)
        print(f"{kind}: {len(own)} trials, {lost} lost something; {dict(outcomes.most_common(8))}")
    raise SystemExit(any(r["lost"] for r in done.values()))


if __name__ == "__main__":
    main()
