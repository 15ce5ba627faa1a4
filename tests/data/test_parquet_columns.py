import decimal
import pickle

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH

NAN = np.nan


def make(path, features, length=3, batch_size=4, **kwargs):
    return kr.data.ParquetWindows(path, features, length, batch_size, **{"shuffle": False, **kwargs})


def every(data):
    """Return all windows, and all conditions."""
    batches = [data[i] for i in range(len(data))]
    names = batches[0][1]
    conditions = {name: np.concatenate([batch[1][name] for batch in batches]) for name in names}
    return np.concatenate([batch[0] for batch in batches]), conditions


@pytest.fixture
def frame():
    """Two houses of 6 and 4 rows, of which each row is told by `x`."""
    return pd.DataFrame(
        {
            "house": ["n"] * 6 + ["s"] * 4,
            "x": [0.0, 1.0, NAN, 3.0, 4.0, 5.0, 6.0, 7.0, NAN, 9.0],
            "on": pd.array([True, None, False, True, True, False, False, True, True, None], "boolean"),
            "count": pd.array([None, 1, 2, 3, 4, 5, 6, 7, 8, 9], "Int16"),
            "sky": ["sun", "rain", None, "sun", "sun", "fog", "fog", "rain", "sun", "sun"],
            "zone": [3] * 6 + [5] * 4,
            "area": [120.5] * 6 + [80.25] * 4,
            "heated": [True] * 6 + [False] * 4,
        }
    )


@pytest.fixture
def path(frame, tmp_path):
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=3)
    return tmp_path / "a.parquet"


def rows_of_windows(length=3):
    """Return the rows of each window of the two houses."""
    return np.array([np.arange(i, i + length) for i in [*range(7 - length), *range(6, 11 - length)]])


@pytest.mark.parametrize("max_rows", [3, 1000])
def test_values_that_are_missing_are_nan_and_not_observed(frame, path, max_rows):
    data = make(path, ["x", "on", "count"], id="house", missing=True, max_rows=max_rows)
    windows, conditions = every(data)
    expected = np.array(
        [
            [0, 1, NAN], [1, NAN, 1], [NAN, 0, 2], [3, 1, 3], [4, 1, 4], [5, 0, 5],
            [6, 0, 6], [7, 1, 7], [NAN, 1, 8], [9, NAN, 9],
        ]
    )[rows_of_windows()]  # fmt: skip
    np.testing.assert_array_equal(windows, expected)
    assert list(conditions) == ["observed"]
    assert conditions["observed"].dtype == bool
    np.testing.assert_array_equal(conditions["observed"], ~np.isnan(expected))
    # As a table has it
    table = kr.data.from_frame(frame[["house", "x", "on", "count"]], id="house", length=3, missing=True)
    sequences, table_conditions = table.data
    np.testing.assert_array_equal(windows, sequences)
    np.testing.assert_array_equal(conditions["observed"], table_conditions["observed"])


def test_missing_values_are_refused_unless_they_are_asked_for(path, tmp_path):
    refuses(
        lambda: make(path, ["x"], id="house")[0],
        r"nan in the column 'x' of .*a.parquet, row 2, and 1 more.*Drop or fill.*, or pass missing=True",
    )
    refuses(
        lambda: make(path, ["on"], id="house")[0], "nan in the column 'on' of .*, row 1, and 1 more"
    )
    pd.DataFrame({"x": [0.0, NAN, np.inf, 1.0]}).to_parquet(tmp_path / "b.parquet")
    refuses(
        lambda: make(tmp_path / "b.parquet", ["x"], 2, 3, missing=True)[0],
        "inf in the column 'x' of .*b.parquet, row 2, and 0 more .*Drop or fill them first.$",
    )
    pyarrow.parquet.write_table(pyarrow.table({"x": pyarrow.nulls(4)}), tmp_path / "c.parquet")
    windows, _ = make(tmp_path / "c.parquet", ["x"], 2, 3, missing=True)[0]
    assert np.isnan(windows).all()
    refuses(lambda: make(tmp_path / "c.parquet", ["x"], 2, 3)[0], "nan in the column 'x'")


@pytest.mark.parametrize("max_rows", [3, 1000])
@pytest.mark.parametrize("shuffle", [False, True])
def test_static_columns_become_conditions(frame, path, max_rows, shuffle):
    frame["house_name"] = frame["house"].astype("category")
    frame["row"] = np.arange(10.0)
    frame.to_parquet(path, row_group_size=3)
    static = ["zone", "area", "heated", "house_name"]
    options = {"id": "house", "static": static, "max_rows": max_rows, "shuffle": shuffle}
    data = make(path, ["row"], batch_size=1 if shuffle else 4, **options)
    for one in (data, pickle.loads(pickle.dumps(data)), data.endless(None, 0)[0]):
        windows, conditions = every(one) if one.num_batches else (one[0][0], one[0][1])
        south = windows[:, 0, 0] >= 6
        assert list(conditions) == static
        assert conditions["zone"].dtype == np.int64
        assert conditions["zone"].tolist() == np.where(south, 5, 3).tolist()
        assert conditions["area"].dtype == np.float64
        assert conditions["area"].tolist() == np.where(south, 80.25, 120.5).tolist()
        assert conditions["heated"].dtype == bool
        assert conditions["heated"].tolist() == (~south).tolist()
        assert conditions["house_name"].dtype.kind == "U"
        assert conditions["house_name"].tolist() == np.where(south, "s", "n").tolist()
    windows, conditions = every(data.disjoint())
    assert windows[:, 0, 0].tolist() == [0, 3, 6, 7]
    assert conditions["zone"].tolist() == [3, 3, 5, 5]


def test_static_columns_of_files_that_are_series(tmp_path):
    for name, count, unit in (("a", 4, 1), ("b", 5, 2**33)):
        frame = pd.DataFrame({"x": np.arange(count), "place": name, "unit": unit})
        frame["cost"] = [decimal.Decimal("1.25") * (unit % 7)] * count
        frame.to_parquet(tmp_path / f"{name}.parquet")
    windows, conditions = every(make(tmp_path, ["x"], 4, 2, static=["place", "unit", "cost"]))
    assert windows[..., 0].tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [1, 2, 3, 4]]
    assert conditions["place"].tolist() == ["a", "b", "b"]
    assert conditions["unit"].tolist() == [1, 2**33, 2**33]
    assert conditions["cost"].dtype == np.float64
    assert conditions["cost"].tolist() == [1.25, 1.25, 1.25]


@pytest.mark.parametrize("max_rows", [3, 1000])
@pytest.mark.parametrize("row", [1, 3, 5, 8])
def test_a_static_column_that_changes_is_refused(frame, path, max_rows, row):
    frame.loc[row, "zone"] = 4
    frame.to_parquet(path, row_group_size=3)
    data = make(path, ["heated"], id="house", static=["area", "zone"], max_rows=max_rows)
    before = 3 if row < 6 else 5
    refuses(
        lambda: every(data),
        f"static column 'zone' to hold for a whole series. Received: {before}, then 4 in .*a.parquet, "
        f"row {row}. Name it under features=, or tell series apart by id=",
    )


def test_a_static_column_without_a_value_is_refused(frame, path):
    frame["place"], frame.loc[7, "area"] = "here", NAN
    frame.loc[4, "place"] = None
    frame.to_parquet(path)
    for name, value, row in (("area", "nan|None", 7), ("place", "None", 4)):
        refuses(
            lambda name=name: make(path, ["heated"], id="house", static=[name])[0],
            f"static column '{name}' in every row. Received: ({value}) in .*a.parquet, row {row}. Fill",
        )


@pytest.mark.parametrize("kind", ["text", "category", "large"])
@pytest.mark.parametrize("given", ["find", {"sky": ["fog", "rain", "sun"]}, {"sky": "find"}])
@pytest.mark.parametrize("max_rows", [3, 1000])
def test_categories_are_one_hot(frame, path, kind, given, max_rows):
    if kind == "category":
        frame["sky"] = frame["sky"].astype("category")
    table = pyarrow.Table.from_pandas(frame)
    if kind == "large":
        table = table.set_column(4, "sky", table["sky"].cast("large_string"))
    pyarrow.parquet.write_table(table, path, row_group_size=3)
    data = make(path, ["on", "sky"], id="house", missing=True, categories=given, max_rows=max_rows)
    assert data.column_names == ["on", "sky=fog", "sky=rain", "sky=sun"]
    assert data.categories == {"sky": ["fog", "rain", "sun"]}
    windows, conditions = every(data)
    assert windows.dtype == np.float32
    sun, rain, fog, none = [0, 0, 1], [0, 1, 0], [1, 0, 0], [NAN] * 3
    expected = np.array([sun, rain, none, sun, sun, fog, fog, rain, sun, sun])[rows_of_windows()]
    np.testing.assert_array_equal(windows[..., 1:], expected)
    np.testing.assert_array_equal(conditions["observed"][..., 1:], ~np.isnan(expected))


def test_categories_in_an_order_of_ones_own_and_of_codes(tmp_path):
    frame = pd.DataFrame({"code": [7, 9, 7, 8], "flag": [True, False, True, True], "x": np.arange(4.0)})
    frame.to_parquet(tmp_path / "a.parquet")
    pd.DataFrame({"code": [9.0, 9.0], "flag": [False, False], "x": [4, 5]}).to_parquet(
        tmp_path / "b.parquet"
    )
    options = {"categories": {"code": [9, 7, 8], "flag": "find"}}
    data = make(tmp_path, ["x", "code", "flag"], 2, 4, **options)
    assert data.column_names == ["x", "code=9", "code=7", "code=8", "flag=False", "flag=True"]
    windows = np.concatenate([data[i] for i in range(len(data))])
    assert windows[0].tolist() == [[0, 0, 1, 0, 0, 1], [1, 1, 0, 0, 1, 0]]
    assert windows[-1].tolist() == [[4, 1, 0, 0, 1, 0], [5, 1, 0, 0, 1, 0]]


def test_categories_are_found_in_all_files(tmp_path):
    for name, entries in (("a", ["u", "v"]), ("b", ["u", "t"]), ("c", [None, None])):
        pd.DataFrame({"sky": pd.Series(entries, dtype=object)}).to_parquet(tmp_path / f"{name}.parquet")
    data = make(tmp_path, ["sky"], 2, 3, categories="find", missing=True)
    assert data.column_names == ["sky=t", "sky=u", "sky=v"]
    np.testing.assert_array_equal(
        every(data)[0], [[[0, 1, 0], [0, 0, 1]], [[0, 1, 0], [1, 0, 0]], [[NAN] * 3] * 2]
    )


def test_an_unknown_category_is_named(path):
    data = make(path, ["sky"], id="house", missing=True, categories={"sky": ["sun", "rain"]})
    refuses(
        lambda: every(data),
        "feature 'sky' one of the categories 'sun', 'rain'. Received: 'fog' in .*a.parquet, row 5. Add it "
        "to categories=",
    )
    data = make(path, ["sky"], id="house", categories="find")
    refuses(lambda: every(data), "nan in the column 'sky' of .*a.parquet, row 2.*or pass missing=True")


def test_digits_of_numbers_far_from_zero_are_kept(tmp_path):
    values = 1.7e9 + np.random.default_rng(0).uniform(-10, 10, (40, 2))
    pd.DataFrame(values, columns=["a", "b"]).to_parquet(tmp_path / "a.parquet")
    data = make(tmp_path, ["a", "b"], 8, 33)
    np.testing.assert_array_equal(data[0], kr.data.sliding_windows(values, 8))
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    gan.fit(data, epochs=1, verbose=0)
    generated = gan.generate(50, seed=0)
    assert ((generated > 1.7e9 - 11) & (generated < 1.7e9 + 11)).all()
    assert len(np.unique(generated)) > 500  # which float32 would not tell apart
    np.testing.assert_allclose(gan.scaler.restore(gan.scaler(data[0])), data[0], atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("float32", "float32"), ("float16", "float32"), ("int16", "float32"), ("uint16", "float32"),
        ("bool", "float32"), ("float64", "float64"), ("int32", "float64"), ("uint32", "float64"),
        ("int64", "float64"), ("uint64", "float64"),
    ],
)  # fmt: skip
def test_numbers_are_read_into_the_narrowest_type_that_holds_them(tmp_path, kind, dtype):
    values = np.array([0, 1, 1, 0], kind)
    pd.DataFrame({"x": values, "y": values.astype("float32")}).to_parquet(tmp_path / "a.parquet")
    assert make(tmp_path, ["x", "y"], 2, 3)[0].dtype == dtype
    # One file that needs it is enough
    wider = tmp_path / "b.parquet"
    pd.DataFrame({"x": [0.5, 1.0], "y": np.zeros(2, "float32")}).to_parquet(wider)
    data = make(tmp_path, ["x", "y"], 2, 1)
    assert {data[i].dtype for i in range(len(data))} == {np.dtype("float64")}


def test_decimals_are_numbers(tmp_path):
    prices = [decimal.Decimal("1234567890.25"), decimal.Decimal("2.50"), None]
    pd.DataFrame({"x": prices}).to_parquet(tmp_path / "a.parquet")
    windows, _ = make(tmp_path, ["x"], 3, 1, missing=True)[0]
    np.testing.assert_array_equal(windows, [[[1234567890.25], [2.5], [NAN]]])


def test_bad_input(frame, path, tmp_path):
    refuses(
        lambda: make(path, ["sky"]),
        r"Expected features that are numbers. Received: {'sky': '.*string'} in .*a.parquet. Pass "
        "categories='find' or their categories",
    )
    refuses(
        lambda: make(path, ["x"], static="zone"), "`static` as a list of names of columns. .*'zone'"
    )
    refuses(lambda: make(path, ["x"], static=["zones"]), r"has no columns \['zones'\]")
    refuses(lambda: make(path, ["x", "zone"], static=["zone"]), r"one role.*\['zone'\] more than once")
    refuses(lambda: make(path, ["x", "x"]), r"one role.*\['x'\] more than once")
    refuses(lambda: make(path, ["x"], static=["length"]), r"of which \['length'\] have a meaning")
    for given in ({"zone": [1]}, ["sky"], "all"):
        refuses(
            lambda given=given: make(path, ["sky"], categories=given), "as lists by the name of a fea"
        )
    for given in ([], ["a", "a"], [None], "sun", [NAN], 3):
        refuses(
            lambda given=given: make(path, ["sky"], categories={"sky": given}),
            "categories of 'sky' as a list of text, numbers or flags, each once, or 'find'. Received: ",
        )
    refuses(
        lambda: make(path, ["sky"], categories={"sky": [1, 2]}),
        "categories of 'sky' as .*a.parquet holds them, .*string. Received: 1, 2",
    )
    frame["when"] = pd.date_range("2024", periods=10)
    frame["many"] = [str(i) for i in range(10)]
    frame.to_parquet(path)
    refuses(
        lambda: make(path, ["when"]), "that are numbers. Received: {'when': 'timestamp.*them into num"
    )
    refuses(
        lambda: make(path, ["x"], static=["when"]), "static columns of numbers, flags or text.*'when'"
    )
    refuses(lambda: make(path, ["when"], categories="find"), "features that are numbers.*'when'")
    refuses(lambda: make(path, ["when"], categories={"when": "find"}), "Leave it out of categories=")
    many = pd.DataFrame({"many": [str(i) for i in range(300)]})
    many.to_parquet(tmp_path / "many.parquet")
    refuses(
        lambda: make(tmp_path / "many.parquet", ["many"], categories="find"),
        "1 to 256 categories of the feature 'many'. Received: 300 and more. Leave it out",
    )
    pd.DataFrame({"sky": pd.Series([None, None], dtype="str")}).to_parquet(tmp_path / "none.parquet")
    refuses(
        lambda: make(tmp_path / "none.parquet", ["sky"], categories="find", missing=True),
        "1 to 256 categories of the feature 'sky'. Received: 0",
    )


@pytest.mark.parametrize(
    ("role", "first", "second", "words"),
    [
        ("static", [1, 1], [1.5, 1.5], "whole numbers in .*a.parquet, real numbers in .*b.parquet"),
        ("static", ["1", "1"], [1, 1], "text in .*a.parquet, whole numbers in .*b.parquet"),
        ("features", ["1", "1"], [1, 1], "text in .*a.parquet, whole numbers in .*b.parquet"),
    ],
)
def test_a_column_holds_the_same_in_all_files(tmp_path, role, first, second, words):
    for name, values in (("a", first), ("b", second)):
        pd.DataFrame({"x": [0.0, 1.0], "y": values}).to_parquet(tmp_path / f"{name}.parquet")
    options = {"features": ["x", "y"]} if role == "features" else {"features": ["x"], "static": ["y"]}
    refuses(
        lambda: make(tmp_path, **options, length=2, batch_size=1, categories="find"),
        f"column 'y' to hold the same in every file. Received: {words}. Write it in one type",
    )
