import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr


def test_resamples_on_request():
    minutes = [0, 20, 10, 10, 50]  # out of order, twice, and a gap
    frame = pd.DataFrame(
        {
            "time": pd.Timestamp("2024-01-01 08:00") + pd.to_timedelta(minutes, "min"),
            "x": [0.0, 2.0, 0.5, 1.5, 5.0],
            "name": ["a"] * 5,
        }
    )
    table = kr.data.from_frame(frame, time="time", static="name", resample="10min")
    np.testing.assert_allclose(table.sequences[0, :, 0], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    assert table.step == pd.Timedelta("10min")
    holes = frame.assign(x=[0.0, np.nan, 0.5, 1.5, 5.0])
    filled = kr.data.from_frame(holes, time="time", static="name", resample="10min").sequences
    np.testing.assert_allclose(filled[0, :, 0], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])


def test_resampled_with_gaps():
    frame = pd.DataFrame({"t": [0.0, 0.4, 3.0], "x": [1.0, 3.0, 5.0]})
    table = kr.data.from_frame(frame, time="t", resample=1, missing=True)
    np.testing.assert_array_equal(table.sequences[0, :, 0], [2.0, np.nan, np.nan, 5.0])


def test_categories_at_one_distance():
    frame = pd.DataFrame({"t": [0.0, 0.1, 0.2, 2.0], "x": ["a", "b", "b", "a"]})
    options = {"time": "t", "resample": 1}
    table = kr.data.from_frame(frame, **options)
    np.testing.assert_array_equal(table.sequences[0], [[0, 1], [0, 1], [1, 0]])
    gaps = kr.data.from_frame(frame, **options, missing=True)
    np.testing.assert_array_equal(np.isnan(gaps.sequences[0, :, 0]), [False, True, False])


def test_several_days_begin_with_the_first_as_in_pandas():
    hours = pd.date_range("2024-01-03 05:00", periods=24 * 9, freq="h")
    frame = pd.DataFrame({"time": hours, "x": np.arange(len(hours)) / 4})
    for step in ("2D", "7D"):
        back = kr.data.from_frame(frame, time="time", resample=step).to_frame()
        expected = frame.resample(step, on="time").mean()
        assert back["time"].tolist() == expected.index.tolist()
        np.testing.assert_allclose(back["x"], expected["x"])


def test_whole_times_at_a_half():
    frame = pd.DataFrame({"t": [3, 4, 5], "x": [1.0, 2.0, 4.0]})
    back = kr.data.from_frame(frame, time="t", resample=0.5).to_frame()
    assert back["t"].tolist() == [3.0, 3.5, 4.0, 4.5, 5.0]
    assert back["x"].tolist() == [1.0, 1.5, 2.0, 3.0, 4.0]
    whole = kr.data.from_frame(frame, time="t", resample=2.0).to_frame()
    assert whole["t"].tolist() == [3, 5]
    assert whole["t"].dtype == "int64"


def test_ends_farther_apart_than_an_int64_holds():
    ends = pd.to_datetime(["1700-01-01", "2260-01-01"]).as_unit("ns")
    frame = pd.DataFrame({"t": ends, "x": [0.0, 1.0]})
    back = kr.data.from_frame(frame, time="t", resample="1D").to_frame()
    expected = frame.set_index("t").resample("1D").mean().interpolate()
    assert back["t"].tolist() == expected.index.tolist()
    np.testing.assert_allclose(back["x"], expected["x"], atol=1e-6)


def test_a_distance_of_nothing_but_made_up_steps():
    frame = pd.DataFrame({"t": pd.to_datetime(["2000-01-01", "2020-01-01"]), "x": [0.0, 1.0]})
    with pytest.raises(ValueError, match="of which 631,152,001 lie between the 2 rows"):
        kr.data.from_frame(frame, time="t", resample="1s")
