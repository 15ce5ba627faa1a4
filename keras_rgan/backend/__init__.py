"""The few verbs in which the backends differ; everything else is `keras.ops`.

`AdversarialTrainer`, which `RecurrentGAN` inherits from, hands Keras's `train_step` and `test_step` on
to the model's shared `adversarial_step` and `evaluation_step`, and supplies `value_and_gradients`,
`per_sample_gradients` and `apply`. The functions stand alone:

- `input_gradient(fn, x, constant)`: the gradient of the sum of `fn(x)` with respect to `x`.
- `admitted(data, admit, spec)`: a dataset whose batches go through a function of NumPy arrays.
- `batched(x, batch_size, shuffle, model)`: an array as batches, where Keras's own way wastes time.
- `gru(...)`, `lstm(...)`: whole recurrent layers in a faster way than Keras's, where a backend has one.
- `normal(shape, seed)`: draws from N(0, 1).
- `export_options(format, inputs)`: a scope that yields what Keras's `export` needs to be told.
- `to_float64(x)`: a tensor in float64, or an array of NumPy; None where a compiled function has none.
- `collectable_graphs()`: a scope whose graphs go when they are not used any more.
- `is_open(size)`: whether the size of an axis is not known while a function is traced.
- `cond(predicate, true_fn, false_fn)`: one of two branches that change no state.
- `gathered(x)`: the rows of all replicas of a step.
- `sum_of_squares(tensors)`: of all their numbers.
- `values_of(variables, memory)`, `assign_unless(flag, updates)`: a step that is taken back.
- `summed_over_replicas(x)`: the sum of all replicas' tensors in a step.
- `replica_count()`, `replica_id()`: where this code runs among the replicas of a step.
- `variable_scope(model)`: where the variables of `model` must be created.
- `no_gradient()`: a scope in which nothing is recorded for gradients.
- `check_compile_options(...)`: refuses what a backend cannot.
- `check_devices(model)`: refuses to train `model` where devices are set up that it does not know.
- `loops_differentiate_twice()`: whether fused recurrent layers have second derivatives.
- `loops_take_single_samples()`: whether these have gradients of each sample of a batch apart.
- `device_count(model)`: over how many devices `fit` spreads a batch.
- `thread_advice()`: what to set so that training is faster; None for nothing.
- `synchronize(model)`: brings the variables of `model` up to date inside `fit`.
- `whole(model)`: a scope that an error leaves with all variables of `model`.
"""

import keras

from keras_rgan.backend.sources import Leaf, admitted

if keras.backend.backend() == "tensorflow":
    from keras_rgan.backend import tensorflow as _backend
elif keras.backend.backend() == "jax":
    from keras_rgan.backend import jax as _backend  # type: ignore[no-redef]
elif keras.backend.backend() == "torch":
    from keras_rgan.backend import torch as _backend  # type: ignore[no-redef]
else:
    raise ImportError(
        "keras_rgan trains on the Keras backends 'tensorflow', 'jax' and 'torch'. Received: "
        f"'{keras.backend.backend()}'. Set the environment variable KERAS_BACKEND before importing "
        "keras."
    )

AdversarialTrainer = _backend.AdversarialTrainer
assign_unless = _backend.assign_unless
batched = _backend.batched
check_compile_options = _backend.check_compile_options
check_devices = _backend.check_devices
collectable_graphs = _backend.collectable_graphs
cond = _backend.cond
device_count = _backend.device_count
export_options = _backend.export_options
gathered = _backend.gathered
gru = _backend.gru
input_gradient = _backend.input_gradient
is_open = _backend.is_open
loops_differentiate_twice = _backend.loops_differentiate_twice
loops_take_single_samples = _backend.loops_take_single_samples
lstm = _backend.lstm
no_gradient = _backend.no_gradient
normal = _backend.normal
replica_count = _backend.replica_count
replica_id = _backend.replica_id
sum_of_squares = _backend.sum_of_squares
summed_over_replicas = _backend.summed_over_replicas
synchronize = _backend.synchronize
thread_advice = _backend.thread_advice
to_float64 = _backend.to_float64
values_of = _backend.values_of
variable_scope = _backend.variable_scope
whole = _backend.whole

__all__ = [
    "AdversarialTrainer",
    "Leaf",
    "admitted",
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
    "values_of",
    "variable_scope",
    "whole",
]
