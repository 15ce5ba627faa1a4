"""Illnesses that show in samples, weights and gradients."""

from __future__ import annotations

import numpy as np

from keras_rgan.callbacks.doctor.chart import Chart, Diagnosis, Look
from keras_rgan.callbacks.doctor.symptom import Symptom
from keras_rgan.training.gauges import ROLES

LOOKS = 3
"""At so many looks in a row samples must have collapsed."""

YOUNG = 400
"""Before so many updates samples may be anything."""

NARROW = 0.2
"""Two generated sequences that differ by such a share of what real ones do are hardly different."""

REACH = 0.5
"""Such a share of what real sequences reach must be reached."""

NEAR = 1.2
"""Samples are among the data up to so many times as far from it as other real ones."""

CYCLE = 8
"""Over so many looks oscillation is told."""

MOVES = 0.15
"""So many real deviations are a move."""

STRAIGHT = 0.35
"""Such a share of the way that was gone, at the most, leads anywhere."""

TIMES = 100.0
"""So many times as large as they were gradients explode."""

GROWN, WITHIN = 10.0, 500
"""So many times as large weights become within so many updates where they do."""


class NotFinite(Symptom):
    """A step came to numbers that are not finite."""

    illness = "not_finite"

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Look whether steps of the last epoch were undone."""
        if not chart.epochs or not chart.epochs[-1].undone:
            return None
        last = chart.epochs[-1]
        in_data = last.cause in ("the samples, once scaled", "the conditions")
        return self.found(
            chart,
            f"{last.undone} of its steps came to NaN or infinite numbers, first in {last.cause}, and "
            "were undone",
            "look for NaN, infinity and far outliers in the data"
            if in_data
            else "lower the learning rates or the weight of the penalties, or pass an optimizer with "
            "global_clipnorm=1.0",
            undone=last.undone,
        )


class ExplodingGradients(Symptom):
    """Gradients, or what they make of weights, grow out of all proportion."""

    illness = "exploding_gradients"

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Compare gradients with the first epochs', weights with those of some hundred updates ago."""
        remedy = "lower the learning rates, or pass an optimizer with global_clipnorm=1.0"
        for role in ROLES:
            found = self._weights(chart, role, remedy) or self._gradients(chart, role, remedy)
            if found is not None:
                return found
        return None

    def _weights(self, chart: Chart, role: str, remedy: str) -> Diagnosis | None:
        name = f"{role}_weight_norm"
        norms = [(chart.start, chart.norms.get(role, 0.0))]
        norms += [(e.updates, e.logs[name]) for e in chart.epochs if name in e.logs]
        if len(norms) < 2:
            return None
        recent = [norm for at, norm in norms[:-1] if at >= chart.updates - WITHIN]
        least = min([norm for norm in recent or [norms[-2][1]] if norm > 0.0], default=0.0)
        now = norms[-1][1]
        if not least or now < GROWN * least:
            return None
        return self.found(
            chart,
            f"the {role}'s weights grew to {now / least:,.0f} times what they were within some "
            "hundred updates",
            remedy,
            before=least,
            now=now,
        )

    def _gradients(self, chart: Chart, role: str, remedy: str) -> Diagnosis | None:
        name = f"{role}_gradient_norm"
        norms = [e.logs[name] for e in chart.played(name) if e.logs[name] > 0.0]
        if len(norms) < 3:
            return None
        usual = float(np.median(norms[: min(5, len(norms) - 1)]))
        if norms[-1] < TIMES * usual:
            return None
        return self.found(
            chart,
            f"the {role}'s gradients are {norms[-1] / usual:,.0f} times as large as in the first "
            "epochs",
            remedy,
            before=usual,
            now=norms[-1],
        )


class Collapse(Symptom):
    """Samples are all alike, or reach only some of what the data has."""

    illness = "collapse"

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Look at the last looks."""
        looks = chart.looks_since(YOUNG)[-LOOKS:]
        if len(looks) < LOOKS:
            return None
        last = looks[-1]
        numbers = {"spread": last.spread, "reach": last.reach, "real_reach": last.real_reach}
        remedy = (
            "train anew with another seed or lower learning rates; use the relativistic loss and its "
            "penalties, compile(); a discriminator that sees a batch, {'minibatch_group_size': 4}"
        )
        if all(x.spread < NARROW for x in looks) and last.spread <= 1.5 * looks[0].spread:
            what = (
                f"two generated sequences differ by {last.spread:.3g} of what two real ones differ by, "
                f"and a real one from its nearest by {last.nearest:.3g}"
            )
            return self.found(chart, what, remedy, **numbers)
        if all(self._misses(x) for x in looks) and last.reach < looks[0].reach + 0.1:
            what = (
                f"generated sequences lie among the real ones, but only {last.reach:.0%} of these have "
                f"one near by, where other real ones reach {last.real_reach:.0%}"
            )
            return self.found(chart, what, remedy, **numbers)
        return None

    def _misses(self, look: Look) -> bool:
        return look.off < NEAR and look.reach < REACH * look.real_reach


class Oscillation(Symptom):
    """Samples move to and fro, and come to nothing."""

    illness = "oscillation"

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Compare the way that samples of one noise went with how far it led."""
        looks = chart.looks_since(YOUNG)[-CYCLE:]
        if len(looks) < CYCLE or len({len(x.place) for x in looks}) > 1:
            return None
        places = np.array([x.place for x in looks])
        moves = np.sqrt(np.square(np.diff(places, axis=0)).mean(axis=1))
        led = float(np.sqrt(np.square(places[-1] - places[0]).mean()))
        half = len(moves) // 2
        dies_down = np.median(moves[half:]) < 0.7 * np.median(moves[:half])
        if np.median(moves) < MOVES or led > STRAIGHT * moves.sum() or dies_down:
            return None
        return self.found(
            chart,
            f"samples of the same noise move by {np.median(moves):.2f} deviations of the data from "
            f"look to look, and {led / moves.sum():.0%} of the way leads anywhere",
            "use penalties, compile(penalties='auto'), optimizers with beta_1=0, an average, "
            "ema=0.999, or lower learning rates",
            move=float(np.median(moves)),
            led=led / float(moves.sum()),
        )
