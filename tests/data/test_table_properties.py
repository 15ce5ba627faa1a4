"""What holds of any table, whatever its columns: `EXAMPLES=3000` tries more of them."""

import datetime
import decimal
import os

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import keras_rgan as kr
from tests.testing import ON_TORCH

pytestmark = ON_TORCH

MANY = settings(
    max_examples=int(os.environ.get("EXAMPLES", "70")),
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)

WHOLE = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
REAL = ["float32", "float64"]
DECIMAL = pa.decimal128(9, 2)


def arrow(kind):
    return pd.ArrowDtype(kind)


def whole(random, dtype, rows):
    """Return whole numbers of all that a type holds, both ends among them."""
    info = np.iinfo(dtype.lower())
    values = random.integers(info.min, info.max, rows, dtype=info.dtype, endpoint=True)
    values[random.integers(rows)] = info.max
    values[random.integers(rows)] = info.min
    return values


def decimals(random, rows):
    return [decimal.Decimal(int(n)).scaleb(-2) for n in random.integers(-9999, 9999, rows)]


NUMBERS = {
    **{name: (lambda r, n, name=name: whole(r, name, n)) for name in WHOLE},
    **{name: (lambda r, n, name=name: r.normal(1e6, 10, n).astype(name)) for name in REAL},
    "tenths": lambda r, n: np.round(r.normal(20, 5, n), 1),
    "bool": lambda r, n: r.random(n) < 0.5,
    **{
        name.capitalize().replace("Ui", "UI"): (
            lambda r, n, name=name: pd.array(whole(r, name, n), name.capitalize().replace("Ui", "UI"))
        )
        for name in WHOLE
    },
    "Float32": lambda r, n: pd.array(r.normal(size=n), "Float32"),
    "Float64": lambda r, n: pd.array(r.normal(size=n), "Float64"),
    "boolean": lambda r, n: pd.array(r.random(n) < 0.5, "boolean"),
    "arrow int16": lambda r, n: pd.array(whole(r, "int16", n), arrow(pa.int16())),
    "arrow uint64": lambda r, n: pd.array(whole(r, "uint64", n), arrow(pa.uint64())),
    "arrow double": lambda r, n: pd.array(r.normal(size=n), arrow(pa.float64())),
    "arrow bool": lambda r, n: pd.array(r.random(n) < 0.5, arrow(pa.bool_())),
    "arrow decimal": lambda r, n: pd.array(decimals(r, n), arrow(DECIMAL)),
    "objects: int": lambda r, n: pd.Series([int(x) for x in whole(r, "int64", n)], dtype=object),
    "objects: float": lambda r, n: pd.Series(r.normal(size=n).tolist(), dtype=object),
    "objects: bool": lambda r, n: pd.Series((r.random(n) < 0.5).tolist(), dtype=object),
    "objects: Decimal": lambda r, n: pd.Series(decimals(r, n), dtype=object),
    "sparse": lambda r, n: pd.arrays.SparseArray(r.integers(0, 2, n).astype("float64")),
}

WORDS = ["b", "a", "é", "", "1"]

WORDED = {
    "str": lambda r, n: pd.Series(r.choice(WORDS, n)),
    "object": lambda r, n: pd.Series(r.choice(WORDS, n).tolist(), dtype=object),
    "string": lambda r, n: pd.array(r.choice(WORDS, n), "string"),
    "arrow string": lambda r, n: pd.array(r.choice(WORDS, n).tolist(), arrow(pa.string())),
    "category": lambda r, n: pd.Categorical(r.choice(WORDS, n), [*WORDS, "more"]),
    "ordered": lambda r, n: pd.Categorical(r.choice(WORDS, n), WORDS[::-1], ordered=True),
    "category of ints": lambda r, n: pd.Categorical(r.integers(0, 3, n), [2, 1, 0, 9]),
    "arrow dictionary": lambda r, n: pd.array(
        pa.array(r.choice(WORDS, n).tolist()).dictionary_encode(),
        arrow(pa.dictionary(pa.int32(), pa.string())),
    ),
}

DAY = pd.Timestamp("2024-03-29")

TIMES = {
    "int8": lambda n: pd.array(np.arange(n, dtype="int8")),
    "uint16": lambda n: np.arange(n, dtype="uint16") * np.uint16(3),
    "int64": lambda n: 2**62 + np.arange(n) * 10,
    "float64": lambda n: 1.7e9 + np.arange(n) * 0.1,
    "Int32": lambda n: pd.array(np.arange(n), "Int32"),
    "seconds": lambda n: pd.date_range(DAY, periods=n, freq="1D", unit="s"),
    "nanoseconds": lambda n: pd.date_range(DAY, periods=n, freq="7ns", unit="ns"),
    "zone": lambda n: pd.date_range(DAY, periods=n, freq="1D", tz="Europe/Paris"),
    "hours of a zone": lambda n: pd.date_range(DAY, periods=n, freq="12h", tz="Europe/Paris"),
    "months": lambda n: pd.date_range(DAY, periods=n, freq="ME"),
    "month starts": lambda n: pd.date_range(DAY, periods=n, freq="MS"),
    "business days": lambda n: pd.date_range(DAY, periods=n, freq="B"),
    "quarters": lambda n: pd.date_range(DAY, periods=n, freq="QE"),
    "periods": lambda n: pd.period_range("2024-01", periods=n, freq="M"),
    "timedelta": lambda n: pd.timedelta_range("0h", periods=n, freq="6h"),
    "arrow timestamp": lambda n: pd.array(
        pd.date_range(DAY, periods=n, freq="1h"), arrow(pa.timestamp("us", "UTC"))
    ),
    "arrow date": lambda n: pd.array(
        [(DAY + pd.Timedelta(days=i)).date() for i in range(n)], arrow(pa.date32())
    ),
    "dates": lambda n: pd.Series([datetime.date(2024, 1, 1 + i) for i in range(n)], dtype=object),
}

SINGLE = {
    "int8": lambda n: np.arange(n, dtype="int8")[::-1],
    "Int8": lambda n: pd.array(np.arange(n), "Int8"),
    "arrow uint8": lambda n: pd.array(np.arange(n), arrow(pa.uint8())),
    "bool": lambda n: np.arange(n) % 2 == 0,
    "float": lambda n: np.arange(n) + 0.5,
    "str": lambda n: pd.Series([f"k{i}" for i in range(n)]),
    "category": lambda n: pd.Categorical([f"k{i}" for i in range(n)][::-1]),
    "category of ints": lambda n: pd.Categorical(range(7, 7 + n)),
    "datetime": lambda n: pd.date_range(DAY, periods=n, unit="s"),
    "zone": lambda n: pd.date_range(DAY, periods=n, tz="Asia/Tokyo"),
    "timedelta": lambda n: pd.timedelta_range("1h", periods=n),
    "period": lambda n: pd.period_range("2024", periods=n, freq="Y"),
    "dates": lambda n: pd.Series([datetime.date(2020 + i, 1, 1) for i in range(n)], dtype=object),
    "decimals": lambda n: pd.Series([decimal.Decimal(i) for i in range(n)], dtype=object),
    "arrow date": lambda n: pd.array(
        [datetime.date(2020 + i, 1, 1) for i in range(n)], arrow(pa.date32())
    ),
    "tuples": lambda n: pd.Series([(i, "x") for i in range(n)], dtype=object),
}
"""Columns of which no two entries are equal (but for flags), for ids."""


@st.composite
def tables(draw, gaps=True):
    """Return a table, and how to read it."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    kind_of_ids = draw(st.sampled_from([None, *SINGLE]))
    kind_of_times = draw(st.sampled_from([None, *TIMES]))
    count = 1 if kind_of_ids is None else draw(st.integers(1, 2 if kind_of_ids == "bool" else 4))
    lengths = random.integers(3, 6, count)
    rows, of_rows = int(lengths.sum()), np.repeat(np.arange(count), lengths)
    columns, missing = {}, gaps and draw(st.booleans())
    features = draw(st.lists(st.sampled_from([*NUMBERS, *WORDED]), min_size=1, max_size=4, unique=True))
    for name in features:
        column = pd.Series({**NUMBERS, **WORDED}[name](random, rows))
        if missing and column.dtype.kind not in "iub" and name != "sparse":
            column[random.random(rows) < 0.2] = None
        columns[name] = column if column.notna().any() else pd.Series(NUMBERS["float64"](random, rows))
    statics = {**NUMBERS, **WORDED, **{k: lambda r, n, k=k: pd.Series(SINGLE[k](n)) for k in SINGLE}}
    static = draw(st.lists(st.sampled_from(sorted(statics)), max_size=2, unique=True))
    for name in static:
        columns[f"static {name}"] = pd.Series(statics[name](random, count)).iloc[of_rows]
    if kind_of_ids is not None:
        columns["id"] = pd.Series(SINGLE[kind_of_ids](count)).iloc[of_rows]
    if kind_of_times is not None:
        times = pd.Series(TIMES[kind_of_times](8))
        places = np.concatenate([random.integers(0, 9 - n) + np.arange(n) for n in lengths])
        columns["time"] = times.iloc[places]
    names = draw(st.permutations(sorted(columns)))
    frame = pd.DataFrame({name: columns[name].reset_index(drop=True) for name in names})
    order = np.argsort(random.permutation(of_rows), kind="stable")  # rows of ids among each other
    merged = np.empty(rows, int)
    merged[order] = np.arange(rows)
    frame = frame.iloc[merged].set_axis(random.permutation(rows) + 100)
    return frame, {
        "id": None if kind_of_ids is None else "id",
        "time": None if kind_of_times is None else "time",
        "static": [f"static {name}" for name in static],
        "missing": missing,
    }


def sorted_by_id(frame, id):
    if id is None:
        return frame.reset_index(drop=True)
    parts = [rows for _, rows in frame.groupby(id, sort=False, observed=True)]
    return pd.concat(parts).reset_index(drop=True)


@MANY
@given(tables())
def test_a_table_comes_back_as_it_was(table):
    frame, options = table
    read = kr.data.from_frame(frame, **options)
    assert set(read.categories) == set(WORDED) & set(frame)
    pd.testing.assert_frame_equal(read.to_frame(), sorted_by_id(frame, options["id"]), check_exact=True)


@MANY
@given(tables(), st.integers(1, 300))
def test_a_generated_table_has_types_order_and_ids_of_its_own(table, count):
    frame, options = table
    read = kr.data.from_frame(frame, **options)
    random = np.random.default_rng(count)
    rows = np.concatenate(read.sequences).astype("float64")
    low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
    made = low + (high - low) * random.random((count, 3, read.num_columns))
    chosen = random.integers(0, len(read.ids), count)
    conditions = {name: values[chosen] for name, values in read.conditions.items()}
    back = read.to_frame(made, conditions)
    beside = ["sequence"] if options["id"] is None and count > 1 else []
    assert list(back) == [*beside, *frame]
    for name in frame:
        if name not in ("id", "time"):
            assert back[name].dtype == frame[name].dtype, name
        if name in options["static"]:
            pd.testing.assert_series_equal(
                back[name][::3].reset_index(drop=True),
                read.firsts[name].iloc[chosen].reset_index(drop=True),
                check_exact=True,
            )
    key = options["id"] or (beside or [None])[0]
    parts = (
        [back] if key is None else [rows for _, rows in back.groupby(key, sort=False, observed=True)]
    )
    assert len(parts) == count
    for part in parts:
        assert len(part) == 3
        if options["time"]:
            assert part["time"].is_monotonic_increasing
            assert part["time"].is_unique
    if count > 1 or options["id"]:
        again = kr.data.from_frame(back, **{**options, "id": key})  # it reads what it wrote
        assert len(again.ids) == count


@MANY
@given(tables())
def test_what_was_observed_stays(table):
    frame, options = table
    read = kr.data.from_frame(frame, **options)
    made = [np.full(np.shape(x), 0.25) for x in read.sequences]
    back, known = read.to_frame(made, as_data=True), sorted_by_id(frame, options["id"])
    assert back.dtypes.equals(known.dtypes)
    assert not back.isna().any(axis=None)
    for name in frame:
        there = known[name].notna()
        pd.testing.assert_series_equal(back[name][there], known[name][there], check_exact=True)
