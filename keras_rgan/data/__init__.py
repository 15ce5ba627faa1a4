"""Turning what users have into sequences."""

from keras_rgan.data.pad_sequences import pad_sequences
from keras_rgan.data.sequence_table import SequenceTable, from_frame
from keras_rgan.data.sliding_windows import sliding_windows

__all__ = ["SequenceTable", "from_frame", "pad_sequences", "sliding_windows"]
