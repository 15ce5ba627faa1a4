"""Can be told who was trained on, of what a model generates?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import attack_score
from keras_rgan.metrics import neighbours as nearness
from keras_rgan.metrics.attack_score import AttackScore
from keras_rgan.metrics.records import Records, records_of
from keras_rgan.utils import checks

DENSITIES = ("neighbours", "kernel")
"""How densities are estimated."""

KERNEL_DIMENSIONS = 8
"""In so many dimensions kernels tell anything."""

LEAST_VARIANCE = 1e-6
"""Of kernels where all of a set are the same, in squared deviations of the real ones."""

LEAST_HELD_OUT = 4
"""So many groups must be held out, where half of them are the reference."""

MOST = 4_000
"""So many records of a kind are attacked, at the most."""


def membership_inference(
    generated: Any,
    train: Any,
    holdout: Any,
    groups: Any = None,
    holdout_groups: Any = None,
    reference: Any = None,
    density: str = "neighbours",
    neighbours: int = 1,
    max_samples: int = 2_000,
    seed: int = 0,
) -> dict[str, AttackScore]:
    """Attack generated sequences, to tell which real ones were trained on.

    Two attacks, on records that were trained on (members) and on held-out ones (others). "distance":
    who lies nearer to the nearest generated sequence was rather trained on. "density ratio" (DOMIAS):
    who lies where generated sequences are denser than real ones that the model has not seen. That
    reference is one half of the held-out groups, which is then no target.

    As `control` in each score stands the area of the same attack on real sequences in place of
    generated ones: what it comes to where nothing can be known.

    Args:
        generated: Generated sequences, whatever measures take.
        train: The sequences that were trained on.
        holdout: Sequences that were not, of groups of their own.
        groups: Of each training sequence whose, or of which block, it is; as in
            `closest_record_distance`, which sees overlapping windows by itself.
        holdout_groups: The same of those held out.
        reference: Further real sequences that are neither; all that is held out is then a target.
        density: "neighbours", by how far the k-th neighbour is; "kernel", by Gaussian kernels of
            Scott's bandwidth, in the first 8 principal components.
        neighbours: Which neighbour tells the density; beyond the first, single copies hide.
        max_samples: The most generated sequences, drawn at random. Of either kind 4,000 real ones are
            attacked.
        seed: Seed of the draws.

    Returns:
        `AttackScore`s by the attack's name: area under the curve, hits at 1 % false positives, with
        intervals by group, p-value, and control.

    Raises:
        ValueError: If the sets differ in shape, held-out sequences overlap ones trained on,
            groups are not one for each sequence, or fewer than four groups are held out and there is no
            reference.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(400, length=8, num_features=2)
        >>> found = kr.metrics.membership_inference(sines[:200], sines[:200], sines[200:])
        >>> found["density ratio"].auc > 0.95, abs(found["density ratio"].control - 0.5) < 0.2
        (True, True)

    Reference:
        van Breugel et al., "Membership Inference Attacks against Synthetic Data through Overfitting
        Detection" (DOMIAS), AISTATS 2023; Chen et al., "GAN-Leaks", CCS 2020 (distance).
    """
    checks.one_of("density", density, DENSITIES)
    checks.positive_int("neighbours", neighbours)
    records = records_of(
        generated,
        train,
        holdout,
        groups,
        holdout_groups,
        reference=reference,
        max_samples=max_samples,
        dimensions=KERNEL_DIMENSIONS if density == "kernel" else None,
        seed=seed,
    )
    return of_records(records, density, neighbours, seed)


def of_records(records: Records, density: str, number: int, seed: int) -> dict[str, AttackScore]:
    """Return the same of sets that are in one form."""
    random = np.random.default_rng([seed, 17])
    held_out = np.flatnonzero(~records.is_train)
    targets, reference = np.ones(len(records.real), bool), records.reference
    if reference is None:
        if len(held_out) < LEAST_HELD_OUT:
            raise ValueError(
                "Expected four held-out groups at least, half of which are the reference. Received: "
                f"{len(held_out)}. Hold out more, or pass reference=."
            )
        own = np.isin(records.groups, random.permutation(held_out)[: len(held_out) // 2])
        targets, reference = ~own, records.real[own]
    some = records.some(MOST, random)
    near = np.full(len(records.real), np.nan)
    near[some] = nearness.nearest(records.real[some], records.generated)[0]
    target = some[targets[some]]
    points = records.real[target]
    if density == "kernel" and len(reference) < 4:
        raise ValueError(
            "Kernels need four reference sequences at least, two in each half of the control. "
            f"Received: {len(reference)}. Hold out more, or pass density='neighbours'."
        )
    reference = reference[random.permutation(len(reference))]
    halves = np.array_split(reference, 2)
    ratios = [
        _density(points, made, density, number) - _density(points, real, density, number)
        for made, real in ((records.generated, reference), halves)
    ]
    is_member = records.of_train
    control = -nearness.nearest(points, reference)[0]
    return {
        "distance": AttackScore.of(
            -near[some],
            is_member[some],
            records.groups[some],
            attack_score.area(control, is_member[target]),
            seed,
        ),
        "density ratio": AttackScore.of(
            ratios[0],
            is_member[target],
            records.groups[target],
            attack_score.area(ratios[1], is_member[target]),
            seed,
        ),
    }


def _density(points: np.ndarray, others: np.ndarray, density: str, number: int) -> np.ndarray:
    """Return the logarithm of the density of others at points, but for a constant."""
    if density == "kernel":
        return kernel_density(points, others)
    return neighbour_density(points, others, number)


def neighbour_density(points: np.ndarray, others: np.ndarray, number: int) -> np.ndarray:
    """Return the logarithm of the density by how far the n-th neighbour is, up to a factor.

    Args:
        points: Where, `(count, dimensions)`.
        others: Of what, `(others, dimensions)`.
        number: Which neighbour.
    """
    far = nearness.nearest_groups(
        points, others, np.arange(len(others)), number, np.random.default_rng(0)
    )[1][:, -1]
    return -np.log(np.maximum(far, np.finfo("float32").tiny))


def kernel_density(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the logarithm of the density by Gaussian kernels of Scott's bandwidth.

    Args:
        points: Where, `(count, dimensions)`.
        others: Of what, `(others, dimensions)`.
    """
    count, dimensions = others.shape
    covariance = np.atleast_2d(np.cov(others, rowvar=False)) * count ** (-2.0 / (dimensions + 4))
    covariance += 1e-9 * max(np.trace(covariance) / dimensions, LEAST_VARIANCE) * np.eye(dimensions)
    factor = np.linalg.cholesky(covariance)
    centre = others.mean(axis=0)
    at, of = (np.linalg.solve(factor, (x - centre).T).T for x in (points, others))
    logs = np.empty(len(at))
    for first in range(0, len(at), nearness.QUERIES):
        rows = slice(first, first + nearness.QUERIES)
        exponents = -0.5 * (
            np.square(at[rows]).sum(axis=1)[:, None] + np.square(of).sum(axis=1) - 2.0 * at[rows] @ of.T
        )
        top = exponents.max(axis=1)
        logs[rows] = top + np.log(np.exp(exponents - top[:, None]).sum(axis=1))
    constant = 0.5 * dimensions * np.log(2.0 * np.pi) + np.log(np.diag(factor)).sum() + np.log(count)
    return logs - constant
