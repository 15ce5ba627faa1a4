"""Pictures in a notebook."""

from __future__ import annotations

from typing import Any


class Notebook:
    """Shows figures in the cell that runs, each in the place of the one before.

    Raises:
        ImportError: If IPython is not installed.
    """

    def __init__(self) -> None:
        try:
            from IPython.display import display
        except ImportError as error:
            raise ImportError("A notebook's pictures need IPython: pip install ipython") from error
        self.display = display
        self.handle: Any = None

    def show(self, figure: Any) -> None:
        """Show a figure of matplotlib."""
        if self.handle is None:
            self.handle = self.display(figure, display_id=True)
        else:
            self.handle.update(figure)
