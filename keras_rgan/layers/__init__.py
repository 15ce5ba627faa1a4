"""Layers that stand in any Keras model."""

from keras_rgan.layers.attention_block import AttentionBlock
from keras_rgan.layers.condition_encoder import ConditionEncoder
from keras_rgan.layers.convolution_block import ConvolutionBlock
from keras_rgan.layers.elman_cell import ElmanCell
from keras_rgan.layers.exponential_smoothing import ExponentialSmoothing
from keras_rgan.layers.feedback_cell import FeedbackCell
from keras_rgan.layers.gap_features import GapFeatures
from keras_rgan.layers.gru import GRU
from keras_rgan.layers.increment_features import IncrementFeatures
from keras_rgan.layers.linear_process import LinearProcess
from keras_rgan.layers.lstm import LSTM
from keras_rgan.layers.min_gru import MinGRU
from keras_rgan.layers.min_gru_cell import MinGRUCell
from keras_rgan.layers.minibatch_discrimination import MinibatchDiscrimination
from keras_rgan.layers.minibatch_std_dev import MinibatchStdDev
from keras_rgan.layers.mixture_process import MixtureProcess
from keras_rgan.layers.per_sample_scaler import PerSampleScaler
from keras_rgan.layers.recurrent_noise_encoder import RecurrentNoiseEncoder
from keras_rgan.layers.sequence_scaler import SequenceScaler
from keras_rgan.layers.token_scaler import TokenScaler

__all__ = [
    "GRU",
    "LSTM",
    "AttentionBlock",
    "ConditionEncoder",
    "ConvolutionBlock",
    "ElmanCell",
    "ExponentialSmoothing",
    "FeedbackCell",
    "GapFeatures",
    "IncrementFeatures",
    "LinearProcess",
    "MinGRU",
    "MinGRUCell",
    "MinibatchDiscrimination",
    "MinibatchStdDev",
    "MixtureProcess",
    "PerSampleScaler",
    "RecurrentNoiseEncoder",
    "SequenceScaler",
    "TokenScaler",
]
