"""Layers that stand in any Keras model."""

from keras_rgan.layers.elman_cell import ElmanCell
from keras_rgan.layers.minibatch_discrimination import MinibatchDiscrimination
from keras_rgan.layers.minibatch_std_dev import MinibatchStdDev
from keras_rgan.layers.recurrent_noise_encoder import RecurrentNoiseEncoder
from keras_rgan.layers.sequence_scaler import SequenceScaler

__all__ = [
    "ElmanCell",
    "MinibatchDiscrimination",
    "MinibatchStdDev",
    "RecurrentNoiseEncoder",
    "SequenceScaler",
]
