"""Replicas, workers, and how batches reach them, on TensorFlow."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import keras
import tensorflow as tf

from keras_rgan.sequences import reading
from keras_rgan.utils import processors
from keras_rgan.utils.types import Tensor


def thread_advice() -> str | None:
    """Return what to set so that training is faster, where all cores share each small operation."""
    threads, cores = "TF_NUM_INTRAOP_THREADS", processors.count()
    told = tf.config.threading.get_intra_op_parallelism_threads() or os.environ.get(threads)
    if told or cores < 2 or tf.config.list_logical_devices("GPU"):
        return None
    return (
        "Training is some 1.3 to 1.6 times as fast with a core for each of TensorFlow's operations: "
        f"set {threads}=1 and TF_NUM_INTEROP_THREADS={cores} in the environment before Python starts."
    )


def replica_count() -> int:
    """Return how many replicas share a step."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def replica_id() -> Tensor:
    """Return the index of the replica that this code runs in."""
    context = tf.distribute.get_replica_context()
    return context.replica_id_in_sync_group if context is not None else 0


def gathered(x: Tensor) -> Tensor:
    """Return the rows of all replicas of a step, in the replicas' order."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return x
    return context.all_gather(x, axis=0)


def summed_over_replicas(x: Tensor) -> Tensor:
    """Return the sum of all replicas' tensors in a step."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return x
    return context.all_reduce(tf.distribute.ReduceOp.SUM, x)


def variable_scope(model: keras.Model) -> contextlib.AbstractContextManager[Any]:
    """Return the scope in which variables of `model` must be created."""
    return model.distribute_strategy.scope()


def device_count(model: keras.Model) -> int:
    """Return over how many devices `fit` spreads a batch."""
    return model.distribute_strategy.num_replicas_in_sync


def check_devices(model: keras.Model) -> None:
    """Refuse a model that was made outside of the scope in which it is to train."""
    strategy = tf.distribute.get_strategy()
    created = (strategy.extended.variable_created_in_scope(v.value) for v in model.variables)
    if tf.distribute.has_strategy() and not all(created):
        name = type(strategy).__name__
        raise ValueError(
            f"This model was made outside of the scope of the {name} in which it is to train, and its "
            "weights are not where that needs them. Expected: networks, RecurrentGAN(…) and compile() "
            "inside of `with strategy.scope():`. fit() needs no scope."
        )


def synchronize(model: keras.Model) -> None:
    """Do nothing: variables are always up to date."""


def whole(model: keras.Model) -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect: variables keep their values while Keras runs a step."""
    return contextlib.nullcontext()


def batched(x: Any, batch_size: int, shuffle: bool, model: keras.Model) -> tf.data.Dataset:
    """Return an array, or a dict of some, in batches, in a new random order each epoch with `shuffle`.

    As Keras makes them, but without `tf.data`'s autotuning: its thread sleeps for ever longer, up to
    a minute, and the end of an epoch waits for it to wake. Workers, who each take a share of every
    batch, shuffle alike.
    """

    def convert(part: Any) -> Tensor:
        part = reading.to_numpy(part)
        if part.dtype.kind == "f":
            part = part.astype(keras.config.floatx(), copy=False)
        with tf.device("CPU"):
            return tf.convert_to_tensor(part)

    values = tf.nest.map_structure(convert, x)
    count = len(tf.nest.flatten(values)[0])
    indices = tf.data.Dataset.range(count)
    if shuffle:
        seed = 0 if has_several_workers(model.distribute_strategy) else None
        indices = indices.shuffle(count, seed)

    def choose(chosen: Tensor) -> Any:
        return tf.nest.map_structure(lambda part: tf.gather(part, chosen), values)

    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    data = indices.batch(batch_size).map(choose).prefetch(2)
    return data.with_options(options)


def has_several_workers(strategy: tf.distribute.Strategy) -> bool:
    """Return whether processes share a step, each with a part of the batch."""
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return False
    jobs = strategy.cluster_resolver.cluster_spec().as_dict()
    return sum(len(jobs.get(job, ())) for job in ("chief", "worker")) > 1
