"""Data to try things on: bundled or made on the spot."""

from keras_rgan.datasets.energy import load_energy
from keras_rgan.datasets.gaussian_processes import make_gaussian_processes
from keras_rgan.datasets.hawkes import make_hawkes
from keras_rgan.datasets.melodies import make_melodies
from keras_rgan.datasets.moving_digits import make_moving_digits
from keras_rgan.datasets.oracle_lstm import OracleLSTM
from keras_rgan.datasets.sines import make_sines

__all__ = [
    "OracleLSTM",
    "load_energy",
    "make_gaussian_processes",
    "make_hawkes",
    "make_melodies",
    "make_moving_digits",
    "make_sines",
]
