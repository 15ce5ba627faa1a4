"""Pictures for TensorBoard, whatever the backend."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

RUN = "samples"
"""The run under which pictures stand, beside Keras's `train` and `validation`."""

DPI = 100
"""Dots of a picture in an inch of its figure."""


class ImageBoard:
    """Writes figures as images of a run of TensorBoard.

    The file is written by TensorBoard's own package, which needs no TensorFlow.

    Args:
        logs: The folder of logs.

    Raises:
        ImportError: If TensorBoard is not installed.
    """

    def __init__(self, logs: Any) -> None:
        try:
            import tensorboard.summary.writer.event_file_writer  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "Pictures for TensorBoard need its package: pip install tensorboard"
            ) from error
        self.folder = Path(logs) / RUN
        self.writer: Any = None

    def add(self, tag: str, figure: Any, step: int) -> None:
        """Add a figure of matplotlib.

        Args:
            tag: The name of the series of pictures.
            figure: The figure.
            step: Its place there.
        """
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        if self.writer is None:
            self.writer = EventFileWriter(str(self.folder))
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=DPI)
        width, height = (round(float(inches) * DPI) for inches in figure.get_size_inches())
        image = summary_pb2.Summary.Image(
            height=height, width=width, colorspace=4, encoded_image_string=png.getvalue()
        )
        value = summary_pb2.Summary.Value(tag=tag, image=image)
        summary = summary_pb2.Summary(value=[value])
        self.writer.add_event(event_pb2.Event(wall_time=time.time(), step=step, summary=summary))
        self.writer.flush()

    def close(self) -> None:
        """Finish the file; a further picture begins another."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None
