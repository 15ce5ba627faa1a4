import numpy as np
import pytest

from keras_rgan.sequences.statistics import chunks


@pytest.mark.parametrize("shape", [(30, 7), (10, 6, 7), (2, 100, 7), (5, 4, 3, 7)])
@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
def test_parts_are_small_and_together_the_whole(monkeypatch, shape, dtype):
    monkeypatch.setattr(chunks, "CHUNK", 50)
    batch = (10.0 * np.random.default_rng(0).normal(size=shape)).astype(dtype)
    for source in (batch, np.moveaxis(np.moveaxis(batch, 0, -1).copy(), -1, 0)):  # of any layout
        rows = list(chunks.rows_of(source))
        assert all(part.dtype == "float64" and part.size <= 50 for part in rows)
        np.testing.assert_array_equal(np.concatenate(rows), batch.reshape(-1, 7))
        samples = list(chunks.samples_of(source))
        assert all(part.size <= max(50, batch[0].size) for part in samples)
        np.testing.assert_array_equal(np.concatenate(samples), batch)


def test_what_is_not_finite_is_found_in_any_part(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 5)
    values = np.zeros((20, 3), "float32")
    assert chunks.is_finite(values)
    assert chunks.is_finite(values.astype(int))
    for wrong in (np.nan, np.inf):
        values[-1, -1] = wrong
        assert not chunks.is_finite(values)
        assert chunks.is_finite(values, gaps=True) is bool(np.isnan(wrong))
