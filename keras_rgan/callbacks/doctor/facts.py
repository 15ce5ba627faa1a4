"""What is known of data, networks and loss before training."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.callbacks.doctor.chart import Facts
from keras_rgan.data.named_columns import titles
from keras_rgan.metrics.overlaps import Overlaps
from keras_rgan.networks.endings import last_activation
from keras_rgan.networks.recurrent_discriminator import RecurrentDiscriminator
from keras_rgan.networks.recurrent_generator import RecurrentGenerator
from keras_rgan.networks.sequence_defaults import MOST_NOISE, Sizes
from keras_rgan.networks.traits import count_apart, news_of
from keras_rgan.sequences import reading
from keras_rgan.training.gauges import ROLES

BOUNDS: dict[Any, tuple[float, float]] = {
    keras.activations.tanh: (-1.0, 1.0),
    keras.activations.hard_tanh: (-1.0, 1.0),
    keras.activations.softsign: (-1.0, 1.0),
    keras.activations.sigmoid: (0.0, 1.0),
    keras.activations.hard_sigmoid: (0.0, 1.0),
    keras.activations.softmax: (0.0, 1.0),
    keras.activations.relu6: (0.0, 6.0),
    keras.activations.relu: (0.0, math.inf),
    keras.activations.softplus: (0.0, math.inf),
}
"""Between which values activations end."""

SURE = 30.0
"""Judgements beyond which no logit need go: losses end there, if they do."""

LOOKED_AT = 2_000_000
"""So many numbers, of the first sequences, tell how many of these share steps."""


def networks_of(model: Any) -> dict[str, Any]:
    """Return the networks by role."""
    return {role: getattr(model, role) for role in ROLES}


def gather(model: Any, real: np.ndarray | None, source: Any, names: bool) -> Facts:
    """Return what is known.

    Args:
        model: The model, built and compiled.
        real: Some real sequences, NaN where there is nothing; None where none are at hand.
        source: What `fit` trains on, as the library admits it; None where that is not known.
        names: Whether numbers are names, as ids of tokens are.
    """
    known: dict[str, Any] = {}
    networks = networks_of(model)
    known["weights"] = {
        role: sum(math.prod(v.shape) for v in network.trainable_variables)
        for role, network in networks.items()
        if not isinstance(network, model.default_networks[role])
    }
    if source is not None and source.is_array:
        known |= _counts(source)
    known["chance"], known["best"] = ends_of(model.recipe.loss)
    if real is not None and not names:
        known |= _sizes(networks, real)
        known |= _levels(model, real)
    return Facts(**known)


def _counts(source: Any) -> dict[str, Any]:
    """Return how many sequences there are, and how many as those that share no step."""
    count, *shape = source.data.shape
    apart = count
    if len(shape) == 2:
        some = min(count, max(LOOKED_AT // max(math.prod(shape), 1), 2))
        looked_at = reading.to_numpy(source.data[:some])
        apart = max(Overlaps.of(looked_at).apart * count // some, 1)
        distinct = len({sequence.tobytes() for sequence in looked_at})
        # Of many copies those behind hold no more; of few they hold as many as these.
        apart = min(apart, distinct * count // some if 2 * distinct > some else distinct)
    return {"num_sequences": count, "apart": apart, "numbers": apart * math.prod(shape)}


def ends_of(loss: Any) -> tuple[float | None, float | None]:
    """Return a discriminator's loss if it guesses, and the least there is; None where endless."""
    ends = (-SURE, SURE) if loss.from_logits else (1e-6, 1.0 - 1e-6)
    said = np.linspace(*ends, 121)

    def of(real: float, fake: float) -> float:
        pair = (ops.full((2, 1), float(x), dtype="float32") for x in (real, fake))
        return float(ops.convert_to_numpy(loss.discriminator_loss(*pair)))

    try:
        chance = min(of(x, x) for x in said)
        steps = [of(x, -x if loss.from_logits else 1.0 - x) for x in said]
        further = of(2.0 * ends[1], -2.0 * ends[1]) if loss.from_logits else min(steps)
        best = min(*steps, of(1.0, 0.0))
    except (ValueError, TypeError, IndexError):  # a loss of something else than single judgements
        return None, None
    if not all(map(math.isfinite, (chance, best))):
        return None, None
    endless = further < best - 0.1 * abs(chance - best) or best >= chance
    return chance, None if endless else best


def _sizes(networks: dict[str, Any], real: np.ndarray) -> dict[str, Any]:
    """Return how wide networks are of kinds that are made for data, and how wide those would be."""
    if real.ndim != 3:
        return {}
    news = news_of([real])
    groups = getattr(networks["generator"], "categories", None) or ()
    sizes = Sizes.of(count_apart(real.shape[-1], groups), news)
    kinds = {"generator": RecurrentGenerator, "discriminator": RecurrentDiscriminator}
    alike = [role for role, kind in kinds.items() if isinstance(networks[role], kind)]
    known: dict[str, Any] = {
        "units": {role: int(networks[role].units) for role in alike},
        "usual_units": {role: getattr(sizes, role) for role in alike},
    }
    generator = networks["generator"]
    if "generator" in alike and generator.process is None:
        known |= {"noise": int(generator.noise_dim), "news": min(news, MOST_NOISE)}
    return known


def _levels(model: Any, real: np.ndarray) -> dict[str, Any]:
    """Return where data lies as the networks see it, and where the generator ends."""
    scaler, generator = model.scaler, model.generator
    if scaler is not None and scaler.per_sequence:
        return {}
    seen = np.asarray(real, "float64")
    if scaler is not None:
        there = ~np.isnan(seen)
        filled = np.where(there, seen, np.nanmean(seen, axis=(0, 1), keepdims=True))
        scaled = ops.convert_to_numpy(scaler(filled.astype(real.dtype)))
        seen = np.where(there, scaled, np.nan)
    flat = seen.reshape(-1, seen.shape[-1])
    known: dict[str, Any] = {
        "scaler": "none" if scaler is None else str(getattr(scaler, "kind", "")),
        "lowest": float(np.nanmin(flat)),
        "highest": float(np.nanmax(flat)),
    }
    called = titles(model.column_names, flat.shape[1])
    low, high = np.nanquantile(flat, [0.01, 0.99], axis=0)
    # How many times as wide, narrow or far as -1 … 1; what hardly moves in most of its values is rare.
    wide = np.where(high > low, high - low, 1.0)
    wrong = np.abs(np.log(wide)) + np.log1p(np.maximum(np.abs(low), np.abs(high)))
    worst = int(np.argmax(wrong))
    known |= {"bulk": (float(low[worst]), float(high[worst])), "bulk_feature": called[worst]}
    activation, sure = getattr(generator, "output_activation", None), True
    if not hasattr(generator, "output_activation"):
        activation, sure = last_activation(generator)
    if sure and getattr(generator, "process", None) is None and activation in BOUNDS:
        bounds = BOUNDS[activation]
        beyond = ((flat < bounds[0] - 1e-3) | (flat > bounds[1] + 1e-3)).mean(axis=0)
        known |= {
            "bounds": bounds,
            "activation": getattr(activation, "__name__", ""),
            "beyond": float(beyond.max()),
            "feature": called[int(beyond.argmax())],
        }
    return known
