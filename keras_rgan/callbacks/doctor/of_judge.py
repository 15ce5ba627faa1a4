"""Illnesses that show in what the discriminator says."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_rgan.callbacks.doctor.chart import Chart, Diagnosis, Epoch
from keras_rgan.callbacks.doctor.symptom import Symptom

EPOCHS, UPDATES = 5, 150
"""Over so many epochs and updates, at the least, it must hold."""

WON = 0.95
"""Of the way from guessing to being always right: there the judge has won."""

GUESSES = 0.02
"""And here it guesses."""

TOLD = 0.2
"""By so much more than two halves of the data a judge in closed form tells samples that are far off."""

BETTER = 0.03, 0.9
"""By so much less samples are told that get better, or by such a factor they are nearer."""

LOOKS, SPAN, RANKED = 3, 300, 0.6
"""At so many looks, over so many updates, real ones rank above others in no larger a share of pairs."""

STRONGER = (
    "raise the discriminator's learning rate or discriminator_steps, lower the weight of its "
    "penalties, or have one made for the data"
)
"""What can be done about a judge that has lost."""

UNSHARED = 0.5
"""Such a share of what tells real from generated may hold of training data alone."""

NOISE = 4.0
"""So many times its scatter from epoch to epoch must a gap be."""


class _OfLosses(Symptom):
    """What shows in the discriminator's loss over some epochs."""

    def stretch(self, chart: Chart) -> list[Epoch]:
        """Return the last epochs that are enough to tell; none where there are too few."""
        epochs = chart.played("discriminator_loss", "real_score", "fake_score")
        for i in range(len(epochs) - EPOCHS, -1, -1):
            if epochs[-1].updates - (epochs[i - 1].updates if i else chart.game) >= UPDATES:
                return epochs[i:]
        return []

    def won(self, chart: Chart, epoch: Epoch) -> float | None:
        """Return how far the discriminator has come from guessing, 0, to always being right, 1."""
        facts = chart.facts
        if facts.chance is None or facts.best is None:
            return None
        return (facts.chance - epoch.logs["discriminator_loss"]) / (facts.chance - facts.best)

    def far_off(self, chart: Chart, since: int, least: float) -> float | None:
        """Return by how much samples are told, if by so much more than real ones and getting no better.

        Args:
            chart: What is known.
            since: From after how many updates on.
            least: By how much they are to be told at every look.
        """
        looks = [look for look in chart.looks if look.updates >= since]
        if not looks or min(look.told - look.real_told for look in looks) < least:
            return None
        first, last = looks[0], looks[-1]
        if last.told < first.told - BETTER[0] or last.off < BETTER[1] * first.off:
            return None
        return last.told


class JudgeWon(_OfLosses):
    """The discriminator is always right, and samples get no better: it teaches nothing any more."""

    illness, slows = "judge_won", ("discriminator",)

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Look for a loss at its end over some epochs."""
        epochs = self.stretch(chart)
        shares = [self.won(chart, epoch) for epoch in epochs]
        if not epochs or any(share is None or share < WON for share in shares):
            return None
        if chart.looks and self.far_off(chart, epochs[0].updates, 0.5 * TOLD) is None:
            return None
        last = epochs[-1].logs
        return self.found(
            chart,
            f"the discriminator has told every real sequence from generated ones for {len(epochs)} "
            f"epochs (loss {last['discriminator_loss']:.3g}, {chart.facts.chance:.3g} if it guessed), "
            "and samples get no better",
            "lower its learning rate, compile(discriminator_optimizer=keras.optimizers.Adam(1e-4)), or "
            "use the default penalties, penalties='auto'",
            discriminator_loss=last["discriminator_loss"],
            chance=float(chart.facts.chance or 0.0),
            real_score=last["real_score"],
            fake_score=last["fake_score"],
        )


class JudgeLost(_OfLosses):
    """The discriminator guesses, though samples are far from the data."""

    illness, slows = "judge_lost", ("generator",)

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Look for a loss as by chance over some epochs, while a judge in closed form is right.

        Where a loss has no end, for judgements at some looks that rank real sequences no higher.
        """
        if chart.facts.endless:
            return self._by_ranks(chart)
        epochs = self.stretch(chart)
        if not epochs:
            return None
        for epoch in epochs:
            share = self.won(chart, epoch)
            apart = abs(epoch.logs["real_score"] - epoch.logs["fake_score"])
            if share is None or abs(share) > GUESSES or apart > 0.1:
                return None
        told = self.far_off(chart, epochs[0].updates, TOLD)
        if told is None:
            return None
        last = epochs[-1].logs
        return self.found(
            chart,
            f"the discriminator has only guessed for {len(epochs)} epochs (loss "
            f"{last['discriminator_loss']:.3g}, {chart.facts.chance:.3g} by chance), though a judge in "
            f"closed form tells samples from the data by {told:.2f}, of at most 0.5",
            STRONGER,
            discriminator_loss=last["discriminator_loss"],
            chance=float(chart.facts.chance or 0.0),
            told=told,
        )

    def _by_ranks(self, chart: Chart) -> Diagnosis | None:
        looks = chart.looks_since(UPDATES)
        while len(looks) > LOOKS and looks[1].updates <= looks[-1].updates - SPAN:
            looks = looks[1:]
        ranked = [look.ranked for look in looks if look.ranked is not None]
        if len(ranked) < LOOKS or max(ranked) > RANKED or looks[0].updates > looks[-1].updates - SPAN:
            return None
        told = self.far_off(chart, looks[0].updates, TOLD)
        if told is None:
            return None
        return self.found(
            chart,
            f"the discriminator ranks real sequences above generated ones in {ranked[-1]:.0%} of pairs "
            f"(50 % by chance), and at {len(looks)} looks in no more than {max(ranked):.0%}, though a "
            f"judge in closed form tells samples from the data by {told:.2f}, of at most 0.5",
            STRONGER,
            ranked=ranked[-1],
            told=told,
        )


class Memorising(Symptom):
    """The discriminator knows its training data by heart, and soon so does the generator."""

    illness = "memorising"

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Look for `real_score` leaving `val_real_score`.

        Beside each epoch's mean `real_score` stands the mean of `val_real_score` before and after it,
        so that a level that drifts is no gap. What counts is which share of the distance from
        generated to real ones it is.
        """
        epochs = chart.played("real_score", "fake_score", "val_real_score")
        if len(epochs) < EPOCHS:
            return None
        held = np.array([e.logs["val_real_score"] for e in epochs])
        held[1:] = 0.5 * (held[1:] + held[:-1])
        real, fake = (np.array([e.logs[k] for e in epochs]) for k in ("real_score", "fake_score"))
        gap, advantage = real - held, real - fake
        if (advantage[-3:] <= 0.0).any() or (gap[-3:] < UNSHARED * advantage[-3:]).any():
            return None
        # A second difference of independent numbers is sqrt(6) times as large as one.
        scatter = float(np.median(np.abs(np.diff(gap, n=2)))) / 0.6745 / 6.0**0.5
        begun = onset(np.array([e.updates for e in epochs], float), gap)
        first = max(begun, 1)
        if gap[-3:].mean() - gap[:first].mean() < NOISE * scatter:
            return None
        share = float(gap[-1] / advantage[-1])
        began = epochs[begun].updates
        found = self.found(
            chart,
            f"real_score has left val_real_score since about update {began:,}: {share:.0%} of what "
            "tells real sequences from generated ones holds of the training data alone",
            f"stop here or go back to about update {began:,} (callbacks.KeepBest with held-out "
            "sequences), train on more data, use a smaller discriminator or heavier penalties",
            began=began,
            share=share,
            real_score=float(real[-1]),
            val_real_score=epochs[-1].logs["val_real_score"],
        )
        return dataclasses.replace(found, update=began)


def onset(times: np.ndarray, values: np.ndarray) -> int:
    """Return from which index on values rise: of the level and line with one bend that fit best.

    Args:
        times: When each was measured.
        values: What was measured.
    """
    errors = []
    for i in range(len(times) - 1):
        slope = np.maximum(times - times[i], 0.0)
        columns = np.stack([np.ones_like(times), slope], axis=1)
        fitted = columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
        errors.append(float(np.square(values - fitted).sum()))
    return int(np.argmin(errors))
