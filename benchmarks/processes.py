"""Processes whose law is known, so that fresh real data is free: the zoo of `benchmarks/zoo.py`.

Each draws as many independent sequences as one wants, and has a statistic of its own, which is nothing
that a judge looks at: a spectral peak, a tail, dwell times, modes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Random = np.random.Generator


class Process(NamedTuple):
    """A law of sequences.

    Attributes:
        draw: Returns so many sequences, `(samples, time, features)`, or a list of such of different
            lengths; with conditions a pair.
        statistic: Returns a number of an array of samples, which the process is known by.
        known_by: What that number is.
        samples: How many are trained on.
    """

    draw: Callable[[Random, int], Any]
    statistic: Callable[[np.ndarray], float]
    known_by: str
    samples: int = 10_000


LENGTH = 24


def noise(random: Random, count: int) -> np.ndarray:
    """Return independent noise of 50 features."""
    return random.normal(size=(count, LENGTH, 50))


def autoregression(num_features: int) -> Callable[[Random, int], np.ndarray]:
    """Return a VAR(1) whose innovations have full rank."""

    def draw(random: Random, count: int) -> np.ndarray:
        law = np.random.default_rng(num_features)
        weights = law.normal(size=(num_features, num_features))
        weights *= 0.9 / np.abs(np.linalg.eigvals(weights)).max()
        mix = np.linalg.cholesky(0.7 * np.eye(num_features) + 0.3)
        steps = random.normal(size=(count, LENGTH + 60, num_features)) @ mix.T
        for i in range(1, LENGTH + 60):
            steps[:, i] += steps[:, i - 1] @ weights.T
        return steps[:, 60:]

    return draw


def resonator(random: Random, count: int) -> np.ndarray:
    """Return AR(2) processes of a narrow band, three of them."""
    radius, angle = 0.97, 2.0 * np.pi / np.array([4.0, 6.0, 9.0])
    steps = random.normal(size=(count, LENGTH + 200, 3))
    for i in range(2, LENGTH + 200):
        steps[:, i] += 2.0 * radius * np.cos(angle) * steps[:, i - 1] - radius**2 * steps[:, i - 2]
    return steps[:, 200:]


def fast_sines(random: Random, count: int) -> np.ndarray:
    """Return sines of 2 to 5 steps a period, of random phase."""
    period = random.uniform(2.0, 5.0, (count, 1, 3))
    phase = random.uniform(0.0, 2.0 * np.pi, (count, 1, 3))
    return np.sin(2.0 * np.pi * np.arange(LENGTH)[:, None] / period + phase)


def garch(random: Random, count: int) -> np.ndarray:
    """Return GARCH(1, 1) returns of two assets with Student's t of 5 degrees."""
    steps = LENGTH + 100
    shocks = random.standard_t(5.0, (count, steps, 2)) / np.sqrt(5.0 / 3.0)
    shocks[..., 1] = 0.6 * shocks[..., 0] + 0.8 * shocks[..., 1]
    variance, made = np.ones((count, 2)), np.empty((count, steps, 2))
    for i in range(steps):
        made[:, i] = np.sqrt(variance) * shocks[:, i]
        variance = 0.05 + 0.2 * made[:, i] ** 2 + 0.75 * variance
    return made[:, 100:]


def heavy_tails(random: Random, count: int) -> np.ndarray:
    """Return walks whose steps are of Student's t of 2 degrees."""
    return random.standard_t(2.0, (count, LENGTH, 2)).cumsum(axis=1)


def lognormal(random: Random, count: int) -> np.ndarray:
    """Return exponentials of an AR(1), over five decades."""
    steps = random.normal(size=(count, LENGTH + 50, 3))
    for i in range(1, LENGTH + 50):
        steps[:, i] = 0.9 * steps[:, i - 1] + np.sqrt(1.0 - 0.81) * steps[:, i]
    return np.exp(1.9 * steps[:, 50:])


def switching(num_states: int, stay: float) -> Callable[[Random, int], np.ndarray]:
    """Return square levels of a Markov chain, with a little noise."""

    def draw(random: Random, count: int) -> np.ndarray:
        levels = np.linspace(0.0, 1.0, num_states) ** 1.5
        states = random.integers(num_states, size=(count, LENGTH, 2))
        for i in range(1, LENGTH):
            same = random.random((count, 2)) < stay
            states[:, i] = np.where(same, states[:, i - 1], states[:, i])
        return levels[states] + 0.01 * random.normal(size=states.shape)

    return draw


def counts(random: Random, count: int) -> np.ndarray:
    """Return Poisson counts of a slow rate, half of them zero-inflated."""
    rate = np.exp(0.8 + 0.1 * random.normal(size=(count, LENGTH, 4)).cumsum(axis=1))
    made = random.poisson(rate)
    made[..., 2:] *= random.random(made[..., 2:].shape) > 0.5
    return made.astype("float32")


def spikes(random: Random, count: int) -> np.ndarray:
    """Return rare spikes on silence."""
    when = random.random((count, LENGTH, 2)) < 0.03
    return when * random.gamma(4.0, 1.0, when.shape)


def lorenz(random: Random, count: int) -> np.ndarray:
    """Return pieces of Lorenz's system."""
    state = random.normal(size=(count, 3)) * 5.0 + [0.0, 0.0, 25.0]
    made = np.empty((count, LENGTH, 3))
    for i in range(1000 + 8 * LENGTH):
        x, y, z = state.T
        slope = np.stack([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z], axis=1)
        state = state + 0.01 * slope
        if i >= 1000 and (i - 1000) % 8 == 0:
            made[:, (i - 1000) // 8] = state
    return made


SHAPES = np.cumsum(np.random.default_rng(16).normal(size=(16, LENGTH, 2)), axis=1)


def shapes(random: Random, count: int) -> np.ndarray:
    """Return 16 shapes with a little noise."""
    return SHAPES[random.integers(16, size=count)] + 0.1 * random.normal(size=(count, LENGTH, 2))


def walks(random: Random, count: int) -> np.ndarray:
    """Return correlated random walks at offsets of their own."""
    mix = np.linalg.cholesky(0.5 * np.eye(4) + 0.5)
    steps = random.normal(size=(count, LENGTH, 4)) @ mix.T
    return steps.cumsum(axis=1) + 20.0 * random.normal(size=(count, 1, 4))


def seasons(random: Random, count: int) -> np.ndarray:
    """Return a day of 12 steps and a week of 84 from a random start, with noise."""
    time = random.integers(84, size=(count, 1)) + np.arange(LENGTH)
    day = np.maximum(np.sin(2.0 * np.pi * time / 12.0), 0.0) ** 2
    week = 1.0 - 0.6 * (time % 84 >= 60)
    made = np.stack([day * week, 10.0 + 3.0 * np.cos(2.0 * np.pi * time / 12.0) * week], axis=-1)
    return made + [0.05, 0.3] * random.normal(size=made.shape)


def pulses(random: Random, count: int) -> np.ndarray:
    """Return pulses like a heartbeat, whose rate differs from sequence to sequence."""
    period = random.uniform(5.0, 11.0, (count, 1))
    phase = (np.arange(48) / period + random.random((count, 1))) % 1.0
    beat = np.exp(-(((phase - 0.3) / 0.06) ** 2)) - 0.3 * np.exp(-(((phase - 0.45) / 0.08) ** 2))
    return (beat + 0.02 * random.normal(size=beat.shape))[..., None]


def chain(random: Random, count: int) -> np.ndarray:
    """Return one-hot states of a Markov chain and a value that follows them."""
    moves = np.array([[0.8, 0.15, 0.05], [0.1, 0.7, 0.2], [0.3, 0.1, 0.6]])
    state, made = random.integers(3, size=count), np.empty((count, LENGTH, 4))
    value = random.normal(size=count)
    for i in range(LENGTH):
        state = (random.random(count)[:, None] > moves[state].cumsum(axis=1)).sum(axis=1).clip(0, 2)
        value = 0.5 * value + np.array([-2.0, 0.0, 3.0])[state] + 0.5 * random.normal(size=count)
        made[:, i] = np.concatenate([np.eye(3)[state], value[:, None]], axis=1)
    return made


def degenerate(random: Random, count: int) -> np.ndarray:
    """Return a constant, an AR(1), a copy of it, and one that is nearly constant."""
    steps = random.normal(size=(count, LENGTH))
    for i in range(1, LENGTH):
        steps[:, i] += 0.7 * steps[:, i - 1]
    near = 5.0 + (random.random((count, LENGTH)) < 0.01) * 0.1
    return np.stack([np.full_like(steps, 3.0), steps, steps, near], axis=-1)


def single(random: Random, count: int) -> np.ndarray:
    """Return one feature: a threshold autoregression."""
    steps = random.normal(size=(count, LENGTH + 50, 1))
    for i in range(1, LENGTH + 50):
        last = steps[:, i - 1]
        steps[:, i] = np.where(last > 0.0, -0.7 * last, 0.6 * last + 1.0) + 0.5 * steps[:, i]
    return steps[:, 50:]


def many(random: Random, count: int) -> np.ndarray:
    """Return 300 features of 6 slow factors, with noise."""
    factors = random.normal(size=(count, LENGTH, 6)).cumsum(axis=1)
    loadings = np.random.default_rng(300).normal(size=(6, 300)) / 6.0
    return factors @ loadings + 0.3 * random.normal(size=(count, LENGTH, 300))


def long(random: Random, count: int) -> np.ndarray:
    """Return windows of 512 steps of two modulated oscillations."""
    slow = random.normal(size=(count, 512, 2)).cumsum(axis=1) * 0.05
    phase = (
        random.uniform(0.0, 2.0 * np.pi, (count, 1, 2)) + np.arange(512)[:, None] / [5.0, 9.0] + slow
    )
    return np.sin(phase) * (1.0 + 0.3 * np.sin(phase / 7.0)) + 0.05 * random.normal(size=phase.shape)


def short(random: Random, count: int) -> np.ndarray:
    """Return windows of 3 steps."""
    first = random.gamma(2.0, size=(count, 1, 3))
    return (first * np.exp(0.3 * random.normal(size=(count, 3, 3)).cumsum(axis=1))).astype("float64")


def from_an_event(random: Random, count: int) -> np.ndarray:
    """Return responses that begin at an event: a jump that decays, at a rate of its own."""
    rate = random.uniform(0.05, 0.4, (count, 1, 1))
    height = random.lognormal(0.0, 0.4, (count, 1, 2))
    made = height * np.exp(-rate * np.arange(LENGTH)[:, None])
    return made + 0.03 * random.normal(size=made.shape)


def of_lengths(random: Random, count: int) -> list[np.ndarray]:
    """Return walks that end when they leave a band, or after 40 steps."""
    steps = random.normal(size=(count, 40, 1)).cumsum(axis=1)
    outside = np.abs(steps[..., 0]) > 4.0
    ends = np.where(outside.any(axis=1), outside.argmax(axis=1) + 1, 40).clip(2)
    return [x[:n] for x, n in zip(steps, ends, strict=True)]


# Statistics


def spectral_peak(samples: np.ndarray) -> float:
    """Return the share of power in the largest frequency of each feature's mean spectrum."""
    power = np.abs(np.fft.rfft(samples - samples.mean(axis=1, keepdims=True), axis=1)) ** 2
    mean = power.mean(axis=0)
    return float(np.mean(mean.max(axis=0) / mean.sum(axis=0)))


def sharpness(samples: np.ndarray) -> float:
    """Return the mean share of power in the largest frequency of each sequence."""
    power = np.abs(np.fft.rfft(samples, axis=1)) ** 2
    return float(np.mean(power.max(axis=1) / power.sum(axis=1)))


def innovation_rank(samples: np.ndarray) -> float:
    """Return the effective rank of what is new at a step, given the one before."""
    past, new = (x.reshape(-1, samples.shape[-1]) for x in (samples[:, :-1], samples[:, 1:]))
    left = new - past @ np.linalg.lstsq(past, new, rcond=None)[0]
    values = np.linalg.eigvalsh(np.cov(left.T))
    return float(values.sum() ** 2 / (values**2).sum())


def tail(samples: np.ndarray) -> float:
    """Return Hill's estimate of the tail's exponent of increments, of the largest hundredth."""
    sizes = np.sort(np.abs(np.diff(samples, axis=1)).ravel())[::-1]
    top = sizes[: max(len(sizes) // 100, 10)]
    return float(1.0 / np.mean(np.log(np.maximum(top, 1e-12) / max(top[-1], 1e-12)) + 1e-12))


def clustering(samples: np.ndarray) -> float:
    """Return the autocorrelation of absolute values at lag 1."""
    sizes = np.abs(samples)
    return float(np.corrcoef(sizes[:, 1:].ravel(), sizes[:, :-1].ravel())[0, 1])


def decades(samples: np.ndarray) -> float:
    """Return how many decades lie between the outer thousandths."""
    low, high = (float(q) for q in np.quantile(np.maximum(samples, 1e-12), [0.001, 0.999]))
    return float(np.log10(high / low))


def dwell(samples: np.ndarray) -> float:
    """Return how long a level is kept on average: 1 over the share of large steps."""
    return 1.0 / max(float(np.mean(np.abs(np.diff(samples, axis=1)) > 0.06)), 1e-6)


def zeros(samples: np.ndarray) -> float:
    """Return the share of exact zeros."""
    return float(np.mean(samples == 0.0))


def modes(samples: np.ndarray) -> float:
    """Return how many of 16 shapes are hit, weighted by how evenly: the exponential of the entropy."""
    distance = np.stack([np.mean((samples - shape) ** 2, axis=(1, 2)) for shape in SHAPES])
    hit = distance.min(axis=0) < 0.04
    share = np.bincount(distance.argmin(axis=0)[hit], minlength=16) / max(len(samples), 1)
    share = share[share > 0]
    return float(np.exp(-np.sum(share * np.log(share)))) if len(share) else 0.0


def roughness(samples: np.ndarray) -> float:
    """Return the mean size of second increments beside that of first ones."""
    first, second = (float(np.mean(np.diff(samples, n, axis=1) ** 2)) for n in (1, 2))
    return float(np.sqrt(second / max(first, 1e-12)))


def staying(samples: np.ndarray) -> float:
    """Return how often a chain stays in its state."""
    states = samples[..., :3].argmax(axis=-1)
    return float(np.mean(states[:, 1:] == states[:, :-1]))


def copied(samples: np.ndarray) -> float:
    """Return the share of steps at which a copy is one, and a constant constant."""
    same = (samples[..., 1] == samples[..., 2]) & (samples[..., 0] == samples[0, 0, 0])
    return float(np.mean(same))


def spread_at_the_end(samples: np.ndarray) -> float:
    """Return the deviation of the last step beside that of the first increment."""
    first = np.std(samples[:, 1] - samples[:, 0], axis=0)
    return float(np.mean(np.std(samples[:, -1], axis=0) / np.maximum(first, 1e-12)))


PROCESSES: dict[str, Process] = {
    "noise of 50": Process(noise, innovation_rank, "innovations' rank"),
    "VAR of 30": Process(autoregression(30), innovation_rank, "innovations' rank"),
    "VAR of 100": Process(autoregression(100), innovation_rank, "innovations' rank"),
    "resonator": Process(resonator, spectral_peak, "spectral peak"),
    "fast sines": Process(fast_sines, sharpness, "sharpness of spectra"),
    "GARCH": Process(garch, clustering, "clustering of sizes"),
    "heavy tails": Process(heavy_tails, tail, "tail's exponent"),
    "lognormal": Process(lognormal, decades, "decades"),
    "two levels": Process(switching(2, 0.9), dwell, "dwell time"),
    "many levels": Process(switching(6, 0.8), dwell, "dwell time"),
    "counts": Process(counts, zeros, "share of zeros"),
    "spikes": Process(spikes, zeros, "share of zeros"),
    "Lorenz": Process(lorenz, roughness, "second over first increments"),
    "16 shapes": Process(shapes, modes, "modes"),
    "walks": Process(walks, spread_at_the_end, "last step over first increment"),
    "seasons": Process(seasons, spectral_peak, "spectral peak"),
    "pulses": Process(pulses, sharpness, "sharpness of spectra"),
    "chain": Process(chain, staying, "share that stays"),
    "degenerate": Process(degenerate, copied, "copies and constants"),
    "one feature": Process(single, clustering, "clustering of sizes"),
    "300 features": Process(many, innovation_rank, "innovations' rank", 4_000),
    "512 steps": Process(long, sharpness, "sharpness of spectra", 2_000),
    "3 steps": Process(short, spread_at_the_end, "last step over first increment"),
    "200 samples": Process(seasons, spectral_peak, "spectral peak", 200),
    "from an event": Process(from_an_event, spread_at_the_end, "last step over first increment"),
    "lengths": Process(of_lengths, lambda lengths: float(np.mean(lengths)), "mean length"),
}

TUNED_ON = (
    "noise of 50",
    "VAR of 30",
    "resonator",
    "fast sines",
    "GARCH",
    "lognormal",
    "two levels",
    "spikes",
    "16 shapes",
    "seasons",
    "chain",
    "3 steps",
    "from an event",
)
"""Half of the processes, on which the recipe may be tuned; the others are reported apart."""
