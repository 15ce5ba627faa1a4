"""Recurrent GANs for Keras 3, driven by plain `model.fit()`."""

import importlib
from typing import Any

from keras_rgan import (
    applications,
    baselines,
    callbacks,
    conditioning,
    data,
    datasets,
    explaining,
    layers,
    losses,
    metrics,
    networks,
    penalties,
)
from keras_rgan.loading import load_model
from keras_rgan.recurrent_gan import RecurrentGAN
from keras_rgan.reporting.privacy import privacy_report
from keras_rgan.reporting.report import report
from keras_rgan.token_gan import TokenGAN
from keras_rgan.training.differential_privacy import DifferentialPrivacy

__version__ = "0.1.0"

__all__ = [
    "DifferentialPrivacy",
    "RecurrentGAN",
    "TokenGAN",
    "__version__",
    "applications",
    "baselines",
    "callbacks",
    "conditioning",
    "data",
    "datasets",
    "explaining",
    "layers",
    "load_model",
    "losses",
    "metrics",
    "networks",
    "penalties",
    "privacy_report",
    "report",
]


def __getattr__(name: str) -> Any:
    """Import `hypermodels`, and with it keras-tuner, where it is first asked for."""
    if name != "hypermodels":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return importlib.import_module("keras_rgan.hypermodels")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"keras_rgan.hypermodels needs the package {error.name!r}, which is not installed, "
            "although keras_rgan asks for it. Run: pip install 'keras-tuner>=1.4.8' tensorboard",
            name=error.name,
        ) from error
