"""What a `TrainingDoctor` looks at, and the illnesses that it knows."""

from keras_rgan.callbacks.doctor.chart import Chart, Diagnosis, Epoch, Facts, Look
from keras_rgan.callbacks.doctor.of_data import ScaleMisfit, SizeMisfit, TooLittleData
from keras_rgan.callbacks.doctor.of_judge import JudgeLost, JudgeWon, Memorising
from keras_rgan.callbacks.doctor.of_training import (
    Collapse,
    ExplodingGradients,
    NotFinite,
    Oscillation,
)
from keras_rgan.callbacks.doctor.symptom import Symptom

SYMPTOMS: tuple[type[Symptom], ...] = (
    ScaleMisfit,
    SizeMisfit,
    TooLittleData,
    NotFinite,
    ExplodingGradients,
    Collapse,
    JudgeWon,
    JudgeLost,
    Memorising,
    Oscillation,
)
"""All that is looked for, in the order in which it is told."""

__all__ = ["SYMPTOMS", "Chart", "Diagnosis", "Epoch", "Facts", "Look", "Symptom"]
