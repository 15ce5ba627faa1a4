"""Callbacks for `fit`."""

from keras_rgan.callbacks.sample_grid import SampleGrid

__all__ = ["SampleGrid"]
