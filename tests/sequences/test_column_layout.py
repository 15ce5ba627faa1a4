"""Columns of conditions are cut as they were put together."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_rgan.sequences.column_layout import ColumnLayout
from tests.testing import assert_close, refuses, to_numpy

RANDOM = np.random.default_rng(0)
LAYOUT = ColumnLayout(length=2, covariates=3, added=1, shown=6, static=4)
LENGTHS = np.array([5, 2, 1])
COUNTS = (np.arange(5) < LENGTHS[:, None]).astype("float32")[..., None]
PARTS = {
    "length": np.concatenate([COUNTS, np.broadcast_to(LENGTHS[:, None, None] / 5, (3, 5, 1))], axis=-1),
    **{
        name: RANDOM.normal(size=(3, 5, width))
        for name, width in (("covariates", 3), ("added", 1), ("shown", 6))
    },
    "static": np.broadcast_to(RANDOM.normal(size=(3, 1, 4)), (3, 5, 4)),
}
PARTS = {name: part.astype("float32") for name, part in PARTS.items()}
COLUMNS = np.concatenate(list(PARTS.values()), axis=-1)


def beside(*left_out, **changed):
    """Return the columns without some parts, or with others in their place."""
    return np.concatenate(
        [changed.get(name, part) for name, part in PARTS.items() if name not in left_out], axis=-1
    )


def test_every_part_comes_back():
    assert (LAYOUT.temporal, LAYOUT.total, LAYOUT.context) == (12, 16, 4)
    columns = ops.convert_to_tensor(COLUMNS)
    for name in ("covariates", "shown"):
        assert (to_numpy(getattr(LAYOUT, f"{name}_of")(columns)) == PARTS[name]).all()
    assert (to_numpy(LAYOUT.counts_of(columns)) == COUNTS).all()
    assert (to_numpy(LAYOUT.temporal_of(columns)) == COLUMNS[..., :12]).all()
    assert (to_numpy(LAYOUT.static_of(columns)) == PARTS["static"][:, 0]).all()


def test_what_has_no_columns_is_none():
    nothing = ColumnLayout()
    assert nothing.total == nothing.context == 0
    for name in ("counts", "weights", "temporal", "covariates", "shown", "static", "context"):
        assert getattr(nothing, f"{name}_of")(None) is None
    samples = RANDOM.normal(size=(3, 5, 2))
    assert nothing.join(samples, None) is samples
    assert nothing.split(samples) == (samples, None)


def test_weights_turn_means_over_all_steps_into_means_over_those_that_count():
    values = RANDOM.normal(size=(3, 5, 1)).astype("float32")
    weights = to_numpy(LAYOUT.weights_of(ops.convert_to_tensor(COLUMNS)))
    assert_close(weights[:, :, 0], COUNTS[..., 0] * (5 / LENGTHS[:, None]))
    means = [values[i, :n].mean() for i, n in enumerate(LENGTHS)]
    assert_close((weights * values).mean(axis=(1, 2)), np.array(means))


def test_the_context_is_the_length_and_means_over_the_steps_that_count():
    context = to_numpy(LAYOUT.context_of(ops.convert_to_tensor(COLUMNS)))
    assert_close(context[:, 0], LENGTHS / 5)
    for i, n in enumerate(LENGTHS):
        assert_close(context[i, 1:], PARTS["covariates"][i, :n].mean(axis=0))
    whole = ColumnLayout(covariates=3, static=4)
    found = whole.context_of(ops.convert_to_tensor(beside("length", "added", "shown")))
    assert_close(to_numpy(found), PARTS["covariates"].mean(axis=1))


def test_what_is_shown_is_put_in_and_replaced():
    shown = RANDOM.normal(size=(3, 5, 6)).astype("float32")
    expected = beside(shown=shown)
    for given in (COLUMNS, beside("shown")):
        assert (to_numpy(LAYOUT.with_shown(ops.convert_to_tensor(given), shown)) == expected).all()
    alone = ColumnLayout(shown=6)
    assert alone.with_shown(None, shown) is shown
    assert (to_numpy(alone.with_shown(ops.convert_to_tensor(PARTS["shown"]), shown)) == shown).all()


def test_static_columns_are_put_in_and_replaced():
    static = RANDOM.normal(size=(3, 4)).astype("float32")
    expected = beside(static=np.broadcast_to(static[:, None], (3, 5, 4)))
    for given in (COLUMNS, beside("static")):
        assert (to_numpy(LAYOUT.with_static(ops.convert_to_tensor(given), static)) == expected).all()


def test_samples_and_columns_come_apart_again():
    samples = RANDOM.normal(size=(3, 5, 2)).astype("float32")
    joined = LAYOUT.join(ops.convert_to_tensor(samples), COLUMNS)
    assert joined.shape == (3, 5, 18)
    for found, expected in zip(LAYOUT.split(joined), (samples, COLUMNS), strict=True):
        assert (to_numpy(found) == expected).all()


def test_works_on_symbolic_tensors():
    columns = keras.KerasTensor((None, None, 16))
    assert LAYOUT.counts_of(columns).shape == (None, None, 1)
    assert LAYOUT.weights_of(columns).shape == (None, None, 1)
    assert LAYOUT.shown_of(columns).shape == (None, None, 6)
    assert LAYOUT.static_of(columns).shape == (None, 4)
    assert LAYOUT.context_of(columns).shape == (None, 4)
    assert LAYOUT.with_shown(columns, keras.KerasTensor((None, None, 6))).shape == (None, None, 16)
    assert LAYOUT.with_static(columns, keras.KerasTensor((None, 4))).shape == (None, None, 16)
    joined = LAYOUT.join(keras.KerasTensor((None, None, 2)), columns)
    assert [part.shape[-1] for part in LAYOUT.split(joined)] == [2, 16]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"temporal": 0, "static": 0}, ColumnLayout()),
        ({"temporal": 3, "static": 4}, ColumnLayout(covariates=3, static=4)),
        ({"temporal": 3, "static": 0, "variable_length": True}, ColumnLayout(2, 1)),
        ({"temporal": 1, "static": 0, "variable_length": True}, ColumnLayout(1)),
        (
            {"temporal": 9, "static": 1, "num_features": 2, "completion": True},
            ColumnLayout(covariates=3, shown=6, static=1),
        ),
    ],
)
def test_of_what_a_network_knows(arguments, expected):
    assert ColumnLayout.of_network(**arguments) == expected


def test_refuses_what_does_not_fit():
    refuses(lambda: ColumnLayout(static=-1), "at least 0. Received: .*static=-1")
    refuses(lambda: ColumnLayout.of_network(3, 0, 2, completion=True), "covariates=-3")
    refuses(lambda: LAYOUT.with_shown(COLUMNS, COLUMNS), "`shown` of 6 columns.* Received: 16")
    refuses(lambda: LAYOUT.with_shown(None, PARTS["shown"]), "`columns` of 10 columns.* Received: 0")
    refuses(lambda: LAYOUT.with_shown(COLUMNS[..., 1:], PARTS["shown"]), "of 10 or 16 columns")
    refuses(lambda: LAYOUT.with_static(COLUMNS, PARTS["shown"]), "`static` of 4 columns")
    refuses(lambda: LAYOUT.join(PARTS["shown"], None), "`columns` of 16 columns.* Received: 0")


def test_columns_stand_at_each_pixel_of_a_frame():
    layout = ColumnLayout(static=3)
    clips, columns = np.zeros((2, 5, 4, 6, 1)), np.random.default_rng(0).normal(size=(2, 5, 3))
    joined = layout.join(ops.convert_to_tensor(clips), columns)
    assert tuple(joined.shape) == (2, 5, 4, 6, 4)
    assert np.ptp(ops.convert_to_numpy(joined), axis=(2, 3)).max() == 0.0
    for found, expected in zip(layout.split(joined), (clips, columns), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=1e-6)
