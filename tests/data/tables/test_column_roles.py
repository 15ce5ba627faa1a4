import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from tests.data.frames import read_visits, visits


def test_columns_that_cannot_be():
    frame = pd.DataFrame({"t": range(3), "x": [1.0, np.inf, 2.0]})
    with pytest.raises(ValueError, match=r"infinite ones in the features or static columns \['x'\]"):
        kr.data.from_frame(frame, time="t")
    twice = pd.concat([frame, frame["x"]], axis=1)
    with pytest.raises(ValueError, match=r"\['x'\] more than once"):
        kr.data.from_frame(twice, time="t")


def test_static_names_that_mean_something_else():
    for name in ("length", "mask", "observed"):
        frame = visits().rename(columns={"age": name})
        with pytest.raises(ValueError, match=f"{name!r}.* have a meaning of their own. Rename"):
            read_visits(None, frame, static=[name])


def test_one_role_for_each_column():
    frame = pd.DataFrame({"t": range(3), "x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0]})
    for options in (
        {"time": "t", "features": ["x", "x"]},
        {"time": "t", "features": ["x"], "static": ["x"]},
        {"time": "t", "id": "t"},
        {"id": ["t", "t"]},
        {"time": "t", "features": ["t", "x"]},
    ):
        with pytest.raises(
            ValueError, match=r"one role for each column. Received: \['[tx]'\] more than"
        ):
            kr.data.from_frame(frame, **options)


def test_two_columns_of_ids():
    frame = pd.DataFrame(
        {
            "store": ["a", "b", "a", "b", "a", "b"],
            "dept": [1, 1, 2, 1, 2, 1],
            "week": [1, 1, 1, 2, 2, 3],
            "sales": [5.0, 7.0, 1.0, 8.0, 2.0, 9.0],
        }
    )
    table = kr.data.from_frame(frame, id=["store", "dept"], time="week")
    assert table.ids == [("a", 1), ("b", 1), ("a", 2)]
    assert [len(x) for x in table.sequences] == [1, 3, 2]
    expected = frame.iloc[[0, 1, 3, 5, 2, 4]].reset_index(drop=True)
    pd.testing.assert_frame_equal(table.to_frame(), expected)
    made = table.to_frame([np.ones((2, 1))] * 4)
    assert list(made) == list(frame)
    assert len(made.drop_duplicates(["store", "dept"])) == 4
    forecasts = table.forecasts_to_frame(np.ones((3, 1, 1, 1)))
    assert forecasts["week"].tolist() == [2, 4, 3]
    with pytest.raises(ValueError, match=r"twice \(\('store', 'dept'\)=\('b', 1\)\)"):
        kr.data.from_frame(frame.assign(week=1), id=["store", "dept"], time="week")


def test_columns_of_several_levels():
    columns = pd.MultiIndex.from_product([["AAPL", "MSFT"], ["Open", "Close"]], names=["firm", "price"])
    days = pd.date_range("2024-01-01", periods=6, freq="B", name="Date")
    values = np.arange(24.0).reshape(6, 4) + 0.25
    frame = pd.DataFrame(values, days, columns).reset_index()
    table = kr.data.from_frame(frame, time="Date")
    assert table.categories == {}
    np.testing.assert_array_equal(table.sequences[0], values)
    pd.testing.assert_frame_equal(table.to_frame(), frame)
    some = kr.data.from_frame(frame, time="Date", features=["MSFT"], length=3)
    np.testing.assert_array_equal(some.sequences[1], values[1:4, 2:])
    made = some.to_frame(some.sequences[:2])
    assert made.columns.nlevels == 2
    assert made.columns[0] == ("sequence", "")


def test_complex_numbers_and_dates_are_no_features():
    frame = pd.DataFrame({"t": range(3), "z": [1j, 2j, 3j]})
    with pytest.raises(ValueError, match="real numbers in the column 'z'. Received: dtype complex128"):
        kr.data.from_frame(frame, time="t")
    for column in (pd.period_range("2024", periods=3, freq="D"), pd.timedelta_range("1h", periods=3)):
        with pytest.raises(ValueError, match="numbers, text or categories in the feature 'd'"):
            kr.data.from_frame(frame[["t"]].assign(d=column), time="t")


def test_static_columns_of_any_name():
    frame = pd.DataFrame({0: np.repeat([3.5, 7.5], 8), 1: np.arange(16.0), 2: np.repeat([0, 1], 8)})
    table = kr.data.from_frame(frame, id=2, static=[0], length=4)
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.adapt(table)
    made = table.to_frame(gan.generate(5, seed=0), gan.sample_conditions(5, seed=0))
    assert list(made) == [0, 1, 2]
    assert set(made[0]) <= {3.5, 7.5}
