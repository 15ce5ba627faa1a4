"""Dataframes of any library, as pandas has them, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame


def to_pandas(frame: Any) -> tuple[DataFrame, Callable[[DataFrame], Any] | None]:
    """Return a dataframe of pandas, and what turns such a one into the kind that came.

    A dataframe of another library comes through Arrow, in whose types its columns stand.

    Args:
        frame: A `pandas.DataFrame`, or one of a library that narwhals knows.

    Returns:
        The dataframe, and a function, None where it is one of pandas.

    Raises:
        ValueError: If it is none.
        ImportError: If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("from_frame reads pandas: pip install 'keras_rgan[data]'") from error
    if isinstance(frame, pd.DataFrame):
        return frame, None
    try:
        import narwhals as nw
        import pyarrow as pa

        known = nw.from_native(frame, eager_only=True)
    except (ImportError, TypeError):
        raise ValueError(
            "Expected a dataframe of pandas, or of polars, modin, cuDF or pyarrow, in memory. "
            f"Received: {type(frame).__module__}.{type(frame).__qualname__}"
        ) from None
    try:
        table = known.to_arrow()
    except pa.ArrowException as error:
        unknown = {
            name: str(kind) for name, kind in known.schema.items() if not _has_arrow(known, name)
        }
        raise ValueError(
            f"Expected columns of types that Arrow has. Received: {unknown}. Cast them first, as to "
            "Int64, Float64 or String."
        ) from error
    enums = {name: kind for name, kind in known.schema.items() if isinstance(kind, nw.Enum)}

    def back(made: DataFrame) -> Any:
        arrow = pa.Table.from_pandas(made, preserve_index=False).replace_schema_metadata(None)
        native = nw.from_arrow(arrow, backend=known.implementation)
        kept = [nw.col(name).cast(kind) for name, kind in enums.items() if name in native.columns]
        return native.with_columns(*kept).to_native()

    return table.to_pandas(types_mapper=pd.ArrowDtype), back


def _has_arrow(frame: Any, name: str) -> bool:
    """Return whether Arrow has the type of a column of narwhals."""
    import pyarrow as pa

    try:
        frame.select(name).to_arrow()
    except pa.ArrowException:
        return False
    return True
