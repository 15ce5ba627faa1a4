"""Variables as NumPy sees them."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


def value_of(variable: keras.Variable) -> np.ndarray:
    """Return a variable's value, on one replica where there are several."""
    return ops.convert_to_numpy(ops.convert_to_tensor(variable))
