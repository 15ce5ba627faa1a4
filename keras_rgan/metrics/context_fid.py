"""The distance of two sets of sequences as an encoder sees them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.metrics.frechet_distance import frechet_distance
from keras_rgan.sequences import reading
from keras_rgan.sequences.statistics import chunks
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Tensor

UNITS, WIDTH = 64, 32


def context_fid(
    real: Any, generated: Any, encoder: keras.Model | None = None, steps: int = 600, seed: int = 0
) -> float:
    """Return the Fréchet distance of the encodings of real and generated sequences.

    The encoder is trained on the real data alone, with `train_context_encoder`; pass one `encoder` to
    compare several generated sets. Its values are of its own scale: compare them with those of the
    same encoder, not with figures of papers, whose encoders (TS2Vec) are others.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        generated: Generated sequences, in the same units.
        encoder: What `train_context_encoder(real)` returned; None trains one.
        steps: Steps of training, where one is trained.
        seed: Seed of that training.

    Returns:
        0 for equal sets; lower is better.

    Raises:
        ValueError: If the sets differ in shape or hold NaN or infinite values.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(200, length=8, num_features=2)
        >>> encoder = kr.metrics.train_context_encoder(sines, steps=5)
        >>> near = kr.metrics.context_fid(sines[:100], sines[100:], encoder)
        >>> near < kr.metrics.context_fid(sines[:100], 1 - sines[100:] ** 2, encoder)
        True

    Reference:
        Jeha et al., "PSA-GAN: Progressive Self Attention GANs for Synthetic Time Series", ICLR 2022;
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", NeurIPS 2017.
    """
    real, generated = samples.whole({"real": real, "generated": generated})
    if encoder is None:
        encoder = train_context_encoder(real, steps=steps, seed=seed)
    encodings = [encoder.predict(x, batch_size=1024, verbose=0) for x in (real, generated)]
    return frechet_distance(*encodings)


@keras.saving.register_keras_serializable(package="keras_rgan")
class ContextEncoder(keras.Model):
    """Encodes sequences in any units: a functional model of layers named "scaling" and "network".

    `predict` scales arrays in float64, as float32, in which models compute, tells numbers far from zero
    not apart, and knows none of an extreme size.
    """

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the encodings of an array, or of whatever else Keras predicts from."""
        if not reading.is_array(x):
            return super().predict(x, *args, **kwargs)
        scaling = self.get_layer("scaling")
        with np.errstate(over="ignore"):
            scaled = [
                post_hoc.as_float32(np.asarray(part, "float64") * scaling.scale + scaling.offset)
                for part in chunks.parts_of(reading.to_numpy(x))
            ]
        return self.get_layer("network").predict(np.concatenate(scaled), *args, **kwargs)


def train_context_encoder(
    real: Any, steps: int = 600, batch_size: int = 64, seed: int = 0
) -> keras.Model:
    """Train an encoder on real sequences, for `context_fid`.

    Dilated convolutions and the maximum over time, trained to find, among the sequences of a batch,
    the other half-masked and jittered look at the same one.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        steps: Steps of training.
        batch_size: Sequences in a batch.
        seed: Seed of all that is random.

    Returns:
        A Keras model from sequences in the same units to encodings, `(samples, 64)`.

    Raises:
        ValueError: If the sequences are of another rank or hold NaN or infinite values.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(100, length=8, num_features=2)
        >>> kr.metrics.train_context_encoder(sines, steps=5).predict(sines, verbose=0).shape
        (100, 64)

    Reference:
        Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", ICML 2020;
        the looks and the architecture follow Yue et al., "TS2Vec", AAAI 2022, without its hierarchy.
    """
    (real,) = samples.whole({"real": real})
    checks.positive_int("steps", steps)
    scale = post_hoc.Range.of(real)
    width = np.where(scale.width > 0.0, scale.width, 1.0)
    scaled = scale.scaled(real)
    encoder = _encoder(scaled.shape[-1], seed)
    trainer = _ContrastiveTrainer(encoder, checks.positive_int("batch_size", batch_size))
    trainer.compile(optimizer=keras.optimizers.Adam(1e-3))

    def draw(rng: np.random.Generator) -> np.ndarray:
        rows = scaled[rng.integers(len(scaled), size=batch_size)]
        looks = []
        for _ in range(2):
            kept = rng.random((*rows.shape[:2], 1)) < 0.75
            jitter = 0.01 * rng.standard_normal(rows.shape)
            looks.append((kept * (rows + jitter)).astype("float32"))
        return np.concatenate(looks)

    post_hoc.train(trainer, steps, draw, seed)
    inputs = keras.Input(real.shape[1:])
    factor, offset = 1.0 / width / scale.unit, -scale.low / width
    scaling = keras.layers.Rescaling(factor.tolist(), offset.tolist(), name="scaling")
    return ContextEncoder(inputs, encoder(scaling(inputs)))


def _encoder(num_features: int, seed: int) -> keras.Model:
    inputs = keras.Input((None, num_features))
    x = inputs
    for i, dilation in enumerate((1, 2, 4)):
        new = keras.layers.Conv1D(
            UNITS,
            3,
            padding="same",
            dilation_rate=dilation,
            activation="gelu",
            kernel_initializer=seeding.glorot(seed, f"convolution_{i}"),
        )(x)
        x = new if i == 0 else keras.layers.Add()([x, new])
    return keras.Model(inputs, keras.layers.GlobalMaxPooling1D()(x), name="network")


class _ContrastiveTrainer(keras.Model):
    """Trains an encoder to match the two looks in a batch, first and second half."""

    def __init__(self, encoder: keras.Model, batch_size: int, temperature: float = 0.1) -> None:
        super().__init__(name="contrastive_trainer")
        self.encoder = encoder
        self.projection = keras.layers.Dense(WIDTH, kernel_initializer=seeding.glorot(0, "projection"))
        self.batch_size, self.temperature = batch_size, temperature

    def call(self, inputs: Tensor) -> Tensor:
        return self.projection(self.encoder(inputs))

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, *args: Any, **kwargs: Any
    ) -> Tensor:
        encodings = ops.normalize(y_pred, axis=-1)
        count = 2 * self.batch_size
        itself = ops.eye(count) * 1e9
        similarities = ops.matmul(encodings, ops.transpose(encodings)) / self.temperature - itself
        other = (np.arange(count) + count // 2) % count
        return ops.mean(
            keras.losses.sparse_categorical_crossentropy(other, similarities, from_logits=True)
        )
