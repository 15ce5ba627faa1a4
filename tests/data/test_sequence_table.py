import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from tests.data.frames import patients, read, weather
from tests.testing import recurrent_gan, slow_but_on_tensorflow


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


def test_a_model_learns_a_table():
    frame = pd.DataFrame({"t": range(40), "a": np.sin(np.arange(40.0)), "b": np.arange(40.0)})
    table = kr.data.from_frame(frame, time="t", length=6)
    gan = recurrent_gan()
    gan.compile()
    gan.fit(table, batch_size=16, verbose=0, epochs=1)
    assert "array" not in repr(table)
    assert list(table.to_frame(gan.generate(2))) == ["sequence", "t", "a", "b"]


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
    gan.fit(table, batch_size=6, verbose=0, epochs=1)
    assert gan.scaler.categories == [(0, 2), (3, 6)]
    made = table.to_frame(gan.generate(20, seed=0))
    assert set(made["sky"]) == {"sun", "rain"}
    assert set(made["wind"]) == {"north", "south", "west"}
    assert made[list(frame.columns[2:])].dtypes.equals(frame[list(frame.columns[2:])].dtypes)


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


def hourly():
    """Return hours of two houses with gaps in numbers far from zero, categories and whole numbers."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "house": np.repeat(["b", "a"], 8),
            "hour": [*range(8)] * 2,
            "meter": 1.7e9 + random.integers(0, 100, 16) / 8,
            "sky": random.choice(["rain", "sun"], 16),
            "people": pd.array(random.integers(0, 5, 16), "Int64"),
        }
    )
    frame.loc[[3, 9], "meter"] = np.nan
    frame.loc[[4, 10], "sky"] = None
    frame.loc[[5, 11], "people"] = pd.NA
    return frame


def test_several_fillings_become_one_table():
    frame = hourly()
    table = kr.data.from_frame(frame, id="house", time="hour", missing=True)
    random = np.random.default_rng(2)
    filled = np.where(
        np.isnan(table.sequences[:, None]),
        random.random((2, 3, 8, 4)) * [10, 1, 1, 4] + [1.7e9, 0, 0, 0],
        table.sequences[:, None],
    )
    back = table.to_frame(filled, as_data=True)
    assert list(back) == ["house", "hour", "sample", "meter", "sky", "people"]
    assert back["sample"].tolist() == np.repeat([0, 1, 2], 16).tolist()
    for sample, part in back.groupby("sample"):
        alone = table.to_frame(filled[:, sample], as_data=True)
        pd.testing.assert_frame_equal(
            part.drop(columns="sample").reset_index(drop=True), alone, check_exact=True
        )
    assert back["people"].dtype == "Int64"
    assert not back.isna().any(axis=None)
    with pytest.raises(ValueError, match="Expected the 2 sequences of the data"):
        table.to_frame(filled[:1], as_data=True)


@slow_but_on_tensorflow
def test_what_was_observed_is_not_changed_by_a_model():
    frame = hourly()
    table = kr.data.from_frame(frame, id="house", time="hour", missing=True)
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, completion=True, seed=0)
    gan.compile(run_eagerly=True)
    gan.fit(table, batch_size=2, verbose=0, epochs=1)
    filled = gan.impute(table, num_samples=2, seed=0)
    assert filled.shape == (2, 2, 8, 4)
    known = np.broadcast_to(table.sequences[:, None], filled.shape)
    assert np.array_equal(filled[~np.isnan(known)], known[~np.isnan(known)])
    assert filled.dtype == "float64"
    back = table.to_frame(filled, as_data=True)
    first = back[back["sample"] == 0].reset_index(drop=True)
    for name in frame:
        there = frame[name].notna()
        pd.testing.assert_series_equal(first[name][there], frame[name][there], check_exact=True)
    made = table.to_frame(gan.generate(20, seed=0))
    assert made["meter"].between(1.7e9, 1.7e9 + 13).all()
    assert made["meter"].nunique() > 20  # 1.7e9 in float32 counts in steps of 128
    future = table.forecasts_to_frame(gan.forecast(table, steps=3, num_samples=2, seed=0))
    assert future["meter"].sub(1.7e9).abs().max() < 100


def test_a_table_tells_what_it_holds():
    table = kr.data.from_frame(hourly(), id="house", time="hour", missing=True)
    assert str(table).splitlines() == [
        "2 sequences of 8 steps of 4 columns",
        "  time      hour: every 1, from 0 to 7",
        "  id        house: 2 different",
        "  feature   meter: 1700000000.38 to 1700000011.75 (float64), 12.5% missing",
        "  feature   sky: rain, sun (2 categories), 12.5% missing",
        "  feature   people: 0 to 4 (Int64), 12.5% missing",
    ]
    assert "sex: 2 different" in str(read())


def test_salaries_are_those_of_the_data():
    salaries = np.array([51234.56, 48999.99, 1e8 + 0.25])
    frame = pd.DataFrame(
        {"who": np.repeat(["a", "b", "c"], 4), "x": np.arange(12.0), "pay": np.repeat(salaries, 4)}
    )
    table = kr.data.from_frame(frame, id="who", static=["pay"])
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.adapt(table)
    conditions = gan.sample_conditions(20, seed=0)
    made = table.to_frame(gan.generate(20, seed=0), conditions)
    assert set(made["pay"]) == set(salaries)
    narrow = {"pay": conditions["pay"].astype("float32")}
    assert set(table.to_frame(gan.generate(20, seed=0), narrow)["pay"]) == set(salaries)
