import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from keras_rgan.data import parquet_parts
from keras_rgan.data.parquet_columns import Columns
from keras_rgan.data.parquet_parts import PartReader
from tests.testing import refuses


@pytest.fixture
def frame():
    return pd.DataFrame(
        {"x": np.arange(300.0), "flag": np.arange(300) % 3 == 0, "id": np.repeat(list("abc"), 100)}
    )


def loaded(reader, paths, disjoint=False):
    return [reader.load(part, disjoint) for part in reader.parts(paths)]


@pytest.mark.parametrize("id", [None, "id"])
@pytest.mark.parametrize("max_rows", [40, 120, 1000])
def test_windows_are_counted_before_they_are_read(frame, id, max_rows, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_parts, "ROWS_AT_ONCE", 7)
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path in paths:
        frame.to_parquet(path, row_group_size=35)
    reader = PartReader(Columns(["x", "flag"], id=id), 10, 3, max_rows)
    for disjoint in (False, True):
        rows = []
        for part in reader.parts(paths):
            values, starts, *_ = reader.load(part, disjoint)
            counts = [p.disjoint_windows if disjoint else p.windows for p in part]
            assert len(starts) == sum(counts)
            assert len(values) == sum(piece.rows_read for piece in part)
            rows += values[starts, 0].tolist()
        size = 300 if id is None else 100
        series = [
            sorted({*range(0, size - 9, 10 if disjoint else 3), *([size - 10] if disjoint else [])})
        ] * (300 // size)
        assert rows == 2 * [i * size + start for i, starts in enumerate(series) for start in starts]


def test_series_that_are_categories(frame, tmp_path):
    frame.to_parquet(tmp_path / "text.parquet", row_group_size=30)
    frame["id"] = frame["id"].astype("category")
    frame.to_parquet(tmp_path / "category.parquet", row_group_size=30)
    reader = PartReader(Columns(["x"], id="id"), 10, 1, 50)
    texts, categories = (
        loaded(reader, [tmp_path / f"{name}.parquet"]) for name in ("text", "category")
    )
    for a, b in zip(texts, categories, strict=True):
        np.testing.assert_array_equal(a.values, b.values)
        np.testing.assert_array_equal(a.starts, b.starts)


def test_a_flag_that_is_missing_is_named(frame, tmp_path):
    frame["flag"] = frame["flag"].astype(object)
    frame.loc[70, "flag"] = None
    frame.to_parquet(tmp_path / "a.parquet")
    refuses(
        lambda: loaded(PartReader(Columns(["x", "flag"]), 10, 1, 1000), [tmp_path / "a.parquet"]),
        "nan in the column 'flag' of .*a.parquet, row 70, and 0 more",
    )


def test_every_file_is_looked_through_once_and_read_once_in_a_pass(frame, tmp_path, monkeypatch):
    for name in "abc":
        frame.to_parquet(tmp_path / f"{name}.parquet", row_group_size=100)
    opened = []
    open_file = parquet_parts.open_file
    monkeypatch.setattr(
        parquet_parts, "open_file", lambda path: opened.append(path.name) or open_file(path)
    )
    names = ["a.parquet", "b.parquet", "c.parquet"]
    data = kr.data.ParquetWindows(tmp_path, ["x"], 10, 8, id="id", shuffle=False)
    assert opened == names
    view = data.disjoint()
    assert opened == names  # which was known
    assert sum(len(view[i]) for i in range(len(view))) == 90
    assert opened == 2 * names
