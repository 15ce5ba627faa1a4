"""The one interface of an illness."""

from __future__ import annotations

import abc

from keras_rgan.callbacks.doctor.chart import Chart, Diagnosis


class Symptom(abc.ABC):
    """An illness: tells from a chart whether there is one. It keeps nothing in mind itself.

    Attributes:
        illness: Its name.
        of_training: Whether training goes wrong, so that something can be done on the way; else it is
            in the data or the networks from the start.
        slows: Whose learning rate to lower, "generator", "discriminator" or both.
    """

    illness: str
    of_training: bool = True
    slows: tuple[str, ...] = ("generator", "discriminator")

    @abc.abstractmethod
    def examine(self, chart: Chart) -> Diagnosis | None:
        """Return what is wrong by now; None for nothing.

        Args:
            chart: What is known of the data, the networks and training so far.
        """

    def found(self, chart: Chart, what: str, remedy: str, **evidence: float) -> Diagnosis:
        """Return a diagnosis at the end of the last epoch.

        Args:
            chart: What it is of.
            what: What is wrong, without a full stop.
            remedy: What can be done, the same.
            **evidence: The numbers that tell, by name.
        """
        epoch = chart.epochs[-1].number if chart.epochs else 0
        return Diagnosis(self.illness, chart.updates, epoch, what, remedy, evidence)
