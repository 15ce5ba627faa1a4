import numpy as np
import pytest

from keras_rgan.sequences.statistics import chunks
from keras_rgan.sequences.statistics.scaler_statistics import ScalerStatistics
from keras_rgan.sequences.statistics.scaling import KINDS


def data(count=300):
    rng = np.random.default_rng(0)
    level = rng.gamma(2.0, size=(count, 4, 1)) + 100.0
    group = np.eye(3)[rng.integers(0, 3, (count, 4))]
    return np.concatenate([level, rng.poisson(4.0, (count, 4, 1)), group, level], axis=-1)


def statistics_of(parts, gaps=False, **options):
    statistics = ScalerStatistics(**options)
    for part in parts:
        statistics.update(part, gaps)
    return statistics


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gaps", [False, True])
def test_chunks_and_batches_say_the_same(monkeypatch, kind, gaps):
    x = data()
    if gaps:
        x[np.random.default_rng(1).random(x.shape) < 0.2] = np.nan
    whole = statistics_of([x], gaps, kind=kind)
    monkeypatch.setattr(chunks, "CHUNK", 33)
    for parts in ([x], np.array_split(x, 7), [x.reshape(-1, 6)], [x[:100, :, None], x[100:]]):
        found = statistics_of(parts, gaps, kind=kind)
        for name, value in whole.weights().items():
            np.testing.assert_allclose(found.weights()[name], value, rtol=1e-9, err_msg=name)
        assert found.categories() == whole.categories() == [(2, 5)]


def test_numbers_of_every_kind():
    counts = np.random.default_rng(0).integers(0, 90, (40, 5, 2))
    wanted = statistics_of([counts.astype("float64")]).weights()
    for dtype in ("int8", "uint16", "int64", "float16", "float32"):
        for name, value in statistics_of([counts.astype(dtype)]).weights().items():
            np.testing.assert_array_equal(value, wanted[name])
    flags = statistics_of([counts > 40])
    np.testing.assert_array_equal(flags.weights()["high"], 1.0)


def test_categories_are_known_but_not_asked_for():
    statistics = statistics_of([data()], seeks_categories=False)
    assert statistics.categories() == []
    weights = statistics.weights()
    np.testing.assert_array_equal(weights["group"], [0, 0, 1, 1, 1, 0])
    np.testing.assert_array_equal(weights["scale"][2:5], 0.5)  # of the range from -1 to 1


def test_refuses():
    statistics = ScalerStatistics()
    assert statistics.is_empty
    with pytest.raises(ValueError, match="at least one sample. Received: none"):
        statistics.check()
    with pytest.raises(ValueError, match="expects numbers of shape"):
        statistics.update(np.array([["a"]]))
    with pytest.raises(ValueError, match=r"feature 1: 1 NaN; the first at index \(0, 0, 1\)"):
        statistics.update(np.array([[[0.0, np.nan]]]))
    with pytest.raises(ValueError, match="feature 0: 1 infinite"):
        statistics.update(np.array([[[np.inf, np.nan]]]), gaps=True)
    statistics.update(np.zeros((0, 3, 2)))
    assert statistics.is_empty
    statistics.update(np.array([[[0.0, np.nan]]]), gaps=True)
    assert not statistics.is_empty
    with pytest.raises(ValueError, match=r"none of the features \[1\]"):
        statistics.check()
    with pytest.raises(ValueError, match="statistics of 2 features. Received: data with 3"):
        statistics.update(np.zeros((4, 3, 3)))
    statistics.update(np.ones((4, 3, 2)))
    statistics.check()
    with pytest.raises(ValueError, match="statistics of 5 features. Received: data with 2"):
        statistics.check(num_features=5)
