"""What is used of Keras that Keras keeps to itself: all of it is here, for every backend.

Each says what it is, why no public way does, and in which release it was seen. What concerns
TensorFlow alone stands at the end of `backend/tensorflow/tracing.py`, and what concerns JAX alone in
`backend/jax/devices.py`. `tests/backend/test_internals.py` asserts that each still is as we need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

SEEN_IN = {"keras": "3.15.1", "tensorflow": "2.21.0"}
"""The releases in which everything here was last looked at."""

VALIDATION_OF_FIT = "_use_cached_eval_dataset"
"""The argument by which `fit` tells `evaluate` that it validates, on data that it holds already.

Keras 3.15.1, `backend/*/trainer.py`. `evaluate` is called in the same way by `fit` and by a user, and
nothing public tells which: what `fit` has checked and batched would be checked and batched again.
"""


def layers_of(network: keras.layers.Layer, include_self: bool = True) -> list[keras.layers.Layer]:
    """Return a layer and all that it holds, however deep; what holds others comes before them.

    `Layer._flatten_layers` of Keras 3.15.1. `Model.layers` is public but holds the outermost alone,
    and layers that are no models (`Bidirectional`, `RNN`, `TimeDistributed`) have no such list. A walk
    over attributes would have to know lists, dicts and wrappers as Keras's tracker does.
    """
    return list(network._flatten_layers(include_self=include_self))


def order_layers(
    model: keras.Model, names: Sequence[str], without: Sequence[keras.layers.Layer] = ()
) -> None:
    """Let the variables of a model stand in the order of the attributes that hold them.

    `Layer._layers` of Keras 3.15.1 is what `variables` and `weights` walk, in the order in which
    attributes were first set: a loaded model's networks come with its constructor, a fresh one's when
    it sees its data. What is no attribute any more stays in it. There is no public way to say what
    comes first.

    Args:
        model: A model.
        names: Attributes that hold layers or None; all other layers come behind.
        without: Layers that are no attributes any more.
    """
    ordered = [layer for layer in (getattr(model, name) for name in names) if layer is not None]
    apart = {id(layer) for layer in (*ordered, *without)}
    model._layers[:] = [*ordered, *(x for x in model._layers if id(x) not in apart)]


def open_stateless_scope() -> keras.StatelessScope | None:
    """Return the `keras.StatelessScope` that the caller runs in, or None.

    Keras 3.15.1 has no public way to ask for it. A scope notes the one around it as it opens, in
    `original_scope`.
    """
    with keras.StatelessScope(initialize_variables=False) as probe:
        return probe.original_scope


def has_value(variable: keras.Variable) -> bool:
    """Return whether a variable holds a value.

    `Variable._value` of Keras 3.15.1, which on JAX `_purge_model_variables` of `backend/jax/trainer.py`
    sets to None while `fit`, `evaluate` and `predict` carry the state: `value` then raises a TypeError
    from the depth of Keras, as it does of a variable that is not yet initialized.
    """
    return variable._value is not None


def portable(config: Any) -> Any:
    """Return the config of an object as every backend can read it.

    Keras 3.15.1 makes `keras.optimizers.Adam()` on torch an object of a private class, in
    `keras.src.backend.torch.optimizers`, and writes that module's name into its config. It has no
    public name for "the class without the backend".
    """
    if isinstance(config, list):
        return [portable(part) for part in config]
    if not isinstance(config, dict):
        return config
    config = {key: portable(part) for key, part in config.items()}
    if str(config.get("module")).startswith("keras.src.backend."):
        config.update(module="keras.optimizers", registered_name=None)
    return config
