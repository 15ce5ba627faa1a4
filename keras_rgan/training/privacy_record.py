"""What a model remembers of its private training, in every file and whatever is compiled anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_rgan.training.privacy_accounting import Mechanism, Updates, epsilon_of

KEYS = ("private_updates", "private_noise")
"""What a file of a model that is clean has beside all else: its updates; the state of seeded noise."""


class PrivacyRecord:
    """Counts the private updates of a model; it never forgets one.

    Attributes:
        clean: Whether no data has come into the model but by updates that are counted here.
        noise_state: Where draws of seeded noise go on; None where there are none.
    """

    def __init__(self) -> None:
        self.clean = True
        self.noise_state: np.ndarray | None = None
        self._updates: dict[Mechanism, int] = {}
        self._flush: Callable[[], None] | None = None

    def follow(self, flush: Callable[[], None]) -> None:
        """Have new updates brought in by a function, whenever they are asked for."""
        self.flush()
        self._flush = flush

    def flush(self) -> None:
        """Bring in the updates since the last time."""
        if self._flush is not None:
            self._flush()

    def add(self, mechanism: Mechanism, count: int) -> None:
        """Count updates."""
        self._updates[mechanism] = self._updates.get(mechanism, 0) + count

    @property
    def updates(self) -> Updates:
        """How many updates there were by each mechanism."""
        self.flush()
        return dict(self._updates)

    @property
    def total(self) -> int:
        """How many updates there were."""
        return sum(self.updates.values())

    def epsilon(self, delta: float) -> float:
        """Return what the model has spent so far: infinite where data came in by other ways."""
        return epsilon_of(self.updates, delta) if self.clean else float("inf")

    def save(self, store: Any) -> None:
        """Write it into a file; of a model that is not clean nothing."""
        updates = self.updates
        if not self.clean:
            return
        rows = [[*mechanism, count] for mechanism, count in updates.items()]
        store[KEYS[0]] = np.asarray(rows, "float64").reshape(-1, 5)
        if self.noise_state is not None:
            store[KEYS[1]] = self.noise_state.astype("int64")

    def load(self, store: Any) -> None:
        """Know what a file knows, and no less than before."""
        keys = set(store.keys())
        if KEYS[0] not in keys:
            self.clean = False
            return
        before = self.updates
        told = {
            Mechanism(int(samples), probability, int(capacity), noise): int(count)
            for samples, probability, capacity, noise, count in np.asarray(store[KEYS[0]]).tolist()
        }
        for mechanism, count in told.items():
            self._updates[mechanism] = max(before.get(mechanism, 0), count)
        # Samples go on behind all updates there were. Noise that went back would be the same on two of
        # them, and hide nothing of their difference.
        ahead = any(count > told.get(mechanism, 0) for mechanism, count in before.items())
        if KEYS[1] in keys and not (ahead and self.noise_state is not None):
            self.noise_state = np.asarray(store[KEYS[1]])
