"""The map between ids of tokens and the networks' one-hot vectors."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.layers.sequence_scaler import SequenceScaler
from keras_rgan.sequences.statistics.scaler_statistics import ScalerStatistics
from keras_rgan.sequences.tokens import ids_of, one_hot
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class TokenScaler(SequenceScaler):
    """Maps ids of tokens to one-hot vectors, as wide as the vocabulary, and these back to ids.

    It stands in a `TokenGAN` where a `SequenceScaler` stands in a `RecurrentGAN`: batches of the data
    come as ids and are one-hot within a step alone. There is nothing to adapt to.

    Args:
        vocabulary_size: How many tokens there are.
        **kwargs: Arguments of `keras.layers.Layer`; computes in float32 whatever the policy.

    Call arguments:
        inputs: Ids, `(batch, time, 1)`.
        entered: Without effect.

    Output shape:
        `(batch, time, vocabulary_size)`.

    Raises:
        ValueError: If the vocabulary has fewer than two tokens.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> scaler = kr.layers.TokenScaler(4)
        >>> scaler.adapt(np.zeros((1, 2, 1)))
        >>> one_hot = scaler(np.array([[[3], [1]]]))
        >>> np.asarray(one_hot)[0].tolist()
        [[0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]]
        >>> np.asarray(scaler.restore(one_hot)).ravel().tolist()
        [3.0, 1.0]
    """

    def __init__(self, vocabulary_size: int, **kwargs: Any) -> None:
        super().__init__("min_max", constraints=(), **kwargs)
        self.vocabulary_size = checks.positive_int("vocabulary_size", vocabulary_size)
        if vocabulary_size < 2:
            raise ValueError(
                f"A vocabulary has two tokens at the least. Received: vocabulary_size={vocabulary_size}"
            )

    def adopt(self, statistics: ScalerStatistics) -> None:
        """Know that there was data of one feature, the id.

        Args:
            statistics: What `new_statistics` returned, updated.

        Raises:
            ValueError: If there was no data, or it had another number of features.
        """
        statistics.check(self.num_features)
        if statistics.num_features != 1:
            raise ValueError(
                "Expected ids of tokens, of one feature: shape (samples, time, 1). Received: "
                f"{statistics.num_features} features"
            )
        if not self.built:
            self.build((None, 1))
        self.low.assign([0.0])
        self.high.assign([self.vocabulary_size - 1.0])
        self.adapted_flag.assign(1.0)
        self.adapted = True
        self._look_at_structure()

    def call(self, inputs: Tensor, entered: bool = False) -> Tensor:
        """Map ids to one-hot vectors."""
        return one_hot(ops.cast(inputs[..., 0], "int32"), self.vocabulary_size)

    def inverse(self, inputs: Tensor, *, entered: bool = False) -> Tensor:
        """Map vectors to the id of their largest entry.

        Args:
            inputs: `(batch, time, vocabulary_size)`.
            entered: Without effect.
        """
        return ops.cast(ids_of(inputs), "float32")[..., None]

    def restore(self, inputs: Tensor, *, without: Any = (), entered: bool = False) -> Tensor:
        """Map vectors to the id of their largest entry.

        Args:
            inputs: `(batch, time, vocabulary_size)`.
            without: Without effect.
            entered: Without effect.
        """
        return self.inverse(inputs)

    def copy(self, inputs: Tensor) -> Tensor:
        """Return what it is given: no feature is a copy.

        Args:
            inputs: `(batch, time, vocabulary_size)`.
        """
        return inputs

    def calibrate(self, data: Any, generated: Any, limit: int | None = None) -> None:
        """Refuse: ids have no quantiles.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            "calibrate moves values so that their quantiles are the data's, and ids of tokens are "
            "names. Leave it out; generate(temperature=…) trades variety for quality."
        )

    def widen(self, data: Any, limit: int | None = None) -> None:
        """Do nothing: the vocabulary is what it is."""

    def data_offset_and_scale(self) -> tuple[np.ndarray, np.ndarray]:
        """Return 0 and 1: ids have neither."""
        return np.zeros(1), np.ones(1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape, as wide as the vocabulary."""
        return (*input_shape[:-1], self.vocabulary_size)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        config = super().get_config()
        others = ("kind", "feature_range", "constraints")
        kept = {k: v for k, v in config.items() if k not in others}
        return {**kept, "vocabulary_size": self.vocabulary_size}
