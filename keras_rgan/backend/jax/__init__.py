"""The backend's verbs on JAX."""

from keras_rgan.backend.jax.devices import (
    batched,
    check_devices,
    device_count,
    gathered,
    replica_count,
    replica_id,
    summed_over_replicas,
    synchronize,
    thread_advice,
    variable_scope,
    whole,
)
from keras_rgan.backend.jax.recurrence import (
    gru,
    loops_differentiate_twice,
    loops_take_single_samples,
    lstm,
)
from keras_rgan.backend.jax.tracing import (
    collectable_graphs,
    export_options,
    is_open,
    normal,
    to_float64,
)
from keras_rgan.backend.jax.trainer import (
    AdversarialTrainer,
    check_compile_options,
    cond,
    input_gradient,
    no_gradient,
)
from keras_rgan.backend.jax.undo import (
    assign_unless,
    sum_of_squares,
    values_of,
)

__all__ = [
    "AdversarialTrainer",
    "assign_unless",
    "batched",
    "check_compile_options",
    "check_devices",
    "collectable_graphs",
    "cond",
    "device_count",
    "export_options",
    "gathered",
    "gru",
    "input_gradient",
    "is_open",
    "loops_differentiate_twice",
    "loops_take_single_samples",
    "lstm",
    "no_gradient",
    "normal",
    "replica_count",
    "replica_id",
    "sum_of_squares",
    "summed_over_replicas",
    "synchronize",
    "thread_advice",
    "to_float64",
    "values_of",
    "variable_scope",
    "whole",
]
