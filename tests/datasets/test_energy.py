import numpy as np

import keras_rgan as kr


def test_energy_is_the_published_series():
    series, names = kr.datasets.load_energy()
    assert series.shape == (19734, 28)
    assert series.dtype == np.float32
    assert len(names) == 28
    assert names[:2] == ["Appliances", "lights"]
    assert np.isfinite(series).all()
    # The first reading, and the copies that the random column has by construction
    np.testing.assert_allclose(series[0, :4], [60.0, 30.0, 19.89, 47.596667], rtol=1e-6)
    np.testing.assert_array_equal(series[:, names.index("rv1")], series[:, names.index("rv2")])
    # Appliances are metered in steps of 10 Wh
    assert not (series[:, 0] % 10).any()
