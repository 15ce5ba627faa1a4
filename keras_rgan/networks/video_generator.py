"""The generator of videos."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.layers import recurrence
from keras_rgan.layers.recurrent_noise_encoder import RecurrentNoiseEncoder
from keras_rgan.networks import conditions, frames
from keras_rgan.networks.placing import place
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Nested, Shape, Tensor

PACE = 20.0
"""Factor of the weights that stand for a colour by themselves: some fifty steps of Adam get there."""

BRIGHTEST = 0.995
"""A colour that is bounded begins no nearer to -1 and 1: there it could not change."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class VideoGenerator(keras.Model):
    """Makes clips of any length: what moves in front of a background, by recurrences over time.

    The background is drawn anew for every frame, by transposed convolutions on what a
    `RecurrentNoiseEncoder` makes of a latent and of noise at every step. In front of it are objects.
    How one looks, its colours and where it is opaque, is drawn once a clip, of a latent of its own;
    where it is follows at every step from a recurrence of its own. All objects are drawn and moved by
    the same weights, which read the number of the object beside its latent. An object moves by parts
    of pixels and may leave the frame; it neither turns nor changes.

    Args:
        frame_shape: (height, width, channels) of a frame.
        units: Width of the recurrent layers.
        cell: "gru", "lstm", "simple", "min_gru" or a Keras cell of width `units`.
        num_layers: How many recurrent layers are stacked.
        latent_dim: Width of the latent of the scene, and of that of each object.
        noise_dim: Width of the noise at each step, of the scene and of each object.
        filters: Filters of the convolutions before the last; coarser ones have up to four times as
            many.
        num_objects: How many objects there are; 0 for frames that are drawn as a whole.
        object_size: Rows and columns of an object, which is transparent where it is smaller; None for
            half of the frame's shorter side.
        background: Whether there is a background that moves. Without, it is one learned picture that
            all clips share, at next to no cost.
        bounded: Whether all colours lie between -1 and 1, by tanh, as data does that `RecurrentGAN`
            scales by default.
        static_conditions: How many columns of conditions hold for the whole clip.
        condition_dim: Width to which these are embedded, beside every latent.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Dict of `latent`, `(batch, (1 + num_objects) * latent_dim)`, and `noise`,
            `(batch, time, (1 + num_objects) * noise_dim)`; with conditions also `conditions`,
            `(batch, time, static_conditions)`, as a `ConditionEncoder` returns them.
        initial_state: List of states, to continue a clip; see `continue_from`.

    Output shape:
        `(batch, time, height, width, channels)`.

    Raises:
        ValueError: If an argument is out of range, a frame is too small, or there is nothing to see.

    Example:
        >>> import keras, keras_rgan as kr
        >>> generator = kr.networks.VideoGenerator((20, 20, 1), units=16, filters=4, num_objects=2)
        >>> noise = {name: keras.random.normal((2, *(12 if n is None else n for n in shape)))
        ...          for name, shape in generator.noise_shape.items()}
        >>> generator(noise).shape == (2, 12, 20, 20, 1)
        True

    Reference:
        Tulyakov et al., "MoCoGAN: Decomposing Motion and Content for Video Generation", CVPR 2018 (a
        latent for the clip, a recurrence for its motion, convolutions for frames); Vondrick, Pirsiavash
        and Torralba, "Generating Videos with Scene Dynamics", NeurIPS 2016 (a foreground with a mask
        over a background); Jaderberg et al., "Spatial Transformer Networks", NeurIPS 2015.
    """

    def __init__(
        self,
        frame_shape: Sequence[int],
        units: int = 64,
        cell: Any = "gru",
        num_layers: int = 1,
        latent_dim: int = 32,
        noise_dim: int = 4,
        filters: int = 32,
        num_objects: int = 0,
        object_size: int | None = None,
        background: bool = True,
        bounded: bool = True,
        static_conditions: int = 0,
        condition_dim: int = 16,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.frame_shape = frames.check_frame(frame_shape)
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.latent_dim = checks.positive_int("latent_dim", latent_dim)
        self.noise_dim = checks.positive_int("noise_dim", noise_dim)
        self.filters = checks.positive_int("filters", filters)
        self.num_objects = checks.non_negative_int("num_objects", num_objects)
        shorter = min(self.frame_shape[:2])
        size = max(-(-shorter // 2), frames.SMALLEST) if object_size is None else object_size
        self.object_size = checks.positive_int("object_size", size, shorter)
        if self.object_size < frames.SMALLEST:
            raise ValueError(
                f"`object_size` must be at least {frames.SMALLEST} pixels, for convolutions. Received: "
                f"object_size={object_size}"
            )
        self.background = bool(background)
        if not (self.num_objects or self.background):
            raise ValueError(
                "Clips need something that moves. Received: num_objects=0, background=False. Pass "
                "num_objects=1 or more, or background=True."
            )
        self.bounded = bool(bounded)
        self.static_conditions = checks.non_negative_int("static_conditions", static_conditions)
        self.condition_dim = checks.positive_int("condition_dim", condition_dim)
        self.seed = seed
        self.column_layout = ColumnLayout.of_network(0, static_conditions)
        self.embedding = conditions.embedding(condition_dim, static_conditions, seed, self.dtype_policy)
        height, width, channels = self.frame_shape
        self.scene: Any = None
        self.painter: Any = None
        if self.background:
            self.scene = self._recurrence(cell, "scene")
            self.painter = self._painter(height, width, channels, name="painter")
        self.motion: Any = None
        self.object_painter: Any = None
        self.position: Any = None
        if self.num_objects:
            self.motion = self._recurrence(cell, "motion")
            size = self.object_size
            self.object_painter = self._painter(size, size, channels + 1, name="object_painter")
            self.position = keras.layers.Dense(
                2,
                kernel_initializer=seeding.glorot(seed, "position"),
                dtype=self.dtype_policy,
                name="position",
            )

    temporal_conditions = 0
    """A clip takes no conditions that differ from step to step."""

    def _recurrence(self, cell: Any, name: str) -> RecurrentNoiseEncoder:
        return RecurrentNoiseEncoder(
            self.units,
            cell,
            self.num_layers,
            return_state=True,
            seed=seeding.child_seed(self.seed, name),
            dtype=self.dtype_policy,
            name=name,
        )

    def _painter(self, height: int, width: int, channels: int, name: str) -> frames.Painter:
        seed = seeding.child_seed(self.seed, name)
        sizes = height, width, channels, self.filters
        return frames.Painter(*sizes, seed=seed, dtype=self.dtype_policy, name=name)

    @property
    def noise_shape(self) -> dict[str, Shape]:
        """The shapes of the inputs, without the batch; the length is open."""
        count = 1 + self.num_objects
        return {"latent": (count * self.latent_dim,), "noise": (None, count * self.noise_dim)}

    def build(self, input_shape: Nested = None) -> None:
        """Build the layers; the input's shape is known from the arguments."""
        width = self.latent_dim
        if self.embedding is not None:
            self.embedding.build((None, self.static_conditions))
            width += self.condition_dim
        noise = (None, None, self.noise_dim)
        if self.scene is not None:
            self.scene.build({"latent": (None, width), "noise": noise})
            self.painter.build((None, self.units + width))
        self.backdrop = self.add_weight(self.frame_shape, "zeros", name="backdrop")
        if self.num_objects:
            width += self.latent_dim + self.num_objects
            self.motion.build({"latent": (None, width), "noise": noise})
            self.object_painter.build((None, width))
            self.position.build((None, None, self.units))
            self.tint = self.add_weight((self.frame_shape[-1],), "zeros", name="tint")

    def begin_at(self, clips: np.ndarray) -> None:
        """Begin with a background and with colours like those of clips, before any training.

        The background's picture becomes the median of each pixel; the colour of objects the mean of
        pixels, weighted by how far they are from it. So training need not find out which is which.

        Args:
            clips: Some of the data in the networks' space, `(samples, time, height, width, channels)`.
        """
        backdrop = np.median(clips, axis=(0, 1))
        self.backdrop.assign(self._weight_of(backdrop))
        if self.num_objects:
            axes = (0, 1, 2, 3)
            distance = np.abs(clips - backdrop) + 1e-6
            tint = (distance * clips).sum(axis=axes) / distance.sum(axis=axes)
            self.tint.assign(self._weight_of(tint))

    def _weight_of(self, colours: np.ndarray) -> np.ndarray:
        """Return the weight that stands for colours."""
        if self.bounded:
            colours = np.arctanh(np.clip(colours, -BRIGHTEST, BRIGHTEST))
        return (colours / PACE).astype("float32")

    def call(
        self, inputs: Nested, initial_state: list[Tensor] | None = None, training: bool = False
    ) -> Tensor:
        """Make clips."""
        return self.continue_from(inputs, initial_state, training=training)[0]

    def continue_from(
        self, inputs: Nested, state: list[Tensor] | None = None, training: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        """Make clips that go on from `state`.

        Args:
            inputs: As in a call; the latent must be the one that the clips began with.
            state: The state after the last step, or None to begin.
            training: Whether the layers train.

        Returns:
            The clips, `(batch, time, height, width, channels)`, and the state after them.
        """
        columns = inputs.get("conditions")
        conditions.check_columns(columns, 0, self.static_conditions)
        latent, noise = inputs["latent"], inputs["noise"]
        shared = latent[:, : self.latent_dim]
        if self.embedding is not None:
            embedded = self.embedding(self.column_layout.static_of(columns))
            shared = ops.concatenate([ops.cast(shared, embedded.dtype), embedded], axis=-1)
        length, before = ops.shape(noise)[1], list(state or [])
        after: list[Tensor] = []
        clips: Any = None
        if self.scene is None:
            shape = (ops.shape(latent)[0], length, *self.frame_shape)
            clips = ops.broadcast_to(self._colours(self.backdrop), shape)
        else:
            own, before = before[: len(self.scene.state_sizes)], before[len(self.scene.state_sizes) :]
            clips, after = self._draw_scene(shared, noise[..., : self.noise_dim], own, training)
        if self.num_objects:
            others = latent[:, self.latent_dim :], noise[..., self.noise_dim :]
            patches, corners, moved = self._objects(shared, *others, before, training)
            clips = self._in_front(clips, patches, corners)
            after = [*after, *moved]
        return clips, after

    def _draw_scene(
        self, latent: Tensor, noise: Tensor, state: list[Tensor], training: bool
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the background of each frame, and the state after them."""
        hidden, *after = self.scene(
            {"latent": latent, "noise": noise}, initial_state=state or None, training=training
        )
        length = ops.shape(noise)[1]
        latents = ops.broadcast_to(latent[:, None], (ops.shape(latent)[0], length, latent.shape[-1]))
        seen = ops.concatenate([hidden, ops.cast(latents, hidden.dtype)], axis=-1)
        drawn = self.painter(ops.reshape(seen, (-1, seen.shape[-1])))
        colours = self._colours(self.backdrop, ops.reshape(drawn, (-1, length, *self.frame_shape)))
        return colours, after

    def _colours(self, own: keras.Variable, drawn: Any = 0.0) -> Tensor:
        """Return the colours that a weight stands for, where something is drawn on it."""
        colours = PACE * ops.cast(own, self.compute_dtype) + drawn
        return ops.tanh(colours) if self.bounded else colours

    def _objects(
        self, shared: Tensor, latents: Tensor, noise: Tensor, state: list[Tensor], training: bool
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Return how each object looks, where it is, and the state after that, objects in the batch."""
        count, length = self.num_objects, ops.shape(noise)[1]
        own = ops.reshape(latents, (-1, count, self.latent_dim))
        number = ops.cast(ops.eye(count)[None], own.dtype)
        own = ops.concatenate([own, ops.broadcast_to(number, (ops.shape(own)[0], count, count))], -1)
        beside = ops.repeat(shared[:, None], count, axis=1)
        own = ops.concatenate([ops.cast(beside, own.dtype), own], axis=-1)
        own = ops.reshape(own, (-1, own.shape[-1]))
        steps = ops.reshape(noise, (-1, length, count, self.noise_dim))
        steps = ops.reshape(ops.transpose(steps, (0, 2, 1, 3)), (-1, length, self.noise_dim))
        before = [ops.reshape(part, (-1, part.shape[-1])) for part in state]
        hidden, *after = self.motion(
            {"latent": own, "noise": steps}, initial_state=before or None, training=training
        )
        room = [0.5 * (side - self.object_size) for side in self.frame_shape[:2]]
        corners = ops.cast(room, hidden.dtype) * (1.0 + self.position(hidden))
        after = [ops.reshape(part, (-1, count, part.shape[-1])) for part in after]
        return self.object_painter(own), corners, after

    def _in_front(self, clips: Tensor, patches: Tensor, corners: Tensor) -> Tensor:
        """Return clips with objects in front of them, the first one farthest back."""
        opaque = ops.sigmoid(patches[..., -1:] - 2.0)
        colours = opaque * self._colours(self.tint, patches[..., :-1])
        placed = place(ops.concatenate([colours, opaque], -1), corners, *self.frame_shape[:2])
        length, channels = ops.shape(corners)[1], self.frame_shape[-1]
        shape = (length, *self.frame_shape[:2], channels + 1)
        # In LiteRT slices have five axes at the most: those of frames are one while objects have one.
        of_each = ops.reshape(placed, (-1, self.num_objects, length, math.prod(shape[1:])))
        for i in range(self.num_objects):
            one = ops.reshape(of_each[:, i], (-1, *shape))
            clips = clips * (1.0 - one[..., channels:]) + one[..., :channels]
        return clips

    def compute_output_shape(self, inputs_shape: Nested, initial_state_shape: Any = None) -> Shape:
        """Return `(batch, time, height, width, channels)`."""
        batch, length, _ = inputs_shape["noise"]
        return (batch, length, *self.frame_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        recurrences = [r for r in (self.scene, self.motion) if r is not None]
        return {
            **super().get_config(),
            "frame_shape": self.frame_shape,
            "units": self.units,
            "cell": recurrence.serialize_cell(recurrences[0].recurrent_layers[0]),
            "num_layers": self.num_layers,
            "latent_dim": self.latent_dim,
            "noise_dim": self.noise_dim,
            "filters": self.filters,
            "num_objects": self.num_objects,
            "object_size": self.object_size,
            "background": self.background,
            "bounded": self.bounded,
            "static_conditions": self.static_conditions,
            "condition_dim": self.condition_dim,
            "seed": self.seed,
        }
