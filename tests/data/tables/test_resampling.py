import numpy as np
import pandas as pd

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
