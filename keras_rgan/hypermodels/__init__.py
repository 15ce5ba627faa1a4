"""Searches with keras-tuner, which is imported where this is."""

from keras_rgan.hypermodels.recurrent_gan_hyper_model import RecurrentGANHyperModel

__all__ = ["RecurrentGANHyperModel"]
