import numpy as np

from keras_rgan.sequences.statistics import condition_statistics
from keras_rgan.sequences.statistics.condition_statistics import ConditionStatistics
from tests.testing import refuses

ROWS = {
    "label": np.arange(40) % 3,
    "load": np.random.default_rng(0).normal(size=(40, 5, 1)),
    "length": np.arange(40) % 5 + 1,
}


def statistics_of(*parts):
    statistics = ConditionStatistics()
    for part in parts:
        statistics.update(part)
    return statistics


def batches(size):
    return [{n: v[i : i + size] for n, v in ROWS.items()} for i in range(0, 40, size)]


def test_summaries_say_lengths_first_then_what_is_temporal():
    for size in (7, 40):
        summaries = statistics_of(*batches(size)).summaries()
        assert [c["name"] for c in summaries] == ["length", "load", "label"]
        assert summaries[0]["max"] == 5
        assert summaries[2]["categories"] == [0, 1, 2]
        np.testing.assert_allclose(summaries[1]["mean"], [ROWS["load"].mean()])


def test_rows_stay_together_whatever_the_batches(monkeypatch):
    whole = statistics_of(ROWS).rows
    for name, values in ROWS.items():
        np.testing.assert_array_equal(whole[name], values)
    monkeypatch.setattr(condition_statistics, "MAX_ROWS", 15)
    few = statistics_of(ROWS).rows
    chosen = [int(np.flatnonzero((ROWS["load"] == row).all(axis=(1, 2)))[0]) for row in few["load"]]
    assert len(set(chosen)) == 15
    for size in (3, 11, 40):
        rows = statistics_of(*batches(size)).rows
        for name, values in ROWS.items():
            np.testing.assert_array_equal(rows[name], values[chosen])


def test_refuses():
    statistics = ConditionStatistics()
    assert statistics.is_empty
    refuses(statistics.summaries, "one sample at least")
    refuses(lambda: statistics.update({}), "a dict of arrays by name")
    statistics.update({"x": [1, 2]})
    assert not statistics.is_empty
    refuses(lambda: statistics.update({"y": [1]}), "same conditions in every batch")
    refuses(lambda: statistics.update({"x": [1.5]}), "in every batch")
    refuses(lambda: statistics_of({"x": [1, 2], "y": [1]}), "as many rows")
