"""Causal blocks behind recurrent layers, and what they remember from part to part of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import ops

from keras_rgan.layers.attention_block import AttentionBlock
from keras_rgan.layers.convolution_block import ConvolutionBlock
from keras_rgan.utils import seeding
from keras_rgan.utils.types import Tensor

Block = ConvolutionBlock | AttentionBlock
Memory = tuple[Tensor, Tensor]


def make(
    convolution_units: int, attention_heads: int, attention_span: int, seed: int | None, dtype: Any
) -> list[Block]:
    """Return a convolution block and an attention block, or those of them that have a width.

    Args:
        convolution_units: Width of the former; 0 for none.
        attention_heads: Heads of the latter; 0 for none.
        attention_span: How many steps back the latter sees.
        seed: Seed of the initial weights.
        dtype: Their dtype or policy.
    """
    blocks: list[Block] = []
    if convolution_units:
        blocks.append(
            ConvolutionBlock(
                convolution_units,
                kernel_size=3,
                causal=True,
                seed=seeding.child_seed(seed, "convolution"),
                dtype=dtype,
                name="convolution",
            )
        )
    if attention_heads:
        blocks.append(
            AttentionBlock(
                attention_heads,
                causal=True,
                span=attention_span,
                seed=seeding.child_seed(seed, "attention"),
                dtype=dtype,
                name="attention",
            )
        )
    return blocks


def run(blocks: Sequence[Block], inputs: Tensor, memory: Memory | None = None) -> tuple[Tensor, Memory]:
    """Return the blocks' outputs, and the inputs that those of later steps depend on.

    Args:
        blocks: The first reads the inputs, the next what it makes of them.
        inputs: `(batch, time, units)`.
        memory: What was returned with the steps before; None at a sequence's beginning.

    Returns:
        The outputs, `(batch, time, width)`, and the memory: inputs, `(batch, span, units)`, and a mask
        that tells which of these steps there have been.
    """
    span = sum(block.span or 0 for block in blocks)
    batch, length, units = ops.shape(inputs)[0], ops.shape(inputs)[1], inputs.shape[-1]
    if memory is None:
        values = ops.zeros((batch, span, units), inputs.dtype)
        is_value = ops.zeros((batch, span), inputs.dtype)
    else:
        values, is_value = memory
    values = ops.concatenate([ops.cast(values, inputs.dtype), inputs], axis=1)
    is_value = ops.concatenate(
        [ops.cast(is_value, inputs.dtype), ops.ones((batch, length), inputs.dtype)], 1
    )
    outputs, mask = (inputs, None) if memory is None else (values, is_value > 0)
    for block in blocks:
        outputs = block(outputs, mask=mask)
    return outputs[:, -length:], (values[:, -span:], is_value[:, -span:])
