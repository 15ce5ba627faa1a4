"""The discriminator of videos."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.layers import recurrence
from keras_rgan.layers.minibatch_std_dev import MinibatchStdDev
from keras_rgan.networks import conditions, directions, frames, pooling, precision
from keras_rgan.networks.discriminator import Discriminator, sequences_of
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Nested, Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class VideoDiscriminator(Discriminator):
    """Judges clips of any length: convolutions read each frame, recurrences what they read.

    Beside each frame the convolutions see how the next one differs from it. Recurrent layers read the
    frames' codes forwards and backwards; the judgement rests on their last states and means, and on
    mean and maximum of the codes themselves.

    Args:
        units: Width of a frame's code, and of the recurrent layers in each direction.
        filters: Filters of the first convolution; coarser ones have up to four times as many.
        cell: "gru", "lstm", "simple", "min_gru" or a Keras cell of width `units`.
        num_layers: How many recurrent layers are stacked.
        differences: Whether the convolutions see the differences of frames.
        minibatch_group_size: Group size of a `MinibatchStdDev` before the judgement; None for none.
        static_conditions: How many columns of conditions hold for the whole clip; embedded they stand
            beside every code, and the judgement gains their inner product with what it rests on
            (projection).
        condition_dim: Width to which these are embedded.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Clips, `(batch, time, height, width, channels)`; with conditions a dict of them as
            `sequences` and of `conditions`, `(batch, time, static_conditions)`, as a
            `ConditionEncoder` returns them.

    Output shape:
        Logits, `(batch, 1)`, in float32 under policies of half precision as well.

    Raises:
        ValueError: If an argument is out of range, or clips have another rank or frames too small.

    Example:
        >>> import keras, keras_rgan as kr
        >>> discriminator = kr.networks.VideoDiscriminator(units=16, filters=4)
        >>> discriminator(keras.random.normal((2, 6, 20, 20, 1))).shape == (2, 1)
        True

    Reference:
        Donahue et al., "Long-term Recurrent Convolutional Networks for Visual Recognition and
        Description", CVPR 2015; Tulyakov et al., "MoCoGAN: Decomposing Motion and Content for Video
        Generation", CVPR 2018; Miyato and Koyama, "cGANs with Projection Discriminator", ICLR 2018.
    """

    def __init__(
        self,
        units: int = 64,
        filters: int = 24,
        cell: Any = "gru",
        num_layers: int = 1,
        differences: bool = True,
        minibatch_group_size: int | None = None,
        static_conditions: int = 0,
        condition_dim: int = 16,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = checks.positive_int("units", units)
        self.filters = checks.positive_int("filters", filters)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.differences = bool(differences)
        self.minibatch_group_size = minibatch_group_size
        self.static_conditions = checks.non_negative_int("static_conditions", static_conditions)
        self.condition_dim = checks.positive_int("condition_dim", condition_dim)
        self.seed = seed
        self.column_layout = ColumnLayout.of_network(0, static_conditions)
        policy = self.dtype_policy
        self.reader = frames.Reader(
            units, filters, seed=seeding.child_seed(seed, "reader"), dtype=policy, name="reader"
        )
        self.forward_layers = recurrence.stack(
            units, cell, num_layers, seed=seed, dtype=policy, name="forward"
        )
        self.backward_layers = recurrence.stack(
            units, cell, num_layers, seed=seed, dtype=policy, go_backwards=True, name="backward"
        )
        self.minibatch = None
        if minibatch_group_size is not None:
            self.minibatch = MinibatchStdDev(minibatch_group_size, dtype=policy)
        self.output_dtype = precision.of_outputs(self)
        self.hidden = self._dense(units, "hidden", policy, activation="swish")
        self.head = self._dense(1, "judgement", self.output_dtype)
        self.embedding: Any = conditions.embedding(condition_dim, static_conditions, seed, policy)
        self.projection: Any = None
        if static_conditions:
            self.projection = self._dense(units, "projection", self.output_dtype, use_bias=False)

    temporal_conditions = 0
    """A clip takes no conditions that differ from step to step."""

    def _dense(self, width: int, name: str, dtype: Any, **options: Any) -> keras.layers.Dense:
        initializer = seeding.glorot(self.seed, name)
        return keras.layers.Dense(
            width, kernel_initializer=initializer, dtype=dtype, name=name, **options
        )

    @property
    def judges_one_by_one(self) -> bool:
        """Whether a sample's judgement depends on that sample alone; sets may then share a pass."""
        return self.minibatch is None

    def build(self, input_shape: Nested) -> None:
        """Build the layers for clips of `input_shape`."""
        shape = sequences_of(input_shape)
        _check_clips(shape)
        batch, _, height, width, channels = shape
        self.reader.build((None, height, width, (1 + self.differences) * channels))
        seen = self.units
        if self.embedding is not None:
            self.embedding.build((batch, self.static_conditions))
            seen += self.condition_dim
        pooled = 2 * self.units
        for layers in (self.forward_layers, self.backward_layers):
            inputs = seen
            for layer in layers:
                layer.build((batch, None, inputs))
                inputs = layer.cell.output_size
            pooled += 2 * inputs
        if self.minibatch is not None:
            self.minibatch.build((batch, pooled))
            pooled += 1
        self.hidden.build((batch, pooled))
        self.head.build((batch, self.units))
        if self.projection is not None:
            self.projection.build((batch, self.static_conditions))

    def look(self, inputs: Nested) -> Tensor:
        """Return what is judged: clips, with conditions as further channels of every pixel."""
        clips = sequences_of(inputs)
        columns = inputs.get("conditions") if isinstance(inputs, dict) else None
        conditions.check_columns(columns, 0, self.static_conditions)
        _check_clips(clips.shape)
        return self.column_layout.join(clips, columns)

    def judge(self, inputs: Tensor, mask: Tensor | None = None, training: bool = False) -> Tensor:
        """Judge what `look` returned."""
        clips, columns = self.column_layout.split(inputs)
        static = None if columns is None else self.column_layout.static_of(columns)
        codes = self._read(clips)
        seen = codes
        if static is not None:
            embedded = self.embedding(static)
            shape = (*ops.shape(codes)[:2], self.condition_dim)
            beside = ops.broadcast_to(embedded[:, None], shape)
            seen = ops.concatenate([codes, ops.cast(beside, codes.dtype)], axis=-1)
        forward, last = directions.run(self.forward_layers, seen, mask, training, None, None)
        backward, first = directions.run(self.backward_layers, seen, mask, training, None, None)
        backward = directions.in_time(backward, None)
        parts = [pooling.mean(x, mask) for x in (forward, backward, codes)]
        features = ops.concatenate([last, first, *parts, pooling.maximum(codes, mask)], axis=-1)
        if self.minibatch is not None:
            features = self.minibatch(features)
        features = self.hidden(features)
        judgement = self.head(features)
        if static is not None:
            direction = self.projection(static)
            product = direction * ops.cast(features, direction.dtype)
            judgement += ops.sum(product, axis=-1, keepdims=True)
        return judgement

    def _read(self, clips: Tensor) -> Tensor:
        """Return the codes of frames, `(batch, time, units)`."""
        clips = ops.cast(clips, self.compute_dtype)
        length, shape = ops.shape(clips)[1], clips.shape[2:]
        if self.differences:
            edges = [[0, 0], [0, 1], [0, 0], [0, 0], [0, 0]]
            clips = ops.concatenate([clips, ops.pad(clips[:, 1:] - clips[:, :-1], edges)], axis=-1)
        frames_of_all = ops.reshape(clips, (-1, *shape[:2], clips.shape[-1]))
        return ops.reshape(self.reader(frames_of_all), (-1, length, self.units))

    def compute_output_shape(self, input_shape: Nested) -> Shape:
        """Return `(batch, 1)`."""
        return (sequences_of(input_shape)[0], 1)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "filters": self.filters,
            "cell": recurrence.serialize_cell(self.forward_layers[0]),
            "num_layers": self.num_layers,
            "differences": self.differences,
            "minibatch_group_size": self.minibatch_group_size,
            "static_conditions": self.static_conditions,
            "condition_dim": self.condition_dim,
            "seed": self.seed,
        }


def _check_clips(shape: Any) -> None:
    """Refuse what is no clip.

    Raises:
        ValueError: If the rank is another, or frames are too small.
    """
    if len(shape) != 5:
        raise ValueError(
            "A VideoDiscriminator judges clips, (samples, time, height, width, channels). Received: "
            f"shape {tuple(shape)}"
        )
    frames.check_frame(shape[2:])
