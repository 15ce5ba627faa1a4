"""Measures of how close generated samples are to real ones."""

from typing import Any

import keras

from keras_rgan import checks
from keras_rgan.metrics.maximum_mean_discrepancy import MaximumMeanDiscrepancy

__all__ = ["MaximumMeanDiscrepancy", "get"]

_NAMES: dict[str, type] = {"mmd": MaximumMeanDiscrepancy}


def get(identifier: Any) -> keras.metrics.Metric:
    """Return a metric of real and generated samples by its name, from its config, or as it is.

    Args:
        identifier: A name such as "mmd", a config, a `keras.metrics.Metric` or a class of it.

    Raises:
        ValueError: If there is no metric of that name.

    Example:
        >>> import keras_rgan as kr
        >>> kr.metrics.get("mmd").name
        'mmd'
    """
    return checks.resolve("metrics", identifier, _NAMES, keras.metrics.Metric)
