"""Turning what users have into sequences."""

from keras_rgan.data.event_sequences import events_to_sequences, sequences_to_events
from keras_rgan.data.event_windows import event_windows
from keras_rgan.data.from_frame import from_frame
from keras_rgan.data.generate_parquet import generate_parquet
from keras_rgan.data.midi import read_midi, write_midi
from keras_rgan.data.note_sequences import notes_to_sequences, sequences_to_notes
from keras_rgan.data.pad_sequences import pad_sequences
from keras_rgan.data.parquet_windows import ParquetWindows
from keras_rgan.data.sequence_table import SequenceTable
from keras_rgan.data.sliding_windows import sliding_windows
from keras_rgan.data.window_blocks import window_blocks
from keras_rgan.data.write_wav import write_wav

__all__ = [
    "ParquetWindows",
    "SequenceTable",
    "event_windows",
    "events_to_sequences",
    "from_frame",
    "generate_parquet",
    "notes_to_sequences",
    "pad_sequences",
    "read_midi",
    "sequences_to_events",
    "sequences_to_notes",
    "sliding_windows",
    "window_blocks",
    "write_midi",
    "write_wav",
]
