import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import keras_rgan as kr
from tests.data.frames import read
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def of(times, **options):
    """Return a table of a series at these times."""
    times = pd.Series(times).reset_index(drop=True)
    frame = pd.DataFrame({"time": times, "x": np.arange(len(times)) + 0.5})
    return frame, kr.data.from_frame(frame, time="time", **options)


def after(table, steps=3):
    """Return the times that forecasts of a table have."""
    return table.forecasts_to_frame(np.ones((len(table.sequences), 1, steps, 1)))["time"].tolist()


def test_times_of_generated_sequences():
    frame = pd.DataFrame({"time": [2.0, 2.5, 3.0, 3.5], "x": [1, 2, 3, 4]})
    table = kr.data.from_frame(frame, time="time")
    made = table.to_frame(np.ones((2, 3, 1)), start=10.0)
    assert made["time"].tolist() == [10.0, 10.5, 11.0] * 2
    assert made["sequence"].tolist() == [0, 0, 0, 1, 1, 1]
    assert table.to_frame(np.ones((1, 3, 1)))["time"].tolist() == [2.0, 2.5, 3.0]
    zoned = frame.assign(time=pd.date_range("2024-01-01", periods=4, freq="D", tz="Europe/Paris"))
    pd.testing.assert_frame_equal(kr.data.from_frame(zoned, time="time").to_frame(), zoned)


def test_float_times_come_back_as_they_were():
    frame = pd.DataFrame({"t": np.arange(9) * 0.1, "x": np.arange(9.0)})
    pd.testing.assert_frame_equal(
        kr.data.from_frame(frame, time="t").to_frame(), frame, check_exact=True
    )


def test_times_to_start_with():
    table = read()
    made = [np.zeros((2, 3))]
    conditions = {"sex": ["f"], "age": [40]}
    back = table.to_frame(made, conditions, start="2025-01-01")
    assert back["time"].tolist() == [pd.Timestamp("2025-01-01 00:00"), pd.Timestamp("2025-01-01 01:00")]
    frame = pd.DataFrame({"t": range(4), "n": [2**60 + 1, 2**60 + 3, 5, 7]})
    numbered = kr.data.from_frame(frame, time="t", length=2, stride=2)
    assert numbered.to_frame()["n"].tolist() == frame["n"].tolist()  # beyond what float64 tells apart
    assert numbered.to_frame(made[0][None, :, :1], start=np.int64(10))["t"].tolist() == [10, 11]
    for wrong in (5, "soon"):
        with pytest.raises(ValueError, match="start= to be a time of the column 'time'"):
            table.to_frame(made, conditions, start=wrong)
    _, days = of(pd.date_range("2024-03-30", periods=4, freq="D", tz="Europe/Paris"))
    back = days.to_frame(np.ones((1, 3, 1)), start="2024-10-26")["time"]
    assert [str(t) for t in back] == [
        "2024-10-26 00:00:00+02:00",
        "2024-10-27 00:00:00+02:00",
        "2024-10-28 00:00:00+01:00",
    ]


@pytest.mark.parametrize(
    ("freq", "start", "expected"),
    [
        ("ME", "2024-01-31", ["2024-07-31", "2024-08-31", "2024-09-30"]),
        ("MS", "2024-01-01", ["2024-07-01", "2024-08-01", "2024-09-01"]),
        ("2MS", "2024-01-01", ["2025-01-01", "2025-03-01", "2025-05-01"]),
        ("B", "2024-01-31", ["2024-02-08", "2024-02-09", "2024-02-12"]),
        ("QE", "2024-03-31", ["2025-09-30", "2025-12-31", "2026-03-31"]),
        ("W-WED", "2024-01-31", ["2024-03-13", "2024-03-20", "2024-03-27"]),
        ("YS", "2024-01-01", ["2030-01-01", "2031-01-01", "2032-01-01"]),
    ],
)
def test_calendars(freq, start, expected):
    frame, table = of(pd.date_range(start, periods=6, freq=freq))
    pd.testing.assert_frame_equal(table.to_frame(), frame)
    assert after(table) == [pd.Timestamp(day) for day in expected]
    made = table.to_frame(np.ones((1, 3, 1)))["time"]
    assert made.tolist() == frame["time"].tolist()[:3]


def test_the_same_day_of_each_month():
    _, table = of(pd.to_datetime(["2024-01-15", "2024-02-15", "2024-03-15"]))
    assert after(table) == [pd.Timestamp(f"2024-0{m}-15") for m in (4, 5, 6)]


def test_periods():
    _, table = of(pd.period_range("2023-11", periods=4, freq="M"))
    assert after(table) == [
        pd.Period("2024-03", "M"),
        pd.Period("2024-04", "M"),
        pd.Period("2024-05", "M"),
    ]
    assert table.to_frame()["time"].dtype == "period[M]"
    quarters = pd.Series(pd.period_range("2023Q1", periods=8, freq="Q"))[::2]
    _, table = of(quarters)
    assert after(table, 2) == [pd.Period("2025Q1", "Q"), pd.Period("2025Q3", "Q")]
    with pytest.raises(ValueError, match="Received: resample|to_timestamp"):
        of(quarters, resample="1D")


def test_days_over_a_change_of_the_clock():
    days = pd.date_range("2024-03-29", periods=5, freq="D", tz="Europe/Paris")
    frame, table = of(days)
    assert after(table, 2) == [days[-1] + pd.DateOffset(days=1), days[-1] + pd.DateOffset(days=2)]
    resampled = kr.data.from_frame(frame, time="time", resample="1D")
    assert resampled.to_frame()["time"].tolist() == days.tolist()
    np.testing.assert_array_equal(resampled.sequences[0, :, 0], frame["x"])
    hours = pd.date_range("2024-10-26 12:00", periods=48, freq="h", tz="Europe/Paris")
    _, table = of(hours, resample="1D")
    assert [str(t) for t in table.to_frame()["time"]] == [
        "2024-10-26 00:00:00+02:00",
        "2024-10-27 00:00:00+02:00",
        "2024-10-28 00:00:00+01:00",
    ]
    np.testing.assert_allclose(table.sequences[0, :, 0], [6.0, 24.5, 42.5])


def test_a_series_begins_in_the_hour_that_comes_twice():
    hours = pd.date_range("2024-10-27 00:30", periods=6, freq="h", tz="UTC").tz_convert("Europe/Paris")
    _, table = of(hours)
    assert after(table, 1) == [hours[-1] + pd.Timedelta("1h")]
    _, table = of(hours, resample="30min")
    assert table.to_frame()["time"].tolist()[::2] == hours.tolist()


def test_resampled_by_a_calendar():
    days = pd.date_range("2024-01-30", "2024-03-02", freq="D")
    frame, table = of(days, resample="MS")
    expected = frame.set_index("time")["x"].resample("MS").mean()
    assert table.to_frame()["time"].tolist() == expected.index.tolist()
    np.testing.assert_allclose(table.sequences[0, :, 0], expected)
    assert after(table, 1) == [pd.Timestamp("2024-04-01")]
    _, table = of(days, resample="W")
    expected = frame.set_index("time")["x"].resample("W").mean()
    np.testing.assert_allclose(table.sequences[0, :, 0], expected)


def test_seconds_resampled_finer():
    times = pd.date_range("2024-01-01", periods=3, freq="s", unit="s")
    _, table = of(times, resample="500ms")
    back = table.to_frame()["time"]
    assert back.is_unique
    assert back.tolist() == pd.date_range("2024-01-01", periods=5, freq="500ms").tolist()


def test_small_whole_numbers_go_on():
    for dtype, wide in (("int8", "int64"), ("uint16", "uint16"), ("Int8", "Int64")):
        _, table = of(pd.array(np.arange(120, 126), dtype))
        made = table.forecasts_to_frame(np.ones((1, 1, 20, 1)))["time"]
        assert made.tolist() == list(range(126, 146))
        assert made.dtype == wide
    _, table = of(np.arange(120, 126, dtype="int8"))
    assert table.to_frame(np.ones((1, 3, 1)), start=np.int8(3))["time"].dtype == "int8"


def test_the_resolution_of_real_times():
    """At 1.7e9 float64 counts in steps of 2.4e-7, at 1.7e18 of 256."""
    tenths = 1.7e9 + np.arange(50) * 0.1
    _, table = of(tenths)
    assert table.step == 0.1
    np.testing.assert_allclose(after(table), 1.7e9 + np.array([5.0, 5.1, 5.2]), atol=1e-6)
    of(np.cumsum(np.full(500, 0.1)))  # whose rounding adds up
    late = tenths.copy()
    late[30] += 1e-3
    with pytest.raises(ValueError, match="at one distance, 0.1. Received: 0.10"):
        of(late)
    nanoseconds = 1.7e18 + np.arange(20) * 1e9
    of(nanoseconds)
    nanoseconds[7] += 1024.0
    with pytest.raises(ValueError, match=r"at one distance, 1000000000.0. Received"):
        of(nanoseconds)


def test_arrow_and_python_times():
    stamps = pd.date_range("2024-01-01", periods=4, freq="h", tz="UTC")
    frame, table = of(pd.array(stamps, pd.ArrowDtype(pa.timestamp("us", "UTC"))))
    made = table.to_frame(np.ones((1, 3, 1)), start="2025-01-01")
    assert made["time"].dtype == frame["time"].dtype
    assert made["time"].tolist() == pd.date_range("2025-01-01", periods=3, freq="h", tz="UTC").tolist()
    days = [datetime.date(2024, 2, 27 + i) for i in range(3)]
    for times in (pd.Series(days, dtype=object), pd.Series(days, dtype=pd.ArrowDtype(pa.date32()))):
        frame, table = of(times)
        made = table.forecasts_to_frame(np.ones((1, 1, 2, 1)))["time"]
        assert made.tolist() == [datetime.date(2024, 3, 1), datetime.date(2024, 3, 2)]
        assert made.dtype == frame["time"].dtype


def test_what_are_no_times():
    for times, dtype in (([True, False], "bool"), (["a", "b"], "str|object")):
        with pytest.raises(
            ValueError, match=f"times or numbers in the column 'time'. Received: dtype ({dtype})"
        ):
            of(times)
    with pytest.raises(ValueError, match=r"below 2\*\*63"):
        of(np.array([2**64 - 2, 2**64 - 1], "uint64"))
    for resample in ("soon", -1, "-1h"):
        with pytest.raises(ValueError, match="resample= to be a distance of times"):
            of(pd.date_range("2024", periods=3), resample=resample)


def test_days_of_a_zone_whether_the_clock_changes_in_the_data_or_not():
    days = pd.date_range("2024-03-11", periods=20, tz="Europe/Berlin")
    _, table = of(days)
    assert after(table, 2) == [
        pd.Timestamp("2024-03-31", tz="Europe/Berlin"),
        pd.Timestamp("2024-04-01", tz="Europe/Berlin"),
    ]
    later = pd.DataFrame(
        {"time": pd.date_range("2024-03-25", periods=20, tz="Europe/Berlin"), "x": 0.5}
    )
    assert kr.data.from_frame(later, like=table).step == table.step
    weeks = pd.date_range("2024-03-04", periods=4, freq="7D", tz="Europe/Berlin")
    assert after(of(weeks)[1], 1) == [pd.Timestamp("2024-04-01", tz="Europe/Berlin")]


def test_times_that_cannot_go_on():
    _, table = of(np.arange(2**63 - 9000, 2**63 - 3000, 1000))
    with pytest.raises(ValueError, match=r"times below 2\*\*63"):
        after(table, 20)
    with pytest.raises(ValueError, match="finite times in the column 'time'"):
        of([0.0, 1.0, np.inf])


def test_times_in_single_precision():
    _, table = of((np.arange(300) * 0.1).astype("float32"))
    assert table.step == pytest.approx(0.1, rel=1e-6)
    _, tenths = of(1.7e9 + np.arange(300) * 0.1)
    assert after(tenths, 2) == [1700000030.0, 1700000030.1]


def test_dates_resampled_within_a_day_become_times():
    days = [datetime.date(2024, 1, i) for i in range(1, 4)]
    for times in (pd.Series(days, dtype=object), pd.Series(days, dtype=pd.ArrowDtype(pa.date32()))):
        _, table = of(times, resample=np.timedelta64(12, "h"))
        assert (
            table.to_frame()["time"].tolist()
            == pd.date_range("2024-01-01", periods=5, freq="12h").tolist()
        )


def test_a_start_that_the_calendar_does_not_know():
    _, table = of(pd.date_range("2024-01-31", periods=5, freq="ME"))
    with pytest.raises(
        ValueError, match="leads to. Received: '2024-02-15'. The next one is 2024-02-29"
    ):
        table.to_frame(np.ones((1, 3, 1)), start="2024-02-15")
    made = table.to_frame(np.ones((1, 2, 1)), start="2025-02-28")["time"]
    assert made.tolist() == [pd.Timestamp("2025-02-28"), pd.Timestamp("2025-03-31")]
