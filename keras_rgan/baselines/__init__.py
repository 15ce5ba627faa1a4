"""Models in closed form, to hold a trained one against."""

from keras_rgan.baselines.gaussian_copula import GaussianCopula
from keras_rgan.baselines.hawkes_process import HawkesProcess

__all__ = ["GaussianCopula", "HawkesProcess"]
