import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from keras_rgan.data.named_columns import in_order, names_of
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def frames():
    first = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [50.0, 60.0, 70.0]})
    return [first, first[["b", "a"]] + 1.0]


def sales(order=("sales", "sky")):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"day": range(24), "sales": random.poisson(50.0, 24).astype(float)})
    frame["sky"] = random.choice(["rain", "sun"], 24)
    return frame[["day", *order]]


def table(order=("sales", "sky"), **options):
    return kr.data.from_frame(sales(order), time="day", length=4, stride=4, **options)


def small_gan(**kwargs):
    return kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0, **kwargs)


def test_dataframes_come_in_the_order_of_the_first():
    expected = [[[1.0, 50.0], [2.0, 60.0], [3.0, 70.0]], [[2.0, 51.0], [3.0, 61.0], [4.0, 71.0]]]
    for given in (frames(), dict(zip("pq", frames(), strict=True))):
        padded, _ = kr.data.pad_sequences(given)
        assert padded.tolist() == expected
        gan = small_gan()
        gan.adapt(given)
        assert gan.column_names == ["a", "b"]
        assert np.asarray(gan.scaler.units.leave(gan.scaler.get_weights()[2])).tolist() == [1.0, 50.0]
    with pytest.raises(
        ValueError, match=r"columns \['a', 'b'\], in any order. Received: \['b'\] at index 1"
    ):
        in_order([frames()[0], frames()[1][["b"]]])
    assert in_order("text") == "text"
    assert names_of(np.ones(3)) is None


def test_dataframes_come_in_the_order_of_the_model():
    gan = small_gan()
    gan.compile(run_eagerly=True)
    gan.fit(frames() * 4, batch_size=8, verbose=0, epochs=1)
    turned = [frame[["b", "a"]] for frame in frames() * 4]
    scores = [gan.evaluate(x, batch_size=8, verbose=0) for x in (frames() * 4, turned)]
    assert scores[0] == scores[1]
    with pytest.raises(ValueError, match=r"columns \['a', 'b'\]"):
        gan.evaluate([frame.rename(columns={"a": "c"}) for frame in frames()], verbose=0)


def test_a_second_table_has_the_columns_of_the_first():
    gan = small_gan(completion=True)
    gan.compile(run_eagerly=True)
    gan.fit(table(), batch_size=6, verbose=0, epochs=1)
    assert gan.column_names == ["sales", "sky=rain", "sky=sun"]
    other = table(("sky", "sales"))
    for use in (
        lambda x: gan.fit(x, batch_size=6, verbose=0, epochs=1),
        lambda x: gan.fit(table(), validation_data=x, batch_size=6, verbose=0, epochs=1),
        lambda x: gan.evaluate(x, verbose=0),
        lambda x: gan.adapt(x),
        lambda x: gan.calibrate(x),
        lambda x: gan.impute(x),
        lambda x: gan.forecast(x, steps=2),
        lambda x: gan.fit(
            table(),
            batch_size=6,
            callbacks=[kr.callbacks.ScoreOnValidation(x, "roughness")],
            verbose=0,
            epochs=1,
        ),
    ):
        with pytest.raises(
            ValueError, match=r"sky=sun'\]. Received: .*, in another order. .*like=table"
        ):
            use(other)
    snow = sales().replace({"sky": {"rain": "snow"}})
    with pytest.raises(ValueError, match=r"'sky=rain', 'sky=sun'\]. Received: \['sales', 'sky=snow'"):
        gan.evaluate(kr.data.from_frame(snow, time="day", length=4), verbose=0)


def test_a_table_is_read_like_another():
    first, few = table(), sales(("sky", "sales"))
    few["sky"] = "sun"
    second = kr.data.from_frame(few, like=first, length=4, stride=4)
    assert second.layout.names == first.layout.names
    np.testing.assert_array_equal(second.sequences[..., 0], first.sequences[..., 0])
    assert (second.sequences[..., 2] == 1).all()
    pd.testing.assert_frame_equal(second.to_frame().drop(columns="sequence"), few)
    with pytest.raises(ValueError, match=r"categories \['rain', 'sun'\] in the column 'sky'.*'fog'"):
        kr.data.from_frame(few.assign(sky="fog"), like=first)
    with pytest.raises(ValueError, match=r"distance of the table like=, 1. Received: 2"):
        kr.data.from_frame(few.assign(day=np.arange(24) * 2), like=first)


def test_a_saved_model_knows_the_names(tmp_path):
    gan = small_gan()
    gan.adapt(table())
    gan.save(tmp_path / "gan.keras")
    import keras

    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.column_names == gan.column_names
    with pytest.raises(ValueError, match="in another order"):
        again.adapt(table(("sky", "sales")))


@pytest.mark.parametrize("kinds", [("float64", "bool"), ("Float64", "Int64"), ("Int32", "boolean")])
def test_dataframes_of_numbers_of_several_kinds(kinds):
    frame = pd.DataFrame({"a": [0, 1, 2], "b": [0, 1, 1]}).astype(dict(zip("ab", kinds, strict=True)))
    padded, _ = kr.data.pad_sequences([frame, frame])
    assert padded[0].tolist() == [[0.0, 0.0], [1.0, 1.0], [2.0, 1.0]]
    assert padded.dtype.kind == "f"


def test_one_dataframe_is_to_be_read():
    gan = small_gan()
    gan.compile()
    with pytest.raises(
        ValueError, match=r"a pandas.DataFrame. Read it with keras_rgan.data.from_frame"
    ):
        gan.fit(frames()[0], epochs=1)
