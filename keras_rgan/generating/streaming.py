"""Sequences without end, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_rgan.conditioning.streams import ConditionStreams
from keras_rgan.generating.compiled import Continuation
from keras_rgan.training.samples import beside
from keras_rgan.utils import checks


class Streamer:
    """Makes endless sequences of a model.

    Args:
        model: The `RecurrentGAN`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self._continuation: Continuation | None = None

    def parts(
        self,
        num_samples: int,
        steps: int,
        seed: int | None,
        conditions: Mapping[str, Any] | None,
    ) -> Iterator[np.ndarray]:
        """Return an endless iterator; see `RecurrentGAN.stream`.

        Raises:
            ValueError: If the model cannot go on for ever, or a count is wrong.
        """
        sampler = self.model.sampler
        sampler.check_ready("stream")
        steps = checks.positive_int("steps", steps)
        completes = self.model.completion
        if not completes:
            self._check_generator(steps)
        self._check_conditions()
        # A linear process goes on from as many steps as its first ones.
        least = getattr(self.model.generator, "process_steps", 0)
        at_once = steps if completes else max(-(-least // steps), 1) * steps
        request = sampler.request(None if conditions else num_samples, None, conditions)
        sampler.sizes(None if completes else at_once)
        entropy = sampler.entropy(seed)
        streams = ConditionStreams.of(entropy)
        if request.rows is None:
            rows = sampler.rows(request.num_samples, at_once, streams)
        else:
            rows = sampler.completed_rows(request.rows, streams)
        if completes:
            pieces = self.model.rooms.imputer.endless(request.num_samples, rows, entropy)
            return map(self.model.left, in_parts(pieces, steps))
        pieces = self._continued(request.num_samples, at_once, rows, entropy)
        return pieces if at_once == steps else in_parts(pieces, steps)

    def _check_generator(self, steps: int) -> None:
        generator = self.model.generator
        if not hasattr(generator, "continue_from"):
            raise ValueError(
                "An endless sequence needs a generator that can go on: one with a method "
                f"continue_from, as RecurrentGenerator. Received: {type(generator).__name__}"
            )
        if steps % getattr(generator, "emission_steps", 1):
            raise ValueError(
                f"`steps` must be a multiple of the generator's emission_steps="
                f"{generator.emission_steps}. Received: steps={steps}"
            )

    def _check_conditions(self) -> None:
        layout = self.model.layout
        if layout.length or layout.covariates or layout.added:
            kind = "conditions at each step" if layout.covariates else "columns of a capability's own"
            kind = "lengths of their own" if layout.length else kind
            raise ValueError(
                "An endless sequence ends nowhere and is not told what comes. Received: a model of "
                f"sequences with {kind}. Use generate(…, length=…), of any length."
            )

    def _continued(
        self, count: int, steps: int, rows: dict[str, np.ndarray], entropy: list[int]
    ) -> Iterator[np.ndarray]:
        """Yield parts, each of which goes on from the state after the one before."""
        model, spec = self.model, self.model.noise_spec
        columns = model.sampler.columns(rows, count, steps)
        streams = spec.streams(entropy)
        if self._continuation is None:
            average = model.average
            self._continuation = Continuation(model.generator, average.weights, average.averages)
        continuation = self._continuation

        def make() -> Iterator[np.ndarray]:
            noise = spec.draw_numpy(count, steps, streams)
            inputs = {"noise": beside(noise, columns)}
            while True:
                with model.sampler.lock:
                    samples, state = continuation.predict_on_batch(inputs)
                    generation = model.rooms.generation
                    samples = generation.finish(samples.astype("float32"), inputs["noise"])
                    samples = generation.restored(samples, columns, entered=True)
                    samples = model.left(ops.convert_to_numpy(samples))
                yield samples
                fresh = spec.draw_numpy(count, steps, streams)
                if isinstance(noise, dict) and "latent" in noise:
                    fresh["latent"] = noise["latent"]  # which holds for the whole sequence
                inputs = {"noise": beside(fresh, columns), "state": list(state)}

        return make()


def in_parts(pieces: Iterator[np.ndarray], steps: int) -> Iterator[np.ndarray]:
    """Yield what `pieces` hold, `(sequences, time, features)`, in parts of so many steps."""
    held: list[np.ndarray] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += piece.shape[1]
        if count >= steps:
            joined = np.concatenate(held, axis=1)
            whole = count - count % steps
            for start in range(0, whole, steps):
                yield joined[:, start : start + steps]
            held, count = [joined[:, whole:]], count - whole
