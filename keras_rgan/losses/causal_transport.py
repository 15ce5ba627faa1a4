"""How far two sets of sequences are apart, by causal optimal transport."""

from __future__ import annotations

from typing import NamedTuple

from keras import ops

from keras_rgan import backend
from keras_rgan.utils.types import Tensor


class Followed(NamedTuple):
    """A set of sequences with the processes that follow them.

    Attributes:
        sequences: `(samples, time, features)`.
        tests: h, `(samples, time, processes)`.
        martingales: M, of the same shape.
    """

    sequences: Tensor
    tests: Tensor
    martingales: Tensor


def causal_costs(one: Followed, other: Followed) -> Tensor:
    """Return what it costs to carry each sequence of one set to each of another, `(samples, samples)`.

    The squared distance, and the mean over the steps of what h of the target says times how M of the
    source moves next, by which plans that look ahead become dear.
    """
    difference = one.sequences[:, None] - other.sequences[None]
    squares = ops.sum(ops.square(difference), axis=(2, 3))
    moves = one.martingales[:, 1:] - one.martingales[:, :-1]
    said = other.tests[:, :-1]
    steps, processes = moves.shape[1:]
    flat = [ops.reshape(x, (-1, steps * processes)) for x in (moves, said)]
    return squares + ops.matmul(flat[0], ops.transpose(flat[1])) / steps


def transport_costs(costs: Tensor, epsilon: float, iterations: int) -> Tensor:
    """Return what the best plans cost between sets of equally likely samples, `(problems,)`.

    Plans are smoothed by their entropy, found by Sinkhorn's iterations, and constants for gradients, as
    the envelope theorem has it.

    Args:
        costs: `(problems, samples, samples)`.
        epsilon: Factor of the entropy.
        iterations: How many iterations.

    Reference:
        Cuturi, "Sinkhorn Distances", NeurIPS 2013.
    """
    with backend.no_gradient():
        fixed = ops.stop_gradient(costs)
        share = -ops.log(ops.cast(ops.shape(fixed)[-1], fixed.dtype))

        def once(_: Tensor, other: Tensor) -> Tensor:
            own = share - ops.logsumexp((other[:, None] - fixed) / epsilon, axis=2)
            return epsilon * (share - ops.logsumexp(own[:, :, None] - fixed / epsilon, axis=1))

        other = ops.fori_loop(0, iterations, once, ops.zeros_like(fixed[:, 0]))
        own = share - ops.logsumexp((other[:, None] - fixed) / epsilon, axis=2)
        plan = ops.exp(own[:, :, None] + (other[:, None] - fixed) / epsilon)
    return ops.sum(ops.stop_gradient(plan) * costs, axis=(1, 2))


def mixed_divergence(
    real: tuple[Followed, Followed], fake: tuple[Followed, Followed], epsilon: float, iterations: int
) -> Tensor:
    """Return the mixed Sinkhorn divergence of two sets of real and two of generated sequences.

    What carrying real sets to generated ones costs, less what carrying each to the other of its kind
    does, so that a set's own spread does not count.
    """
    pairs = (real[0], fake[0]), (real[1], fake[1]), real, fake
    costs = ops.stack([causal_costs(*pair) for pair in pairs])
    found = transport_costs(costs, epsilon, iterations)
    return found[0] + found[1] - found[2] - found[3]


def martingale_penalty(martingales: Tensor) -> Tensor:
    """Return how far M is from a martingale: the sizes of its mean moves, in its own deviations.

    Args:
        martingales: `(samples, time, processes)`.
    """
    deviation = ops.std(martingales, axis=(0, 1)) + 1e-6
    moves = (martingales[:, 1:] - martingales[:, :-1]) / deviation
    return ops.sum(ops.abs(ops.mean(moves, axis=0))) / martingales.shape[1]
