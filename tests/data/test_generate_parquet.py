import importlib
import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from keras_rgan.__main__ import main
from tests.testing import dense_gan, recurrent_gan, refuses, slow_but_on_torch, windows


def adapted(data=None, make=recurrent_gan):
    gan = make()
    gan.compile()
    gan.adapt(windows() if data is None else data)
    return gan


def generate(gan, folder, count=50, **kwargs):
    options = {"shard_size": 20, "batch_size": 7, "verbose": False, **kwargs}
    return kr.data.generate_parquet(gan, folder, num_samples=count, **options)


def test_files_hold_all_samples_in_long_format(tmp_path):
    gan = adapted()
    files = generate(gan, tmp_path, features=["x", "y"])
    assert [len(pd.read_parquet(f)) for f in files] == [120, 120, 60]
    frame = pd.read_parquet(tmp_path)
    assert list(frame) == ["sample", "step", "x", "y"]
    np.testing.assert_array_equal(frame["sample"], np.repeat(np.arange(50), 6))
    np.testing.assert_array_equal(frame["step"], np.tile(np.arange(6), 50))
    rows = frame[["x", "y"]].to_numpy().reshape(50, 6, 2)
    assert len(np.unique(rows.reshape(50, -1), axis=0)) == 50
    again = kr.data.ParquetWindows(tmp_path, ["x", "y"], 6, 10, id="sample", shuffle=False)
    np.testing.assert_array_equal(np.concatenate([again[i] for i in range(len(again))]), rows)


def test_a_killed_run_goes_on_with_the_same_samples(tmp_path, monkeypatch):
    gan = adapted()
    whole = generate(gan, tmp_path / "whole")
    generation = sys.modules["keras_rgan.data.generate_parquet"]  # whose name the function has
    write, written = generation._write_shard, []

    def killed(gan, path, *args):
        if written:
            path.with_name(f"_{path.name}.1").write_bytes(b"half")
            raise KeyboardInterrupt
        written.append(path)
        write(gan, path, *args)

    monkeypatch.setattr(generation, "_write_shard", killed)
    with pytest.raises(KeyboardInterrupt):
        generate(gan, tmp_path / "parts")
    monkeypatch.setattr(generation, "_write_shard", write)
    age = written[0].stat().st_mtime_ns
    parts = generate(gan, tmp_path / "parts", batch_size=11)
    assert written[0].stat().st_mtime_ns == age
    for a, b in zip(whole, parts, strict=True):
        pd.testing.assert_frame_equal(pd.read_parquet(a), pd.read_parquet(b))
    assert len(pd.read_parquet(tmp_path / "parts")) == 300


def contents(files):
    return [path.read_bytes() for path in files]


@pytest.mark.parametrize("count", [51, 60, 75])
def test_a_larger_number_goes_on_behind_a_smaller_one(tmp_path, count):
    gan = adapted()
    fresh = generate(gan, tmp_path / "fresh", count)
    first = generate(gan, tmp_path / "grown", 50)
    before, ages = pd.read_parquet(tmp_path / "grown"), [path.stat().st_mtime_ns for path in first]
    grown = generate(gan, tmp_path / "grown", count)
    assert [path.name for path in grown] == [path.name for path in fresh]
    assert contents(grown) == contents(fresh)
    assert [path.stat().st_mtime_ns for path in first[:2]] == ages[:2]
    after = pd.read_parquet(tmp_path / "grown")
    pd.testing.assert_frame_equal(after[: len(before)], before)
    assert sorted(after["sample"].unique()) == list(range(count))
    ages = [path.stat().st_mtime_ns for path in grown]
    generate(gan, tmp_path / "grown", count)
    assert [path.stat().st_mtime_ns for path in grown] == ages


@pytest.mark.parametrize("number_written", [0, 1, 2])
def test_a_call_for_more_that_is_killed_loses_nothing(tmp_path, monkeypatch, number_written):
    gan = adapted()
    fresh = contents(generate(gan, tmp_path / "fresh", 95))
    generate(gan, tmp_path / "grown", 50)
    before = pd.read_parquet(tmp_path / "grown")
    put_in_place, written = kr.utils.saving.put_in_place, []

    def killed(temporary, path):
        if path.suffix == ".parquet":
            if len(written) == number_written:
                raise KeyboardInterrupt  # when the samples are made, and their file is not there yet
            written.append(path)
        put_in_place(temporary, path)

    monkeypatch.setattr(kr.utils.saving, "put_in_place", killed)
    with pytest.raises(KeyboardInterrupt):
        generate(gan, tmp_path / "grown", 90)
    monkeypatch.undo()
    after = pd.read_parquet(tmp_path / "grown")
    pd.testing.assert_frame_equal(after[after["sample"] < 50], before)
    refuses(lambda: generate(gan, tmp_path / "grown", 50), "num_samples= of at least 90, which an")
    assert contents(generate(gan, tmp_path / "grown", 95)) == fresh


def test_two_shards_that_are_not_full_are_both_mended(tmp_path):
    gan = adapted()
    fresh = contents(generate(gan, tmp_path / "fresh", 95))
    generate(gan, tmp_path / "grown", 50)
    small = (tmp_path / "grown/shard-00002.parquet").read_bytes()
    generate(gan, tmp_path / "grown", 70)
    (tmp_path / "grown/shard-00002.parquet").write_bytes(small)  # as a worker leaves it that was slower
    assert contents(generate(gan, tmp_path / "grown", 95)) == fresh


@slow_but_on_torch
def test_samples_do_not_depend_on_how_many_are_asked_for(tmp_path):
    data, random = windows(40), np.random.default_rng(0)
    conditions = {
        "label": np.arange(40) % 3,
        "level": random.normal(size=40),
        "covariate": random.normal(size=(40, 6, 2)).astype("float32"),
        "mask": np.arange(6) < random.integers(2, 7, 40)[:, None],
    }
    gan = adapted((data, conditions), lambda: kr.RecurrentGAN(seed=0, attributes="generated"))
    whole = pd.read_parquet(generate(gan, tmp_path / "whole", 20)[0])
    for count in (1, 5, 7, 12):
        for batch_size in (7, 1000):
            folder = tmp_path / f"{count} {batch_size}"
            some = pd.read_parquet(generate(gan, folder, count, batch_size=batch_size)[0])
            assert some["sample"].nunique() == count
            pd.testing.assert_frame_equal(some, whole[: len(some)], rtol=1e-5)


SLOW = """
import sys, time
import keras, keras_rgan as kr
from keras_rgan.data.generate_parquet import generate_parquet

def slow(gan, *args, batches=kr.RecurrentGAN.generate_batches, **kwargs):
    for batch in batches(gan, *args, **kwargs):
        yield batch
        time.sleep(0.5)

kr.RecurrentGAN.generate_batches = slow
generate_parquet(
    sys.argv[1], sys.argv[2], num_samples=50, shard_size=20, batch_size=2, verbose=False
)
"""


def start(arguments):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "KERAS_BACKEND": keras.backend.backend(),
    }
    return subprocess.Popen([sys.executable, *arguments], env=environment)


def wait_for(folder, pattern, process):
    while not (files := list(folder.glob(pattern))):
        assert process.poll() is None
        time.sleep(0.05)
    return files


@slow_but_on_torch
def test_a_second_call_on_a_folder_is_refused_until_the_first_has_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_rgan.utils.sole_use.PATIENCE", 0.0)
    gan, model, folder = adapted(), tmp_path / "gan.keras", tmp_path / "out"
    gan.save(model)
    whole = generate(gan, tmp_path / "whole")
    process = start(["-c", SLOW, str(model), str(folder)])
    try:
        wait_for(folder, "_shard-*", process)
        for seed in (0, 1):
            with pytest.raises(RuntimeError, match=f"Received: {folder}, which process {process.pid}"):
                generate(gan, folder, seed=seed)
        assert list(folder.glob("_shard-*"))  # the first call's, which goes on
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert list(folder.glob("_shard-*"))
    for a, b in zip(whole, generate(gan, folder), strict=True):
        pd.testing.assert_frame_equal(pd.read_parquet(a), pd.read_parquet(b), rtol=1e-5)
    assert not list(folder.glob("_shard-*"))


@slow_but_on_torch
def test_workers_of_a_killed_call_stop_before_the_next_one_begins(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_rgan.utils.sole_use.PATIENCE", 300.0)
    gan, model, folder = adapted(), tmp_path / "gan.keras", tmp_path / "out"
    gan.save(model)
    options = ["--num-samples", "200000", "--shard-size", "100000", "--batch-size", "10"]
    call = ["-m", "keras_rgan", "generate", str(model), str(folder), "--workers", "2", *options]
    process = start(call)
    try:
        wait_for(folder, "_shard-*", process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    generate(gan, folder)
    names = sorted(path.name for path in folder.iterdir())
    time.sleep(1)
    assert sorted(path.name for path in folder.iterdir()) == names
    assert [name for name in names if "shard" in name] == [f"shard-0000{i}.parquet" for i in range(3)]
    assert len(pd.read_parquet(folder)) == 300


@slow_but_on_torch
def test_conditions_and_lengths_are_written(tmp_path):
    data = windows(40)
    lengths = np.random.default_rng(0).integers(2, 7, 40)
    labels = np.arange(40) % 3
    covariates = np.random.default_rng(1).normal(size=(40, 6, 2)).astype("float32")
    conditions = {"label": labels, "covariate": covariates, "mask": np.arange(6) < lengths[:, None]}
    gan = adapted((data, conditions), lambda: kr.RecurrentGAN(seed=0))
    frame = pd.concat(map(pd.read_parquet, generate(gan, tmp_path, 9, shard_size=5)))
    assert list(frame) == [
        "sample", "step", "feature_0", "feature_1", "covariate_0", "covariate_1", "label"
    ]  # fmt: skip
    sizes = frame.groupby("sample").size()
    assert len(sizes) == 9
    assert sizes.between(2, 6).all()
    assert (frame.groupby("sample")["label"].nunique() == 1).all()
    seen = {tuple(row) for row in covariates.reshape(-1, 2)}
    assert {tuple(row) for row in frame[["covariate_0", "covariate_1"]].to_numpy()} <= seen


@slow_but_on_torch
def test_a_length_that_is_asked_for(tmp_path):
    data, lengths = windows(40), np.random.default_rng(0).integers(2, 7, 40)
    gan = adapted((data, {"mask": np.arange(6) < lengths[:, None]}), lambda: kr.RecurrentGAN(seed=0))
    frame = pd.concat(map(pd.read_parquet, generate(gan, tmp_path / "lengths", 9, length=9)))
    assert (frame.groupby("sample").size() == 9).all()
    data[:, 2:4, 0] = np.nan
    gan = adapted((data, {"observed": ~np.isnan(data)}), lambda: kr.RecurrentGAN(seed=0))
    frame = pd.concat(map(pd.read_parquet, generate(gan, tmp_path / "gaps", 9, length=9)))
    assert (frame.groupby("sample").size() == 9).all()
    assert np.isfinite(frame.to_numpy()).all()


@slow_but_on_torch
def test_several_processes_make_what_one_does(tmp_path):
    path = tmp_path / "gan.keras"
    adapted().save(path)
    alone = generate(keras.saving.load_model(path), tmp_path / "one", length=9, seed=5)
    options = ["--num-samples", "50", "--shard-size", "20", "--length", "9", "--seed", "5"]
    main(["generate", str(path), str(tmp_path / "two"), "--workers", "2", *options])
    for a in alone:
        one, two = pd.read_parquet(a), pd.read_parquet(tmp_path / "two" / a.name)
        pd.testing.assert_frame_equal(one, two, rtol=1e-5)
    grown = generate(path, tmp_path / "two", 95, length=9, seed=5, workers=2)
    fresh = generate(keras.saving.load_model(path), tmp_path / "fresh", 95, length=9, seed=5)
    assert len(grown) == len(fresh) == 5
    for a, b in zip(fresh, grown, strict=True):
        pd.testing.assert_frame_equal(pd.read_parquet(a), pd.read_parquet(b), rtol=1e-5)


@slow_but_on_torch
def test_a_worker_that_fails_says_why(tmp_path, monkeypatch):
    path = tmp_path / "gan.keras"
    adapted(make=dense_gan).save(path)
    (tmp_path / "failing.py").write_text(
        "import os\nif os.environ.get('CHILD'): raise OSError('no such thing')"
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess,
        "Popen",
        lambda *args, env, **kwargs: popen(*args, env={**env, "CHILD": "1"}, **kwargs),
    )
    with pytest.raises(RuntimeError, match="(?s)ended with code 1.*no such thing"):
        generate(path, tmp_path / "out", workers=2, imports=["failing"])
    assert not list((tmp_path / "out").glob("*shard*"))


def test_bad_input(tmp_path):
    gan = adapted(make=dense_gan)
    refuses(lambda: generate(gan, tmp_path, 0), "num_samples")
    refuses(
        lambda: generate(gan, tmp_path, workers=2), "loads the model from a file. Expected: gan.save"
    )
    refuses(lambda: generate(gan, tmp_path, features=["x"]), "as 2 different names")
    refuses(lambda: generate(gan, tmp_path, features=["x", "step"]), "none is 'sample' or 'step'")
    refuses(lambda: generate(dense_gan(), tmp_path), "was not built")
    generate(gan, tmp_path)
    refuses(
        lambda: generate(gan, tmp_path, seed=1), "in another way: seed 0, now 1. Pass an empty folder"
    )
    refuses(
        lambda: generate(gan, tmp_path, 30),
        "at least 50, which an earlier call asked for in .*Received: num_samples=30. Pass num_samples=50 "
        "or more to go on, read of what is there the rows whose sample is below 30",
    )
    refuses(lambda: generate(gan, tmp_path, 60, seed=1), "in another way: seed 0, now 1")
    (tmp_path / "shard-00001.parquet").write_bytes(b"half")
    refuses(lambda: generate(gan, tmp_path, 60), "shard-00001.parquet, which cannot be.*Delete it, and")
    (tmp_path / "shard-00001.parquet").unlink()
    assert len(generate(gan, tmp_path, 60)) == 3
    other = adapted(make=dense_gan)
    other.generator.set_weights([2 * w for w in other.generator.get_weights()])
    refuses(lambda: generate(other, tmp_path), "in another way: model")
