import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from tests.data.frames import read_visits, visits


def test_columns_that_cannot_be():
    frame = pd.DataFrame({"t": range(3), "x": [1.0, np.inf, 2.0]})
    with pytest.raises(ValueError, match=r"infinite ones in the features \['x'\]"):
        kr.data.from_frame(frame, time="t")
    twice = pd.concat([frame, frame["x"]], axis=1)
    with pytest.raises(ValueError, match=r"\['x'\] more than once"):
        kr.data.from_frame(twice, time="t")


def test_static_names_that_mean_something_else():
    for name in ("length", "mask", "observed"):
        frame = visits().rename(columns={"age": name})
        with pytest.raises(ValueError, match=f"{name!r}.* have a meaning of their own. Rename"):
            read_visits(None, frame, static=[name])
