import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH

COUNT = 40

TIMES = {
    "whole": np.arange(COUNT) * 5 + 3,
    "unsigned": np.arange(COUNT, dtype="uint32") * 5,
    "small": np.arange(COUNT, dtype="int8"),
    "real": np.arange(COUNT) * 0.1 + 1.7e9,
    "narrow": (np.arange(COUNT) * 0.1 + 40).astype("float32"),
    "decimal": [decimal.Decimal(i) / 4 for i in range(COUNT)],
    "stamp": pd.date_range("2024-03-01", periods=COUNT, freq="10min"),
    "zoned": pd.date_range("2024-10-26", periods=COUNT, freq="h", tz="Europe/Berlin"),
    "day": [datetime.date(2024, 2, 1) + datetime.timedelta(i) for i in range(COUNT)],
    "span": pd.timedelta_range("0s", periods=COUNT, freq="15s"),
}


def make(path, max_rows=1000, **kwargs):
    options = {"id": "id", "time": "time", "shuffle": False, "max_rows": max_rows, **kwargs}
    return kr.data.ParquetWindows(path, ["x"], 4, 4, **options)


def read(data):
    return [data[i] for i in range(len(data))]


def table(times, ids=None):
    ids = np.repeat(["a", "b"], COUNT // 2) if ids is None else ids
    return pd.DataFrame({"id": ids, "time": times, "x": np.arange(float(len(times)))})


def with_one(times, row, change):
    """Return times of which one is another."""
    times = pd.Series(times)
    times[row] = change(times)
    return times


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("max_rows", [7, 1000])
def test_times_at_one_distance_pass(tmp_path, kind, max_rows):
    table(TIMES[kind]).to_parquet(tmp_path / "a.parquet", row_group_size=7)
    # The next file and the second series begin anew, at any time
    table(TIMES[kind]).to_parquet(tmp_path / "b.parquet", row_group_size=9)
    found, trusted = read(make(tmp_path, max_rows)), read(make(tmp_path, max_rows, time=None))
    for a, b in zip(found, trusted, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("max_rows", [7, 1000])
@pytest.mark.parametrize("row", [3, 7, 14, 30])  # within a piece, and the first of one
def test_times_that_are_not_are_refused_with_their_row(tmp_path, kind, max_rows, row):
    cases = {
        "twice": (row, lambda times: times[row - 1], "Drop or aggregate such rows"),
        "out of order": (row, lambda times: times[row - 2], "Sort the file by id and time"),
    }
    for problem, (at, change, mend) in cases.items():
        table(with_one(TIMES[kind], at, change)).to_parquet(tmp_path / "a.parquet", row_group_size=7)
        refuses(
            lambda: read(make(tmp_path / "a.parquet", max_rows)),
            f"each time of a series once, in order, at one distance of .*, {problem}, in .*a.parquet, "
            f"row {row}. {mend}; or leave time= out",
        )
    whole = table(TIMES[kind], np.repeat("a", COUNT))
    whole.drop(index=row).to_parquet(tmp_path / "a.parquet", row_group_size=7)
    refuses(
        lambda: read(make(tmp_path / "a.parquet", max_rows)),
        f"apart, in .*a.parquet, row {row}. Fill the hole with rows",
    )


def test_distances_are_said_in_words(tmp_path):
    for kind, step, hole in (
        ("stamp", "10 minutes", "20 minutes"),
        ("zoned", "1 hours", "2 hours"),
        ("day", "1 days", "2 days"),
        ("span", "15 seconds", "30 seconds"),
        ("whole", "5", "10"),
        ("real", "0.1", "0.2"),
    ):
        table(TIMES[kind], np.repeat("a", COUNT)).drop(index=20).to_parquet(tmp_path / "a.parquet")
        refuses(lambda: make(tmp_path)[0], f"distance of {step}. Received: .*, {hole}.* apart")


def test_a_hole_at_the_very_beginning_is_the_one_that_is_named(tmp_path):
    table(np.r_[0, 10:49], np.repeat("a", COUNT)).to_parquet(tmp_path / "a.parquet")
    refuses(
        lambda: make(tmp_path)[0], "distance of 1. Received: time=10 behind 0, 10 apart, .*row 1. Fill"
    )


def test_another_distance_in_another_file_is_refused(tmp_path):
    table(TIMES["stamp"]).to_parquet(tmp_path / "a.parquet")
    table(pd.date_range("2024", periods=COUNT, freq="5min").as_unit("ms")).to_parquet(
        tmp_path / "b.parquet"
    )
    refuses(
        lambda: read(make(tmp_path)),
        "distance of 10 minutes. .*, 5 minutes apart, in .*b.parquet, row 1",
    )
    same = pd.date_range("2024", periods=COUNT, freq="10min").as_unit("s")
    table(same).to_parquet(tmp_path / "b.parquet")
    read(make(tmp_path))


def test_the_end_of_a_series_in_one_part_is_known_to_the_next(tmp_path):
    # Rows 0 to 6 are a part; row 7 goes on with the series, too late.
    times = np.r_[0:7, 8:41]
    table(times, np.repeat("a", COUNT)).to_parquet(tmp_path / "a.parquet", row_group_size=7)
    data = make(tmp_path, 7)
    refuses(lambda: data[0], "time=8 behind 6, 2 apart, .*row 7")


def test_bad_input(tmp_path):
    refuses(lambda: make(tmp_path / "none.parquet"), "there is none")
    frame = table(TIMES["stamp"])
    frame.loc[5, "time"] = pd.NaT
    frame.to_parquet(tmp_path / "a.parquet")
    refuses(
        lambda: make(tmp_path)[0], "a time in every row. Received: .*a.parquet, row 5, whose time is"
    )
    table(list(map(str, range(COUNT)))).to_parquet(tmp_path / "a.parquet")
    refuses(
        lambda: make(tmp_path), "times that are timestamps, dates or numbers. Received: {'time': '.*str"
    )
    table(TIMES["stamp"]).to_parquet(tmp_path / "a.parquet")
    table(TIMES["whole"]).to_parquet(tmp_path / "b.parquet")
    refuses(
        lambda: make(tmp_path), "column 'time' to hold the same in every file.*times in .*whole numbers"
    )
    refuses(lambda: make(tmp_path, time="x"), r"one role for each column. Received: \['x'\]")
