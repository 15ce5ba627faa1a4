"""How large the model is that a description describes."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from typing import Any

import keras


def shapes_of(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None, safe_mode: bool
) -> dict[str, tuple[int, ...]] | None:
    """Return the shapes of a described model's weights, by path, without memory for their values.

    In a `keras.StatelessScope` variables wait for their values. What Keras counts and keeps meanwhile,
    names and the variables that wait, it keeps by thread, so that this one's is as before.

    Args:
        config: Of the model, without its optimizers.
        custom_objects: Classes by name.
        safe_mode: Whether code in the description is refused.

    Returns:
        The shapes; None of a model that cannot be made like this, as some layers of one's own.
    """
    found: list[dict[str, tuple[int, ...]]] = []

    def look() -> None:
        try:
            with keras.StatelessScope(initialize_variables=False):
                model = keras.saving.deserialize_keras_object(
                    config, custom_objects=custom_objects, safe_mode=safe_mode
                )
                found.append({v.path: tuple(v.shape) for v in model.weights})
        except Exception:  # loading for good tells what it is
            return

    drawn = random.getstate()  # of which networks without a seed draw one
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    random.setstate(drawn)
    return found[0] if found else None
