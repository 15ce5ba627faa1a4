"""Turning what users have into sequences."""

from keras_rgan.data.from_frame import from_frame
from keras_rgan.data.generate_parquet import generate_parquet
from keras_rgan.data.pad_sequences import pad_sequences
from keras_rgan.data.parquet_windows import ParquetWindows
from keras_rgan.data.sequence_table import SequenceTable
from keras_rgan.data.sliding_windows import sliding_windows

__all__ = [
    "ParquetWindows",
    "SequenceTable",
    "from_frame",
    "generate_parquet",
    "pad_sequences",
    "sliding_windows",
]
