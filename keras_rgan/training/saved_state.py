"""What a model saves beside its layers: averages, and the state of all random draws.

Keras saves no seeds, so that a resumed run would repeat its draws. They are stored by name; files of
release 0.1.0 have them by position, and are read as well.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_rgan.networks.assembly import NETWORKS
from keras_rgan.training import privacy_record
from keras_rgan.utils.variables import value_of

FORMAT = 2
"""Of how the entries are named; files without one are of the first."""

OWN = {
    "training": "seed_generator",
    "evaluation": "evaluation_seed_generator",
    "sampling": "sampling_seed_generator",
}
"""The model's own seeds, by the attributes that hold them."""


def seeds_of(model: Any) -> dict[str, keras.Variable]:
    """Return the state of each seed by name: the model's own, then each network's in its order."""
    seeds = {name: getattr(model, attribute).state for name, attribute in OWN.items()}
    saved = {id(v) for v in model.weights}
    named = {id(v) for v in seeds.values()}
    holders = [(role, getattr(model, role)) for role in NETWORKS]
    for role, holder in [*holders, ("other", model)]:
        states = [] if holder is None else holder.variables
        states = [v for v in states if id(v) not in saved | named]
        named |= {id(v) for v in states}
        seeds |= {f"{role}_{i}": state for i, state in enumerate(states)}
    return seeds


def save_state(model: Any, store: Any) -> None:
    """Save averages and random states."""
    for i, average in enumerate(model.ema_weights):
        store[f"ema_{i}"] = value_of(average)
    for name, state in seeds_of(model).items():
        store[f"seed_{name}"] = value_of(state).astype("int64")
    if model.built:
        store["ema_steps"] = value_of(model.ema_steps)
        store["data_shape"] = np.asarray(model.data_shape[1:])
    model.record.save(store)
    store["format"] = np.asarray(FORMAT)


def load_state(model: Any, store: Any) -> None:
    """Load averages and random states.

    Raises:
        ValueError: If the file does not hold those of this model.
    """
    keys = set(store.keys()) - {"data_shape", *privacy_record.KEYS}
    seeds = seeds_of(model)
    if "format" in keys:
        targets = {f"seed_{name}": state for name, state in seeds.items()}
    else:
        targets = {f"seed_{i}": state for i, state in enumerate(seeds.values())}
    targets |= {f"ema_{i}": average for i, average in enumerate(model.ema_weights)}
    if model.built:
        targets["ema_steps"] = model.ema_steps
    if keys - {"format"} != set(targets):
        raise ValueError(
            f"The file does not hold the state of this model. Expected: {len(targets)} entries "
            f"({len(model.ema_weights)} averaged weights and {len(seeds)} random states). "
            f"Received: {len(keys - {'format'})}. The file is damaged, or was saved by a model with "
            "other networks."
        )
    for name, variable in targets.items():
        variable.assign(np.asarray(store[name]))
    model.record.load(store)
    model.regime.resume()
