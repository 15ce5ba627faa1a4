"""Datasets whose batches pass through a function of NumPy arrays on their way to Keras."""

from __future__ import annotations

import copy
import dataclasses
import types
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

Admit = Callable[[Any, int], Any]
"""From a batch as it is, and its place, to sequences, or a dict of them and of conditions, in NumPy."""


@dataclasses.dataclass(frozen=True)
class Leaf:
    """What an array that `admit` returns is.

    Attributes:
        shape: Its shape, with None where that is open; None for any.
        dtype: Its dtype.
    """

    shape: tuple[int | None, ...] | None
    dtype: Any


Spec = Callable[[tuple[int | None, ...] | None, Any], Any]
"""From shape and dtype of a batch's sequences to what `admit` returns, `Leaf`s in place of arrays."""


def admitted(data: Any, admit: Admit, spec: Spec) -> Any:
    """Return a dataset of the same kind whose batches went through `admit`.

    Args:
        data: A `tf.data.Dataset`, `keras.utils.PyDataset`, `torch` DataLoader or Python generator; of
            any other kind it is returned as it is.
        admit: Called with each batch, when it is drawn. What it raises stops the pipeline.
        spec: Tells `tf.data` beforehand what it returns.
    """
    if isinstance(data, keras.utils.PyDataset):
        return AdmittedBatches(data, admit)
    if isinstance(data, Iterator):
        return _generator(data, admit)
    kinds = {(parent.__module__.partition(".")[0], parent.__name__) for parent in type(data).__mro__}
    if ("tensorflow", "DatasetV2") in kinds:
        return _mapped(data, admit, spec)
    if ("torch", "DataLoader") in kinds:
        return _admitting(data, admit)
    return data


class AdmittedBatches(keras.utils.PyDataset):
    """A `PyDataset` of the batches of another, in its order and with its workers.

    Args:
        data: The other one.
        admit: What its batches go through.
    """

    def __init__(self, data: keras.utils.PyDataset, admit: Admit) -> None:
        super().__init__(
            workers=data.workers,
            use_multiprocessing=data.use_multiprocessing,
            max_queue_size=data.max_queue_size,
        )
        self.data, self.admit = data, admit

    @property
    def num_batches(self) -> int | None:
        """How many batches there are, or None where there is no end."""
        count: int | None = self.data.num_batches
        return count

    def __getitem__(self, index: int) -> Any:
        return self.admit(self.data[index], index)

    def on_epoch_begin(self) -> None:
        """Tell the other one."""
        self.data.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """Tell the other one."""
        self.data.on_epoch_end()


def _generator(data: Iterator[Any], admit: Admit) -> types.GeneratorType:
    def batches() -> Iterator[Any]:
        for index, batch in enumerate(data):
            yield (admit(keras.tree.map_structure(_to_numpy, batch), index),)

    batches_of_data = batches()
    assert isinstance(batches_of_data, types.GeneratorType)
    return batches_of_data


def _to_numpy(part: Any) -> np.ndarray:
    return np.asarray(part.detach().cpu() if hasattr(part, "detach") else part)


def _admitting(loader: Any, admit: Admit) -> Any:
    """Return a DataLoader that is as another, and admits its batches where they are read.

    That is in this process, so that nothing of `admit` goes to those that load samples.
    """
    import torch

    def to_torch(values: np.ndarray) -> Any:
        return torch.from_numpy(np.ascontiguousarray(values))

    class AdmittingLoader(type(loader)):  # type: ignore[misc]
        def __iter__(self) -> Iterator[Any]:
            for index, batch in enumerate(super().__iter__()):
                admitted_batch = admit(keras.tree.map_structure(_to_numpy, batch), index)
                yield (keras.tree.map_structure(to_torch, admitted_batch),)

    other = copy.copy(loader)
    other.__class__ = AdmittingLoader
    return other


def _mapped(dataset: Any, admit: Admit, spec: Spec) -> Any:
    """Return a `tf.data.Dataset` with a map that calls `admit` in Python."""
    import tensorflow as tf

    element = dataset.element_spec
    first = element[0] if isinstance(element, tuple) else element
    if not isinstance(first, tf.TensorSpec):
        return dataset
    outputs = spec(tuple(first.shape) if first.shape.rank else None, first.dtype.as_numpy_dtype)
    leaves = keras.tree.flatten(outputs)

    def call(index: Any, batch: Any) -> Any:
        def admit_flat(index: np.ndarray, *values: np.ndarray) -> list[np.ndarray]:
            given = tf.nest.pack_sequence_as(batch, list(values))
            arrays = keras.tree.flatten(admit(given, int(index)))
            return [np.asarray(x, leaf.dtype) for x, leaf in zip(arrays, leaves, strict=True)]

        dtypes = [leaf.dtype for leaf in leaves]
        tensors = tf.numpy_function(admit_flat, [index, *tf.nest.flatten(batch)], dtypes)
        for tensor, leaf in zip(tensors, leaves, strict=True):
            if leaf.shape is not None:
                tensor.set_shape(leaf.shape)
        return keras.tree.pack_sequence_as(outputs, tensors)

    return dataset.enumerate().map(call).prefetch(2)
