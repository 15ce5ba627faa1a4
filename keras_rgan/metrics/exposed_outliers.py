"""Are records that are unlike all others singled out by what is generated?"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from keras_rgan.metrics import attack_score, neighbours, resampling
from keras_rgan.metrics.closest_record_distance import Isolation, isolation_of
from keras_rgan.metrics.records import Records, records_of
from keras_rgan.utils import checks

LOOKED_AT = 4_000
"""So many real records are looked at, at the most."""


@dataclasses.dataclass(frozen=True)
class Outlier:
    """A record that was trained on, unlike all others, with a generated one close by.

    Attributes:
        train: Its row in the training set.
        generated: The row of the nearest generated one.
        closeness: How far that is, over how far the nearest real one of another group is.
    """

    train: int
    generated: int
    closeness: float


@dataclasses.dataclass(frozen=True)
class ExposedOutliers:
    """What `exposed_outliers` found.

    Attributes:
        auc: How likely an outlier that was trained on has generated sequences closer by than one that
            was held out, both beside how isolated they are. 0.5 without singling out.
        p_value: How likely that is by chance, by shuffling which groups were held out.
        least_p_value: The smallest p-value that so few groups can come to.
        exposed: Outliers that were trained on and have a generated sequence nearer by than all but 1 %
            of those held out, the closest first.
        outliers: How many were trained on, and held out.
    """

    auc: float
    p_value: float
    least_p_value: float
    exposed: list[Outlier]
    outliers: tuple[int, int]

    def __str__(self) -> str:
        return (
            f"{len(self.exposed)} of {self.outliers[0]} outliers are singled out (AUC {self.auc:.3f} "
            f"against {self.outliers[1]} held-out ones, p = {self.p_value:.3f})."
        )


def exposed_outliers(
    generated: Any,
    train: Any,
    holdout: Any,
    groups: Any = None,
    holdout_groups: Any = None,
    share: float = 0.1,
    max_samples: int = 2_000,
    seed: int = 0,
) -> ExposedOutliers:
    """Look for outliers of the training data that generated sequences stand close to.

    Outliers are the real records that are farthest from any of another group, those trained on and
    those held out alike. One that was trained on, and has generated sequences much closer by than its
    like that was not, was learned by heart.

    Args:
        generated: Generated sequences, whatever measures take.
        train: The sequences that were trained on.
        holdout: Sequences that were not, of groups of their own.
        groups: Of each training sequence whose, or of which block, it is; as in
            `closest_record_distance`.
        holdout_groups: The same of those held out.
        share: Which share of real records are outliers.
        max_samples: The most generated sequences, drawn at random. Of real ones 4,000 are looked at.
        seed: Seed of the draws.

    Returns:
        `auc`, `p_value`, and who is `exposed`; see `ExposedOutliers`.

    Raises:
        ValueError: If the sets differ in shape, held-out sequences overlap ones trained on, or groups
            are not one for each sequence.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(400, length=8, num_features=2)
        >>> found = kr.metrics.exposed_outliers(sines[:200], sines[:200], sines[200:])
        >>> found.auc, found.exposed[0].closeness
        (1.0, 0.0)

    Reference:
        Stadler et al., "Synthetic Data - Anonymisation Groundhog Day", USENIX Security 2022 (outliers
        are the ones at risk).
    """
    checks.number("share", share, 0.0, 1.0)
    records = records_of(
        generated, train, holdout, groups, holdout_groups, max_samples=max_samples, seed=seed
    )
    return of_records(records, share, seed)


def of_records(
    records: Records, share: float, seed: int, isolation: Isolation | None = None
) -> ExposedOutliers:
    """Return the same of sets that are in one form; `isolation` may be known already."""
    random = np.random.default_rng([seed, 19])
    isolation = isolation or isolation_of(records, LOOKED_AT, random)
    far = isolation.distance >= np.quantile(isolation.distance, 1.0 - share)
    chosen, apart = isolation.records[far], isolation.distance[far]
    distance, index = neighbours.nearest(records.real[chosen], records.generated)
    closeness = distance / np.maximum(apart, np.finfo("float32").tiny)
    member, groups = records.of_train[chosen], records.groups[chosen]
    labels = records.is_train
    count = int(member.sum()), int((~member).sum())
    if not min(count):
        return ExposedOutliers(np.nan, 1.0, resampling.least_p_value(labels), [], count)
    areas = attack_score.areas(-closeness, groups, len(labels))
    auc, by_chance = resampling.of_labels(labels, areas, random)
    bound = -attack_score.threshold(-closeness[~member])
    told = np.flatnonzero(member & (closeness < bound))
    order = told[np.lexsort((chosen[told], closeness[told]))]
    return ExposedOutliers(
        auc,
        resampling.p_value(auc, by_chance),
        resampling.least_p_value(labels),
        [
            Outlier(
                int(records.rows[chosen[i]]),
                int(records.generated_rows[index[i]]),
                float(closeness[i]),
            )
            for i in order
        ],
        count,
    )
