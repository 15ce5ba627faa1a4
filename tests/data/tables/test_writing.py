import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from tests.data.frames import read


def test_refuses_conditions_of_other_sequences():
    table, made = read(), [np.ones((4, 3)), np.ones((2, 3))]
    given = {"sex": ["f", "m"], "age": [40, 50]}
    assert len(table.to_frame(made, {**given, "length": [4, 2]})) == 6
    with pytest.raises(ValueError, match="these 2 sequences.* Received: 'length' of 2 rows, of others"):
        table.to_frame(made, {**given, "length": [4, 3]})
    with pytest.raises(ValueError, match="Received: 'sex' of 1 rows"):
        table.to_frame(made, {**given, "sex": ["f"]})


def test_a_column_that_stands_beside_needs_its_name():
    frame = pd.DataFrame({"t": range(6), "sequence": np.arange(6.0)})
    table = kr.data.from_frame(frame, time="t", length=3)
    with pytest.raises(ValueError, match="column 'sequence' would stand beside"):
        table.to_frame(table.sequences)


def test_static_numbers_that_float32_does_not_tell_apart():
    born = 1.7e9 + 1.5 * np.arange(20)
    frame = pd.DataFrame(
        {"who": np.repeat(np.arange(20), 3), "x": np.arange(60.0), "born": np.repeat(born, 3)}
    )
    table = kr.data.from_frame(frame, id="who", static=["born"])
    back = table.to_frame(table.sequences, table.conditions)
    assert back["born"].tolist() == frame["born"].tolist()
    narrow = {"born": table.conditions["born"].astype("float32")}
    assert set(table.to_frame(table.sequences, narrow)["born"]) <= set(born)
