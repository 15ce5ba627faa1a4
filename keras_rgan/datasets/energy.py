"""The bundled energy series."""

from __future__ import annotations

import gzip
from importlib import resources

import numpy as np


def load_energy() -> tuple[np.ndarray, list[str]]:
    """Load the energy use and climate of a house, every 10 minutes for 4.5 months.

    Appliances' and lights' use in Wh, temperatures in Celsius and humidity in % of nine rooms, and
    the weather outside; `rv1` and `rv2` are random and equal by construction.

    Returns:
        The series, `(19734, 28)` float32 in the order of time, and the names of its columns.

    Example:
        >>> import keras_rgan as kr
        >>> series, names = kr.datasets.load_energy()
        >>> series.shape, names[0]
        ((19734, 28), 'Appliances')

    Reference:
        Candanedo, Feldheim and Deramaix, "Data driven prediction models of energy use of appliances
        in a low-energy house", Energy and Buildings 140, 2017. UCI Machine Learning Repository,
        "Appliances Energy Prediction", https://doi.org/10.24432/C5VC8G, licence CC BY 4.0; changed
        here by leaving out the dates.
    """
    path = resources.files("keras_rgan.datasets").joinpath("energy.csv.gz")
    with path.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
        names = next(lines).strip().split(",")
        series = np.loadtxt(lines, delimiter=",", dtype="float32")
    return series, names
