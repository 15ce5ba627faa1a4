"""The backend's verbs on torch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import torch

from keras_rgan.utils.types import Tensor

OPSET = 18
"""The version of ONNX that is written."""


class AdversarialTrainer:
    """Runs the shared steps under autograd."""

    def train_step(self, data: Any) -> dict[str, Tensor]:
        """Update both networks once on a batch."""
        return self.adversarial_step(data)  # type: ignore[attr-defined]

    def test_step(self, data: Any) -> dict[str, Tensor]:
        """Evaluate a batch."""
        return self.evaluation_step(data)  # type: ignore[attr-defined]

    def value_and_gradients(
        self, fn: Callable[[], tuple[Tensor, Any]], variables: Sequence[keras.Variable]
    ) -> tuple[Any, list[Tensor]]:
        """Return what `fn` returns beside its loss, and the loss's gradients.

        `torch.autograd.grad` leaves no gradient on the network that is not being updated. A layer
        frozen since `compile` has none.
        """
        loss, rest = fn()
        values = [v.value for v in variables]
        trained = [v for v in values if v.requires_grad]
        found = torch.autograd.grad(loss, trained, allow_unused=True)
        gradients = {id(v): gradient for v, gradient in zip(trained, found, strict=True)}
        return rest, [gradients.get(id(v)) for v in values]

    def apply(
        self,
        optimizer: keras.optimizers.Optimizer,
        gradients: Sequence[Tensor],
        variables: Sequence[keras.Variable],
    ) -> None:
        """Update `variables`."""
        with torch.no_grad():
            optimizer.apply(gradients, variables)


def input_gradient(fn: Callable[[Tensor], Tensor], x: Tensor, constant: bool = False) -> Tensor:
    """Return the gradient of the sum of `fn(x)` with respect to `x`, as a constant if wanted."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        return torch.autograd.grad(fn(x).sum(), x, create_graph=not constant)[0]


def normal(shape: Sequence[Any], seed: keras.random.SeedGenerator) -> Tensor:
    """Return draws from N(0, 1), float32."""
    return keras.random.normal(shape, dtype="float32", seed=seed)


def cond(predicate: Tensor, true_fn: Callable[[], Tensor], false_fn: Callable[[], Tensor]) -> Tensor:
    """Return the value of one of two branches, which may not change state."""
    return true_fn() if predicate else false_fn()


def batched(x: Any, batch_size: int, shuffle: bool, model: keras.Model) -> Any:
    """Return None: Keras's own way is as good."""
    return None


def gru(
    sequences: Tensor,
    initial_state: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    go_backwards: bool,
) -> Tensor:
    """Return all outputs of a GRU with `reset_after`, by torch's own loop over the steps.

    Arguments and errors are those of the TensorFlow backend's `gru`.
    """

    def reordered(x: Tensor) -> Tensor:
        update, reset, candidate = torch.chunk(x, 3, dim=-1)
        return torch.cat([reset, update, candidate], dim=-1)

    weights = [
        *(reordered(_value(x)).T for x in (kernel, recurrent_kernel)),
        *(reordered(_value(bias)[i]) for i in (0, 1)),
    ]
    return _run(torch.gru, sequences, _start(initial_state), weights, go_backwards)[0]


def lstm(
    sequences: Tensor,
    initial_state: Tensor,
    initial_carry: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    go_backwards: bool,
) -> tuple[Tensor, Tensor]:
    """Return all outputs of an LSTM and its last carry, by torch's own loop over the steps.

    Arguments and errors are those of the TensorFlow backend's `lstm`.
    """
    bias = _value(bias)
    weights = [_value(kernel).T, _value(recurrent_kernel).T, bias, torch.zeros_like(bias)]
    state = [_start(x) for x in (initial_state, initial_carry)]
    outputs, _, carry = _run(torch.lstm, sequences, state, weights, go_backwards)
    return outputs, carry[0]


def _run(
    recurrence: Callable[..., Any], sequences: Tensor, state: Any, weights: list[Tensor], reverse: bool
) -> Any:
    if sequences.device.type != "cpu":  # Keras calls cuDNN there; torch's has no second derivative
        raise NotImplementedError
    if reverse:
        sequences = torch.flip(sequences, (1,))
    return recurrence(sequences, state, weights, True, 1, 0.0, False, False, True)


def _start(state: Tensor) -> Tensor:
    """Return a copy with a dimension for layers: a stateful layer writes over its own state."""
    return _value(state).clone()[None]


def _value(x: Any) -> Tensor:
    return x.value if isinstance(x, keras.Variable) else x


def is_open(size: Any) -> bool:
    """Return whether the size of an axis is not known while a function is traced."""
    return size is None


@contextlib.contextmanager
def export_options(format: str, inputs: Any) -> Iterator[dict[str, Any]]:
    """Yield what Keras's `export` needs to be told, while torch knows operations that Keras uses."""

    def ravel(graph: Any, x: Any) -> Any:
        return graph.op("Reshape", x, graph.op("Constant", value_t=torch.tensor([-1])))

    def layer_norm(graph: Any, x: Any, shape: Any, scale: Any, shift: Any, epsilon: Any, _: Any) -> Any:
        options = {
            "axis_i": -len(list(shape.node().inputs())),
            "epsilon_f": float(epsilon.node().t("value")),
        }
        return graph.op("LayerNormalization", x, scale, shift, **options)

    names = {"aten::ravel": ravel, "aten::layer_norm": layer_norm}
    for name, symbol in names.items():
        torch.onnx.register_custom_op_symbolic(name, symbol, OPSET)
    try:
        yield {"opset_version": OPSET}
    finally:
        for name in names:
            torch.onnx.unregister_custom_op_symbolic(name, OPSET)


def replica_count() -> int:
    """Return one: a step is not shared."""
    return 1


def gathered(x: Tensor) -> Tensor:
    """Return the rows of all replicas of a step: a step sees the whole batch here."""
    return x


def replica_id() -> int:
    """Return zero: a step is not shared."""
    return 0


def variable_scope(model: keras.Model) -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect."""
    return contextlib.nullcontext()


def no_gradient() -> contextlib.AbstractContextManager[Any]:
    """Return a scope in which autograd records nothing."""
    return torch.no_grad()


def synchronize(model: keras.Model) -> None:
    """Do nothing: variables are always up to date."""


def check_compile_options(jit_compile: Any, second_derivative: bool) -> None:
    """Refuse what `torch.compile` cannot differentiate twice."""
    if jit_compile is True and second_derivative:
        raise ValueError(
            "On torch, `jit_compile=True` cannot train with an exact gradient penalty: "
            "`torch.compile` has no second derivative. Expected: jit_compile=False, or penalties "
            "without derivatives such as penalties=['approximate_r1', 'approximate_r2']."
        )


def check_devices(model: keras.Model) -> None:
    """Refuse processes that would each train a model of their own."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1:
        raise ValueError(
            "On torch a RecurrentGAN trains in one process: `DistributedDataParallel` wraps `forward`, "
            f"which the adversarial step does not call. Received: {distributed.get_world_size()} "
            "processes. Train in one, or with KERAS_BACKEND=tensorflow or jax on many devices "
            "(docs/scaling.md)."
        )


def loops_differentiate_twice() -> bool:
    """Return whether the recurrent layers' fast ways have second derivatives: cuDNN's have none."""
    return not torch.cuda.is_available()


def device_count(model: keras.Model) -> int:
    """Return one: `fit` uses one device."""
    return 1
