"""Features follow a clock, or they do not."""

import numpy as np
import pytest

from keras_rgan.metrics import samples as sample_sets
from keras_rgan.reporting import seasons
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def read(real, made):
    return sample_sets.read({"real": real, "generated": made}, 2)


def days(count=300, seed=0, swing=1.0):
    """A feature that peaks at the sixth step, one that follows an hour beside it, one of noise."""
    random = np.random.default_rng(seed)
    hours = (random.integers(0, 24, (count, 1)) + np.arange(12)) % 24
    values = random.normal(size=(count, 12, 3))
    values[..., 0] += swing * np.sin(np.arange(12) * np.pi / 11)
    values[..., 1] += swing * np.cos(hours * np.pi / 12)
    return values, {"hour": hours[..., None]}


def test_features_that_follow_a_clock_are_found_and_means_are_those_of_the_data():
    real, made = read(days(), days(seed=1))
    by_step, by_hour = seasons.seasons_of(real, made)
    assert (by_step.clock, by_hour.clock) == ("step", "hour")
    np.testing.assert_array_equal(by_step.follow(), [True, False, False])
    np.testing.assert_array_equal(by_hour.follow(), [False, True, False])
    np.testing.assert_allclose(by_step.real, real.values.mean(axis=0), rtol=1e-12)
    noon = real.values[..., 1][real.conditions["hour"][..., 0] == 12]
    assert by_hour.real[12, 1] == pytest.approx(noon.mean())
    assert list(seasons.of_seasons("abc", [by_step, by_hour])) == []


def test_a_feature_that_is_hardly_observed_hides_no_other():
    sets = [days(), days(seed=1, swing=0.0)]
    for values, _ in sets:
        values[:, 1:, 2] = np.nan
    by_step, by_hour = seasons.seasons_of(*read(*sets))
    np.testing.assert_array_equal(by_step.follow(), [True, False, False])
    np.testing.assert_array_equal(by_hour.follow(), [False, True, False])
    told = [finding.features for finding in seasons.of_seasons("abc", [by_step, by_hour])]
    assert told == [("a",), ("b",)]


def test_what_does_not_follow_is_told_of():
    flat = days(seed=1, swing=0.0)
    found = seasons.seasons_of(*read(days(), flat), moments=[f"{i}:00" for i in range(12)])
    step, hour = seasons.of_seasons(["sun", "tide", "noise"], found)
    assert step.features == ("sun",)
    assert hour.features == ("tide",)
    assert "`sun` does not follow the step" in step.what
    assert "most at 0:00" in step.what or "most at 11:00" in step.what
    assert "`tide` does not follow the hour" in hour.what


def test_without_a_clock_there_is_no_season():
    random = np.random.default_rng(0)
    noise = random.normal(size=(200, 8, 2))
    noise[..., 1] = 3.0
    assert seasons.seasons_of(*read(noise, random.normal(size=(200, 8, 2)))) == []


def test_steps_of_a_table_are_times_of_the_day_where_all_begin_at_the_same():
    pd = pytest.importorskip("pandas")
    from keras_rgan.data import from_frame

    times = pd.date_range("2024-03-04", periods=24 * 14, freq="h")
    frame = pd.DataFrame({"at": times, "load": np.arange(len(times)) % 24.0})
    daily = from_frame(frame, time="at", length=24, stride=24)
    assert seasons.moments_of(daily, 24)[:2] == ["00:00", "01:00"]
    weekly = from_frame(frame, time="at", length=168, stride=168)
    assert seasons.moments_of(weekly, 168)[24:26] == ["Tue 00:00", "Tue 01:00"]
    anywhere = from_frame(frame, time="at", length=24)
    assert seasons.moments_of(anywhere, 24) is None
    assert seasons.moments_of(daily.sequences, 24) is None
