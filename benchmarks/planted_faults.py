"""Faults planted into real sequences, at graded strengths, which `benchmarks/judges.py` asks about.

Each takes two sets of one law, plants something into the second one (into the first what is then left
out of the second), and returns both. At strength 1 any judge should see it; 0.5 and 0.25 are fainter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from processes import autoregression

import keras_rgan as kr

Random = np.random.Generator

LENGTH, FEATURES = 24, 6

BLOCK = 300
"""Steps of a series that are a block; windows of every other one are either set."""


# Kinds of real data


def linear(random: Random, count: int) -> list[np.ndarray]:
    """Return two sets of a VAR(1) of six features."""
    draw = autoregression(FEATURES)
    return [draw(random, count) for _ in range(2)]


def heartbeats(random: Random, count: int) -> list[np.ndarray]:
    """Return two sets of pulses in six leads, whose rate differs from sequence to sequence."""
    law = np.random.default_rng(6)
    delay, height = law.uniform(0.0, 0.2, FEATURES), law.uniform(0.5, 1.5, FEATURES)

    def draw() -> np.ndarray:
        period = random.uniform(6.0, 14.0, (count, 1, 1))
        first = random.random((count, 1, 1))
        phase = (np.arange(LENGTH)[:, None] / period + first - delay) % 1.0
        beat = np.exp(-(((phase - 0.3) / 0.06) ** 2)) - 0.3 * np.exp(-(((phase - 0.5) / 0.1) ** 2))
        return height * beat + 0.03 * random.normal(size=(count, LENGTH, FEATURES))

    return [draw() for _ in range(2)]


def levels(random: Random, count: int) -> list[np.ndarray]:
    """Return two sets of levels that jump, whole numbers beside them, and noise that clusters."""

    def draw() -> np.ndarray:
        steps = random.normal(size=(count, LENGTH, FEATURES))
        jump = random.random((count, LENGTH, 2)) < 0.15
        for i in range(1, LENGTH):
            kept = steps[:, i - 1, :2]
            steps[:, i, :2] = np.where(jump[:, i], steps[:, i, :2], kept)
            steps[:, i, 4:] *= np.sqrt(0.3 + 0.6 * steps[:, i - 1, 4:] ** 2)
        steps[..., 2:4] = random.poisson(np.exp(0.5 + 0.5 * steps[..., :2]))
        return steps

    return [draw() for _ in range(2)]


def energy(random: Random, count: int) -> list[np.ndarray]:
    """Return windows of six columns of the energy series, of every other block either set."""
    series = kr.datasets.load_energy()[0][:, [0, 2, 3, 13, 20, 22]]
    return of_blocks(series, random, count)


def of_blocks(series: np.ndarray, random: Random, count: int) -> list[np.ndarray]:
    """Return windows of a series: of even blocks, and of odd ones."""
    windows = kr.data.sliding_windows(series, LENGTH)
    blocks = kr.data.window_blocks(len(windows), LENGTH, BLOCK)
    sides = [np.flatnonzero((blocks >= 0) & (blocks % 2 == i)) for i in range(2)]
    return [windows[np.sort(random.permutation(side)[:count])].astype("float64") for side in sides]


DATA: dict[str, Callable[[Random, int], list[np.ndarray]]] = {
    "VAR": linear,
    "heartbeats": heartbeats,
    "levels": levels,
    "energy": energy,
}


# What is planted


def of_share(random: Random, made: np.ndarray, changed: np.ndarray, share: float) -> np.ndarray:
    """Return samples, of which a share is replaced by what was changed."""
    return np.where(random.random(len(made))[:, None, None] < share, changed, made)


def phases(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Turn each frequency of each feature by a random angle, of up to half a turn at strength 1."""
    spectra = np.fft.rfft(made, axis=1)
    angle = strength * np.pi * random.uniform(-1.0, 1.0, spectra.shape)
    angle[:, [0, -1]] = 0.0
    return real, np.fft.irfft(spectra * np.exp(1j * angle), made.shape[1], axis=1)


def shuffled(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Exchange so many steps of each sequence with one another: all at strength 1."""
    where = np.argsort(random.random(made.shape[:2]), axis=1)[:, : max(int(strength * LENGTH / 2), 2)]
    order = np.tile(np.arange(made.shape[1]), (len(made), 1))
    np.put_along_axis(order, where, np.roll(where, 1, axis=1), axis=1)
    return real, np.take_along_axis(made, order[..., None], axis=1)


def tails(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Draw far values in, as the inverse hyperbolic sine does."""
    centre, width = np.median(made, axis=(0, 1)), made.std(axis=(0, 1))
    z = (made - centre) / width
    return real, centre + width * np.arcsinh(strength * z) / strength


def correlations(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Take the last half of the features of a share of the sequences from others."""
    half = made.shape[-1] // 2
    mixed = np.concatenate([made[..., :half], made[random.permutation(len(made)), :, half:]], axis=-1)
    return real, of_share(random, made, mixed, strength)


def mode(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Leave out what lies around one of the sequences: 30 % at strength 1."""
    scaled = made / made.std(axis=(0, 1))
    distance = np.square(scaled - scaled[random.integers(len(made))]).sum(axis=(1, 2))
    kept = np.flatnonzero(distance > np.quantile(distance, 0.3 * strength))
    return real, made[kept]


def reversal(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Reverse the time of a share of the sequences."""
    return real, of_share(random, made, made[:, ::-1], strength)


def level(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Raise one feature, by half a deviation at strength 1."""
    raised = made.copy()
    raised[..., 1] += 0.5 * strength * made[..., 1].std()
    return real, raised


def events(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Leave spikes out that come in half of the real sequences (at strength 1), anywhere."""
    with_spikes = real.copy()
    rows = np.flatnonzero(random.random(len(real)) < 0.5 * strength)
    steps, features = (random.integers(n, size=len(rows)) for n in real.shape[1:])
    with_spikes[rows, steps, features] += 5.0 * real.std(axis=(0, 1))[features]
    return with_spikes, made


def relation(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Let a feature follow the size of another one three steps before, and not so in the second set."""

    def following(samples: np.ndarray, leading: np.ndarray) -> np.ndarray:
        size = np.abs(leading[..., 0] - np.median(leading[..., 0])) / leading[..., 0].std()
        followed = samples.copy()
        followed[:, 3:, 1] += 1.5 * strength * samples[..., 1].std() * size[:, :-3]
        return followed

    return following(real, real), following(made, made[random.permutation(len(made))])


def smoothing(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Draw each value to the mean of its neighbours, half of the way at strength 1."""
    padded = np.pad(made, [(0, 0), (1, 1), (0, 0)], mode="edge")
    mean = 0.5 * (padded[:, :-2] + padded[:, 2:])
    return real, made + 0.5 * strength * (mean - made)


def repeats(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Copy six steps of a share of the sequences to another place of them."""
    steps = np.tile(np.arange(made.shape[1]), (len(made), 1))
    first = random.integers(made.shape[1] - 12, size=(len(made), 1))
    gap = random.integers(6, made.shape[1] - 6 - first)
    place = first + gap + np.arange(6)
    np.put_along_axis(steps, place, first + np.arange(6), axis=1)
    copied = np.take_along_axis(made, steps[..., None], axis=1)
    return real, of_share(random, made, copied, strength)


def drift(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Take most of each sequence's own trend away."""
    time = np.linspace(-1.0, 1.0, made.shape[1])
    slope = np.einsum("t,ntf->nf", time, made) / np.square(time).sum()
    return real, made - strength * time[:, None] * slope[:, None]


def lengths(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Give sequences ends, of which half lie at the last step (at strength 1) in the second set."""
    ends = random.integers(LENGTH // 2, LENGTH + 1, size=(2, max(len(real), len(made))))
    ends[1] = np.where(random.random(ends.shape[1]) < 0.5 * strength, LENGTH, ends[1])
    return tuple(
        [x[:n] for x, n in zip(s, e, strict=False)] for s, e in zip((real, made), ends, strict=True)
    )


def gaps(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Hide four values of a feature in a row, or (in a share of the second set) anywhere."""
    hidden = []
    for samples, share in ((real, 0.0), (made, strength)):
        first = random.integers(LENGTH - 3, size=(len(samples), 1))
        rows = first + np.arange(4)
        anywhere = np.argsort(random.random((len(samples), LENGTH)), axis=1)[:, :4]
        where = np.where(random.random((len(samples), 1)) < share, anywhere, rows)
        holes = samples.copy()
        holes[np.arange(len(samples))[:, None], where, 0] = np.nan
        hidden.append(holes)
    return tuple(hidden)


def rounding(random: Random, real: np.ndarray, made: np.ndarray, strength: float) -> Any:
    """Add a little noise to a share of the sequences: exact values are none any more."""
    noise = 0.02 * made.std(axis=(0, 1)) * random.normal(size=made.shape)
    return real, of_share(random, made, made + noise, strength)


FAULTS: dict[str, Callable[[Random, np.ndarray, np.ndarray, float], Any]] = {
    "phases": phases,
    "shuffled steps": shuffled,
    "tails": tails,
    "correlations": correlations,
    "a mode less": mode,
    "time reversed": reversal,
    "a level": level,
    "rare events": events,
    "a relation": relation,
    "smoothing": smoothing,
    "copied block": repeats,
    "no drift": drift,
    "lengths": lengths,
    "gaps": gaps,
    "noise on exact values": rounding,
}
