"""Illnesses of the data and of the networks, there before training begins."""

from __future__ import annotations

from keras_rgan.callbacks.doctor.chart import Chart, Diagnosis
from keras_rgan.callbacks.doctor.symptom import Symptom

BEYOND = 0.01
"""Such a share of values may lie where the generator cannot reach."""

NARROW, WIDE = 0.04, 20.0
"""Between which the middle 98 % of a feature's values should reach, as the networks see them."""

FAR = 10.0
"""So far from zero the middle may lie."""

OTHER_UNITS = 3.0
"""So many times as far as what a scaler was adapted to values are of other units."""

TIMES = 4.0
"""So many times as wide, or as narrow, as networks that are made for the data may be."""

WEIGHTS = 10.0
"""So many weights there may be for a number in the data."""

FEWEST = 100
"""Fewer sequences that share no step are too few."""


class ScaleMisfit(Symptom):
    """The data does not lie where the networks can see or reach it."""

    illness, of_training = "scale_misfit", False

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Compare the data, as the networks see it, with what the generator can make."""
        facts = chart.facts
        plain = "make the model with scaler='auto'"
        if facts.bounds is not None and facts.beyond > BEYOND:
            low, high = facts.bounds
            remedy = "end the generator in a linear layer"
            return self.found(
                chart,
                f"{facts.beyond:.0%} of the values of {facts.feature} lie outside of {low:g} … "
                f"{high:g}, where the generator's {facts.activation} ends",
                f"{plain}, or {remedy}" if facts.scaler == "none" else remedy,
                beyond=facts.beyond,
                low=low,
                high=high,
            )
        if facts.bulk is None:
            return None
        low, high = facts.bulk
        told = {"low": low, "high": high}
        where = f"98 % of the values of {facts.bulk_feature} lie between {low:.3g} and {high:.3g}"
        if facts.scaler == "none" and (high - low > WIDE or max(-high, low) > FAR):
            return self.found(chart, f"{where}, and networks expect some -1 … 1", plain, **told)
        if facts.scaler == "min_max" and (max(-low, high) > OTHER_UNITS):
            return self.found(
                chart,
                f"{where} of what the scaler, which was adapted to other data, maps to -1 … 1",
                "make a new RecurrentGAN for data in other units",
                **told,
            )
        if 0.0 < high - low < NARROW:
            remedy = "drop or clip the outliers, or make the model with scaler='robust'"
            what = f"{where}, as the networks see them: a few far ones take up the range"
            return self.found(chart, what, plain if facts.scaler == "none" else remedy, **told)
        return None


class SizeMisfit(Symptom):
    """Networks are much larger or smaller than the data asks for."""

    illness, of_training = "size_misfit", False

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Compare the networks with those that are made for such data."""
        facts = chart.facts
        for role, units in facts.units.items():
            usual = facts.usual_units.get(role)
            if usual and not usual / TIMES < units < usual * TIMES:
                return self.found(
                    chart,
                    f"the {role} has {units} units, and networks made for such data have {usual}",
                    f"leave {role}= out, or pass {role}={{'units': {usual}}}",
                    units=units,
                    usual=usual,
                )
        if facts.noise is not None and facts.noise < 0.5 * facts.news:
            width = round(facts.news + 0.5)
            return self.found(
                chart,
                f"{facts.news:.1f} independent numbers are new at a step of the data, and the "
                f"generator has {facts.noise} of noise there, so that it cannot make them",
                f"pass generator={{'noise_dim': {width}}}, or leave it out",
                news=facts.news,
                noise=facts.noise,
            )
        if facts.numbers is None:
            return None
        for role, weights in facts.weights.items():
            if role not in facts.usual_units and weights > WEIGHTS * facts.numbers:
                return self.found(
                    chart,
                    f"the {role} has {weights:,} weights for {facts.numbers:,} numbers in the data, "
                    "which it can learn by heart",
                    "use a smaller network, or leave it out to have one made for the data",
                    weights=weights,
                    numbers=facts.numbers,
                )
        return None


class TooLittleData(Symptom):
    """There are too few sequences to tell a distribution from."""

    illness, of_training = "too_little_data", False

    def examine(self, chart: Chart) -> Diagnosis | None:
        """Count sequences that share no step."""
        facts = chart.facts
        if facts.apart is None or facts.num_sequences is None or facts.apart >= FEWEST:
            return None
        overlap = facts.apart < facts.num_sequences
        of = (
            f"{facts.num_sequences} sequences overlap, and have the steps of only {facts.apart} that "
            "share"
            if overlap
            else (f"there are only {facts.apart} sequences that share")
        )
        return self.found(
            chart,
            f"{of} no step, and a distribution is learned of some hundreds at the least",
            "gather more, cut shorter windows (kr.data.sliding_windows), or use "
            "kr.baselines.GaussianCopula, which needs fewer; hold out some, to see when they are "
            "learned by heart",
            sequences=facts.num_sequences,
            apart=facts.apart,
        )
