"""The networks that a model of tokens makes by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_rgan.networks import defaults
from keras_rgan.networks.capability_options import options_of
from keras_rgan.networks.token_discriminator import TokenDiscriminator
from keras_rgan.networks.token_generator import TokenGenerator
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.sequences.vocabulary import Vocabulary
from keras_rgan.utils import seeding

KINDS: dict[str, Any] = {"generator": TokenGenerator, "discriminator": TokenDiscriminator}

SIZES: dict[str, dict[str, Any]] = {
    "generator": {"units": 128, "embedding_dim": 64},
    "discriminator": {"embedding_dim": 64, "filters": 64},
}


def make(
    role: str,
    vocabulary: Vocabulary,
    changes: Mapping[str, Any],
    *,
    layout: ColumnLayout,
    capabilities: Sequence[Any],
    seed: int | None,
    dtype: Any,
) -> keras.Model:
    """Return a network for tokens.

    Args:
        role: What it is for: "generator" or "discriminator".
        vocabulary: What tokens there are.
        changes: Arguments in which it differs from the default; its class as "network" if it is of
            another kind.
        layout: What columns of conditions there are.
        capabilities: What the model's capabilities ask of it.
        seed: The model's.
        dtype: Its policy.
    """
    changes, is_usual = defaults.without_network(role, changes, KINDS[role])
    if not is_usual:
        given = {"layout": layout, "seed": seed, "dtype": dtype}
        return defaults.make_of_kind(role, vocabulary.size, changes, **given)
    options = options_of(capabilities, role, 0)
    if role == "generator" and vocabulary.words is not None:
        options = {"unused": (0,), **options}  # the padding
    network: keras.Model = KINDS[role](
        vocabulary.size,
        temporal_conditions=layout.temporal,
        static_conditions=layout.static,
        **{**SIZES[role], "seed": seeding.child_seed(seed, role), **options, **changes},
        dtype=dtype,
        name=role,
    )
    return network
