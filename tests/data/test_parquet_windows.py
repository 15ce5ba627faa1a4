import pickle
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

import keras_rgan as kr
from tests.testing import dense_gan, refuses, to_numpy, windows

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


def test_without_pyarrow_it_says_what_to_install(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    gan = dense_gan()
    for user, action in (
        ("ParquetWindows", lambda: kr.data.ParquetWindows(path, ["x"], 24)),
        ("generate_parquet", lambda: kr.data.generate_parquet(gan, path.parent / "out", 3)),
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
