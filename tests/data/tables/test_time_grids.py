import numpy as np
import pandas as pd

from keras_rgan.data.tables.time_grids import CalendarGrid, EvenGrid, on_wall, with_walls_of


def test_even_grids():
    days = pd.date_range("2024-03-30", periods=3, freq="24h", tz="Europe/Paris")
    grid = EvenGrid(pd.Timedelta("24h"))
    assert not grid.wrong(days, np.array([True, False, False])).any()
    assert grid.after(days[:1], np.array([2]))[0] == pd.Timestamp("2024-04-01 01:00", tz="Europe/Paris")
    numbers = pd.Index([0, 2, 4, 10, 12, 15])
    first = np.array([True, False, False, True, False, False])
    assert EvenGrid(2).wrong(numbers, first).tolist() == [False] * 5 + [True]
    assert EvenGrid(2).after(numbers[:2], np.array([1, 3])).tolist() == [2, 8]
    seconds = pd.DatetimeIndex(["2024-01-01"]).as_unit("s")
    times, step = EvenGrid(pd.Timedelta("250ms")).in_units(seconds)
    assert (times.unit, step) == ("ms", 250)


def test_calendars_count_by_the_clock_on_the_wall():
    start = pd.DatetimeIndex(["2024-03-30 02:30"]).tz_localize("Europe/Paris")
    grid = CalendarGrid(pd.DateOffset(days=1))
    assert grid.days == pd.Timedelta("1D")
    times = grid.after(start[[0, 0, 0]], np.array([0, 1, 2]))
    # There is no half past two on the 31st.
    assert [str(t) for t in on_wall(times)] == [
        "2024-03-30 02:30:00",
        "2024-03-31 03:00:00",
        "2024-04-01 02:30:00",
    ]
    months = CalendarGrid(pd.offsets.MonthEnd())
    assert months.days is None
    assert months.after(pd.DatetimeIndex(["2024-01-31"]), np.array([1]))[0] == pd.Timestamp(
        "2024-02-29"
    )
    twice = with_walls_of(pd.DatetimeIndex(["2024-10-27 02:30"]), start)
    assert str(twice[0]) == "2024-10-27 02:30:00+02:00"  # the first of both
