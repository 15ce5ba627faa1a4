import numpy as np

from keras_rgan.sequences.statistics import reservoir
from keras_rgan.sequences.statistics.reservoir import Reservoir, capacity, quantiles


def kept(*parts):
    found = Reservoir()
    for part in parts:
        found.update(part)
    return found.rows


def test_a_uniform_sample_whatever_the_parts(monkeypatch):
    monkeypatch.setattr(reservoir, "NUM_ROWS", 500)
    values = np.arange(20_000.0)[:, None]
    whole = kept(values)
    assert whole.shape == (500, 1)
    assert len(np.unique(whole)) == 500
    for parts in (np.array_split(values, 3), np.array_split(values, 400)):
        np.testing.assert_array_equal(np.sort(kept(*parts), axis=0), np.sort(whole, axis=0))
    shares = np.histogram(whole, bins=4, range=(0, 20_000))[0] / 500
    np.testing.assert_allclose(shares, 0.25, atol=0.06)


def test_few_rows_all_stay():
    values = np.random.default_rng(0).normal(size=(70, 3))
    np.testing.assert_array_equal(kept(values[:20], values[20:]), values)


def test_wide_data_leaves_fewer_rows():
    assert [capacity(n) for n in (1, 40, 80, 400, 10_000)] == [100_000, 100_000, 50_000, 10_000, 10_000]


def test_quantiles_of_what_is_observed():
    rows = np.random.default_rng(0).normal(size=(70, 3))
    rows[::3, 1] = np.nan
    levels = [0.1, 0.5, 1.0]
    np.testing.assert_array_equal(quantiles(rows, levels), np.nanquantile(rows, levels, axis=0))
