import tracemalloc

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_layer_test, slow_but_on_torch, to_numpy

RNG = np.random.default_rng(0)


def data(n=60, seed=0):
    """Two features whose ranges span orders of magnitude, one of them far from zero."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 7, 2)) * 10.0 ** rng.uniform(-2.0, 3.0, (n, 1, 2))
    return (x + np.array([0.0, 500.0])).astype("float32")


def adapted(x, **kwargs):
    scaler = kr.layers.PerSampleScaler(**kwargs)
    scaler.adapt(x)
    return scaler


def test_every_sequence_reaches_both_ends_and_comes_back():
    x = data()
    scaler = adapted(x)
    scaled, ranges = to_numpy(scaler(x)), to_numpy(scaler.ranges(x))
    assert_close(scaled.min(axis=1), np.full((60, 2), -1.0), 1e-4)
    assert_close(scaled.max(axis=1), np.full((60, 2), 1.0), 1e-4)
    assert ranges.shape == (60, 4)
    for back in (scaler.inverse(scaled, ranges), scaler.restore(scaled, ranges)):
        error = np.abs(to_numpy(back) - x) / np.abs(x).max(axis=1, keepdims=True)
        assert error.max() < 1e-5


def test_ranges_are_those_of_numpy():
    x = data().astype("float64")
    scaler = adapted(x)
    half, center = 0.5 * np.ptp(x, axis=1), 0.5 * (x.min(axis=1) + x.max(axis=1))
    unit = np.quantile(half, 0.01, axis=0)
    assert_close(scaler.unit, unit.astype("float32"), 1e-4)
    expected = np.concatenate([np.arcsinh(center / (half + unit)), np.arcsinh(half / unit)], axis=1)
    assert_close(scaler.ranges(x), expected.astype("float32"), 1e-3)
    low, high = scaler.bounds(scaler.ranges(x))
    np.testing.assert_allclose(to_numpy(low), x.min(axis=1), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(to_numpy(high), x.max(axis=1), rtol=1e-3, atol=1e-3)
    between = scaler.ranges_between(x.min(axis=1), x.max(axis=1))
    assert_close(between, scaler.ranges(x), 1e-3)


def test_constant_sequences():
    x = data()
    x[3], x[4, :, 0], x[5] = 0.0, 7.25, 1e-38
    scaler = adapted(x)
    scaled = to_numpy(scaler(x))
    assert np.isfinite(scaled).all()
    assert not scaled[[3, 5]].any()
    assert not scaled[4, :, 0].any()
    back = to_numpy(scaler.restore(scaled, scaler.ranges(x)))
    np.testing.assert_allclose(back[3:6], x[3:6], rtol=1e-5, atol=1e-6)
    always = adapted(np.full((5, 4, 1), 3.0))
    made = RNG.normal(size=(5, 4, 1))
    assert_close(always.restore(made, always.ranges(np.full((5, 4, 1), 3.0))), np.full((5, 4, 1), 3.0))


def test_padding_does_not_count():
    x = data()
    scaler = adapted(x)
    mask = np.arange(7) < 4
    padded = x.copy()
    padded[:, 4:] = np.nan
    mask = np.broadcast_to(mask, (60, 7))
    assert_close(scaler.ranges(padded, mask), scaler.ranges(x[:, :4]))
    assert_close(to_numpy(scaler(padded, mask=mask))[:, :4], scaler(x[:, :4]))


def test_restored_values_could_be_real():
    """Counts, one-hot features and a copy, in sequences of very different ranges."""
    counts = RNG.poisson(3.0 ** RNG.uniform(0.0, 4.0, (200, 1, 1)), (200, 6, 1))
    kind = np.eye(3)[RNG.integers(0, 3, (200, 1))].repeat(6, axis=1)
    x = np.concatenate([counts, kind, counts], axis=-1).astype("float32")
    scaler = adapted(x)
    assert scaler.categories == [(1, 4)]
    np.testing.assert_array_equal(to_numpy(scaler(x))[..., 1:4], 2.0 * kind - 1.0)
    ranges = to_numpy(scaler.ranges(x))
    assert_close(scaler.restore(scaler(x), ranges), x, 1e-4)
    made = to_numpy(scaler.restore(RNG.normal(size=x.shape), ranges))
    np.testing.assert_array_equal(made[..., 0], made[..., 4])
    np.testing.assert_array_equal(made[..., 0], made[..., 0].round())
    np.testing.assert_array_equal(made[..., 1:4].sum(axis=-1), 1.0)
    assert (made.min(axis=1) >= x.min(axis=1))[:, [0, 4]].all()
    assert (made.max(axis=1) <= x.max(axis=1))[:, [0, 4]].all()
    free = adapted(x, constraints=None)
    assert (to_numpy(free.restore(RNG.normal(size=x.shape), ranges))[..., 0] % 1.0 > 0.01).any()


def test_batches_and_the_whole_give_the_same():
    x = data()
    parts = kr.layers.PerSampleScaler()
    parts.adapt([x[:7], x[7:30], x[30:]])
    assert_close([w.value for w in parts.weights], [w.value for w in adapted(x).weights], 1e-5)


def test_is_a_layer(tmp_path):
    run_layer_test(
        lambda: kr.layers.PerSampleScaler(constraints="lattice"),
        data(4),
        (4, 7, 2),
        tmp_path,
        half=False,
    )


def test_statistics_are_saved(tmp_path):
    x = data()
    model = keras.Sequential([keras.Input((7, 2)), adapted(x)])
    model.save(tmp_path / "scaler.keras")
    loaded = keras.models.load_model(tmp_path / "scaler.keras")
    assert loaded.layers[0].adapted
    assert_close(loaded.layers[0].ranges(x), model.layers[0].ranges(x))


def test_refuses():
    scaler = adapted(data())
    with pytest.raises(ValueError, match=r"inverse\(scaled, scaler.ranges\(sequences\)\)"):
        scaler.inverse(data())
    with pytest.raises(ValueError, match="needs it on its way back"):
        scaler.restore(data())
    with pytest.raises(ValueError, match="Leave it out, or use a SequenceScaler"):
        scaler.calibrate(data(), data())
    fresh = kr.layers.PerSampleScaler()
    with pytest.raises(ValueError, match=r"whole sequences, .* Received: shape \(60, 7\)"):
        fresh.adapt(data()[..., 0])
    gaps = np.where(RNG.random((60, 7, 2)) < 0.1, np.nan, data())
    with pytest.raises(ValueError, match="sequences with gaps"):
        fresh.adapt((gaps, {"observed": ~np.isnan(gaps)}))
    assert not fresh.built


def test_one_pass_is_enough():
    x = data()
    once = kr.layers.PerSampleScaler()
    once.adapt(iter([x[:7], x[7:30], x[30:]]))
    assert_close([w.value for w in once.weights], [w.value for w in adapted(x).weights], 1e-5)
    fed = kr.layers.PerSampleScaler()
    statistics = fed.new_statistics()
    statistics.update(x)
    fed.adopt(statistics)
    assert_close([w.value for w in fed.weights], [w.value for w in adapted(x).weights], 0.0)
    other = kr.layers.SequenceScaler().new_statistics()
    other.update(x)
    with pytest.raises(ValueError, match=r"new_statistics\(\) returned. Received: ScalerStatistics"):
        fed.adopt(other)


def test_padding_of_sequences_with_lengths_is_not_measured():
    x = data()
    lengths = np.arange(60) % 6 + 2
    scaler = adapted((x, {"length": lengths}))
    half = [0.5 * np.ptp(row[:n], axis=0) for row, n in zip(x.astype("float64"), lengths, strict=True)]
    assert_close(scaler.unit, np.quantile(half, 0.01, axis=0), 1e-5)


def test_restores_without_what_is_left_out():
    counts = RNG.poisson(3.0 ** RNG.uniform(0.0, 4.0, (200, 1, 1)), (200, 6, 1)).astype("float32")
    scaler = adapted(counts)
    ranges, made = to_numpy(scaler.ranges(counts)), RNG.normal(size=counts.shape)
    whole = to_numpy(scaler.restore(made, ranges))
    np.testing.assert_array_equal(to_numpy(scaler.restore(made, ranges, without="calibration")), whole)
    free = to_numpy(scaler.restore(made, ranges, without=("calibration", "range", "lattice")))
    assert_close(free, scaler.inverse(np.clip(made, -1.0, 1.0), ranges), 1e-6)
    rounded = to_numpy(scaler.restore(made, ranges, without=("range",)))
    np.testing.assert_array_equal(rounded, rounded.round())
    with pytest.raises(ValueError, match="`without` must be one of"):
        scaler.restore(made, ranges, without=("copies",))


@slow_but_on_torch
def test_adapting_takes_less_memory_than_the_data():
    x = RNG.normal(size=(20_000, 100, 10)).astype("float32")  # 80 MB
    tracemalloc.start()
    try:
        adapted(x)
        assert tracemalloc.get_traced_memory()[1] < x.nbytes
    finally:
        tracemalloc.stop()
