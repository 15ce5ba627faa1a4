import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from tests.data.frames import patients, read
from tests.testing import run_python, slow_but_on_torch


def test_reads_sequences_and_conditions():
    table = read()
    assert table.features == ["pulse", "pressure", "awake"]
    assert [x.shape for x in table.sequences] == [(3, 3), (5, 3), (4, 3)]
    np.testing.assert_array_equal(table.sequences[0][:, 1], [80.5, 85.375, 90.25])
    assert table.conditions["sex"].tolist() == ["m", "f", "f"]
    assert table.conditions["age"].tolist() == [40, 41, 42]
    assert table.conditions["age"].dtype.kind == "i"
    assert table.step == pd.Timedelta("1h")


def refuses(message, frame=None, **changes):
    with pytest.raises(ValueError, match=message):
        read(frame, **changes)


def test_refuses():
    frame = patients()
    refuses("Expected a dataframe of pandas, or of polars, .* Received: builtins.dict", {"a": 1})
    refuses(r"the columns \['patient', 'when'", time="when")
    visits = frame.assign(visit=frame["time"])
    refuses("numbers, text or categories in the feature 'visit'. Received: dtype datetime", visits)
    many = pd.DataFrame({"t": range(300), "x": [f"c{i}" for i in range(300)]})
    with pytest.raises(ValueError, match="1 to 256 categories of the feature 'x'. Received: 300"):
        kr.data.from_frame(many, time="t")
    refuses(
        "'pulse' to hold for a whole sequence. Received: .* patient='p0'",
        static=["pulse", "sex", "age"],
    )
    refuses(
        "Received: 2024-03-30 22:00:00 twice .*pass resample=", frame.assign(time=frame["time"].iloc[0])
    )
    refuses("2024-03-30 22:00:00 not in order|in order", frame.iloc[::-1])
    late = frame.copy()
    late.loc[4, "time"] += pd.Timedelta("7min")
    refuses("at one distance, 0 days 01:00:00. Received: 0 days 00:53|Received: 0 days 01:07", late)
    refuses("no missing values. Received: {'pressure': 12}", frame.assign(pressure=np.nan))
    refuses("dtype (object|str).* pandas.to_datetime", frame.assign(time=frame["time"].astype(str)))
    refuses(
        "numbers in the column 'time'. Received: dtype (object|str)",
        frame.assign(time=frame["time"].astype(str)),
        resample="1h",
    )
    refuses("at least length=9 steps. Received: at most 5", length=9)
    refuses("more than one row", frame.drop_duplicates("patient"))
    refuses("without any", frame.assign(pressure=np.nan), resample="1h")
    refuses("Received: 0 rows", frame[:0])
    refuses(r"missing: \['pulse_'\]", features=["pulse_", "awake"])
    refuses("resample= to be a distance of times, as '10min' or 'MS'. Received: 10", resample=10)
    refuses("resample= to be a distance of times.* Received: '10 minutos'", resample="10 minutos")
    refuses(
        "Expected: time=, their column",
        frame[["patient", "pulse"]],
        time=None,
        static=[],
        resample="1h",
    )


@slow_but_on_torch
def test_without_pandas_the_extra_is_named():
    code = (
        "import sys; sys.modules['pandas'] = None\n"
        "import keras_rgan as kr\n"
        "try:\n    kr.data.from_frame(None)\n"
        "except ImportError as error:\n    print(error)"
    )
    assert "pip install 'keras_rgan[data]'" in run_python(code).stdout


def test_without_times_or_ids_rows_follow_each_other():
    frame = pd.DataFrame({"x": [3, 1, 2]})
    pd.testing.assert_frame_equal(kr.data.from_frame(frame).to_frame(), frame)
