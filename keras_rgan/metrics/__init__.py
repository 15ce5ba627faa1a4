"""Measures of how close generated samples are to real ones.

Classes are `keras.metrics.Metric`s for `compile(metrics=…)`; functions take finished samples as arrays.

Functions of real and generated samples take what `fit` takes and `generate` makes: arrays `(samples,
time, features)`, lists of arrays of different lengths, NaN where nothing was observed, tables
(`SequenceTable`), pairs `(sequences, {name: values})`, clips of frames. What is missing counts nowhere
in a statistic; a judge is shown which values are observed, how long sequences are, and conditions that
both sets have. Generated samples without gaps are looked at under those of the data. A line says so,
once.

`RecurrentGAN` hands a metric the real and the generated samples of a batch. A metric of your own whose
class says `weighs_steps = True` is also handed which steps count, where sequences have lengths of their
own: as `sample_weight`, `(batch, time)`, 1 where a step counts and 0 in the padding. All others see
padding as zeros in both.
"""

from typing import Any

import keras

from keras_rgan.metrics.attack_score import AttackScore
from keras_rgan.metrics.attribute_inference import attribute_inference
from keras_rgan.metrics.autocorrelation_difference import autocorrelation, autocorrelation_difference
from keras_rgan.metrics.bleu import bleu, self_bleu
from keras_rgan.metrics.classification_score import classification_score
from keras_rgan.metrics.closest_record_distance import closest_record_distance
from keras_rgan.metrics.context_fid import context_fid, train_context_encoder
from keras_rgan.metrics.continuous_ranked_probability_score import continuous_ranked_probability_score
from keras_rgan.metrics.correlational_score import correlational_score
from keras_rgan.metrics.discriminative_score import discriminative_score
from keras_rgan.metrics.exposed_outliers import exposed_outliers
from keras_rgan.metrics.frechet_distance import frechet_distance
from keras_rgan.metrics.hawkes_goodness_of_fit import hawkes_goodness_of_fit
from keras_rgan.metrics.interval_coverage import interval_coverage
from keras_rgan.metrics.marginal_wasserstein_distance import marginal_wasserstein_distance
from keras_rgan.metrics.maximum_mean_discrepancy import MaximumMeanDiscrepancy
from keras_rgan.metrics.membership_inference import membership_inference
from keras_rgan.metrics.memorisation import memorisation
from keras_rgan.metrics.note_statistics import note_statistics
from keras_rgan.metrics.overlapping_area import overlapping_area
from keras_rgan.metrics.precision_recall import precision_recall
from keras_rgan.metrics.predictive_score import constant_score, predictive_score
from keras_rgan.metrics.quick_score import quick_score
from keras_rgan.metrics.roughness import Roughness, roughness
from keras_rgan.metrics.score import Score
from keras_rgan.metrics.shadow_membership_inference import shadow_membership_inference
from keras_rgan.metrics.spectral_difference import spectral_difference
from keras_rgan.metrics.with_yardsticks import with_yardsticks
from keras_rgan.metrics.yardsticks import Yardsticks
from keras_rgan.utils import checks

__all__ = [
    "AttackScore",
    "MaximumMeanDiscrepancy",
    "Roughness",
    "Score",
    "Yardsticks",
    "attribute_inference",
    "autocorrelation",
    "autocorrelation_difference",
    "bleu",
    "classification_score",
    "closest_record_distance",
    "constant_score",
    "context_fid",
    "continuous_ranked_probability_score",
    "correlational_score",
    "discriminative_score",
    "exposed_outliers",
    "frechet_distance",
    "get",
    "hawkes_goodness_of_fit",
    "interval_coverage",
    "marginal_wasserstein_distance",
    "membership_inference",
    "memorisation",
    "note_statistics",
    "overlapping_area",
    "precision_recall",
    "predictive_score",
    "quick_score",
    "roughness",
    "self_bleu",
    "shadow_membership_inference",
    "spectral_difference",
    "train_context_encoder",
    "with_yardsticks",
]

_NAMES: dict[str, type] = {"mmd": MaximumMeanDiscrepancy, "roughness": Roughness}


def get(identifier: Any) -> keras.metrics.Metric:
    """Return a metric of real and generated samples by its name, from its config, or as it is.

    Args:
        identifier: A name such as "mmd", a config, a `keras.metrics.Metric` or a class of it.

    Raises:
        ValueError: If there is no metric of that name.

    Example:
        >>> import keras_rgan as kr
        >>> kr.metrics.get("mmd").name
        'mmd'
    """
    return checks.resolve("metrics", identifier, _NAMES, keras.metrics.Metric)
