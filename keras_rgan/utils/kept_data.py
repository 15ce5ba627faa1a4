"""Whether rows of the data go into what is being saved."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator

_left_out: contextvars.ContextVar[bool] = contextvars.ContextVar("data_left_out", default=False)


def is_left_out() -> bool:
    """Return whether what is being saved is to hold no row of the data.

    Whatever keeps rows asks in its `get_config` and `save_own_variables`.
    """
    return _left_out.get()


@contextlib.contextmanager
def left_out(value: bool = True) -> Iterator[None]:
    """Have what is saved inside hold no row of the data; other threads' files are as they were.

    Args:
        value: Whether it is to hold none.
    """
    token = _left_out.set(value)
    try:
        yield
    finally:
        _left_out.reset(token)
