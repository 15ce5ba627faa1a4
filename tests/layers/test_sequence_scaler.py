import threading
import tracemalloc

import keras
import numpy as np
import pytest
from scipy import interpolate
from sklearn import preprocessing

import keras_rgan as kr
from keras_rgan import backend
from tests.testing import BACKEND, assert_close, run_layer_test, slow_but_on_torch, to_numpy

KINDS = {
    "min_max": preprocessing.MinMaxScaler((-1, 1)),
    "standard": preprocessing.StandardScaler(),
    "robust": preprocessing.RobustScaler(),
}


def data(n=50, seed=0):
    rng = np.random.default_rng(seed)
    scales, means = np.array([1.0, 300.0, 1e-3]), np.array([0.0, 5000.0, 2.0])
    return (rng.gamma(2.0, size=(n, 6, 3)) * scales + means).astype("float32")


@pytest.mark.parametrize("kind", KINDS)
def test_agrees_with_scikit_learn_and_inverts(kind):
    x = data()
    scaler = kr.layers.SequenceScaler(kind)
    scaler.adapt(x)
    expected = KINDS[kind].fit_transform(x.reshape(-1, 3).astype("float64")).reshape(x.shape)
    assert_close(scaler(x), expected.astype("float32"), 2e-3)  # float32 of 2.0 + 1e-3
    error = np.abs(to_numpy(scaler.inverse(scaler(x))) - x).max(axis=(0, 1))
    assert (error <= 3e-7 * np.abs(x).max(axis=(0, 1))).all()  # float32 resolves 6e-8


@pytest.mark.parametrize("kind", KINDS)
def test_batches_and_the_whole_give_the_same(kind):
    x = data()
    whole, parts = kr.layers.SequenceScaler(kind), kr.layers.SequenceScaler(kind)
    whole.adapt(x)
    parts.adapt([x[:7], x[7:30], x[30:]])
    assert_close([w.value for w in parts.weights], [w.value for w in whole.weights], 1e-5)


def test_kinds_of_batched_data():
    x = data()
    whole = kr.layers.SequenceScaler()
    whole.adapt(x)

    class Batches(keras.utils.PyDataset):
        num_batches = 5

        def __getitem__(self, i):
            return (x[i * 10 : (i + 1) * 10],)

    sources = [Batches(), keras.ops.convert_to_tensor(x)]
    if BACKEND == "tensorflow":
        import tensorflow as tf

        sources += [
            tf.data.Dataset.from_tensor_slices(x).batch(8),
            tf.data.Dataset.from_tensor_slices((x, x)).batch(8),
        ]
    if BACKEND == "torch":
        import torch

        tensors = torch.utils.data.TensorDataset(torch.as_tensor(x))
        sources.append(torch.utils.data.DataLoader(tensors, batch_size=8))
    for source in sources:
        scaler = kr.layers.SequenceScaler()
        scaler.adapt(source)
        assert_close([w.value for w in scaler.weights], [w.value for w in whole.weights])


@pytest.mark.parametrize("kind", KINDS)
def test_constant_features_come_back_exactly(kind):
    x = data()
    x[..., 1] = 1234.5
    scaler = kr.layers.SequenceScaler(kind)
    scaler.adapt(x)
    scaled = to_numpy(scaler(x))
    assert (scaled[..., 1] == 0.0).all()
    noisy = scaled + np.random.default_rng(0).normal(size=scaled.shape).astype("float32")
    assert (to_numpy(scaler.inverse(noisy))[..., 1] == 1234.5).all()


def test_robust_falls_back_where_the_quartiles_coincide():
    x = np.zeros((100, 1, 1), "float32")
    x[:10] = 5.0
    scaler = kr.layers.SequenceScaler("robust")
    scaler.adapt(x)
    assert_close(scaler.scale.value, np.array([x.std()]), 1e-6)


def test_robust_keeps_a_uniform_sample_of_long_data():
    rng = np.random.default_rng(0)
    parts = [rng.normal(loc, 1.0, size=(5000, 30, 1)) for loc in (0.0, 3.0)]
    lower, median, upper = np.percentile(np.concatenate(parts), [25, 50, 75])
    scaler = kr.layers.SequenceScaler("robust")
    scaler.adapt(parts)
    assert_close(scaler.offset.value, np.array([median]), 0.03)
    assert_close(scaler.scale.value, np.array([upper - lower]), 0.03)


def countable(n=200):
    """Counts, a sensor of tenths, a continuous feature, a copy of it and a constant."""
    rng = np.random.default_rng(0)
    counts = 10.0 * rng.poisson(2.0, (n, 6))
    tenths = 733.5 + 0.1 * rng.integers(0, 40, (n, 6))
    level = rng.normal(size=(n, 6))
    return np.stack([counts, tenths, level, level, np.full((n, 6), 7.5)], axis=-1).astype("float32")


@pytest.mark.parametrize("kind", KINDS)
def test_restored_values_could_be_real(kind):
    x = countable()
    scaler = kr.layers.SequenceScaler(kind)
    scaler.adapt([x[:50], x[50:]])
    assert_close(scaler.step, np.array([10.0, 0.1, 0.0, 0.0, 0.0]), 1e-6)
    noise = 3.0 * np.random.default_rng(1).normal(size=x.shape).astype("float32")
    made = to_numpy(scaler.restore(noise))
    assert set(np.unique(made[..., 0])) <= set(10.0 * np.arange(x[..., 0].max() / 10 + 1))
    tenths = (made[..., 1] - 733.5) / 0.1
    assert np.abs(tenths - np.round(tenths)).max() < 2e-3  # float32 at 733
    assert (made[..., 3] == made[..., 2]).all()
    assert (made[..., 4] == 7.5).all()
    assert (made >= x.min(axis=(0, 1))).all()
    assert (made <= x.max(axis=(0, 1))).all()
    inside = (noise[..., 2] > to_numpy(scaler(x))[..., 2].min()) & (
        noise[..., 2] < to_numpy(scaler(x))[..., 2].max()
    )
    assert_close(made[..., 2][inside], to_numpy(scaler.inverse(noise))[..., 2][inside], 1e-6)
    assert np.abs(to_numpy(scaler.restore(scaler(x))) - x).max() < 2e-4


def test_the_gradient_passes_copies():
    x = countable()
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(x)
    values = np.random.default_rng(1).normal(size=(4, 6, 5)).astype("float32")
    assert_close(scaler.copy(values), values[..., [0, 1, 2, 2, 4]], 0.0)
    factors = np.random.default_rng(2).normal(size=(4, 6, 5)).astype("float32")
    weights = keras.ops.convert_to_tensor(factors)
    gradient = backend.input_gradient(
        lambda z: keras.ops.sum(scaler.copy(z) * weights), keras.ops.convert_to_tensor(values)
    )
    expected = factors.copy()
    expected[..., 2] += expected[..., 3]  # the third feature makes its copy as well
    expected[..., 3] = 0.0
    assert_close(gradient, expected, 1e-6)


def test_without_constraints_restoring_is_the_inverse():
    x = countable()
    scaler = kr.layers.SequenceScaler(constraints=None)
    scaler.adapt(x)
    noise = 3.0 * np.random.default_rng(1).normal(size=x.shape).astype("float32")
    assert_close(scaler.restore(noise), scaler.inverse(noise), 0.0)
    assert_close(scaler.copy(noise), noise, 0.0)
    only = kr.layers.SequenceScaler(constraints="range")
    only.adapt(x)
    clipped = np.clip(to_numpy(scaler.inverse(noise)), x.min((0, 1)), x.max((0, 1)))
    assert_close(only.restore(noise), clipped, 1e-6)


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([0, 2, 5], 1.0),
        ([-3, 0, 9], 3.0),
        ([0, 1], 1.0),
        ([0.1, 0.3, 0.9], 0.2),
        (1_200_000 + np.array([0, 1, 3, 5, 6]), 1.0),
        (3_000_000 + np.cumsum(np.arange(60) % 3 + 1), 1.0),
        (101_325.0 + 0.1 * np.array([0, 1, 3, 4, 6]), 0.0),  # float32 cannot tell tenths there
        (1013.2 + 0.1 * np.array([0, 1, 3, 4, 6]), 0.1),
        ([0, 1, np.pi], 0.0),
        ([0, 1, 1e6], 0.0),
        ([4.0], 0.0),
        (np.arange(300), 0.0),
    ],
    ids=str,
)
def test_lattice(values, step):
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(np.float32(values)[:, None, None])
    assert_close(scaler.step, np.array([step]), 1e-4)


def test_statistics_are_kept_in_full_precision():
    x = np.random.default_rng(0).normal(size=(20, 2, 300)).astype("float32") + 1e5
    scaler = kr.layers.SequenceScaler(dtype="bfloat16")
    scaler.adapt(x)
    assert {w.dtype for w in scaler.weights} == {"float32"}
    assert_close(scaler.source, np.arange(300.0), 0.0)
    assert not scaler.has_copies


def test_any_rank():
    for shape in [(40, 3), (10, 4, 4, 3)]:
        x = np.random.default_rng(0).normal(size=shape).astype("float32")
        scaler = kr.layers.SequenceScaler()
        scaler.adapt(x)
        scaled = to_numpy(scaler(x)).reshape(-1, 3)
        assert_close(scaled.min(axis=0), -np.ones(3), 1e-6)
        assert_close(scaled.max(axis=0), np.ones(3), 1e-6)


def test_is_a_layer(tmp_path):
    mask = np.ones((50, 6), bool)
    run_layer_test(
        lambda: kr.layers.SequenceScaler("standard"),
        data(),
        (50, 6, 3),
        tmp_path,
        mask=mask,
        output_mask=mask,
        half=False,
    )


def test_statistics_are_saved(tmp_path):
    scaler = kr.layers.SequenceScaler("standard")
    scaler.adapt(data())
    model = keras.Sequential([keras.Input((6, 3)), scaler])
    model.save(tmp_path / "scaler.keras")
    loaded = keras.models.load_model(tmp_path / "scaler.keras")
    assert loaded.layers[-1].adapted
    assert_close(loaded(data(seed=1)), model(data(seed=1)), 0.0)


def test_bad_data_is_refused_by_name_and_changes_nothing():
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(data())
    before = scaler.get_weights()
    x = data(seed=1)
    x[3, 2, 1] = np.nan
    x[4, 0, 2] = np.inf
    x[5, 0, 2] = -np.inf
    message = r"feature 1: 1 NaN; feature 2: 2 infinite; the first at index \(3, 2, 1\). Drop or fill"
    with pytest.raises(ValueError, match=message):
        scaler.adapt(x)
    with pytest.raises(ValueError, match="statistics of 3 features. Received: data with 2"):
        scaler.adapt(data()[..., :2])
    with pytest.raises(ValueError, match="at least one sample"):
        scaler.adapt(x[:0])
    with pytest.raises(ValueError, match="expects numbers of shape"):
        scaler.adapt(np.array([["a"]]))
    assert_close(scaler.get_weights(), before, 0.0)
    assert scaler.adapted


def test_bad_arguments():
    with pytest.raises(
        ValueError, match="`kind` must be one of 'min_max', 'standard', 'robust'.*'minmax'"
    ):
        kr.layers.SequenceScaler("minmax")
    with pytest.raises(ValueError, match="low < high"):
        kr.layers.SequenceScaler(feature_range=(1, 0))
    with pytest.raises(ValueError, match="`constraints` must be one of 'range', 'lattice', 'copies'"):
        kr.layers.SequenceScaler(constraints=("bounds",))


def calibrated(x, made, constraints=None, kind="standard"):
    scaler = kr.layers.SequenceScaler(kind, constraints=constraints)
    scaler.adapt(x)
    scaler.calibrate(x, made)
    return scaler


def test_calibration_is_the_quantile_map():
    """Against SciPy's monotone cubics between NumPy's quantiles; at a constant distance beyond them."""
    x = data(200)
    made = np.random.default_rng(1).normal([1.0, 5500.0, 2.002], [0.5, 300.0, 1e-3], (300, 6, 3))
    made = made.astype("float32")
    scaler = calibrated(x, made)
    new = np.concatenate([made[:50], made[:1] * 3.0, made[:1] * -1.0])
    levels = 0.5 - 0.5 * np.cos(np.pi * np.arange(17) / 16)
    expected, between = np.empty_like(new), np.empty(new.shape, bool)
    for i in range(3):
        a, b = np.quantile(made[..., i], levels), np.quantile(x[..., i], levels)
        inside = np.clip(new[..., i], a[0], a[-1])
        expected[..., i] = interpolate.PchipInterpolator(a, b)(inside) + new[..., i] - inside
        between[..., i] = (inside >= a[1]) & (inside < a[-2])  # SciPy's slopes at both ends are others
    result = to_numpy(scaler.restore(scaler(new)))
    tolerance = 2e-3 * x.std(axis=(0, 1)) + 1e-6 * np.abs(new)  # float32 of 2.0 + 1e-3
    error = np.abs(result - expected)
    assert 0.9 < between.mean() < 1.0
    assert (error <= tolerance)[between].all()
    assert (error <= 0.2 * x.std(axis=(0, 1))).all()
    order = np.argsort(new[..., 0].ravel())
    assert (np.diff(result[..., 0].ravel()[order]) >= 0).all()  # ranks stay


def test_calibration_leaves_alone_what_is_right_already():
    rng = np.random.default_rng(0)
    x, made = rng.normal(size=(2, 4000, 10, 2)).astype("float32")
    made[..., 1] += 0.2
    plain = kr.layers.SequenceScaler(constraints=None)
    plain.adapt(x)
    scaler = calibrated(x, made, None, "min_max")
    before, after = (to_numpy(s.restore(s(made))) for s in (plain, scaler))
    np.testing.assert_array_equal(after[..., 0], before[..., 0])
    assert abs(after[..., 1].mean()) < 0.03


def test_calibration_leaves_counts_alone():
    rng = np.random.default_rng(0)
    x = rng.gamma(2.0, size=(100, 10, 2))
    x[..., 1] = x[..., 1].round() * 10.0
    made = rng.normal(8.0, 9.0, x.shape).astype("float32")
    for constraints in (None, "lattice"):
        plain = kr.layers.SequenceScaler(constraints=constraints)
        plain.adapt(x)
        scaler = calibrated(x, made, constraints, "min_max")
        before, after = (to_numpy(s.restore(s(made))) for s in (plain, scaler))
        np.testing.assert_array_equal(after[..., 1], before[..., 1])
        assert np.abs(after[..., 0] - before[..., 0]).mean() > 1.0


def test_calibrated_copies_are_copies_and_constants_stay():
    rng = np.random.default_rng(0)
    x = rng.gamma(2.0, size=(100, 5, 3))
    x[..., 1] = x[..., 0]
    x[..., 2] = 7.0
    made = rng.normal(size=(100, 5, 3))
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(x)
    raw = to_numpy(scaler.restore(made, without=("calibration", "range", "lattice")))
    scaler.calibrate(x, raw)
    restored = to_numpy(scaler.restore(made))
    np.testing.assert_array_equal(restored[..., 1], restored[..., 0])
    np.testing.assert_array_equal(restored[..., 2], 7.0)


def test_nothing_is_calibrated_before_and_after(tmp_path):
    x = data()
    made = np.random.default_rng(1).normal(size=x.shape).astype("float32")
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(x)
    plain = to_numpy(scaler.restore(made))
    raw = to_numpy(scaler.restore(made, without=("calibration", "range", "lattice")))
    assert_close(raw, scaler.inverse(made))
    np.testing.assert_array_equal(to_numpy(scaler.restore(made)), plain)
    scaler.calibrate(x, raw)
    moved = to_numpy(scaler.restore(made))
    assert np.abs(moved - plain).max() > 1.0
    assert_close(scaler.restore(made, without="calibration"), plain)
    np.testing.assert_array_equal(to_numpy(scaler.restore(made)), moved)

    scaler.forget_calibration()
    np.testing.assert_array_equal(to_numpy(scaler.restore(made)), plain)
    scaler.calibrate([x[:20], x[20:]], iter([raw[:7], raw[7:]]))
    assert_close(scaler.restore(made), moved, 1e-5)
    scaler.adapt(x)
    np.testing.assert_array_equal(to_numpy(scaler.restore(made)), plain)


def test_calibration_refuses_what_is_wrong():
    x = data()
    scaler = kr.layers.SequenceScaler()
    with pytest.raises(ValueError, match=r"never adapted to data. Call adapt"):
        scaler.calibrate(x, x)
    scaler.adapt(x)
    for wrong, message in (
        (x[..., :2], "statistics of 3 features. Received: data with 2"),
        (x[:0], "`calibrate` expects at least one sample"),
        (np.where(x > x.max() - 1, np.nan, x), "`calibrate` expects finite values"),
    ):
        for pair in ((x, wrong), (wrong, x)):
            with pytest.raises(ValueError, match=message):
                scaler.calibrate(*pair)
    assert not to_numpy(scaler.calibrated.value).any()


def mixed(count=300):
    random = np.random.default_rng(0)
    sky, wind = (np.eye(n)[random.integers(0, n, (count, 4))] for n in (3, 2))
    level = random.normal(size=(count, 4, 1))
    flag = (random.random((count, 4, 1)) < 0.3).astype(float)
    return np.concatenate([level, sky, flag, wind], axis=-1)


@pytest.mark.parametrize("kind", ["min_max", "standard", "robust"])
def test_categories(kind, tmp_path):
    data = mixed()
    scaler = kr.layers.SequenceScaler(kind)
    statistics = scaler.new_statistics()
    for part in np.array_split(data, 7):
        statistics.update(part)
    assert statistics.categories() == [(1, 4), (5, 7)]
    assert not scaler.adapted
    scaler.adapt(iter(np.array_split(data, 7)))
    assert scaler.categories == [(1, 4), (5, 7)]
    scaled = to_numpy(scaler(data))
    assert set(np.unique(scaled[..., [1, 2, 3, 5, 6]])) == {-1.0, 1.0}
    noisy = scaled + np.random.default_rng(1).uniform(-0.9, 0.9, scaled.shape)
    np.testing.assert_array_equal(to_numpy(scaler.restore(noisy))[..., 1:4], data[..., 1:4])
    np.testing.assert_allclose(to_numpy(scaler.restore(scaled)), data, atol=1e-4)
    path = tmp_path / "scaler.keras"
    inputs = keras.Input((4, 7))
    keras.Model(inputs, scaler(inputs)).save(path)
    assert keras.models.load_model(path).layers[-1].categories == scaler.categories


def test_what_is_not_one_hot():
    data = mixed()
    data[5, 2, 1:4] = 0.0  # at one step none
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(data)
    assert scaler.categories == [(5, 7)]
    data[7, 1, 5:7] = 1.0  # at one step both
    scaler.adapt(data)
    assert scaler.categories == []
    free = kr.layers.SequenceScaler(constraints="range")
    free.adapt(mixed())
    statistics = free.new_statistics()
    statistics.update(mixed())
    assert free.categories == statistics.categories() == []


def test_categories_with_gaps():
    data = mixed()
    observed = np.ones(data.shape, bool)
    observed[:, 1, 1:4] = False
    scaler = kr.layers.SequenceScaler()
    scaler.adapt((data, {"observed": observed}))
    assert scaler.categories == [(1, 4), (5, 7)]


def peak_of(action):
    """Return how many bytes an action took at once, beyond what there was."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@slow_but_on_torch
@pytest.mark.parametrize(
    ("kind", "beside"),
    [("standard", "nothing"), ("robust", "nothing"), ("min_max", "observed"), ("min_max", "length")],
)
def test_adapting_takes_less_memory_than_the_data(kind, beside):
    x = np.random.default_rng(0).standard_normal((250, 8000, 10), "float32")  # 80 MB
    source = {
        "nothing": x,
        "observed": (x, {"observed": np.broadcast_to(np.arange(8000)[:, None] > 3, x.shape)}),
        "length": (x, {"length": np.arange(250) % 5 + 7996}),
    }[beside]
    scaler = kr.layers.SequenceScaler(kind)
    assert peak_of(lambda: scaler.adapt(source)) < x.nbytes
    if kind != "standard":
        assert peak_of(lambda: scaler.calibrate(source, source)) < x.nbytes


def test_one_pass_over_batches_feeds_what_adapt_would():
    x = data()
    for kind in KINDS:
        whole, fed = kr.layers.SequenceScaler(kind), kr.layers.SequenceScaler(kind)
        whole.adapt(x)
        statistics = fed.new_statistics()
        for part in np.array_split(x, 3):
            statistics.update(part)
            assert not fed.adapted
        fed.adopt(statistics)
        assert fed.adapted
        assert_close([w.value for w in fed.weights], [w.value for w in whole.weights], 1e-6)


def test_refuses_statistics_of_nothing_or_of_other_features():
    scaler = kr.layers.SequenceScaler()
    with pytest.raises(ValueError, match="at least one sample. Received: none"):
        scaler.adopt(scaler.new_statistics())
    assert not scaler.built
    early = scaler.new_statistics()
    early.update(data()[..., :2])
    scaler.adapt(data())
    before = scaler.get_weights()
    with pytest.raises(ValueError, match="statistics of 3 features. Received: data with 2"):
        scaler.adopt(early)
    assert_close(scaler.get_weights(), before, 0.0)


def restorable(constraints=("range", "lattice", "copies", "categories")):
    """Return a calibrated scaler of all kinds of features, and noise to restore."""
    x = np.concatenate([mixed(), countable(300)[:, :4]], axis=-1)
    scaler = kr.layers.SequenceScaler("standard", constraints=constraints)
    scaler.adapt(x)
    noise = np.random.default_rng(1).normal(size=x.shape) * 3.0
    raw = scaler.restore(noise, without=("calibration", "range", "lattice"))
    scaler.calibrate(x, to_numpy(raw))
    assert to_numpy(scaler.calibrated.value).any()
    return scaler, noise, x


def test_restoring_without_everything():
    scaler, noise, _ = restorable()
    for order in (("calibration", "range", "lattice"), ["lattice", "calibration", "range"]):
        free = to_numpy(scaler.restore(noise, without=order))
        expected = to_numpy(scaler.inverse(scaler.copy(noise)))
        for first, behind in scaler.categories:  # which hold all the same
            np.testing.assert_array_equal(free[..., first:behind].sum(axis=-1), 1.0)
            expected[..., first:behind] = free[..., first:behind]
        np.testing.assert_array_equal(free, expected)


def test_restoring_without_the_range_begins_a_lattice_at_its_first_value():
    scaler, noise, _ = restorable()
    step, smallest, largest = (to_numpy(w.value) for w in (scaler.step, scaler.low, scaler.high))
    discrete = step > 0.0
    made = to_numpy(scaler.restore(noise, without=("calibration", "range")))
    assert (made >= smallest)[..., discrete].all()
    counts = made[..., 7]  # tens
    assert counts.max() > largest[7]
    np.testing.assert_array_equal(counts % 10.0, 0.0)
    level = made[..., 0]
    assert level.min() < smallest[0]
    assert level.max() > largest[0]
    np.testing.assert_array_equal(level, to_numpy(scaler.inverse(noise))[..., 0])
    for without in (("range", "lattice"), ("range", "lattice", "calibration")):
        assert to_numpy(scaler.restore(noise, without=without))[..., 7].min() < 0.0
    only = restorable(constraints=("lattice",))[0]  # where there is no range to leave
    assert to_numpy(only.restore(noise, without="range"))[..., 7].min() < 0.0


def test_restoring_without_one():
    scaler, noise, x = restorable()
    full = to_numpy(scaler.restore(noise))
    plain = to_numpy(scaler.restore(noise, without="calibration"))
    assert np.abs(plain - full)[..., 0].max() > 0.1
    inside = np.clip(to_numpy(scaler.inverse(noise))[..., 0], x[..., 0].min(), x[..., 0].max())
    assert_close(plain[..., 0], inside, 1e-6)
    unrounded = to_numpy(scaler.restore(noise, without="lattice"))
    assert (unrounded[..., 7] % 10.0 > 0.1).any()
    assert unrounded[..., 7].min() == 0.0
    np.testing.assert_array_equal(unrounded[..., 0], full[..., 0])
    values = 2.0 * x
    np.testing.assert_array_equal(
        to_numpy(scaler.constrain(values, without=("range", "lattice")))[..., 7], values[..., 7]
    )
    with pytest.raises(ValueError, match="`without` must be one of 'calibration', 'range', 'lattice'"):
        scaler.restore(noise, without=("copies",))


def test_restoring_in_threads_changes_nothing_of_each_other():
    scaler, noise, _ = restorable()
    choices = [(), ("calibration",), ("calibration", "range"), ("calibration", "range", "lattice")]
    expected = [to_numpy(scaler.restore(noise, without=c)) for c in choices]
    weights = scaler.get_weights()
    wrong = []

    def work(number):
        for i in range(20):
            which = (number + i) % len(choices)
            made = to_numpy(scaler.restore(noise, without=choices[which]))
            if not np.array_equal(made, expected[which]):
                wrong.append(which)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert_close(scaler.get_weights(), weights, 0.0)


def test_widening_keeps_the_lattice():
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(np.arange(20.0).reshape(1, 20, 1))
    scaler.widen(np.array([-0.5, 25.2]).reshape(1, 2, 1))
    restored = to_numpy(scaler.restore(np.linspace(-3, 3, 50).reshape(1, 50, 1)))
    assert (restored == np.round(restored)).all()
    assert (restored.min(), restored.max()) == (-1.0, 26.0)
    with pytest.raises(ValueError, match="never adapted"):
        kr.layers.SequenceScaler().widen(np.ones((1, 2, 1)))


def test_known_bounds_take_nothing_of_data():
    scaler = kr.layers.SequenceScaler.from_bounds([0.0, 1.7e9 - 10.0], [1.0, 1.7e9 + 10.0])
    assert scaler.adapted
    assert scaler.keeps_to_bounds
    x = np.array([[[0.25, 1.7e9 + 5.0], [2.0, 1.7e9]]])
    assert_close(scaler(x), np.array([[[-0.5, 0.5], [3.0, 0.0]]], "float32"))
    restored = scaler.restore(np.array([[[-0.123, 0.5], [3.0, 0.0]]], "float32"))
    assert_close(restored, np.array([[[0.4385, 1.7e9 + 5.0], [1.0, 1.7e9]]]), 1e-6)
    assert not scaler.categories
    assert not scaler.has_copies

    copy = kr.layers.SequenceScaler.from_config(scaler.get_config())
    assert copy.known_bounds == scaler.known_bounds
    copy.build((None, 6, 2))
    assert copy.keeps_to_bounds
    assert_close(copy(x), scaler(x), 0.0)
    copy.set_weights(scaler.get_weights())
    assert copy.keeps_to_bounds
    copy.adapt(x)
    assert copy.known_bounds is None
    assert not copy.keeps_to_bounds


@slow_but_on_torch
def test_known_bounds_belong_to_features_of_a_number_and_to_ranges():
    with pytest.raises(ValueError, match="bounds of 3 features, as the data has"):
        kr.layers.SequenceScaler(known_bounds=([0.0], [1.0])).build((None, 6, 3))
    with pytest.raises(ValueError, match="Bounds are those of a SequenceScaler"):
        kr.layers.SequenceScaler("standard", known_bounds=([0.0], [1.0]))
    with pytest.raises(ValueError, match="Bounds are those of a SequenceScaler.*PerSampleScaler"):
        kr.layers.PerSampleScaler(known_bounds=([0.0], [1.0]))
    for bounds in (([0.0], [0.0]), ([0.0, 1.0], [1.0]), ([0.0], [np.inf]), 3, ([], [])):
        with pytest.raises(ValueError, match="Expected as bounds the smallest"):
            kr.layers.SequenceScaler(known_bounds=bounds)
