"""Models in closed form, to hold a trained one against."""

from keras_rgan.baselines.gaussian_copula import GaussianCopula

__all__ = ["GaussianCopula"]
