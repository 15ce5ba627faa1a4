"""What is compiled to explain a model: samples of latents, and slopes."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.explaining import models
from keras_rgan.explaining.latent_space import LatentSpace
from keras_rgan.penalties.penalty import per_sample
from keras_rgan.sequences.batch import Batch
from keras_rgan.training.samples import beside
from keras_rgan.utils.types import Tensor
from keras_rgan.utils.untracked import Untracked

FREE = ("range", "lattice")
"""What samples are not held to, where slopes are wanted: at the edge of either there are none."""


class _Beside(keras.Model):
    """Computes beside a model, with its weights, which stay as they are.

    Args:
        gan: The model.
    """

    def __init__(self, gan: Any) -> None:
        super().__init__(dtype=gan.dtype_policy)
        self.autocast = False
        self._gan = Untracked(gan)
        self.built = True

    @property
    def gan(self) -> Any:
        """The model."""
        return self._gan.value

    def of(self, inputs: dict[str, Any], size: int) -> dict[str, np.ndarray]:
        """Compute of at most `size` rows of arrays by name, those that are None left out."""
        count = len(next(iter(inputs.values())))
        with self.gan.sampler.lock:
            outputs = self.predict_on_batch(models.filled(inputs, size))
        return {name: np.asarray(x)[:count] for name, x in outputs.items()}


class LatentSamples(_Beside):
    """Makes samples of latents, in the networks' space, so that slopes lead through.

    Args:
        gan: The model.
        space: What vectors mean.

    Call arguments:
        inputs: `vectors`, and `columns` where there are conditions.
    """

    def __init__(self, gan: Any, space: LatentSpace) -> None:
        super().__init__(gan)
        self.generator, self.scaler = gan.generator, gan.scaler
        self.averages = list(gan.ema_weights)
        self.finishing = [layer for c in gan.capabilities for layer in c.layers]
        self._space = Untracked(space)

    def make(self, vectors: Tensor, columns: Tensor | None) -> Tensor:
        """Return samples of vectors: calibrated, but neither clipped nor rounded."""
        gan = self.gan
        generation, scaler = gan.rooms.generation, gan.scaler
        inputs = beside(self._space.value.tensors(ops.cast(vectors, "float32")), columns)
        samples = ops.cast(generation.scaled(inputs), "float32")
        if scaler is None:
            return samples
        if scaler.per_sequence:  # by the range that stands beside, whatever the sample's own
            return scaler.copy(samples)
        samples = generation.restored(samples, columns, FREE, entered=True)
        return gan.samples.to_scaled(samples, None)

    def call(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Make samples."""
        with backend.collectable_graphs():
            return {"samples": self.make(inputs["vectors"], inputs.get("columns"))}


class LatentSlopes(LatentSamples):
    """Makes samples of latents, and slopes of their weighted squared distance to targets.

    Call arguments:
        inputs: `vectors`, `columns` where there are conditions, `targets` in the networks' space, and
            `weights` of their numbers.
    """

    def call(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return `distances`, `(batch,)`, and `slopes`, as the vectors."""
        targets, weights = inputs["targets"], inputs["weights"]
        columns = inputs.get("columns")

        def distances(vectors: Tensor) -> Tensor:
            off = weights * ops.square(self.make(vectors, columns) - targets)
            return ops.sum(off, axis=tuple(range(1, len(off.shape))))

        vectors = ops.cast(inputs["vectors"], "float32")
        with backend.collectable_graphs():
            slopes = backend.input_gradient(distances, vectors, constant=True)
            return {"distances": distances(vectors), "slopes": slopes}


class JudgementSlopes(_Beside):
    """Judges sequences in the networks' space, and tells the slopes of the judgement.

    Args:
        gan: The model.

    Call arguments:
        inputs: `sequences`, `columns` where there are conditions, `observed` where there are gaps.
    """

    def __init__(self, gan: Any) -> None:
        super().__init__(gan)
        self.discriminator = gan.discriminator

    def call(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return `judgements`, `(batch,)`, and `slopes`, as the sequences."""
        gan = self.gan
        columns, observed = inputs.get("columns"), inputs.get("observed")

        def judged(sequences: Tensor) -> Tensor:
            batch = Batch(sequences, columns, None if observed is None else observed > 0)
            batch = batch._replace(sequences=gan.samples.as_real(sequences, batch))
            look = gan.judge.look(batch)
            judgement = gan.judge(look, training=False).judgement
            return per_sample(gan.judge.weighted(look, judgement))

        sequences = ops.cast(inputs["sequences"], "float32")
        with backend.collectable_graphs():
            slopes = backend.input_gradient(judged, sequences, constant=True)
            return {"judgements": judged(sequences), "slopes": slopes}
