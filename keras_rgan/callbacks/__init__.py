"""Callbacks for `fit`."""

from keras_rgan.callbacks.keep_best import KeepBest
from keras_rgan.callbacks.sample_grid import SampleGrid
from keras_rgan.callbacks.score_on_validation import ScoreOnValidation
from keras_rgan.callbacks.time_budget import TimeBudget
from keras_rgan.callbacks.training_doctor import TrainingDoctor

__all__ = ["KeepBest", "SampleGrid", "ScoreOnValidation", "TimeBudget", "TrainingDoctor"]
