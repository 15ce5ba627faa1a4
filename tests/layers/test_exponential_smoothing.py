import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_layer_test, to_numpy

INPUTS = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")


def test_is_a_keras_layer(tmp_path):
    run_layer_test(kr.layers.ExponentialSmoothing, INPUTS, (2, 5, 3), tmp_path, tolerance=1e-5)
    run_layer_test(
        lambda: kr.layers.ExponentialSmoothing(return_state=True),
        INPUTS,
        [(2, 5, 3), (2, 3)],
        tmp_path,
        tolerance=1e-5,
    )


def test_formula_step_by_step():
    layer = kr.layers.ExponentialSmoothing()
    layer.build((None, None, 3))
    layer.logits.assign(np.array([-2.0, 0.0, 3.0], "float32"))
    pace = 1.0 / (1.0 + np.exp(-np.array([-2.0, 0.0, 3.0])))
    expected = [INPUTS[:, 0]]
    for t in range(1, 5):
        expected.append(expected[-1] + pace * (INPUTS[:, t] - expected[-1]))
    np.testing.assert_allclose(to_numpy(layer(INPUTS)), np.stack(expected, 1), rtol=1e-5, atol=1e-6)


def test_changes_of_pace_step_by_step():
    layer = kr.layers.ExponentialSmoothing(0.3)
    changes = np.random.default_rng(1).normal(size=INPUTS.shape, scale=3.0).astype("float32")
    logit = np.log(0.4 / 1.2) - np.log(1.0 - 0.4 / 1.2)
    pace = np.clip(1.2 / (1.0 + np.exp(-logit - changes)) - 0.1, 0.0, 1.0)
    assert (pace == 0.0).any()
    assert (pace == 1.0).any()
    state = np.random.default_rng(2).normal(size=(2, 3)).astype("float32")
    for start in (None, state):
        expected = [INPUTS[:, 0] if start is None else start]
        for t in range(5):
            expected.append(expected[-1] + pace[:, t] * (INPUTS[:, t] - expected[-1]))
        outputs = to_numpy(layer(INPUTS, initial_state=start, changes=changes))
        np.testing.assert_allclose(outputs, np.stack(expected[1:], 1), rtol=1e-5, atol=1e-6)
        held = pace[:, 1:] == 0.0
        np.testing.assert_array_equal(outputs[:, 1:][held], outputs[:, :-1][held])


def test_no_changes_leave_the_pace():
    layer = kr.layers.ExponentialSmoothing(0.02)
    assert_close(layer(INPUTS, changes=0.0 * INPUTS), layer(INPUTS), 1e-5)


def test_continues_from_a_state():
    layer = kr.layers.ExponentialSmoothing(0.3, return_state=True)
    whole, _ = layer(INPUTS)
    first, state = layer(INPUTS[:, :2])
    second, _ = layer(INPUTS[:, 2:], initial_state=state)
    joined = np.concatenate([to_numpy(first), to_numpy(second)], axis=1)
    np.testing.assert_allclose(joined, to_numpy(whole), rtol=1e-5, atol=1e-6)


def test_adapts_to_the_pace_of_smoothed_noise():
    rng = np.random.default_rng(1)
    noise, paces = rng.normal(size=(200, 600, 2)), np.array([0.1, 0.6])
    smoothed = [noise[:, 0] * np.sqrt(paces / (2.0 - paces))]  # its stationary spread
    for t in range(1, 600):
        smoothed.append(smoothed[-1] + paces * (noise[:, t] - smoothed[-1]))
    layer = kr.layers.ExponentialSmoothing()
    layer.adapt(np.stack(smoothed, axis=1))
    found = 1.0 / (1.0 + np.exp(-to_numpy(layer.logits.value)))
    np.testing.assert_allclose(found, paces, rtol=0.08)


def test_the_level_of_a_whole_sequence_needs_no_pace():
    rng = np.random.default_rng(1)
    sequences = rng.normal(size=(100, 50, 1)).cumsum(axis=1)
    paces = []
    for levels in (0.0, 1000.0):
        layer = kr.layers.ExponentialSmoothing()
        layer.adapt(sequences + levels * rng.normal(size=(100, 1, 1)))
        paces.append(1.0 / (1.0 + np.exp(-to_numpy(layer.logits.value))))
    np.testing.assert_allclose(paces[0], paces[1], rtol=1e-5)
    np.testing.assert_allclose(paces[0], 3.0 / 50.0, rtol=0.15)  # of a random walk: half of 6 / length


def test_what_never_holds_has_no_gate():
    rng = np.random.default_rng(1)
    sequences = rng.normal(size=(50, 20, 3)).cumsum(axis=1)
    sequences[:, 1::2, 1] = sequences[:, ::2, 1]  # holds at every second step
    sequences[0, 1:3, 2] = sequences[0, 0, 2]  # at 2 of 950
    layer = kr.layers.ExponentialSmoothing()
    layer.adapt(iter([sequences[:30], sequences[30:]]))
    np.testing.assert_array_equal(to_numpy(layer.gates.value), [0.0, 1.0, 0.0])
    changes = rng.normal(size=INPUTS.shape)
    difference = np.abs(to_numpy(layer(INPUTS, changes=changes)) - to_numpy(layer(INPUTS)))
    np.testing.assert_array_equal(difference.max(axis=(0, 1)) > 1e-5, [False, True, False])


def test_sequences_of_one_step_say_nothing_of_paces():
    layer = kr.layers.ExponentialSmoothing(0.7)
    layer.adapt(INPUTS[:, :1])
    np.testing.assert_array_equal(to_numpy(layer.gates.value), np.ones(3))
    np.testing.assert_allclose(1.0 / (1.0 + np.exp(-to_numpy(layer.logits.value))), 0.7, rtol=1e-5)


def test_refuses():
    with pytest.raises(ValueError, match="`initial_pace` must be a number"):
        kr.layers.ExponentialSmoothing(1.0)
    with pytest.raises(ValueError, match="expects at least one sample"):
        kr.layers.ExponentialSmoothing().adapt(iter([]))


def test_paces_of_any_unit_are_the_same():
    sequences = np.random.default_rng(1).normal(size=(100, 50, 1)).cumsum(axis=1)
    paces = []
    for unit in (1.0, 1e-9, 1e9):
        layer = kr.layers.ExponentialSmoothing()
        layer.adapt(sequences * unit)
        paces.append(to_numpy(layer.logits.value))
    np.testing.assert_allclose(paces[1:], [paces[0]] * 2, rtol=1e-5)


def test_constant_sequences_change_nothing():
    layer = kr.layers.ExponentialSmoothing(0.7)
    layer.adapt(np.broadcast_to(0.1 * np.arange(20.0)[:, None, None], (20, 7, 3)))
    np.testing.assert_allclose(1.0 / (1.0 + np.exp(-to_numpy(layer.logits.value))), 0.7, rtol=1e-5)
    np.testing.assert_array_equal(to_numpy(layer.gates.value), np.ones(3))
