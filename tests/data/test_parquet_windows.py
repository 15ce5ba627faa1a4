import multiprocessing
import multiprocessing.pool
import pickle
import sys

import keras
import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, dense_gan, refuses, to_numpy, windows

pytestmark = ON_TORCH

LENGTHS = {"a": 30, "b": 5, "c": 200, "d": 24, "e": 77, "f": 1, "g": 400}
IDS = np.repeat(list(LENGTHS), list(LENGTHS.values()))
VALUES = np.random.default_rng(0).normal(size=(len(IDS), 2)).astype("float32")
LONG = [name for name, length in LENGTHS.items() if length >= 24]


@pytest.fixture
def path(tmp_path):
    frame = pd.DataFrame({"id": IDS, "x": VALUES[:, 0], "y": VALUES[:, 1]})
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=50)
    return tmp_path / "a.parquet"


def every(data):
    return np.concatenate([data[i] for i in range(len(data))])


def rows_of(samples):
    return {tuple(row) for row in samples.reshape(-1, samples.shape[-1])}


@pytest.mark.parametrize("stride", [1, 3, 24])
@pytest.mark.parametrize("max_rows", [10, 120, 10_000])
def test_windows_are_those_of_each_series(path, stride, max_rows):
    data = kr.data.ParquetWindows(
        path, ["x", "y"], 24, 8, stride, id="id", shuffle=False, max_rows=max_rows
    )
    expected = [kr.data.sliding_windows(VALUES[name == IDS], 24, stride) for name in LONG]
    np.testing.assert_array_equal(every(data), np.concatenate(expected))
    assert rows_of(every(data.disjoint())) == rows_of(VALUES[np.isin(IDS, LONG)])


def test_without_an_id_a_file_is_one_series(path):
    data = kr.data.ParquetWindows(path, ["y", "x"], 24, 8, shuffle=False, max_rows=100)
    np.testing.assert_array_equal(every(data), kr.data.sliding_windows(VALUES[:, ::-1], 24))


def test_windows_do_not_reach_over_files(tmp_path):
    for name, part in (("1", VALUES[:40]), ("2", VALUES[40:70])):
        pd.DataFrame(part, columns=["x", "y"]).to_parquet(tmp_path / f"{name}.parquet")
    data = kr.data.ParquetWindows(tmp_path, ["x", "y"], 24, 8, shuffle=False)
    expected = [kr.data.sliding_windows(part, 24) for part in (VALUES[:40], VALUES[40:70])]
    np.testing.assert_array_equal(every(data), np.concatenate(expected))


def test_small_files_are_read_together(tmp_path):
    for i in range(20):
        pd.DataFrame(VALUES[30 * i : 30 * i + 30], columns=["x", "y"]).to_parquet(
            tmp_path / f"{i:02d}.parquet"
        )
    expected = np.concatenate(
        [kr.data.sliding_windows(VALUES[30 * i : 30 * i + 30], 24) for i in range(20)]
    )
    data = kr.data.ParquetWindows(tmp_path, ["x", "y"], 24, 64, shuffle=False)
    np.testing.assert_array_equal(every(data), expected)
    data = kr.data.ParquetWindows(tmp_path, ["x", "y"], 24, 64)
    assert len(data) == len(expected) // 64
    found = every(data).reshape(-1, 48)
    assert len(np.unique(found, axis=0)) == len(found)
    assert {tuple(x) for x in found} <= {tuple(x) for x in expected.reshape(-1, 48)}


def test_an_order_for_every_epoch(path):
    data = kr.data.ParquetWindows(path, ["x", "y"], 24, 8, max_rows=200, seed=3)
    again = kr.data.ParquetWindows(path, ["x", "y"], 24, 8, max_rows=200, seed=3)
    first = every(data)
    assert first.shape[1:] == (24, 2)
    assert len(np.unique(first.reshape(len(first), -1), axis=0)) == len(first)  # none twice
    assert len(first) > 0.9 * (len(VALUES) - 23)
    data.on_epoch_end()
    second = every(data)
    assert not np.array_equal(first[:50], second[:50])
    again.on_epoch_end()
    np.testing.assert_array_equal(every(again), second)
    # In any order of reading
    np.testing.assert_array_equal(data[len(data) - 1], second[-8:])
    np.testing.assert_array_equal(data[0], second[:8])


def test_an_epoch_of_fewer_steps_goes_on_where_it_left_off(path):
    data = kr.data.ParquetWindows(path, ["x", "y"], 24, 8, max_rows=200)
    expected = every(data)
    found = []
    for i in range(len(data)):
        if i % 3 == 2:
            data.on_epoch_end()
        found.append(data[i])
    np.testing.assert_array_equal(np.concatenate(found), expected)
    assert not np.array_equal(data[0], expected[:8])


def test_another_process_reads_the_same(path):
    data = kr.data.ParquetWindows(path, ["x", "y"], 24, 8, id="id", max_rows=200)
    before = data[3]
    copy = pickle.loads(pickle.dumps(data))
    np.testing.assert_array_equal(copy[3], before)
    np.testing.assert_array_equal(every(copy), every(data))


class Counting(keras.Model):
    """Counts how often it trained on each window, told by the number of its first row."""

    def __init__(self, num_rows):
        super().__init__()
        self.num_rows = num_rows
        self.layer = keras.layers.Dense(1)
        self.counts = self.add_weight(shape=(num_rows,), initializer="zeros", trainable=False)

    def build(self, shape):
        self.layer.build((None, 1))

    def call(self, x, training=False):
        first_rows = keras.ops.cast(x[:, 0, 0], "int32")
        seen = keras.ops.sum(keras.ops.one_hot(first_rows, self.num_rows), axis=0)
        if training:
            self.counts.assign_add(seen)
        return self.layer(x[:, 0, :1])

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean(y_pred**2)


def trained_on(data, epochs=3, **kwargs):
    """Return how often each epoch trained on each window."""
    model = Counting(ROWS)
    model.compile("sgd")
    model.build((None, 24, 2))
    totals = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: totals.append(to_numpy(model.counts.value).copy())
    )
    model.fit(data, epochs=epochs, verbose=0, callbacks=[keep], shuffle=False, **kwargs)
    return np.diff(totals, axis=0, prepend=0)


ROWS = 400
WORKERS = [(0, False), (1, False), (2, False), (1, True), (2, True)]


@pytest.fixture
def numbered(tmp_path):
    frame = pd.DataFrame({"x": np.arange(ROWS), "y": np.zeros(ROWS)})
    frame.to_parquet(tmp_path / "numbered.parquet", row_group_size=50)
    return tmp_path / "numbered.parquet"


def numbered_windows(path, **kwargs):
    return kr.data.ParquetWindows(path, ["x", "y"], 24, 8, max_rows=100, seed=1, **kwargs)


def counted(batches):
    rows = np.concatenate([batch[:, 0, 0] for batch in batches]).astype(int)
    return np.bincount(rows, minlength=ROWS)


@pytest.mark.parametrize(("workers", "processes"), WORKERS)
def test_every_window_once_an_epoch_whoever_reads(numbered, workers, processes):
    data = numbered_windows(numbered, workers=workers, use_multiprocessing=processes)
    alone = numbered_windows(numbered)
    for epoch in trained_on(data):
        assert epoch.sum() == 8 * len(data)
        assert epoch.max() == 1
        alone.on_epoch_end()
        np.testing.assert_array_equal(epoch, counted(alone))


@pytest.mark.parametrize(("workers", "processes"), WORKERS)
@pytest.mark.parametrize("steps", [None, 13, 50])
def test_epochs_of_any_steps_go_on_where_they_left_off(numbered, workers, processes, steps):
    # A queue that is longer than an epoch is filled from the next one before this one has ended.
    data = numbered_windows(numbered, workers=workers, use_multiprocessing=processes, max_queue_size=20)
    endless, steps_per_epoch = data.endless(steps, initial_epoch=0)
    assert endless.num_batches is None
    assert steps_per_epoch == (steps or len(data))
    found = trained_on(endless, steps_per_epoch=steps_per_epoch)
    alone, _ = numbered_windows(numbered).endless(None, 0)
    for epoch, counts in enumerate(found):
        batches = range(epoch * steps_per_epoch, (epoch + 1) * steps_per_epoch)
        np.testing.assert_array_equal(counts, counted(alone[i] for i in batches))
    whole = [counted(alone[i] for i in range(e * len(data), (e + 1) * len(data))) for e in range(3)]
    assert np.max(whole) == 1
    assert np.sum(whole, axis=1).tolist() == 3 * [8 * len(data)]
    assert not np.array_equal(alone[0], alone[len(data)])


def test_a_resumed_fit_goes_on_where_the_first_left_off(numbered):
    whole = numbered_windows(numbered).endless(7, 0)[0]
    resumed = numbered_windows(numbered).endless(7, initial_epoch=2)[0]
    np.testing.assert_array_equal(resumed[3], whole[17])
    data = numbered_windows(numbered)
    for fit in range(3):
        endless, steps = data.endless(7, initial_epoch=fit)
        np.testing.assert_array_equal(endless[3], whole[7 * fit + 3])
        trained_on(endless, epochs=fit + 1, initial_epoch=fit, steps_per_epoch=steps)
    for fit in range(3, 5):  # in the same process, each of one epoch
        endless, steps = data.endless(7, initial_epoch=0)
        np.testing.assert_array_equal(endless[3], whole[7 * fit + 3])
        trained_on(endless, epochs=1, steps_per_epoch=steps)


shared = None


def share(data):
    global shared
    shared = data


def read_shared(index):
    return shared[index]


def test_other_processes_read_every_epoch_alike(numbered):
    data = numbered_windows(numbered)
    alone = numbered_windows(numbered)
    data[0]  # by threads of this process, which a fork does not have
    for _ in range(3):
        expected = every(alone).reshape(-1, 8, 24, 2)
        with data._lock:  # which a thread holds while another forks
            context = multiprocessing.get_context("fork")
            with context.Pool(2, initializer=share, initargs=(data,)) as pool:
                batches = pool.map(read_shared, range(len(data)), chunksize=1)
        np.testing.assert_array_equal(batches, expected)
        copies = [pickle.loads(pickle.dumps(data))[i] for i in range(len(data))]
        np.testing.assert_array_equal(copies, expected)
        data.on_epoch_end()
        alone.on_epoch_end()


def test_threads_read_alike(numbered):
    data = numbered_windows(numbered).endless(None, 0)[0]
    alone = numbered_windows(numbered).endless(None, 0)[0]
    indices = np.random.default_rng(0).permutation(3 * len(data)).tolist()
    with multiprocessing.pool.ThreadPool(8) as pool:
        for i, batch in zip(indices, pool.map(data.__getitem__, indices, chunksize=1), strict=True):
            np.testing.assert_array_equal(batch, alone[i])


def test_nothing_stays_in_memory_where_other_processes_read(numbered):
    data = numbered_windows(numbered, workers=2, use_multiprocessing=True)
    data[0]
    assert data._loaded is not None
    data.on_epoch_begin()
    assert data._loaded is None
    data[0]
    data.endless(None, 0)
    assert data._loaded is None


def test_it_validates_on_every_window(numbered):
    for workers, processes in WORKERS:
        data = numbered_windows(numbered, shuffle=False, workers=workers, use_multiprocessing=processes)
        model = Counting(ROWS)
        model.compile("sgd")
        model.build((None, 24, 2))
        model.call = lambda x, training=False, call=model.call: call(x, training=True)
        model.evaluate(data, verbose=0)
        model.evaluate(data, verbose=0)
        assert to_numpy(model.counts.value).tolist() == (ROWS - 23) * [2] + 23 * [0]


def test_what_is_empty_is_passed_over(tmp_path):
    frame = pd.DataFrame({"id": IDS, "x": VALUES[:, 0]})
    schema = pyarrow.Schema.from_pandas(frame)
    table = pyarrow.Table.from_pandas(frame, schema)
    pyarrow.parquet.write_table(table.slice(0, 0), tmp_path / "0.parquet")
    with pyarrow.parquet.ParquetWriter(tmp_path / "1.parquet", schema) as writer:
        for part in (table.slice(0, 0), table.slice(0, 100), table.slice(0, 0), table.slice(100)):
            writer.write_table(part)
    for max_rows in (10, 10_000):
        data = kr.data.ParquetWindows(tmp_path, ["x"], 24, 8, id="id", shuffle=False, max_rows=max_rows)
        expected = [kr.data.sliding_windows(VALUES[name == IDS, :1], 24) for name in LONG]
        np.testing.assert_array_equal(every(data), np.concatenate(expected))


def test_a_model_trains_on_it_and_sees_every_row(tmp_path):
    series = windows(1, length=200)[0]
    series[-1] = 1000.0, -1000.0  # which no window at this stride holds
    pd.DataFrame(series, columns=["x", "y"]).to_parquet(tmp_path / "a.parquet", row_group_size=64)
    data = kr.data.ParquetWindows(tmp_path, ["x", "y"], 6, 8, stride=4, max_rows=64)
    gan = dense_gan()
    gan.compile()
    gan.fit(data, epochs=2, verbose=0)
    low, high = to_numpy([gan.scaler.low.value, gan.scaler.high.value])
    np.testing.assert_allclose(high[0], 1000.0)
    np.testing.assert_allclose(low[1], -1000.0)


@pytest.fixture
def houses(tmp_path):
    """Two files of three houses each, with gaps, texts, times and values that hold for a house."""
    random = np.random.default_rng(0)
    for file in range(2):
        count = 40
        frame = pd.DataFrame(
            {
                "house": np.repeat([f"{file}{letter}" for letter in "abc"], count),
                "time": np.tile(pd.date_range("2024-03-01", periods=count, freq="10min"), 3),
                "power": 1e6 + random.normal(size=3 * count),
                "sky": random.choice(["sun", "rain"], 3 * count),
                "zone": np.repeat(["north", "south", "north"], count),
                "area": np.repeat([80.0, 95.5, 120.0], count) + file,
            }
        )
        frame.loc[random.random(len(frame)) < 0.2, "power"] = np.nan
        frame.loc[random.random(len(frame)) < 0.1, "sky"] = None
        frame.to_parquet(tmp_path / f"{file}.parquet", row_group_size=25)
    return tmp_path


def windows_of_houses(path, **kwargs):
    options = {"id": "house", "time": "time", "static": ["zone", "area"], "missing": True, "stride": 5}
    return kr.data.ParquetWindows(
        path, ["power", "sky"], 6, 8, **options, categories="find", max_rows=60, **kwargs
    )


def test_a_model_trains_on_gaps_conditions_and_categories(houses):
    data = windows_of_houses(houses)
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    history = gan.fit(
        data, validation_data=windows_of_houses(houses, shuffle=False), epochs=1, verbose=0
    )
    assert all(np.isfinite(values).all() for values in history.history.values())
    frame = pd.concat([pd.read_parquet(houses / f"{i}.parquet") for i in range(2)])
    assert gan.has_gaps
    generated = gan.generate(20, seed=0)
    assert generated.shape == (20, 6, 3)
    assert (generated[..., 0] >= frame["power"].min() - 1e-3).all()
    assert (generated[..., 0] <= frame["power"].max() + 1e-3).all()
    np.testing.assert_array_equal(generated[..., 1:].sum(axis=-1), np.ones((20, 6)))
    conditions = gan.sample_conditions(50, seed=0)
    assert set(conditions["zone"]) == {"north", "south"}
    np.testing.assert_allclose(sorted(set(conditions["area"])), [80, 81, 95.5, 96.5, 120, 121])
    asked = {"zone": ["south"], "area": [95.5]}
    assert gan.generate(conditions=asked, missing=True, seed=1).shape == (1, 6, 3)


@pytest.mark.parametrize(("workers", "processes"), WORKERS)
def test_whoever_reads_pairs_reads_the_same(houses, workers, processes):
    def states(**kwargs):
        gan = kr.RecurrentGAN(seed=0)
        gan.compile()
        gan.fit(windows_of_houses(houses, **kwargs), epochs=2, steps_per_epoch=2, verbose=0)
        return gan.get_weights()

    for a, b in zip(states(), states(workers=workers, use_multiprocessing=processes), strict=True):
        np.testing.assert_array_equal(a, b)


def test_copies_of_pairs_are_the_same(houses):
    data = windows_of_houses(houses, seed=4)
    data[0]
    for copy in (pickle.loads(pickle.dumps(data)), data.endless(None, 0)[0]):
        for i in range(len(data)):
            (a, conditions), (b, others) = data[i], copy[i]
            np.testing.assert_array_equal(a, b)
            assert conditions.keys() == others.keys() == {"zone", "area", "observed"}
            for name in conditions:
                np.testing.assert_array_equal(conditions[name], others[name])


def test_without_pyarrow_it_says_what_to_install(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    gan = dense_gan()
    for user, action in (
        ("ParquetWindows", lambda: kr.data.ParquetWindows(path, ["x"], 24)),
        ("generate_parquet", lambda: kr.data.generate_parquet(gan, path.parent / "out", num_samples=3)),
    ):
        with pytest.raises(ImportError, match=rf"{user} needs pyarrow.*keras_rgan\[data\]"):
            action()


def test_bad_input(path, tmp_path):
    make = kr.data.ParquetWindows
    refuses(
        lambda: make(tmp_path / "none.parquet", ["x"], 24), "Expected a Parquet file, a folder.*none"
    )
    (tmp_path / "empty").mkdir()
    refuses(lambda: make(tmp_path / "empty", ["x"], 24), "where there is none")
    refuses(lambda: make(path, ["x", "z"], 24), r"has no columns \['z'\].*names among.*'y'")
    refuses(lambda: make(path, ["id"], 24), "Expected features that are numbers.*'id': '.*string'")
    refuses(lambda: make(path, "x", 24), "as a list of names of columns. Received: 'x'")
    refuses(lambda: make(path, ["x"], 500, id="id"), "Expected series of 500 steps and more")
    refuses(
        lambda: make(path, ["x"], 24, 999), "Expected at least one batch of 999 windows. Received: 714"
    )
    frame = pd.DataFrame({"id": ["a"] * 30 + ["b"] * 30 + ["a"] * 30, "x": np.zeros(90)})
    frame.to_parquet(tmp_path / "apart.parquet", row_group_size=20)
    for max_rows in (20, 1000):
        refuses(
            lambda max_rows=max_rows: make(
                tmp_path / "apart.parquet", ["x"], 5, id="id", max_rows=max_rows
            ),
            "rows of a series together. Received: id='a' in two places.*Sort the file",
        )
    frame.loc[3, "id"] = None
    frame.to_parquet(tmp_path / "gap.parquet")
    refuses(
        lambda: make(tmp_path / "gap.parquet", ["x"], 5, id="id"),
        "Received: .*gap.parquet, with rows whose id is",
    )
    (tmp_path / "text.parquet").write_text("not one")
    refuses(lambda: make(tmp_path / "text.parquet", ["x"], 5), "text.parquet, which is none")
    frame = pd.DataFrame({"x": np.zeros(90, "float32"), "y": np.arange(90) % 2 == 0})
    frame.loc[70, "x"] = np.nan
    frame.to_parquet(tmp_path / "nan.parquet", row_group_size=20)
    data = make(tmp_path / "nan.parquet", ["y", "x"], 5, 4, max_rows=20)
    refuses(lambda: every(data), "nan in the column 'x' of .*nan.parquet, row 70, and 0 more")
    with pytest.raises(IndexError, match="a batch from 0 to"):
        make(path, ["x"], 24)[1000]


def test_any_bit_that_flips_and_any_cut_is_found_or_harmless(tmp_path):
    gan = dense_gan()
    gan.adapt(windows())
    (shard,) = kr.data.generate_parquet(gan, tmp_path, num_samples=30, verbose=False)
    names = ["feature_0", "feature_1"]

    def read():
        return every(kr.data.ParquetWindows(shard, names, 6, id="sample", shuffle=False))

    whole, expected, found = shard.read_bytes(), read(), 0
    draws = np.random.default_rng(0)
    for i in range(60):
        content = bytearray(whole if i % 3 else whole[: draws.integers(len(whole))])
        if i % 3:
            content[draws.integers(len(whole))] ^= 1 << draws.integers(8)
        shard.write_bytes(content)
        try:
            received = read()
        except ValueError as error:
            assert str(shard) in str(error)  # noqa: PT017
            found += 1
        else:
            np.testing.assert_array_equal(received, expected)
    assert found > 50
