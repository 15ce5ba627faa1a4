"""What private updates cost: epsilon, by the package dp-accounting."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

INTERVAL = 1e-3
"""Privacy losses are rounded up to multiples of it; epsilon grows by some 0.03 % for it."""

LITTLE_NOISE = 0.3
"""Of a smaller noise multiplier losses grow with its inverse square, and so does what they are rounded
to: else they would fill the memory."""

MOST_NOISE = 1e6
"""No noise multiplier is larger."""

MOST_UPDATES = 10_000_000
"""No training has more."""

ROOM = 6.0
"""A sample of a batch has room for so many of its standard deviations above what is expected."""


class Mechanism(NamedTuple):
    """An update on a sample of the data: Gaussian noise on a sum of clipped gradients.

    Attributes:
        num_samples: How many sequences the data has.
        probability: With which each is in the sample, apart from the others.
        capacity: The most that are: of more, so many are chosen at random.
        noise_multiplier: The noise's standard deviation over the norm to which gradients are clipped.
    """

    num_samples: int
    probability: float
    capacity: int
    noise_multiplier: float

    @classmethod
    def of(cls, num_samples: int, batch_size: int, noise_multiplier: float) -> Mechanism:
        """Return the mechanism of batches that are expected to be of a size."""
        probability = min(1.0, batch_size / num_samples)
        spread = math.sqrt(batch_size * (1.0 - probability))
        capacity = min(num_samples, math.ceil(batch_size + ROOM * spread))
        return cls(num_samples, probability, capacity, noise_multiplier)

    @property
    def batch_size(self) -> float:
        """How many sequences a sample is expected to have."""
        return self.num_samples * self.probability


Updates = Mapping[Mechanism, int]
"""How many updates there were by each mechanism."""


def package() -> Any:
    """Return dp-accounting.

    Raises:
        ModuleNotFoundError: If it is not installed.
    """
    try:
        import dp_accounting.pld.privacy_loss_distribution
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Differential privacy is accounted for by the package dp-accounting, which is not "
            f"installed ({error.name} is missing). Run: pip install 'dp-accounting>=0.6'",
            name=error.name,
        ) from error
    import dp_accounting

    return dp_accounting


@functools.lru_cache(maxsize=32)
def _of_one(mechanism: Mechanism, interval: float) -> Any:
    """Return the privacy loss distribution of one update, if a sequence is added or removed."""
    distributions = package().pld.privacy_loss_distribution
    return distributions.from_truncated_subsampled_gaussian_mechanism(
        mechanism.num_samples,
        mechanism.probability,
        mechanism.capacity,
        mechanism.noise_multiplier,
        value_discretization_interval=interval,
    )


@functools.lru_cache(maxsize=256)
def _of_several(mechanism: Mechanism, updates: int, interval: float) -> Any:
    return _of_one(mechanism, interval).self_compose(updates)


def epsilon_of(updates: Updates, delta: float) -> float:
    """Return the epsilon of all these updates together, infinite without noise.

    Args:
        updates: How many there were by each mechanism.
        delta: The probability with which more may leak.
    """
    done = {mechanism: count for mechanism, count in updates.items() if count}
    if not done:
        return 0.0
    least = min(mechanism.noise_multiplier for mechanism in done)
    if least == 0.0:
        return math.inf
    interval = INTERVAL * max(1.0, (LITTLE_NOISE / least) ** 2)
    losses = [_of_several(mechanism, count, interval) for mechanism, count in done.items()]
    total = functools.reduce(lambda a, b: a.compose(b), losses)
    return float(total.get_epsilon_for_delta(delta))


def updates_within(
    mechanism: Mechanism, max_epsilon: float, delta: float, before: Updates | None = None
) -> int:
    """Return how many updates there may be until epsilon is more than a bound.

    Args:
        mechanism: Of the updates that come.
        max_epsilon: The bound.
        delta: As in `epsilon_of`.
        before: The updates that there were.
    """
    before = dict(before or {})

    def fits(count: int) -> bool:
        after = {**before, mechanism: before.get(mechanism, 0) + count}
        return epsilon_of(after, delta) <= max_epsilon

    return _last(fits)


def noise_for(
    make: Callable[[float], Mechanism], updates: int, target_epsilon: float, delta: float
) -> float:
    """Return the least noise multiplier, to 0.1 %, by which updates cost no more than an epsilon.

    Args:
        make: Returns the mechanism of a noise multiplier.
        updates: How many there are.
        target_epsilon: The bound.
        delta: As in `epsilon_of`.

    Raises:
        ValueError: If no noise does.
    """

    def costs(noise: float) -> float:
        return epsilon_of({make(noise): updates}, delta)

    low, high = LITTLE_NOISE, 1.0
    while costs(high) > target_epsilon:
        if high >= MOST_NOISE:
            raise ValueError(
                f"`epsilon` is too small for the accountant, which rounds losses to {INTERVAL:g}: no "
                f"noise comes to it. Received: epsilon={target_epsilon:g} for {updates:,} updates. "
                "Pass a larger one."
            )
        low, high = high, min(2.0 * high, MOST_NOISE)
    while high > 1.001 * low:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if costs(middle) <= target_epsilon else (middle, high)
    return high


def _last(fits: Callable[[int], bool]) -> int:
    """Return the last count that fits, of a condition that ends at some count and for good."""
    if not fits(1):
        return 0
    good, bad = 1, 2
    while fits(bad):
        if bad > MOST_UPDATES:
            return bad
        good, bad = bad, 2 * bad
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if fits(middle) else (good, middle)
    return good
