import numpy as np
import pandas as pd

import keras_rgan as kr


def test_windows_of_one_series():
    frame = pd.DataFrame(
        {"time": pd.date_range("2024-01-01", periods=6, freq="10min"), "a": np.arange(6.0)}
    )
    table = kr.data.from_frame(frame, time="time", length=4)
    np.testing.assert_array_equal(
        table.sequences, kr.data.sliding_windows(frame[["a"]].to_numpy("float64"), 4)
    )
    assert list(table.starts) == list(frame["time"][:3])
    assert kr.data.from_frame(frame, time="time", length=4, stride=2).sequences.shape == (2, 4, 1)
    assert table.data is table.sequences


def test_whole_sequences_stand_in_one_array_where_they_are_as_long():
    frame = pd.DataFrame({"shop": ["b", "a", "b", "a"], "x": [1.0, 2.0, 3.0, 4.0]})
    table = kr.data.from_frame(frame, id="shop")
    assert table.ids == ["b", "a"]
    np.testing.assert_array_equal(table.sequences[..., 0], [[1.0, 3.0], [2.0, 4.0]])
    uneven = kr.data.from_frame(frame[:3], id="shop")
    assert [values[:, 0].tolist() for values in uneven.sequences] == [[1.0, 3.0], [2.0]]
    assert kr.data.from_frame(frame[:3], id="shop", length=2).ids == ["b"]
