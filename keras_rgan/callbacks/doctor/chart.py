"""What a doctor knows of a training, in numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """An illness that was found.

    Attributes:
        illness: Its name.
        update: After which update it was found, or began where that is told.
        epoch: In which epoch it was found, from 1 on; 0 for before the first.
        what: What is wrong, in words.
        remedy: What can be done.
        evidence: The numbers that tell, by name.
    """

    illness: str
    update: int
    epoch: int
    what: str
    remedy: str
    evidence: Mapping[str, float]

    def line(self) -> str:
        """Return it in a line."""
        when = f"Epoch {self.epoch}" if self.epoch else "Before training"
        return f"{when}: {self.illness.replace('_', ' ')}: {self.what}. Remedy: {self.remedy}."


@dataclasses.dataclass(frozen=True)
class Epoch:
    """An epoch of training.

    Attributes:
        number: Which one, from 1 on.
        updates: How many updates the model has had at its end.
        playing: Whether the two networks play, rather than what comes before that.
        logs: What was logged, by name.
        undone: How many steps were undone.
        cause: What was not finite in the first of these.
    """

    number: int
    updates: int
    playing: bool
    logs: Mapping[str, float]
    undone: int = 0
    cause: str = ""


@dataclasses.dataclass(frozen=True)
class Look:
    """What was seen of generated sequences, always of the same noise, beside real ones.

    Attributes:
        updates: How many updates the model had had.
        spread: The median distance of two generated sequences, in that of two real ones.
        nearest: The median distance of a real sequence to the nearest other, in that unit.
        reach: Which share of real sequences has a generated one nearer than its nearest real ones.
        real_reach: The same of other real sequences.
        off: The median distance of generated sequences to the nearest real one, in that of other real
            ones.
        told: By how much a judge in closed form tells generated from real, 0 to 0.5.
        real_told: The same of two halves of the real ones.
        place: Mean and deviation of each generated feature, in real deviations.
        ranked: In which share of pairs the discriminator ranks a real sequence above a generated one;
            None where its loss tells whether it guesses.
    """

    updates: int
    spread: float
    nearest: float
    reach: float
    real_reach: float
    off: float
    told: float
    real_told: float
    place: tuple[float, ...] = ()
    ranked: float | None = None


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is known before training; None of what cannot be told.

    Attributes:
        num_sequences: How many sequences there are to train on.
        apart: As many that share no step with one another have as many steps as all of these.
        numbers: How many numbers those are.
        weights: How many weights each network trains that is of no kind that is made for data, by role.
        units: How wide each network's layers are, by role.
        usual_units: How wide those of networks are that are made for such data.
        noise: How many numbers of noise the generator has at a step.
        news: How many independent numbers are new at a step of the data.
        scaler: What stands between data and networks; "none" for nothing.
        bounds: Between which values the generator's output lies.
        activation: By which activation.
        beyond: Which share of the values of the feature that fits worst lies outside of these.
        feature: That feature's name.
        lowest: The lowest value of any feature, as the networks see it.
        highest: The highest.
        bulk: Between which values the middle 98 % of the values lie of the feature that is the furthest
            from -1 … 1 or the narrowest.
        bulk_feature: That feature's name.
        chance: The discriminator's loss if it can only guess.
        best: The least that it can come to; None where it has no end.
    """

    num_sequences: int | None = None
    apart: int | None = None
    numbers: int | None = None
    weights: Mapping[str, int] = dataclasses.field(default_factory=dict)
    units: Mapping[str, int] = dataclasses.field(default_factory=dict)
    usual_units: Mapping[str, int] = dataclasses.field(default_factory=dict)
    noise: int | None = None
    news: float = 0.0
    scaler: str = ""
    bounds: tuple[float, float] | None = None
    activation: str = ""
    beyond: float = 0.0
    feature: str = ""
    lowest: float = 0.0
    highest: float = 0.0
    bulk: tuple[float, float] | None = None
    bulk_feature: str = ""
    chance: float | None = None
    best: float | None = None

    @property
    def endless(self) -> bool:
        """Whether the discriminator's loss falls without end, as Wasserstein's, and tells nothing."""
        return self.chance is not None and self.best is None


@dataclasses.dataclass
class Chart:
    """All of it.

    Attributes:
        facts: What is known before training.
        epochs: Of each epoch what was logged.
        looks: What was seen of samples.
        norms: Of each network the norm of its weights before training.
        start: How many updates the model had had then.
        game: After how many updates the two networks begin to play.
    """

    facts: Facts = dataclasses.field(default_factory=Facts)
    epochs: list[Epoch] = dataclasses.field(default_factory=list)
    looks: list[Look] = dataclasses.field(default_factory=list)
    norms: dict[str, float] = dataclasses.field(default_factory=dict)
    start: int = 0
    game: int = 0

    @property
    def updates(self) -> int:
        """How many updates the model has had at the end of the last epoch."""
        return self.epochs[-1].updates if self.epochs else self.start

    def played(self, *names: str) -> list[Epoch]:
        """Return the epochs in which the networks played, and all of these names were logged."""
        return [e for e in self.epochs if e.playing and all(name in e.logs for name in names)]

    def looks_since(self, updates: int) -> list[Look]:
        """Return the looks from so many updates of the game on."""
        return [look for look in self.looks if look.updates >= self.game + updates]

    def until(self, updates: int) -> Chart:
        """Return what was known after so many updates."""
        return dataclasses.replace(
            self,
            epochs=[e for e in self.epochs if e.updates <= updates],
            looks=[look for look in self.looks if look.updates <= updates],
        )

    def state(self) -> dict[str, Any]:
        """Return what was measured on the way, for a file."""
        return {
            "epochs": [dataclasses.asdict(e) for e in self.epochs],
            "looks": [dataclasses.asdict(look) for look in self.looks],
            "norms": self.norms,
            "start": self.start,
        }

    def recall(self, state: Mapping[str, Any]) -> None:
        """Know again what `state` returned."""
        self.epochs = [Epoch(**e) for e in state["epochs"]]
        self.looks = [Look(**{**look, "place": tuple(look["place"])}) for look in state["looks"]]
        self.norms, self.start = dict(state["norms"]), int(state["start"])
