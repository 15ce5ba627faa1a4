import numpy as np

from keras_rgan.sequences.statistics.moments import Moments, count_of, total_of


def moments(*parts):
    found = Moments()
    for part in parts:
        found.update(np.asarray(part, "float64"))
    return found


def test_means_far_from_zero_cost_no_digits():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(3000, 4))
    scales, centers = np.array([10.0, 1e-9, 1e-3, 1e9]), np.array([1.7e9, 0.0, 1e4, -1e12])
    values = base * scales + centers
    for parts in ([values], np.array_split(values, 7), values[:, None]):
        found = moments(*parts)
        np.testing.assert_allclose(found.mean, values.mean(axis=0), rtol=1e-12, atol=1e-20)
        exact = (values - centers).std(axis=0)
        np.testing.assert_allclose(found.deviation, exact, rtol=1e-6)
        np.testing.assert_allclose(found.deviation, base.std(axis=0) * scales, rtol=1e-4)
        assert not found.constant.any()
        np.testing.assert_array_equal(found.count, 3000)


def test_what_never_changes_has_no_deviation_at_all():
    values = np.broadcast_to([0.1, 1.7e9 + 0.3, -1e-12, 0.0], (999, 4))
    for parts in ([values], np.array_split(values, 5)):
        found = moments(*parts)
        np.testing.assert_array_equal(found.deviation, 0.0)
        np.testing.assert_array_equal(found.mean, values[0])
        assert found.constant.all()
    rounded = np.array([[0.1 + 0.2], [0.3]])
    assert moments(rounded).constant.all()


def test_passes_over_what_is_missing():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 5, 3)) + 50.0
    values[rng.random(values.shape) < 0.4] = np.nan
    values[:20, :, 1] = np.nan  # of whole parts
    values[..., 2] = np.nan  # or of all
    found = moments(*np.array_split(values, 4))
    np.testing.assert_allclose(found.mean[:2], np.nanmean(values[..., :2], axis=(0, 1)), rtol=1e-12)
    np.testing.assert_allclose(found.deviation[:2], np.nanstd(values[..., :2], axis=(0, 1)), rtol=1e-12)
    assert (found.count[2], found.mean[2], found.deviation[2]) == (0.0, 0.0, 0.0)
    assert found.constant.tolist() == [False, False, True]


def test_counts_and_sums_of_features():
    values = np.array([[[1.0, np.nan], [2.0, 5.0]], [[np.nan, np.nan], [4.0, 1.0]]])
    np.testing.assert_array_equal(count_of(values), [3.0, 2.0])
    np.testing.assert_array_equal(total_of(values), [7.0, 6.0])
