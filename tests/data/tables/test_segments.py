import numpy as np
import pandas as pd
import pytest

from keras_rgan.data.tables.segments import grouped


def test_rows_of_one_id_come_together():
    frame = pd.DataFrame({"k": ["b", "a", "b", "a", "a"], "x": range(5)}, index=[9, 8, 7, 6, 5])
    together, segments = grouped(frame, ["k"])
    assert together["x"].tolist() == [0, 2, 1, 3, 4]
    assert together.index.tolist() == [0, 1, 2, 3, 4]
    assert segments.keys == ["b", "a"]
    assert segments.lengths.tolist() == [2, 3]
    assert segments.begins.tolist() == [0, 2]
    assert segments.first.tolist() == [True, False, True, False, False]
    assert segments.of_rows.tolist() == [0, 0, 1, 1, 1]
    assert segments.where(3) == "k='a'"


def test_one_sequence_without_ids():
    together, segments = grouped(pd.DataFrame({"x": range(3)}), [])
    assert segments.where(0) == "the table"
    np.testing.assert_array_equal(segments.lengths, [3])
    assert len(together) == 3


def test_ids_that_cannot_be_told_apart():
    frame = pd.DataFrame({"k": pd.Series([[1], [2]], dtype=object)})
    with pytest.raises(
        ValueError, match=r"ids that are numbers, .* in the columns \['k'\]. Received: \['object'\]"
    ):
        grouped(frame, ["k"])
    halves = pd.DataFrame({"k": np.array([0.5, 1.5, 0.5], "float16")})
    assert grouped(halves, ["k"])[1].lengths.tolist() == [2, 1]
