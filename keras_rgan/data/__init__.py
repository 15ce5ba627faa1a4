"""Turning what users have into sequences."""

from keras_rgan.data.sliding_windows import sliding_windows

__all__ = ["sliding_windows"]
