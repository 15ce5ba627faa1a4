"""Many generated sequences in Parquet files, by several processes."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_rgan.data.parquet_parts import parquet_module
from keras_rgan.loading import load_model
from keras_rgan.utils import checks, saving
from keras_rgan.utils.sole_use import sole_use
from keras_rgan.utils.worker_processes import run_workers

PLAN = "_generation.json"
"""The file beside the shards that says how they are made."""

LOCK = "_generation.lock"
"""The file beside the shards that is locked while a call works on the folder."""

ROWS = 1_000_000
"""How many rows a row group has at most."""


def generate_parquet(
    model: str | Path | Any,
    folder: str | Path,
    *,
    num_samples: int,
    length: int | None = None,
    features: Sequence[str] | None = None,
    seed: int = 0,
    workers: int = 1,
    shard_size: int = 100_000,
    batch_size: int = 1000,
    imports: Sequence[str] = (),
    verbose: bool = True,
) -> list[Path]:
    """Generate samples into Parquet files, in memory that does not grow with their number.

    Samples come in shards, each a file with a seed of its own, which is there only when it is whole.
    The same call goes on where an earlier one was killed: finished shards are left as they are, so that
    no sample is missing, and none is there twice; whatever the number of workers, the same samples come
    out. With a larger `num_samples` it goes on where an earlier one ended: a last shard that is not
    full is replaced, once the same samples stand in a new file with more behind them, and the folder
    then holds what one call of the larger number had made. One call at a time works on a folder;
    another one is refused. From a shell: `python -m keras_rgan generate MODEL FOLDER --num-samples N`.

    Files are in long format: `sample` (a number that no other has), `step`, the features, and where the
    model takes conditions these, as `ParquetWindows(folder, features, length, id="sample")` and pandas
    read them. Needs pyarrow (`pip install 'keras_rgan[data]'`).

    Args:
        model: A `RecurrentGAN`, or the `.keras` file of one; several workers need the file.
        folder: Where the files go; made if it is not there.
        num_samples: How many samples in all, no fewer than an earlier call on the folder was to make.
        length: Steps of a sequence, as in `RecurrentGAN.generate`.
        features: Names of the features' columns; by default feature_0, feature_1, …
        seed: Of all samples.
        workers: How many processes make them. One is this process.
        shard_size: How many samples are in a file.
        batch_size: How many are made at a time.
        imports: Modules that workers import first, for layers of one's own that are registered there.
        verbose: Whether to show a progress bar.

    Returns:
        The files, in order.

    Raises:
        ValueError: If a count is not positive, the model makes no sequences, names do not fit, several
            workers get no file, or the folder holds shards that were made in another way, more samples
            than are asked for, or a shard that cannot be read.
        RuntimeError: If a worker fails, and the others are stopped; or if another call works on the
            folder.

    Example:
        >>> import tempfile, pandas as pd, keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
        >>> folder = tempfile.TemporaryDirectory()
        >>> files = kr.data.generate_parquet(
        ...     gan, folder.name, num_samples=50, shard_size=20, verbose=False
        ... )
        >>> [path.name for path in files], len(pd.read_parquet(folder.name))
        (['shard-00000.parquet', 'shard-00001.parquet', 'shard-00002.parquet'], 400)
        >>> files = kr.data.generate_parquet(
        ...     gan, folder.name, num_samples=90, shard_size=20, verbose=False
        ... )
        >>> len(files), len(pd.read_parquet(folder.name))
        (5, 720)
    """
    num_samples = checks.positive_int("num_samples", num_samples)
    workers = checks.positive_int("workers", workers)
    shard_size = checks.positive_int("shard_size", shard_size)
    batch_size = checks.positive_int("batch_size", batch_size)
    seed = checks.non_negative_int("seed", seed)
    length = None if length is None else checks.positive_int("length", length)
    parquet_module("generate_parquet")
    if workers > 1 and not isinstance(model, str | Path):
        raise ValueError(
            f"Each of {workers} workers loads the model from a file. Expected: gan.save('gan.keras') "
            f"and model='gan.keras', or workers=1. Received: a {type(model).__name__}"
        )
    gan = _load(model, imports)
    plan = _Plan(num_samples, shard_size, length, _names(gan, features), seed, _fingerprint(gan))
    next(_columns(gan, plan, 0, 1, 1))  # which finds what cannot be made before anything is written
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with sole_use(folder, LOCK) as lock:
        plan.keep_to(folder)
        if lock is not None:
            for unfinished in folder.glob("_shard-*"):  # of a run that was killed: no other is alive
                unfinished.unlink(missing_ok=True)
        missing = plan.missing(folder)
        show = _progress(plan, folder, missing, verbose)
        show()
        if workers == 1 or len(missing) < 2:
            _write_shards(gan, folder, plan, missing, batch_size, after_shard=show)
        else:
            command = [sys.executable, "-m", "keras_rgan", "generate-shards", str(model), str(folder)]
            command += ["--batch-size", str(batch_size), "--parent", str(os.getpid())]
            command += ["--imports", *imports] if imports else []
            shares = [missing[i::workers] for i in range(min(workers, len(missing)))]
            run_workers([[*command, "--shards", *map(str, share)] for share in shares], lock, show)
    return [folder / name for name in plan.shards]


def generate_shards(
    model: str,
    folder: Path,
    *,
    shards: Sequence[int],
    batch_size: int,
    imports: Sequence[str],
    parent: int | None = None,
) -> None:
    """Do the share of one of several workers, as the plan in the folder has it.

    Args:
        model: The model's file.
        folder: Where the plan is, and the shards go.
        shards: Their numbers.
        batch_size: How many samples are made at a time.
        imports: Modules to import first.
        parent: The process to stop with, within a batch; None for none.

    Raises:
        ValueError: If the model is not the one that the plan is of.
    """

    def stop_without_parent() -> None:
        if parent not in (None, os.getppid()):  # which was killed
            raise SystemExit(1)

    plan = _Plan(**json.loads((folder / PLAN).read_text()))
    gan = _load(model, imports)
    if _fingerprint(gan) != plan.model:
        raise ValueError(
            f"The samples of {folder} are of a model with other weights. Received: {model}, which was "
            "saved over in between. Pass an empty folder."
        )
    stop_without_parent()
    _write_shards(gan, folder, plan, shards, batch_size, after_batch=stop_without_parent)


@dataclasses.dataclass
class _Plan:
    """What is to be made, and how; all that changes the samples."""

    num_samples: int
    shard_size: int
    length: int | None
    features: list[str]
    seed: int
    model: str

    @property
    def shards(self) -> list[str]:
        """The names of the files."""
        return [f"shard-{i:05d}.parquet" for i in range(-(-self.num_samples // self.shard_size))]

    def count(self, number: int) -> int:
        """Return how many samples a shard is to hold."""
        return min(self.shard_size, self.num_samples - number * self.shard_size)

    def missing(self, folder: Path, numbers: Sequence[int] | None = None) -> list[int]:
        """Return which shards are not there, or hold fewer samples than they are to.

        Args:
            folder: Where they go.
            numbers: Those that are looked at; by default all.
        """
        names = self.shards
        return [
            i
            for i in (range(len(names)) if numbers is None else numbers)
            if _samples_in(folder / names[i], i * self.shard_size) < self.count(i)
        ]

    def keep_to(self, folder: Path) -> None:
        """Write this into a folder, or refuse one of samples that were made in another way, or more."""
        path, wanted = folder / PLAN, dataclasses.asdict(self)
        kept: dict[str, Any] = {}
        if path.exists() and any(folder.glob("shard-*.parquet")):
            kept = json.loads(path.read_text())
            self._check_same(folder, kept)
        if kept != wanted:
            text = json.dumps(wanted, indent=2)

            def write(temporary: str) -> None:
                Path(temporary).write_text(text)

            # Before any shard: whichever of them are there, the same call finds what is missing.
            saving.write_atomically(path, "", write)

    def _check_same(self, folder: Path, kept: dict[str, Any]) -> None:
        """Refuse to go on with samples of another plan, but for one of fewer samples."""
        wanted = dataclasses.asdict(self)
        wanted.pop("num_samples")
        others = [f"{k} {kept.get(k)!r}, now {v!r}" for k, v in wanted.items() if kept.get(k) != v]
        if others:
            raise ValueError(
                f"{folder} holds samples that were made in another way: {'; '.join(others)}. Pass an "
                "empty folder, or the same arguments and model to go on; num_samples= may grow."
            )
        if self.num_samples < kept["num_samples"]:
            raise ValueError(
                f"Expected num_samples= of at least {kept['num_samples']}, which an earlier call asked "
                f"for in {folder}. Received: num_samples={self.num_samples}. Pass "
                f"num_samples={kept['num_samples']} or more to go on, read of what is there the rows "
                f"whose sample is below {self.num_samples}, or pass an empty folder."
            )


def _samples_in(path: Path, first: int) -> int:
    """Return how many samples a shard holds, of which the first has this number; 0 for no file."""
    if not path.exists():
        return 0
    try:
        parquet = parquet_module("generate_parquet")
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            last = file.read_row_group(file.num_row_groups - 1, columns=["sample"])["sample"][-1]
            return int(last.as_py()) + 1 - first
    except (ValueError, OSError, KeyError, IndexError) as error:  # of which pyarrow's errors are some
        raise ValueError(
            f"Expected a shard of generate_parquet. Received: {path}, which cannot be read as one: "
            f"{error}. Delete it, and the same call makes it again."
        ) from error


def _load(model: Any, imports: Sequence[str]) -> Any:
    for name in imports:
        importlib.import_module(name)
    return load_model(model) if isinstance(model, str | Path) else model


def _names(gan: Any, features: Sequence[str] | None) -> list[str]:
    """Return the names of the features; refuse a model without sequences, and names that do not fit."""
    shape = gan.data_shape
    if shape is None or len(shape) != 3:
        raise ValueError(
            "generate_parquet writes sequences (time, features). Received: a model "
            + ("that was not built" if shape is None else f"of samples {shape[1:]}")
        )
    names = list(features or (f"feature_{i}" for i in range(shape[-1])))
    taken = {"sample", "step"} & set(names)
    if isinstance(features, str) or not len(names) == len(set(names)) == shape[-1] or taken:
        raise ValueError(
            f"Expected `features` as {shape[-1]} different names, of which none is 'sample' or 'step'. "
            f"Received: {features!r}"
        )
    return names


def _fingerprint(gan: Any) -> str:
    """Return what tells the weights of a model from others'."""
    digest = hashlib.sha256()
    for value in gan.get_weights():
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()[:16]


def _progress(plan: _Plan, folder: Path, missing: Sequence[int], verbose: bool) -> Callable[[], None]:
    """Return what shows how many of the shards are whole, as a bar."""
    total, left = len(plan.shards), list(missing)
    bar = keras.utils.Progbar(total, unit_name="shard") if verbose else None
    shown = -1

    def show() -> None:
        nonlocal left, shown
        if bar is None:
            return
        left = plan.missing(folder, left)
        done = total - len(left)
        if done != shown:
            bar.update(done, finalize=not left)
        shown = done

    return show


def _nothing() -> None:
    """Do nothing."""


def _write_shards(
    gan: Any,
    folder: Path,
    plan: _Plan,
    numbers: Sequence[int],
    batch_size: int,
    after_shard: Callable[[], None] = _nothing,
    after_batch: Callable[[], None] = _nothing,
) -> None:
    """Write those shards of some that are not whole yet."""
    for number in plan.missing(folder, numbers):
        path = folder / plan.shards[number]
        _write_shard(gan, path, plan, number, batch_size, after_batch)
        after_shard()


def _write_shard(
    gan: Any,
    path: Path,
    plan: _Plan,
    number: int,
    batch_size: int,
    after_batch: Callable[[], None] = _nothing,
) -> None:
    """Write the samples of a shard, into a file that takes its place only when it is whole."""
    parquet = parquet_module("generate_parquet")
    import pyarrow

    # Readers of folders pass over names that begin so.
    unfinished = path.with_name(f"_{path.name}.{secrets.token_hex(4)}")
    try:
        with saving.telling_of_no_room(path):
            with contextlib.ExitStack() as stack:
                writer = None
                for columns in _columns(gan, plan, number, plan.count(number), batch_size):
                    table = pyarrow.table(columns)
                    if writer is None:
                        writer = parquet.ParquetWriter(
                            unfinished, table.schema, write_page_checksum=True
                        )
                        stack.enter_context(writer)
                    writer.write_table(table, row_group_size=ROWS)
                    after_batch()
            saving.put_in_place(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _columns(
    gan: Any, plan: _Plan, number: int, count: int, batch_size: int
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the first samples of a shard, batch by batch, as columns; the same ones however many.

    Raises:
        ValueError: If the model cannot make them, or a condition has the name of another column.
    """
    state = np.random.SeedSequence([plan.seed, number]).generate_state(4)
    seed = int.from_bytes(state.tobytes(), sys.byteorder)  # wide enough that no two are equal
    # A full batch at the least: numbers of one batch are rounded otherwise than those of a smaller one.
    asked = max(count, min(batch_size, plan.shard_size))
    conditions = _conditions(gan, plan, asked, seed)
    batches = gan.generate_batches(
        None if conditions else asked,
        batch_size=batch_size,
        length=plan.length,
        seed=seed,
        conditions=conditions or None,
    )
    done = 0
    for made in batches:
        batch = made[: count - done]
        lengths = np.array([len(sample) for sample in batch])
        rows = np.concatenate(list(batch))
        first_sample = number * plan.shard_size + done
        columns = {
            "sample": np.repeat(np.arange(first_sample, first_sample + len(batch)), lengths),
            "step": np.concatenate([np.arange(n, dtype="int32") for n in lengths]),
            **{name: rows[:, i] for i, name in enumerate(plan.features)},
        }
        for name, values in conditions.items():
            if name not in ("length", "observed"):
                given = np.asarray(values)[done : done + len(batch)]
                _add_columns(columns, name, _condition_columns(name, given, lengths))
        yield columns
        done += len(batch)


def _conditions(gan: Any, plan: _Plan, count: int, seed: int) -> dict[str, Any]:
    """Return the conditions of the samples of a shard, empty for a model without."""
    if gan.conditions is None or not gan.conditions.adapted:
        return {}
    conditions = gan.sample_conditions(count, seed=seed)
    if plan.length is not None:  # as `generate(length=…)` has it
        conditions.pop("observed", None)
        if "length" in conditions:
            conditions["length"] = np.full(count, plan.length)
    return conditions


def _add_columns(columns: dict[str, np.ndarray], condition: str, others: dict[str, np.ndarray]) -> None:
    """Add the columns of a condition to others; refuse those of a name that is taken."""
    twice = sorted(others.keys() & columns.keys())
    if twice:
        raise ValueError(
            f"Expected a name for each column. Received: {twice}, of the condition {condition!r} and "
            "of another column. Pass other names as features=."
        )
    columns |= others


def _condition_columns(name: str, values: np.ndarray, lengths: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns of a condition, repeated at each step where it has one value a sample."""
    if values.ndim == 3:
        rows = np.concatenate([x[:n] for x, n in zip(values, lengths, strict=True)])
    else:
        rows = np.repeat(values.reshape(len(values), -1), lengths, axis=0)
    if rows.shape[1] == 1:
        return {name: rows[:, 0]}
    return {f"{name}_{i}": rows[:, i] for i in range(rows.shape[1])}
