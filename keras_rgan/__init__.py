"""Recurrent GANs for Keras 3, driven by plain `model.fit()`."""

from keras_rgan import callbacks, data, datasets, layers, losses, metrics, networks, penalties
from keras_rgan.recurrent_gan import RecurrentGAN

__version__ = "0.1.0"

__all__ = [
    "RecurrentGAN",
    "__version__",
    "callbacks",
    "data",
    "datasets",
    "layers",
    "losses",
    "metrics",
    "networks",
    "penalties",
]
