import numpy as np
import scipy.ndimage

from keras_rgan.networks.placing import place
from tests.testing import to_numpy


def test_places_are_scipys_shifts():
    random = np.random.default_rng(0)
    patches = random.normal(size=(2, 3, 4, 2)).astype("float32")
    corners = np.array([[[0.0, 0.0], [2.25, 3.5], [-1.5, 6.75]], [[5.0, -0.5], [9.0, 1.0], [4.1, 4.9]]])
    placed = to_numpy(place(patches, corners.astype("float32"), 7, 9))
    assert placed.shape == (2, 3, 7, 9, 2)
    for i, frame in np.ndindex(2, 3):
        for channel in range(2):
            wide = np.zeros((27, 29))  # room around, in which nothing is cut off
            wide[10:13, 10:14] = patches[i, ..., channel]
            shifted = scipy.ndimage.shift(wide, corners[i, frame], order=1)[10:17, 10:19]
            np.testing.assert_allclose(placed[i, frame, ..., channel], shifted, atol=1e-5)


def test_whole_pixels_are_copied():
    patch = np.arange(6.0, dtype="float32").reshape(1, 2, 3, 1)
    placed = to_numpy(place(patch, np.full((1, 1, 2), 1.0, "float32"), 4, 4))[0, 0, ..., 0]
    np.testing.assert_array_equal(placed[1:3, 1:4], patch[0, ..., 0])
    assert placed.sum() == patch.sum()
