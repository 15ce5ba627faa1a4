import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from tests.data.frames import read


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
