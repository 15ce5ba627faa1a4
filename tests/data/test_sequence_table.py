import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from tests.testing import recurrent_gan, run_python, slow_but_on_tensorflow


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


def test_reads_sequences_and_conditions():
    table = read()
    assert table.features == ["pulse", "pressure", "awake"]
    assert [x.shape for x in table.sequences] == [(3, 3), (5, 3), (4, 3)]
    np.testing.assert_array_equal(table.sequences[0][:, 1], [80.5, 85.375, 90.25])
    assert table.conditions["sex"].tolist() == ["m", "f", "f"]
    assert table.conditions["age"].tolist() == [40, 41, 42]
    assert table.conditions["age"].dtype.kind == "i"
    assert table.step == pd.Timedelta("1h")


def test_round_trip_of_the_data():
    pd.testing.assert_frame_equal(read().to_frame(), patients())


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_round_trip_through_files(form, tmp_path):
    frame = patients().drop(columns=["sex", "awake"]) if form == "csv" else patients()
    path = tmp_path / f"table.{form}"
    if form == "csv":
        frame.to_csv(path, index=False)
        frame = pd.read_csv(path, parse_dates=["time"])
    else:
        frame.to_parquet(path)
        frame = pd.read_parquet(path)
    static = ["age"] if form == "csv" else ["sex", "age"]
    pd.testing.assert_frame_equal(read(frame, static=static).to_frame(), frame)


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


def test_generated_sequences_become_the_same_kind_of_table():
    table = read()
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(table.data)
    made = gan.generate(6, seed=2)
    frame = table.to_frame(made, gan.sample_conditions(6, seed=2), seed=1)
    original = patients()
    assert list(frame.columns) == list(original.columns)
    assert (frame.dtypes == original.dtypes).all()
    assert frame["patient"].unique().tolist() == [f"generated_{i}" for i in range(6)]
    assert frame.groupby("patient", sort=False).size().tolist() == [len(x) for x in made]
    assert set(frame["sex"]) <= {"f", "m"}
    again = read(frame)
    assert again.step == table.step
    assert set(again.starts) <= set(table.starts)
    pulses = np.concatenate(made)[:, 0]
    np.testing.assert_array_equal(frame["pulse"], np.round(pulses).astype("int16"))
    with pytest.raises(
        ValueError, match=r"static columns \['age', 'sex'\].* Missing: \['age', 'sex'\]"
    ):
        table.to_frame(made)
    with pytest.raises(ValueError, match=r"3 columns .*one of shape \(4, 2\)"):
        table.to_frame(np.ones((2, 4, 2)), gan.sample_conditions(2))


def test_times_of_generated_sequences():
    frame = pd.DataFrame({"time": [2.0, 2.5, 3.0, 3.5], "x": [1, 2, 3, 4]})
    table = kr.data.from_frame(frame, time="time")
    made = table.to_frame(np.ones((2, 3, 1)), start=10.0)
    assert made["time"].tolist() == [10.0, 10.5, 11.0] * 2
    assert made["sequence"].tolist() == [0, 0, 0, 1, 1, 1]
    assert table.to_frame(np.ones((1, 3, 1)))["time"].tolist() == [2.0, 2.5, 3.0]
    zoned = frame.assign(time=pd.date_range("2024-01-01", periods=4, freq="D", tz="Europe/Paris"))
    pd.testing.assert_frame_equal(kr.data.from_frame(zoned, time="time").to_frame(), zoned)


def test_without_times_or_ids_rows_follow_each_other():
    frame = pd.DataFrame({"x": [3, 1, 2]})
    pd.testing.assert_frame_equal(kr.data.from_frame(frame).to_frame(), frame)


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


def refuses(message, frame=None, **changes):
    with pytest.raises(ValueError, match=message):
        read(frame, **changes)


def test_refuses():
    frame = patients()
    refuses("Expected a pandas.DataFrame. Received: dict", {"a": 1})
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
    refuses("at least length=9 steps. Received: at most 5", length=9)
    refuses("more than one row", frame.drop_duplicates("patient"))
    refuses("without any", frame.assign(pressure=np.nan), resample="1h")
    refuses("Received: 0 rows", frame[:0])
    refuses(r"missing: \['pulse_'\]", features=["pulse_", "awake"])
    refuses("resample= to be a distance of times, as '10min'. Received: 10", resample=10)
    refuses("resample= to be a distance of times.* Received: '10 minutos'", resample="10 minutos")
    refuses(
        "Expected: time=, their column",
        frame[["patient", "pulse"]],
        time=None,
        static=[],
        resample="1h",
    )


def test_float_times_come_back_as_they_were():
    frame = pd.DataFrame({"t": np.arange(9) * 0.1, "x": np.arange(9.0)})
    pd.testing.assert_frame_equal(
        kr.data.from_frame(frame, time="t").to_frame(), frame, check_exact=True
    )


def test_refuses_conditions_of_other_sequences():
    table, made = read(), [np.ones((4, 3)), np.ones((2, 3))]
    given = {"sex": ["f", "m"], "age": [40, 50]}
    assert len(table.to_frame(made, {**given, "length": [4, 2]})) == 6
    with pytest.raises(ValueError, match="these 2 sequences.* Received: 'length' of 2 rows, of others"):
        table.to_frame(made, {**given, "length": [4, 3]})
    with pytest.raises(ValueError, match="Received: 'sex' of 1 rows"):
        table.to_frame(made, {**given, "sex": ["f"]})


def test_a_model_learns_a_table():
    frame = pd.DataFrame({"t": range(40), "a": np.sin(np.arange(40.0)), "b": np.arange(40.0)})
    table = kr.data.from_frame(frame, time="t", length=6)
    gan = recurrent_gan()
    gan.compile()
    gan.fit(table, batch_size=16, verbose=0)
    assert "array" not in repr(table)
    assert list(table.to_frame(gan.generate(2))) == ["sequence", "t", "a", "b"]


def test_without_pandas_the_extra_is_named():
    code = (
        "import sys; sys.modules['pandas'] = None\n"
        "import keras_rgan as kr\n"
        "try:\n    kr.data.from_frame(None)\n"
        "except ImportError as error:\n    print(error)"
    )
    assert "pip install 'keras_rgan[data]'" in run_python(code).stdout


def test_missing_values_come_and_go():
    frame = patients().drop(columns=["awake"])
    frame["pulse"] = frame["pulse"].astype("Int16")
    frame.loc[[1, 5], "pulse"] = pd.NA
    frame.loc[4, "pressure"] = pd.NA
    table = read(frame, length=3, missing=True)
    holes = np.isnan(table.sequences)
    assert holes.sum() == 1 + 2 + 3  # of one, two and three windows
    _, conditions = table.data
    np.testing.assert_array_equal(conditions["observed"], ~holes)
    assert set(conditions) == {"sex", "age", "observed"}
    whole = read(frame, length=3, stride=3, missing=True)
    kept = frame.groupby("patient").head(3).reset_index(drop=True)
    pd.testing.assert_frame_equal(whole.to_frame(), kept)
    filled = whole.to_frame(np.nan_to_num(whole.sequences, nan=7.0), as_data=True)
    assert filled["pulse"].tolist() == kept["pulse"].fillna(7).tolist()
    assert filled.drop(columns=["pulse", "pressure"]).equals(kept.drop(columns=["pulse", "pressure"]))
    assert filled.dtypes.equals(kept.dtypes)
    overlapping = read(frame, length=3, missing=True)
    with pytest.raises(
        ValueError, match=r"stride=length. Received: 6 rows again, by \['patient', 'time'\]"
    ):
        overlapping.to_frame(overlapping.sequences, as_data=True)
    with pytest.raises(ValueError, match="Expected the 3 sequences of the data"):
        whole.to_frame(whole.sequences[:1], as_data=True)
    uneven = read(frame, missing=True)
    padded, conditions = uneven.data
    np.testing.assert_array_equal(conditions["length"], [len(x) for x in uneven.sequences])
    assert np.isnan(padded[~conditions["observed"]]).all()
    known = frame.reset_index(drop=True)
    pd.testing.assert_frame_equal(uneven.to_frame(), known)
    whole_again = uneven.to_frame([np.nan_to_num(x, nan=7.0) for x in uneven.sequences], as_data=True)
    assert whole_again["pulse"].tolist() == known["pulse"].fillna(7).tolist()
    with pytest.raises(ValueError, match="missing=True"):
        read(frame)


def test_filled_tables_keep_every_observed_value():
    frame = pd.DataFrame({"t": range(4), "x": [14.2, np.nan, 0.1, 3.3], "n": 2**24 + np.arange(1, 5)})
    table = kr.data.from_frame(frame, time="t", length=2, stride=2, missing=True)
    filled = np.nan_to_num(table.sequences, nan=5.0).astype("float32")
    expected = frame.fillna(5.0)
    pd.testing.assert_frame_equal(table.to_frame(filled, as_data=True)[["t", "x", "n"]], expected)


@pytest.mark.parametrize("dtype", ["boolean", "bool"])
def test_missing_flags_stay_missing(dtype):
    frame = pd.DataFrame({"t": [0, 1, 3], "open": pd.array([True, False, True], dtype)})
    table = kr.data.from_frame(frame, time="t", resample=1, missing=True)
    back = table.to_frame()["open"]
    assert back.isna().tolist() == [False, False, True, False]
    assert back.dropna().tolist() == [True, False, True]
    assert table.to_frame(np.ones((1, 4, 1)))["open"].dtype == dtype


def test_columns_that_cannot_be():
    frame = pd.DataFrame({"t": range(3), "x": [1.0, np.inf, 2.0]})
    with pytest.raises(ValueError, match=r"infinite ones in the features \['x'\]"):
        kr.data.from_frame(frame, time="t")
    twice = pd.concat([frame, frame["x"]], axis=1)
    with pytest.raises(ValueError, match=r"\['x'\] more than once"):
        kr.data.from_frame(twice, time="t")


def test_gaps_of_generated_integers_stay_gaps():
    frame = pd.DataFrame({"t": range(6), "n": range(6)})
    table = kr.data.from_frame(frame, time="t", length=3)
    made = np.array([1.2, np.nan, 3.0]).reshape(1, 3, 1)
    column = table.to_frame(made)["n"]
    assert column.isna().tolist() == [False, True, False]
    assert column[0] == 1.0


def test_resampled_with_gaps():
    frame = pd.DataFrame({"t": [0.0, 0.4, 3.0], "x": [1.0, 3.0, 5.0]})
    table = kr.data.from_frame(frame, time="t", resample=1, missing=True)
    np.testing.assert_array_equal(table.sequences[0, :, 0], [2.0, np.nan, np.nan, 5.0])


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


@pytest.mark.parametrize("missing", [False, True])
def test_categories_are_one_hot_and_come_back(missing):
    frame = weather(missing)
    table = kr.data.from_frame(frame, id="place", time="hour", length=6, stride=6, missing=missing)
    assert table.num_columns == 2 + 1 + 3 + 1 + 1
    assert table.categories == {"sky": ["sun", "rain"], "wind": ["north", "south", "west"]}
    flags = table.sequences[..., [0, 1, 3, 4, 5]]
    known = ~np.isnan(flags)
    assert np.isin(flags[known], [0.0, 1.0]).all()
    assert (np.nansum(flags[..., :2], axis=-1) == known[..., 0]).all()
    assert (~known).sum() == (5 if missing else 0)
    pd.testing.assert_frame_equal(table.to_frame(), frame)
    shifted = table.to_frame(np.nan_to_num(table.sequences) + 0.2, start=100)
    assert shifted.dtypes.equals(frame.dtypes)
    whole = ~frame["sky"].isna()
    assert (shifted["wind"][whole] == frame["wind"][whole]).all()


def test_categories_at_one_distance():
    frame = pd.DataFrame({"t": [0.0, 0.1, 0.2, 2.0], "x": ["a", "b", "b", "a"]})
    options = {"time": "t", "resample": 1}
    table = kr.data.from_frame(frame, **options)
    np.testing.assert_array_equal(table.sequences[0], [[0, 1], [0, 1], [1, 0]])
    gaps = kr.data.from_frame(frame, **options, missing=True)
    np.testing.assert_array_equal(np.isnan(gaps.sequences[0, :, 0]), [False, True, False])


@slow_but_on_tensorflow
def test_a_table_of_mixed_types_is_learned_and_generated():
    frame = weather()
    table = kr.data.from_frame(frame, id="place", time="hour", length=4)
    gan = kr.RecurrentGAN(
        kr.networks.RecurrentGenerator(8, 4, noise_dim=2, categories=[(0, 2), (3, 6)], seed=0),
        kr.networks.RecurrentDiscriminator(4, bidirectional=False, seed=1),
        seed=0,
    )
    gan.compile(run_eagerly=True)
    gan.fit(table, batch_size=6, verbose=0)
    assert gan.scaler.categories == [(0, 2), (3, 6)]
    made = table.to_frame(gan.generate(20, seed=0))
    assert set(made["sky"]) == {"sun", "rain"}
    assert set(made["wind"]) == {"north", "south", "west"}
    assert made[list(frame.columns[2:])].dtypes.equals(frame[list(frame.columns[2:])].dtypes)


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


def test_a_declared_schema():
    table = read_visits()
    assert table.categories == {"ward": [3, 8]}
    assert table.sequences.shape == (3, 4, 4)
    assert table.conditions["age"].dtype == np.float64  # a number, not 3 categories
    assert table.conditions["grade"].dtype == np.int64
    pd.testing.assert_frame_equal(table.to_frame(), visits())
    made = np.array([[[0.2, 0.8, 2.6, 104.0], [0.9, 0.1, np.nan, -3.0]]])
    back = table.to_frame(made, {"age": [50.4], "grade": [2]})
    assert back["ward"].tolist() == [8, 3]
    assert back["ward"].dtype == visits()["ward"].dtype
    assert back["beds"].tolist()[0] == 3.0
    assert np.isnan(back["beds"].iloc[1])
    assert back["humidity"].tolist() == [100.0, 0.0]
    assert back["age"].tolist() == [50, 50]
    assert back["grade"].tolist() == [2.0, 2.0]
    more = read_visits({**SCHEMA, "ward": [8, 3, 5]})
    assert more.sequences.shape == (3, 4, 5)
    np.testing.assert_array_equal(more.sequences[0, :, :3], [[0, 1, 0]] * 2 + [[1, 0, 0]] * 2)


def test_static_columns_keep_to_their_schema():
    frame = visits().assign(score=np.repeat([0.1, 0.7, 0.3], 4))
    static = {"static": ["age", "grade", "score"]}
    schema = {**SCHEMA, "age": ("integer", 0, 120), "score": (0, 1)}
    table = read_visits(schema, frame, **static)
    pd.testing.assert_frame_equal(table.to_frame(), frame)  # to the last digit
    made = {"age": [49.6, 130.2], "grade": [1, 2], "score": [-0.1, 0.25]}
    back = table.to_frame(np.zeros((2, 1, 4)), made)
    assert back["age"].tolist() == [50, 120]
    assert back["score"].tolist() == [0.0, 0.25]
    nullable = read_visits(schema, frame.assign(age=frame["age"].astype("Int64")), **static)
    assert nullable.to_frame(np.zeros((2, 1, 4)), made)["age"].tolist() == [50, 120]
    numbered = pd.DataFrame({0: [1, 1], 1: [2.0, 3.0], 2: [7, 7]})
    assert (
        kr.data.from_frame(numbered, id=0, static=[2], schema={2: "continuous"})
        .to_frame()
        .equals(numbered)
    )


def test_categories_that_did_not_occur():
    frame = pd.DataFrame({"t": range(4), "sky": pd.Categorical(["sun", "rain"] * 2)})
    table = kr.data.from_frame(frame, time="t", schema={"sky": ["sun", "snow", "rain"]})
    back = table.to_frame(np.eye(3)[None])["sky"]
    assert back.tolist() == ["sun", "snow", "rain"]
    assert list(back.cat.categories) == ["rain", "sun", "snow"]
    codes = pd.DataFrame({"t": [0, 1, 4], "code": [1, 7, 7]})
    table = kr.data.from_frame(
        codes, time="t", resample=1, missing=True, schema={"code": "categorical"}
    )
    found = table.to_frame()["code"]
    assert found.isna().tolist() == [False, False, True, True, False]
    assert found.dropna().tolist() == [1, 7, 7]


def test_names_that_mean_something_else():
    for name in ("length", "mask", "observed"):
        frame = visits().rename(columns={"age": name})
        with pytest.raises(ValueError, match=f"{name!r}.* have a meaning of their own. Rename"):
            read_visits(None, frame, static=[name])
    frame = pd.DataFrame({"t": range(6), "sequence": np.arange(6.0)})
    table = kr.data.from_frame(frame, time="t", length=3)
    with pytest.raises(ValueError, match="column 'sequence' would stand beside"):
        table.to_frame(table.sequences)


def test_forecasts_become_a_table():
    table = read(patients().drop(columns=["awake"]))
    count, width = len(table.sequences), table.num_columns
    paths = np.arange(count * 2 * 3 * width, dtype="float32").reshape(count, 2, 3, width)
    frame = table.forecasts_to_frame(paths)
    assert list(frame.columns) == ["patient", "time", "sample", "sex", "pulse", "pressure", "age"]
    assert len(frame) == count * 2 * 3
    for i, (key, part) in enumerate(frame.groupby("patient", sort=False)):
        known = patients()[patients()["patient"] == key]
        assert key == table.ids[i]
        for draw, rows in part.groupby("sample"):
            expected = [known["time"].iloc[-1] + n * table.step for n in (1, 2, 3)]
            assert rows["time"].tolist() == expected
            np.testing.assert_allclose(rows["pressure"], paths[i, draw, :, 1], atol=0.01)
            assert rows["sex"].tolist() == [known["sex"].iloc[0]] * 3
    columns = list(table.columns)
    assert frame.dtypes[columns].equals(patients().dtypes[columns])
    bands = table.forecasts_to_frame(paths, quantiles=[0.1, 0.9])
    assert bands["quantile"].unique().tolist() == [0.1, 0.9]
    with pytest.raises(ValueError, match="forecasts of the 3 sequences of this table"):
        table.forecasts_to_frame(paths[:1])
    with pytest.raises(ValueError, match="quantiles at"):
        table.forecasts_to_frame(paths, quantiles=[0.5])
    with pytest.raises(ValueError, match="levels between 0 and 1"):
        table.forecasts_to_frame(paths, quantiles=[10, 90])
    single = table.forecasts_to_frame(paths[:, 0])
    pd.testing.assert_frame_equal(single, frame[frame["sample"] == 0].reset_index(drop=True))
    taken = read(patients().drop(columns=["awake"]).rename(columns={"pulse": "sample"}))
    with pytest.raises(ValueError, match="column 'sample' would stand beside"):
        taken.forecasts_to_frame(paths)


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
