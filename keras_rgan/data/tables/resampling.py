"""Rows at any times brought to one distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.column_roles import ColumnRoles
from keras_rgan.data.tables.feature_layout import FeatureLayout

if TYPE_CHECKING:
    from pandas import DataFrame


def resampled(
    rows: DataFrame, roles: ColumnRoles, layout: FeatureLayout, step: Any, missing: bool
) -> DataFrame:
    """Return rows of one sequence at one distance: means within a step, straight lines or gaps between.

    Of categories the most frequent within a step, and the last between.

    Args:
        rows: The sequence's, as `FeatureLayout.spread` has them.
        roles: What its columns are.
        layout: Which columns the features have.
        step: The distance.
        missing: Whether to leave gaps between.

    Raises:
        ValueError: If there is nothing to draw lines between.
    """
    import pandas as pd

    rows = rows.sort_values(roles.time, kind="stable")
    start = rows[roles.time].iloc[0]
    if rows[roles.time].dtype.kind == "M":
        start = start.floor(step)
    step_of_row = np.floor((rows[roles.time] - start) / step + 1e-9).astype(int)
    means = rows[layout.columns].astype("float64").groupby(step_of_row.to_numpy()).mean()
    means = means.reindex(range(int(step_of_row.max()) + 1))
    for name in layout.categories:
        _most_frequent(means, layout.columns_of(name), missing)
    if not missing:
        means = means.interpolate().ffill().bfill()
        if means.isna().to_numpy().any():
            raise ValueError("Expected values to interpolate between. Received: a feature without any")
    columns: dict[Any, Any] = {roles.time: start + pd.Series(means.index) * step}
    columns.update({name: means[name].to_numpy() for name in layout.columns})
    columns.update({name: rows[name].iloc[0] for name in roles.static})
    return pd.DataFrame(columns)


def _most_frequent(means: DataFrame, flags: list[Any], missing: bool) -> None:
    """Put the most frequent category into its columns of flags, the last one or gaps between."""
    shares = means[flags] if missing else means[flags].ffill().bfill()
    largest = np.nan_to_num(shares.to_numpy(), nan=-1.0).argmax(axis=1)
    means[flags] = np.where(shares.isna().to_numpy(), np.nan, np.eye(len(flags))[largest])
