import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import refuses, run_serialization_test, to_numpy

ROWS = {
    "unit": np.array(["b", "a", "c", "a"]),
    "label": np.array([3, 7, 3, 5]),
    "dose": np.array([[0.1, 10.0], [0.2, 20.0], [0.3, 30.0], [0.4, 40.0]]),
    "hour": np.arange(12.0).reshape(4, 3, 1),
    "open": np.arange(12).reshape(4, 3, 1) % 2 == 0,
}


def adapted(rows=ROWS):
    encoder = kr.layers.ConditionEncoder()
    encoder.adapt(rows)
    return encoder


def test_columns():
    encoder = adapted()
    assert encoder.names == ["hour", "open", "dose", "label", "unit"]
    assert (encoder.num_temporal, encoder.num_static) == (3, 8)
    columns = to_numpy(encoder(encoder.encode(ROWS)))
    assert columns.shape == (4, 3, 11)
    hour = (np.arange(12.0) - 5.5) / np.arange(12.0).std()
    np.testing.assert_allclose(columns[..., 0].ravel(), hour, rtol=1e-5)
    np.testing.assert_array_equal(columns[..., 1:3], np.eye(2)[ROWS["open"][..., 0].astype(int)])
    dose = (ROWS["dose"] - ROWS["dose"].mean(axis=0)) / ROWS["dose"].std(axis=0)
    static = columns[..., 3:]
    np.testing.assert_array_equal(static, np.repeat(static[:, :1], 3, axis=1))
    np.testing.assert_allclose(static[:, 0, :2], dose, rtol=1e-5)
    np.testing.assert_array_equal(static[:, 0, 2:5], np.eye(3)[[0, 2, 0, 1]])
    np.testing.assert_array_equal(static[:, 0, 5:], np.eye(3)[[1, 0, 2, 0]])


def test_round_trips():
    encoder = adapted()
    encoded = encoder.encode(ROWS)
    for found in (encoder.restore(encoded), encoder.decode(encoder(encoded))):
        assert set(found) == set(ROWS)
        for name, values in ROWS.items():
            if name == "unit":
                assert found[name].tolist() == values.tolist()
            else:
                np.testing.assert_allclose(found[name], values, atol=1e-5)


def test_groups_of_static_columns():
    assert adapted().static_groups == [
        ("dose", 0, 2, False),
        ("label", 2, 5, True),
        ("unit", 5, 8, True),
    ]
    lengths = adapted({"length": np.array([2, 3]), "observed": np.ones((2, 3, 1), bool)})
    assert lengths.static_groups == []


def test_decodes_within_the_range_of_the_data():
    encoder = adapted()
    columns = to_numpy(encoder(encoder.encode(ROWS)))
    columns[..., 3:5] *= 100.0
    assert encoder.decode(columns)["dose"].max() > 100.0
    found = encoder.decode(columns, within=True)
    np.testing.assert_array_equal(found["dose"].min(axis=0), [np.float32(0.1), 10.0])
    np.testing.assert_array_equal(found["dose"].max(axis=0), [np.float32(0.4), 40.0])
    np.testing.assert_allclose(found["hour"], ROWS["hour"], atol=1e-5)


def test_reads_the_values_of_one_condition():
    encoder = adapted()
    values = to_numpy(
        encoder.values_of("dose", encoder(encoder.encode(ROWS))[:, 0, encoder.num_temporal :])
    )
    np.testing.assert_allclose(values, ROWS["dose"], rtol=1e-5)


def test_static_conditions_alone_hold_for_a_length():
    encoder = adapted({"label": ROWS["label"]})
    assert encoder({"label": np.array([5, 3])}, length=7).shape == (2, 7, 3)
    with pytest.raises(ValueError, match="need `length`"):
        encoder({"label": np.array([5, 3])})


def test_batches_teach_the_same_as_all_at_once():
    parts = [{name: values[part] for name, values in ROWS.items()} for part in (slice(3), slice(3, 4))]
    whole, streamed = adapted().conditions, adapted(iter(parts)).conditions
    for a, b in zip(whole, streamed, strict=True):
        assert {k: v for k, v in a.items() if k not in ("mean", "deviation")} == {
            k: v for k, v in b.items() if k not in ("mean", "deviation")
        }
        for key in {"mean", "deviation"} & set(a):
            np.testing.assert_allclose(a[key], b[key])


def test_rows_are_drawn_together_and_as_often_as_they_were():
    label = np.repeat([0, 1, 2], [60_000, 30_000, 10_000])
    encoder = adapted({"label": label, "double": 2.0 * label})
    rows = encoder.sample(5000, np.random.default_rng(0))
    np.testing.assert_array_equal(rows["double"], 2.0 * rows["label"])
    shares = np.bincount(rows["label"][:, 0]) / 5000
    np.testing.assert_allclose(shares, [0.6, 0.3, 0.1], atol=0.03)
    assert len(encoder.rows["label"]) == 65_536
    streamed = adapted(
        {"label": label[i : i + 5000], "double": 2.0 * label[i : i + 5000]}
        for i in range(0, 100_000, 5000)
    )
    np.testing.assert_array_equal(streamed.rows["label"], encoder.rows["label"])


def test_rows_of_long_conditions_are_fewer():
    encoder = adapted({"load": np.zeros((30, 50_000, 1), "float32")})
    assert encoder.rows["load"].shape == (20, 50_000, 1)


def test_constant_conditions_are_not_magnified():
    columns = to_numpy(adapted({"k": np.full(5, 0.1)})({"k": np.full((1, 1), 0.2)}, length=1))
    np.testing.assert_allclose(columns, 0.1, rtol=1e-5)


def test_saves():
    encoder = adapted()
    copy = run_serialization_test(encoder)
    columns = to_numpy(copy(copy.encode(ROWS)))
    np.testing.assert_array_equal(columns, to_numpy(encoder(encoder.encode(ROWS))))
    store = {}
    encoder.save_own_variables(store)
    copy.load_own_variables(store)
    for name, values in encoder.rows.items():
        np.testing.assert_array_equal(copy.rows[name], values)


def test_refuses_to_adapt():
    refuses(lambda: adapted({"x": np.ones((2, 2, 2, 2))}), r"condition 'x' of shape \(samples,\)")
    refuses(lambda: adapted({"x": np.ones((2, 2), int)}), "one category a sample or step")
    refuses(lambda: adapted({"x": np.array([1.0, np.nan])}), r"finite numbers .*nan at index \(1,\)")
    refuses(lambda: adapted({"x": np.array([1j])}), "an array of dtype complex128")
    refuses(lambda: adapted({"x": np.arange(1001)}), "at most 1,000 categories")
    refuses(lambda: adapted({"x": np.array([2**31])}), "within 32 bits .* 2147483648")
    refuses(lambda: adapted({"x": np.arange(3), "y": np.arange(2)}), r"as many rows .*'x': 3, 'y': 2")
    refuses(lambda: adapted({}), "a dict of arrays by name.* Received: an empty dict")
    refuses(lambda: adapted({"x": 3.0}), r"as {'x': \[3.0\]}. Received: a single value")
    refuses(lambda: adapted({"x": np.array(["a", None], object)}), "None or NaN among text")
    refuses(lambda: adapted(iter([])), "one sample at least")
    refuses(lambda: adapted(iter([{"x": [1]}, {"y": [1]}])), "same conditions in every batch")
    refuses(lambda: adapted(iter([{"x": [1]}, {"x": [1.5]}])), "in every batch")
    refuses(lambda: kr.layers.ConditionEncoder().sample(3, None), "call of adapt first")


def test_refuses_to_encode():
    encoder = adapted()

    def changed(**values):
        return lambda: encoder.encode({**ROWS, **values})

    refuses(lambda: encoder.encode({"label": [3]}), "missing: .*'dose'")
    refuses(changed(lable=[1] * 4), "unknown: .*'lable'")
    refuses(changed(label=[3, 3, 3, 4]), r"adapted to: 3, 5, 7. Received: \[4\]")
    refuses(changed(unit=["a", "a", "a", "z"]), r"'a', 'b', 'c'. Received: \['z'\]")
    refuses(changed(unit=[1, 2, 1, 2]), "categories of the condition 'unit'")
    refuses(changed(label=[3.5, 3, 3, 3]), "categories of the condition 'label' as .* dtype float64")
    refuses(changed(dose=np.ones((4, 3))), r"shape \(samples, 2\). Received: \(4, 3\)")
    refuses(changed(hour=np.ones((4, 3))), r"shape \(samples, time, 1\)")
    refuses(
        changed(dose=np.full((4, 2), "old")), "real numbers in the condition 'dose'. Received: .*'old'"
    )
    refuses(changed(dose=np.full((4, 2), np.inf)), "finite numbers in the condition 'dose'")
    assert encoder.encode({**ROWS, "label": [3.0, 5.0, 7.0, 3.0]})["label"].ravel().tolist() == [
        3,
        5,
        7,
        3,
    ]


def test_adopts_statistics_that_came_in_parts():
    encoder = kr.layers.ConditionEncoder()
    statistics = encoder.new_statistics()
    for i in range(4):
        statistics.update({name: values[i : i + 1] for name, values in ROWS.items()})
        assert not encoder.adapted
    encoder.adopt(statistics)
    whole = adapted()
    assert encoder.names == whole.names
    for name, values in whole.rows.items():
        np.testing.assert_array_equal(encoder.rows[name], values)
    refuses(lambda: encoder.adopt(encoder.new_statistics()), "one sample at least")
    assert encoder.names == whole.names


def test_units_of_any_size_are_none_too_small():
    noise = np.random.default_rng(0).normal(size=(200, 2))
    encoder = adapted({"x": noise * [1e-9, 10.0] + [0.0, 1.7e9]})
    deviation = np.divide(encoder.conditions[0]["deviation"], [1e-9, 10.0])
    np.testing.assert_allclose(deviation, noise.std(axis=0), rtol=1e-6)
