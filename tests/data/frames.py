import numpy as np
import pandas as pd

import keras_rgan as kr


def patients():
    """Return a table of every kind of column, of patients with visits of different numbers."""
    times = pd.date_range("2024-03-30 22:00", periods=5, freq="1h")
    rows = []
    for i, count in enumerate([3, 5, 4]):
        rows.append(
            pd.DataFrame(
                {
                    "sex": pd.Categorical(["f" if i else "m"] * count, categories=["f", "m", "x"]),
                    "time": (times + pd.Timedelta(days=i))[:count],
                    "pulse": np.arange(60, 60 + count, dtype="int16"),
                    "patient": [f"p{i}"] * count,
                    "pressure": pd.array(np.linspace(80.5, 90.25, count) + i, dtype="Float64"),
                    "awake": [True, False, True, True, False][:count],
                    "age": [40 + i] * count,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


OPTIONS = {"id": "patient", "time": "time", "static": ["sex", "age"]}


def read(frame=None, **changes):
    return kr.data.from_frame(patients() if frame is None else frame, **{**OPTIONS, **changes})


def weather(missing=False):
    """Return a table of hours of two places with a feature of every kind."""
    random = np.random.default_rng(0)
    sky = pd.Categorical(random.choice(["rain", "sun"], 24), categories=["sun", "hail", "rain"])
    frame = pd.DataFrame(
        {
            "place": np.repeat(["A", "B"], 12),
            "hour": [*range(12)] * 2,
            "sky": sky,
            "wet": random.random(24) < 0.5,
            "wind": random.choice(["north", "south", "west"], 24),
            "cars": random.poisson(9.0, 24),
            "degrees": random.normal(size=24),
        }
    )
    if missing:
        frame.loc[3, ["sky", "wind"]] = None
    return frame


def visits():
    """Return a table whose types do not tell what its columns hold."""
    return pd.DataFrame(
        {
            "patient": np.repeat([7, 9, 12], 4),
            "hour": [*range(4)] * 3,
            "ward": [3, 3, 8, 8] * 3,
            "beds": [2.0, np.nan, 4.0, 5.0] * 3,
            "humidity": np.linspace(41.0, 99.0, 12),
            "age": np.repeat([71, 34, 55], 4),
            "grade": np.repeat([1.0, 2.0, 2.0], 4),
        }
    )


SCHEMA = {
    "ward": "categorical",
    "beds": "integer",
    "humidity": (0, 100),
    "age": "continuous",
    "grade": [1.0, 2.0, 3.0],
}


def read_visits(schema=SCHEMA, frame=None, **changes):
    frame = visits() if frame is None else frame
    options = {"id": "patient", "time": "hour", "static": ["age", "grade"], "missing": True, **changes}
    return kr.data.from_frame(frame, schema=schema, **options)
