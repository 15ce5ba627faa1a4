"""Does every combination of options train, or is it refused in words? Random ones, many of them.

    KERAS_BACKEND=torch python benchmarks/options.py --seeds 500
    KERAS_BACKEND=torch python benchmarks/options.py --only 17

A seed draws data, networks, the arguments of `RecurrentGAN`, of `compile` and of `fit`. The model
trains three steps or more, generates, is saved and loaded, generates again, and both it and the loaded
one train an epoch more. One of three things comes of it:

- trained: all logs, weights and samples are finite, the loaded model generates the same samples, and
  goes on to the same numbers, bit by bit;
- refused: an error of this library says what was wrong, names an argument, and no step was taken;
- fault: anything else.

Finished seeds stand in OUT/BACKEND.jsonl, a line each, and are not run again. Ends with 1 where there
is a fault. On JAX compilation takes half as long with XLA_FLAGS as `make test-all` sets them.
"""

import argparse
import collections
import contextlib
import gc
import inspect
import json
import math
import os
import re
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

import keras_rgan as kr

BACKEND = keras.backend.backend()
PACKAGE = str(Path(kr.__file__).parent)
STEPS = 3
"""How many steps are trained before a model is saved, at the least."""

REFUSALS = (ValueError, TypeError, OSError, ImportError)
"""What a refusal may be."""

POLICIES = ["float32", "mixed_bfloat16", "mixed_float16", "float64"]
FLOATS = ["float32", "float64", "float16"]
OTHERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "bool"]


class FaultError(Exception):
    """What must not be."""


class Chance:
    """Draws of a seed.

    Args:
        seed: The seed.
    """

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng([seed, 2026])

    def often(self, share: float) -> bool:
        """Return True that often."""
        return bool(self.random.random() < share)

    def one_of(self, options: Sequence[Any]) -> Any:
        """Return one of some options."""
        return options[int(self.random.integers(len(options)))]

    def whole(self, low: int, high: int) -> int:
        """Return a whole number, of `high` at the most."""
        return int(self.random.integers(low, high + 1))

    def real(self, low: float, high: float) -> float:
        """Return a real number of three digits."""
        return float(f"{self.random.uniform(low, high):.3g}")

    def some(self, share: float, options: dict[str, Any]) -> dict[str, Any]:
        """Return some of a dict of functions that draw, each that often, as what they draw."""
        chosen = [name for name in options if self.often(share)]
        return {name: options[name]() for name in chosen}


# What is drawn: plain values, which a report shows


def draw(seed: int, backend: str = BACKEND) -> dict[str, Any]:
    """Return a combination: a dict of plain values, from which `run` makes everything."""
    chance = Chance(seed)
    batch_size = chance.one_of([1, 1, 2, 2, 3, 4, 5, 7, 8, 13, 32])
    num_samples = min(batch_size * chance.whole(1, 3) + chance.whole(0, batch_size - 1), 40)
    # Long sequences take minutes to compile
    steps = [1, 2, 3, 5, 8, 12] + ([17, 40] if backend == "torch" or chance.often(0.2) else [])
    data = draw_data(chance, num_samples, steps)
    networks = draw_networks(chance, data)
    options = draw_compile(chance, backend)
    own = networks["discriminator"]
    if own.get("activation") == "sigmoid" and chance.often(0.8):
        options["loss"] = {"class": "NonSaturatingLoss", "from_logits": False}
    fit = draw_fit(chance, batch_size)
    model = draw_model(chance, data)
    return {
        "seed": seed,
        "data": data,
        "networks": networks,
        "model": model,
        "compile": options,
        "fit": fit,
        "policy": chance.one_of(POLICIES) if chance.often(0.3) else "float32",
        "policy_for_all": chance.often(0.5),
    }


def draw_data(chance: Chance, num_samples: int, steps: Sequence[int]) -> dict[str, Any]:
    """Return what data there is, of one of some numbers of steps."""
    shape = [chance.one_of(steps), chance.one_of([1, 2, 2, 3, 4, 9, 12])]
    dtype = chance.one_of(OTHERS) if chance.often(0.2) else chance.one_of(FLOATS)
    data: dict[str, Any] = {"num_samples": num_samples, "shape": shape, "dtype": dtype}
    if chance.often(0.1):
        data["shape"] = chance.one_of([[3], [1], [4, 5, 2], [6, 4, 1]])
    data["law"] = chance.one_of(["normal", "normal", "uniform", "heavy", "constant", "walk", "sparse"])
    data |= chance.some(
        0.3,
        {
            "scale": lambda: float(f"1e{chance.whole(-30, 30)}"),
            "offset": lambda: chance.real(-1.0, 1.0) * 10.0 ** chance.whole(-3, 9),
        },
    )
    data |= chance.some(
        0.1,
        {
            "scales_of_samples": lambda: True,
            "one_hot": lambda: chance.whole(2, 4),
            "constant_feature": lambda: True,
            "copied_feature": lambda: True,
        },
    )
    if len(data["shape"]) != 2:
        return {k: v for k, v in data.items() if k != "one_hot"}
    data |= chance.some(0.2, {"lengths": lambda: chance.one_of(["list", "mask", "length"])})
    data |= chance.some(0.2, {"gaps": lambda: chance.one_of(["nan", "observed"])})
    data |= chance.some(0.35, {"conditions": lambda: draw_conditions(chance)})
    return data | chance.some(0.15, {"dataset": lambda: True})


def draw_conditions(chance: Chance) -> dict[str, Any]:
    """Return what conditions there are: by name their kind and width."""
    kinds = ["real", "real64", "text", "int", "bool", "temporal_real", "temporal_int", "temporal_bool"]
    return {
        f"{kind}_{i}": {
            "kind": kind,
            "width": draw_width(chance, kind),
            "scale": chance.one_of([1.0, 1.0, 1e-12, 1e6, 1e20]),
            "constant": chance.often(0.1),
        }
        for i, kind in enumerate(chance.one_of(kinds) for _ in range(chance.whole(1, 3)))
    }


def draw_width(chance: Chance, kind: str) -> int:
    """Return how wide a condition is; 0 for one without that axis."""
    if not kind.startswith("temporal") and chance.often(0.6):
        return 0
    return chance.whole(1, 2) if "real" in kind or chance.often(0.1) else 1


def draw_networks(chance: Chance, data: dict[str, Any]) -> dict[str, Any]:
    """Return what the two networks are: arguments, or layers of networks of one's own."""
    own = len(data["shape"]) != 2 or chance.often(0.25)
    which = chance.one_of(["both", "both", "generator", "discriminator"]) if own else ""
    if len(data["shape"]) != 2:
        which = "both"
    networks: dict[str, Any] = {}
    networks["generator"] = (
        draw_own_generator(chance, data)
        if which in ("both", "generator")
        else draw_generator_arguments(chance, data)
    )
    networks["discriminator"] = (
        draw_own_discriminator(chance, data)
        if which in ("both", "discriminator")
        else draw_discriminator_arguments(chance)
    )
    return networks


def draw_cell(chance: Chance) -> Any:
    """Return a cell: its name, or the class of Keras's and its arguments."""
    if chance.often(0.8):
        return chance.one_of(["gru", "lstm", "simple", "min_gru"])
    kind = chance.one_of(["GRUCell", "LSTMCell", "SimpleRNNCell"])
    return {"keras": kind, **chance.some(0.3, {"recurrent_dropout": lambda: 0.2})}


def draw_generator_arguments(chance: Chance, data: dict[str, Any]) -> dict[str, Any]:
    """Return arguments of a `RecurrentGenerator`."""
    arguments = {"units": chance.whole(1, 6)} | chance.some(
        0.2,
        {
            "num_layers": lambda: chance.whole(1, 2),
            "cell": lambda: draw_cell(chance),
            "latent_dim": lambda: chance.whole(0, 3),
            "noise_dim": lambda: chance.whole(0, 2),
            "hidden_units": lambda: chance.whole(0, 3),
            "output_activation": lambda: chance.one_of(["tanh", "sigmoid", "relu"]),
            "emission_steps": lambda: chance.whole(1, 3),
            "convolution_units": lambda: chance.whole(1, 3),
            "attention_heads": lambda: chance.whole(1, 2),
            "attention_span": lambda: chance.whole(1, 5),
            "smoothing": lambda: chance.often(0.7),
            "gated_smoothing": lambda: chance.often(0.5),
            "truncation": lambda: chance.whole(1, 5),
            "condition_dim": lambda: chance.whole(1, 3),
            "context_units": lambda: chance.whole(1, 3),
        },
    )
    if not (is_temporal(data) or chance.often(0.05)):
        arguments.pop("context_units", None)
    if arguments.get("smoothing") is False and chance.often(0.9):
        arguments["gated_smoothing"] = False
    return arguments


def is_temporal(data: dict[str, Any]) -> bool:
    """Return whether something beside the sequences is known at every step."""
    kinds = [spec["kind"] for spec in data.get("conditions", {}).values()]
    return "lengths" in data or "gaps" in data or any(kind.startswith("temporal") for kind in kinds)


def draw_discriminator_arguments(chance: Chance) -> dict[str, Any]:
    """Return arguments of a `RecurrentDiscriminator`."""
    arguments = {"units": chance.whole(1, 6)} | chance.some(
        0.2,
        {
            "num_layers": lambda: chance.whole(1, 2),
            "cell": lambda: draw_cell(chance),
            "bidirectional": lambda: False,
            "pooling": lambda: chance.one_of(["last", "mean", ["last", "mean"]]),
            "per_step": lambda: True,
            "next_step_prediction": lambda: True,
            "minibatch_group_size": lambda: chance.whole(1, 5),
            "dropout": lambda: chance.real(0.0, 0.9),
            "increments": lambda: chance.whole(0, 3),
            "convolution_units": lambda: chance.whole(0, 3),
            "attention_heads": lambda: chance.whole(1, 2),
            "truncation": lambda: chance.whole(1, 5),
            "condition_dim": lambda: chance.whole(1, 3),
        },
    )
    if "per_step" in arguments and chance.often(0.8):
        arguments["convolution_units"] = 0
    return arguments


def draw_own_generator(chance: Chance, data: dict[str, Any]) -> dict[str, Any]:
    """Return what a generator of one's own is made of."""
    kinds = (
        ["dense"] if len(data["shape"]) != 2 else ["dense", "GRU", "LSTM", "Conv1D", "Bidirectional"]
    )
    return {
        "own": chance.one_of(kinds),
        "width": chance.whole(1, 4),
        "open": chance.often(0.5),
        "between": draw_between(chance),
        "activation": chance.one_of([None, None, "tanh", "sigmoid", "relu"]),
    }


def draw_own_discriminator(chance: Chance, data: dict[str, Any]) -> dict[str, Any]:
    """Return what a discriminator of one's own is made of."""
    kinds = {
        1: ["dense"],
        2: ["dense", "GRU", "LSTM", "Conv1D", "Bidirectional"],
        3: ["dense", "Conv2D"],
    }
    return {
        "own": chance.one_of(kinds[len(data["shape"])]),
        "width": chance.whole(1, 4),
        "open": chance.often(0.3),
        "per_step": chance.often(0.15),
        "between": [*draw_between(chance), *(["MinibatchStdDev"] if chance.often(0.1) else [])],
        "spectral": chance.often(0.2),
        "activation": "sigmoid" if chance.often(0.15) else None,
    }


def draw_between(chance: Chance) -> list[str]:
    """Return layers that stand within a network."""
    names = ["BatchNormalization", "LayerNormalization", "Dropout", "GaussianNoise", "LeakyReLU"]
    return [name for name in names if chance.often(0.2)]


def draw_model(chance: Chance, data: dict[str, Any]) -> dict[str, Any]:
    """Return arguments of `RecurrentGAN`."""
    model: dict[str, Any] = {"seed": None if chance.often(0.1) else chance.whole(0, 2**31 - 1)}
    kinds = ["auto", "min_max", "standard", "robust", "per_sample", None, "layer", "per_sample layer"]
    model |= chance.some(
        0.3,
        {
            "scaler": lambda: chance.one_of(kinds),
            "attributes": lambda: "generated" if chance.often(0.7) else "drawn",
        },
    )
    conditions = [spec["kind"] for spec in data.get("conditions", {}).values()]
    if all(kind.startswith("temporal") for kind in conditions) and chance.often(0.9):
        model.pop("attributes", None)
    if "layer" in str(model.get("scaler")):
        ends = sorted([chance.real(-3.0, 3.0), chance.real(-3.0, 3.0)])
        names = ["range", "lattice", "copies", "categories"]
        model["constraints"] = [name for name in names if chance.often(0.5)]
        model["feature_range"] = ends
    model["completion"] = chance.often(0.95 if data.get("gaps") == "nan" else 0.15)
    return model | chance.some(
        0.15,
        {
            "noise": lambda: chance.one_of(["normal", "uniform"]),
            "noise_mean": lambda: chance.real(-3.0, 3.0),
            "noise_scale": lambda: chance.one_of([0.0, 0.01, 0.5, 10.0]),
        },
    )


def draw_compile(chance: Chance, backend: str) -> dict[str, Any]:
    """Return arguments of `compile`."""
    # Minutes of compilation
    slow_jit = {"torch": 0.02, "tensorflow": 0.08, "jax": 0.3}[backend]
    options = chance.some(
        0.35,
        {
            "loss": lambda: draw_loss(chance),
            "penalties": lambda: draw_penalties(chance),
            "generator_optimizer": lambda: draw_optimizer(chance),
            "discriminator_optimizer": lambda: draw_optimizer(chance),
            "discriminator_steps": lambda: chance.whole(1, 3),
            "ema": lambda: chance.one_of([None, 0.0, 0.5, 0.999, 1.0]),
            "metrics": lambda: chance.one_of([None, "mmd", "roughness", ["roughness", "mmd"]]),
            "prediction_weight": lambda: chance.one_of([0.0, 0.1, 10.0]),
            "completion_weight": lambda: chance.one_of([0.0, 0.1, 10.0]),
            "nonfinite": lambda: chance.one_of(["raise", "skip"]),
        },
    )
    if chance.often(0.1):
        options["run_eagerly"] = True
    if chance.often(0.1):
        options["steps_per_execution"] = chance.whole(1, 3)
    if chance.often(0.3):
        options["jit_compile"] = chance.often(slow_jit) or chance.one_of([False, "auto", "auto"])
    return options


def draw_loss(chance: Chance) -> Any:
    """Return a loss: its name, or its class and arguments."""
    names = ["minimax", "non_saturating", "least_squares", "hinge", "wasserstein", "relativistic"]
    if chance.often(0.6):
        return chance.one_of(names)
    kind = chance.one_of(["MinimaxLoss", "NonSaturatingLoss", "LeastSquaresLoss"])
    arguments: dict[str, Any] = {"label_smoothing": chance.one_of([0.0, 0.1, 0.5])}
    if kind != "LeastSquaresLoss" and chance.often(0.05):
        arguments["from_logits"] = False
    return {"class": kind, **arguments}


def draw_penalties(chance: Chance) -> Any:
    """Return penalties, each its name, or its class and arguments."""
    exact = ["GradientPenalty", "R1Penalty", "R2Penalty"]
    approximate = ["ApproximateGradientPenalty", "ApproximateR1Penalty", "ApproximateR2Penalty"]

    def one() -> Any:
        if chance.often(0.3):
            return chance.one_of(["gradient_penalty", "r1", "r2", "approximate_r1", "approximate_r2"])
        kind = chance.one_of([*exact, *approximate])
        arguments: dict[str, Any] = chance.some(
            0.5,
            {
                "weight": lambda: chance.one_of([0.0, 0.1, 10.0, 100.0]),
                "interval": lambda: chance.whole(1, 3),
            },
        )
        if kind in approximate:
            arguments |= chance.some(0.3, {"every": lambda: chance.whole(1, 4)})
        if kind in approximate[1:]:
            arguments |= chance.some(0.3, {"noise_scale": lambda: chance.one_of([1e-3, 0.5])})
            arguments |= chance.some(0.3, {"features": lambda: chance.whole(1, 6)})
        return {"class": kind, **arguments}

    if chance.often(0.15):
        return None
    return [one() for _ in range(chance.one_of([1, 1, 1, 2]))]


def draw_optimizer(chance: Chance) -> Any:
    """Return an optimizer: its name, or its class and arguments; None for none."""
    if chance.often(0.07):
        return None
    kinds = [
        "Adam",
        "AdamW",
        "SGD",
        "RMSprop",
        "Lion",
        "Nadam",
        "Adamax",
        "Adagrad",
        "Adadelta",
        "Ftrl",
    ]
    if chance.often(0.2):
        return chance.one_of(kinds).lower()
    arguments: dict[str, Any] = {
        "class": chance.one_of(kinds),
        "learning_rate": chance.one_of([1e-4, 1e-3]),
    }
    if arguments["class"] == "SGD":
        arguments["momentum"] = chance.one_of([0.0, 0.9])
        arguments["nesterov"] = chance.often(0.3)
    if chance.often(0.2):
        arguments["learning_rate"] = chance.one_of(
            ["ExponentialDecay", "CosineDecay", "PiecewiseConstantDecay", "PolynomialDecay"]
        )
    clip = chance.one_of(["clipnorm", "global_clipnorm", "clipvalue", None, None])
    if clip:
        arguments[clip] = chance.one_of([0.01, 1.0])
    return arguments | chance.some(
        0.15,
        {
            "weight_decay": lambda: 0.01,
            "use_ema": lambda: True,
            "gradient_accumulation_steps": lambda: chance.whole(2, 4),
            "loss_scale_factor": lambda: 128.0,
        },
    )


def draw_fit(chance: Chance, batch_size: int) -> dict[str, Any]:
    """Return arguments of `fit`."""
    return {"batch_size": batch_size} | chance.some(
        0.25,
        {
            "shuffle": lambda: False,
            "validation_data": lambda: True,
            "validation_split": lambda: chance.one_of([0.1, 0.5]),
            "validation_batch_size": lambda: chance.whole(1, 8),
        },
    )


# What is made of it


def make_values(data: dict[str, Any], random: np.random.Generator) -> np.ndarray:
    """Return the values of sequences."""
    shape = (data["num_samples"], *data["shape"])
    laws: dict[str, Any] = {
        "normal": random.standard_normal,
        "uniform": random.uniform,
        "heavy": random.standard_cauchy,
        "constant": np.ones,
        "walk": lambda size: np.cumsum(random.standard_normal(size), axis=1),
        "sparse": lambda size: random.exponential(size=size) * (random.random(size) < 0.1),
    }
    values = laws[data["law"]](size=shape) if data["law"] == "uniform" else laws[data["law"]](shape)
    if "scales_of_samples" in data:
        values = values * 10.0 ** random.uniform(-3.0, 3.0, (len(values),) + (1,) * (values.ndim - 1))
    if "constant_feature" in data:
        values[..., 0] = 2.5
    if "copied_feature" in data:
        values[..., -1] = values[..., 0]
    with np.errstate(all="ignore"):
        values = values * data.get("scale", 1.0) + data.get("offset", 0.0)
    if "one_hot" in data:
        chosen = random.integers(0, data["one_hot"], shape[:-1])
        values = np.concatenate([values, np.eye(data["one_hot"])[chosen]], axis=-1)
    return as_dtype(values, data["dtype"])


def as_dtype(values: np.ndarray, dtype: str) -> np.ndarray:
    """Return values as close in a dtype as it can hold."""
    if dtype == "bool":
        return values > np.median(values)
    wide = np.finfo(dtype) if dtype in FLOATS else np.iinfo(dtype)
    values = np.clip(values, 0.5 * float(wide.min), 0.5 * float(wide.max))
    return (values if dtype in FLOATS else np.round(values)).astype(dtype)


def make_condition(
    spec: dict[str, Any], data: dict[str, Any], random: np.random.Generator
) -> np.ndarray:
    """Return the values of one condition."""
    time_axis = data["shape"][:1] if spec["kind"].startswith("temporal") else []
    shape = (data["num_samples"], *time_axis, *([spec["width"]] if spec["width"] else []))
    kind = spec["kind"].removeprefix("temporal_")
    numbers = random.integers(0, 1 if spec["constant"] else 4, shape)
    if kind == "text":
        return np.asarray(["a", "b", "c", "long name"])[numbers]
    if kind == "bool":
        return numbers > 1
    if kind == "int":
        return numbers
    reals = np.zeros(shape) if spec["constant"] else random.standard_normal(shape)
    return (reals * spec["scale"] + 1.0).astype("float64" if kind == "real64" else "float32")


def make_data(data: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return sequences, padded, with gaps, and what stands beside them by name."""
    random = np.random.default_rng(data["num_samples"])
    values = make_values(data, random)
    conditions = {
        name: make_condition(spec, data, random) for name, spec in data.get("conditions", {}).items()
    }
    observed = random.random(values.shape) < 0.7
    if data.get("gaps") == "nan" and values.dtype.kind == "f":
        values = np.where(observed, values, np.asarray(np.nan, values.dtype))
    elif data.get("gaps") == "observed":
        conditions["observed"] = observed
    lengths = random.integers(1, data["shape"][0] + 1, len(values))
    if data.get("lengths") == "length" or (data.get("lengths") == "list" and "dataset" in data):
        conditions["length"] = lengths
    elif data.get("lengths") == "mask":
        conditions["mask"] = np.arange(data["shape"][0]) < lengths[:, None]
    elif data.get("lengths") == "list":
        return [x[:n] for x, n in zip(values, lengths, strict=True)], conditions
    return values, conditions


class Batches(keras.utils.PyDataset):
    """Batches of an array with conditions.

    Args:
        values: Sequences.
        conditions: What stands beside them.
        size: Of a batch.
    """

    def __init__(self, values: np.ndarray, conditions: dict[str, np.ndarray], size: int) -> None:
        super().__init__()
        self.values, self.conditions, self.size = values, conditions, size

    @property
    def num_batches(self) -> int:
        """How many batches there are."""
        return math.ceil(len(self.values) / self.size)

    def __getitem__(self, index: int) -> Any:
        """Return a batch."""
        rows = slice(index * self.size, (index + 1) * self.size)
        batch = self.values[rows]
        beside = {name: values[rows] for name, values in self.conditions.items()}
        return (batch, beside) if beside else batch


def make_cell(cell: Any, units: int) -> Any:
    """Return a cell of its name or of the class of Keras's."""
    if not isinstance(cell, dict):
        return cell
    arguments = {name: value for name, value in cell.items() if name != "keras"}
    return getattr(keras.layers, cell["keras"])(units, **arguments)


def make_between(names: Sequence[str]) -> list[keras.layers.Layer]:
    """Return layers that stand within a network."""
    arguments = {"Dropout": {"rate": 0.3, "seed": 1}, "GaussianNoise": {"stddev": 0.1, "seed": 1}}
    libraries = {name: kr.layers if hasattr(kr.layers, name) else keras.layers for name in names}
    return [getattr(libraries[name], name)(**arguments.get(name, {})) for name in names]


def make_recurrent(kind: str, width: int, sequences: bool) -> keras.layers.Layer:
    """Return a layer that reads sequences."""
    if kind == "Conv1D":
        return keras.layers.Conv1D(width, 3, padding="same", activation="tanh")
    if kind == "Bidirectional":
        return keras.layers.Bidirectional(keras.layers.GRU(width, return_sequences=sequences))
    return getattr(keras.layers, kind)(width, return_sequences=sequences)


def make_own_generator(spec: dict[str, Any], shape: Sequence[int], columns: int) -> keras.Model:
    """Return a generator of one's own, which reads so many columns of conditions."""
    if spec["own"] == "dense":
        noise = keras.Input((3,), name="noise")
        layers = [
            keras.layers.Dense(math.prod(shape), activation=spec["activation"]),
            keras.layers.Reshape(tuple(shape)),
        ]
    else:
        noise = keras.Input((None if spec["open"] else shape[0], 2), name="noise")
        layers = [
            make_recurrent(spec["own"], spec["width"], sequences=True),
            keras.layers.Dense(shape[-1], activation=spec["activation"]),
        ]
    conditions = keras.Input((noise.shape[1] if len(noise.shape) > 2 else shape[0], columns), name="c")
    x = noise
    if columns and spec["own"] == "dense":
        x = keras.layers.concatenate([x, keras.layers.Flatten()(conditions)])
    elif columns:
        x = keras.layers.concatenate([x, conditions])
    for layer in [*layers[:1], *make_between(spec["between"]), *layers[1:]]:
        x = layer(x)
    return keras.Model({"noise": noise, "conditions": conditions} if columns else noise, x)


def make_own_discriminator(spec: dict[str, Any], shape: Sequence[int], columns: int) -> keras.Model:
    """Return a discriminator of one's own, which reads so many columns of conditions."""
    if len(shape) == 2 and spec["open"] and spec["own"] != "dense":
        steps: int | None = None
    else:
        steps = shape[0]
    sequences = keras.Input((steps, *shape[1:]), name="sequences")
    conditions = keras.Input((steps, columns), name="conditions")
    x = keras.layers.concatenate([sequences, conditions]) if columns else sequences
    if spec["own"] == "dense":
        x = keras.layers.Dense(spec["width"])(keras.layers.Flatten()(x))
    elif spec["own"] == "Conv2D":
        x = keras.layers.Conv2D(spec["width"], 2, padding="same")(x)
    else:
        x = make_recurrent(spec["own"], spec["width"], sequences=True)(x)
    for layer in make_between([name for name in spec["between"] if name != "MinibatchStdDev"]):
        x = layer(x)
    if len(x.shape) == 3 and not spec["per_step"]:
        x = keras.layers.GlobalAveragePooling1D()(x)
    elif len(x.shape) > 3:
        x = keras.layers.Flatten()(x)
    if "MinibatchStdDev" in spec["between"] and len(x.shape) == 2:
        x = kr.layers.MinibatchStdDev()(x)
    head = keras.layers.Dense(1, activation=spec["activation"])
    x = keras.layers.SpectralNormalization(head)(x) if spec["spectral"] else head(x)
    return keras.Model({"sequences": sequences, "conditions": conditions} if columns else sequences, x)


def num_columns(combination: dict[str, Any], sequences: Any, beside: dict[str, Any]) -> int:
    """Return how many columns of conditions networks see; 0 where the data is refused."""
    if len(combination["data"]["shape"]) != 2:
        return 0
    try:
        gan = make_model(combination, {"generator": {"units": 1}, "discriminator": {"units": 1}})
        gan.adapt((sequences, beside) if beside else sequences)
    except REFUSALS:
        return 0
    return gan.layout.total


def make_networks(
    combination: dict[str, Any], sequences: Any, beside: dict[str, Any]
) -> dict[str, Any]:
    """Return the two networks, or the arguments of those that are made by default."""
    networks = {}
    shape = list(sequences[0].shape)
    shape[0] = max(len(sample) for sample in sequences)
    makers = {"generator": make_own_generator, "discriminator": make_own_discriminator}
    for role, spec in combination["networks"].items():
        if "own" in spec:
            columns = num_columns(combination, sequences, beside)
            networks[role] = makers[role](spec, shape, columns)
        else:
            cell = {"cell": make_cell(spec["cell"], spec["units"])} if "cell" in spec else {}
            networks[role] = {**spec, **cell}
    return networks


def make_scaler(model: dict[str, Any]) -> dict[str, Any]:
    """Return the scaler as an argument, if one is drawn."""
    constraints = model.get("constraints")
    if model.get("scaler") == "layer":
        layer = kr.layers.SequenceScaler(
            feature_range=tuple(model["feature_range"]), constraints=constraints
        )
        return {"scaler": layer}
    if model.get("scaler") == "per_sample layer":
        return {"scaler": kr.layers.PerSampleScaler(constraints=constraints)}
    return {"scaler": model["scaler"]} if "scaler" in model else {}


def make_schedule(name: Any) -> Any:
    """Return a schedule of its name, or a rate as it is."""
    schedules = keras.optimizers.schedules
    if name == "ExponentialDecay":
        return schedules.ExponentialDecay(1e-3, 2, 0.9)
    if name == "CosineDecay":
        return schedules.CosineDecay(1e-4, 2, warmup_target=1e-3, warmup_steps=2, alpha=0.1)
    if name == "PiecewiseConstantDecay":
        return schedules.PiecewiseConstantDecay([1, 2], [1e-3, 1e-4, 1e-5])
    if name == "PolynomialDecay":
        return schedules.PolynomialDecay(1e-3, 2)
    return name


def make_object(spec: Any, library: Any) -> Any:
    """Return an object of its class and arguments, or what else an argument may be."""
    if not isinstance(spec, dict):
        return spec
    arguments = {name: make_schedule(value) for name, value in spec.items() if name != "class"}
    return getattr(library, spec["class"])(**arguments)


def make_compile(options: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `compile`."""
    made = dict(options)
    for name in ("generator_optimizer", "discriminator_optimizer"):
        if name in made:
            made[name] = make_object(made[name], keras.optimizers)
    if "loss" in made:
        made["loss"] = make_object(made["loss"], kr.losses)
    if made.get("penalties"):
        made["penalties"] = [make_object(spec, kr.penalties) for spec in made["penalties"]]
    return made


def make_fit(combination: dict[str, Any], sequences: Any, beside: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `fit`, but for the epochs."""
    options = dict(combination["fit"])
    if "dataset" in combination["data"]:
        x: Any = Batches(sequences, beside, options.pop("batch_size"))
        options.pop("validation_split", None)
    else:
        x = (sequences, beside) if beside else sequences
    if "validation_data" in options:
        options["validation_data"] = x
        options.pop("validation_split", None)
    return {"x": x, "verbose": 0, **options}


# What is looked at


def run(combination: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Train a combination, and return what came of it."""
    start = time.monotonic()
    result: dict[str, Any] = {"seed": combination["seed"]}
    with warnings.catch_warnings(), policy(combination):
        warnings.simplefilter("ignore")
        try:
            keras.utils.set_random_seed(combination["seed"])
            result |= attempt(combination, folder)
        except Exception as error:
            trace = traceback.format_exc()
            result |= {"outcome": "fault", "what": f"{type(error).__name__}: {error}", "trace": trace}
    return result | {"seconds": round(time.monotonic() - start, 2)}


@contextlib.contextmanager
def policy(combination: dict[str, Any]) -> Iterator[None]:
    """Set the policy of all layers, if that is how it is set."""
    before = keras.config.dtype_policy()
    if combination["policy_for_all"]:
        keras.config.set_dtype_policy(combination["policy"])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def attempt(combination: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return how a combination is refused, or that it trained.

    Raises:
        Exception: If neither is so.
    """
    sequences, beside = make_data(combination["data"])
    networks = make_networks(combination, sequences, beside)
    gan = None
    before: list[tuple[Any, np.ndarray]] = []
    try:
        gan = make_model(combination, networks)
        gan.compile(**make_compile(combination["compile"]))
        options = make_fit(combination, sequences, beside)
        before = [(v, keras.ops.convert_to_numpy(v.value)) for v in floats_of(gan.variables)]
        epochs = math.ceil(STEPS / num_steps(combination))
        history = gan.fit(epochs=epochs, **options).history
    except REFUSALS as error:
        check_refusal(error, gan, before, argument_names() | set(beside))
        return {"outcome": "refused", "what": f"{type(error).__name__}: {error}"}
    check_finite(gan, history)
    check_resumes(gan, options, epochs, combination["seed"], folder)
    return {"outcome": "trained"}


def make_model(combination: dict[str, Any], networks: dict[str, Any]) -> kr.RecurrentGAN:
    """Return a model."""
    plain = {k: v for k, v in combination["model"].items() if k not in ("constraints", "feature_range")}
    plain |= make_scaler(combination["model"])
    dtype = {} if combination["policy_for_all"] else {"dtype": combination["policy"]}
    return kr.RecurrentGAN(**networks, **plain, **dtype)


def num_steps(combination: dict[str, Any]) -> int:
    """Return how many steps an epoch has, about."""
    fit, count = combination["fit"], combination["data"]["num_samples"]
    if "dataset" not in combination["data"] and "validation_data" not in fit:
        count = math.floor(count * (1.0 - fit.get("validation_split", 0.0)))
    return max(math.ceil(count / fit["batch_size"]), 1)


def floats_of(variables: Sequence[Any]) -> list[Any]:
    """Return those that are no states of random draws."""
    return [v for v in variables if keras.backend.is_float_dtype(v.dtype)]


def argument_names() -> set[str]:
    """Return the names of the arguments that a refusal may name."""
    kinds: list[Any] = [kr.RecurrentGAN, kr.RecurrentGAN.compile, kr.RecurrentGAN.fit]
    kinds += [kr.networks.RecurrentGenerator, kr.networks.RecurrentDiscriminator]
    kinds += [kr.layers.SequenceScaler]
    names = {name for kind in kinds for name in inspect.signature(kind).parameters}
    return names - {"x", "y", "self", "kwargs", "unknown"} | {"length", "observed", "mask"}


def check_refusal(
    error: BaseException, gan: Any, before: Sequence[tuple[Any, np.ndarray]], names: set[str]
) -> None:
    """Raise an error again that is no refusal.

    Args:
        error: The error.
        gan: The model, if it came so far.
        before: Variables and what they were before.
        names: Of arguments and conditions, one of which it must name.

    Raises:
        FaultError: If it names no argument, or comes after something has changed.
    """
    if not traceback.extract_tb(error.__traceback__)[-1].filename.startswith(PACKAGE):
        raise error
    if not any(re.search(rf"\b{name}\b", str(error)) for name in names):
        raise FaultError(f"refused without the name of an argument: {error}") from error
    changed = any(not np.array_equal(keras.ops.convert_to_numpy(v.value), a) for v, a in before)
    optimizer = getattr(gan, "optimizer", None)
    steps = 0 if optimizer is None else int(keras.ops.convert_to_numpy(optimizer.iterations.value))
    if changed or steps:
        raise FaultError(f"refused after {steps} steps") from error


def check_finite(gan: kr.RecurrentGAN, history: dict[str, list[float]]) -> None:
    """Look at logs and weights.

    Raises:
        FaultError: If some are not finite.
    """
    wrong = [name for name, values in history.items() if not np.isfinite(values).all()]
    if wrong:
        raise FaultError(f"not finite: {wrong} of {history}")
    if any(history.get("skipped_steps", [])):
        raise FaultError(f"skipped: {history}")
    networks = [*gan.generators, gan.discriminator]
    variables = [v for network in networks for v in network.variables]
    for v in floats_of([*variables, *gan.ema_weights, *gan.optimizer.variables]):
        if not np.isfinite(keras.ops.convert_to_numpy(keras.ops.cast(v.value, "float32"))).all():
            raise FaultError(f"not finite: {v.path}")


def check_resumes(
    gan: kr.RecurrentGAN, options: dict[str, Any], epochs: int, seed: int, folder: Path
) -> None:
    """Save and load a model, and look at whether both generate and train alike.

    Raises:
        FaultError: If they do not, or samples are not finite.
    """
    path = folder / "gan.keras"
    samples = [np.asarray(x) for x in gan.generate(3, seed=1)]
    if not all(np.isfinite(x).all() for x in samples):
        raise FaultError("samples are not finite")
    gan.save(path)
    loaded = keras.models.load_model(path)
    for name, model in {"a second call": gan, "loading": loaded}.items():
        for a, b in zip(samples, model.generate(3, seed=1), strict=True):
            if not np.array_equal(a, b):
                raise FaultError(f"samples differ after {name} by {difference(a, b)}")
    ends = []
    for model in (gan, loaded):
        keras.utils.set_random_seed(seed + 1)
        history = model.fit(epochs=epochs + 1, initial_epoch=epochs, **options).history
        check_finite(model, history)
        variables = [*model.variables, *model.optimizer.variables]
        ends.append([(v.path, keras.ops.convert_to_numpy(v.value)) for v in variables])
    for (name, a), (_, b) in zip(*ends, strict=True):
        if not np.array_equal(a, b, equal_nan=True):
            raise FaultError(f"resumed training differs in {name} by {difference(a, b)}")


def difference(a: np.ndarray, b: np.ndarray) -> str:
    """Return how far apart arrays are, in words."""
    if a.shape != b.shape:
        return f"shapes {a.shape} and {b.shape}"
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    return f"{np.abs(a - b).max():.3g} of {np.abs(a).max():.3g}"


def forget() -> None:
    """Free what a run has left."""
    keras.backend.clear_session()
    if BACKEND == "jax":
        import jax

        jax.clear_caches()
    gc.collect()


def summary(results: Sequence[dict[str, Any]]) -> str:
    """Return counts, and what faults there are."""
    counts = collections.Counter(result["outcome"] for result in results)
    lines = [f"{BACKEND}: {len(results)} combinations: {dict(counts)}"]
    faults = [result for result in results if result["outcome"] == "fault"]
    lines += [f"--only {fault['seed']}: {fault['what'][:300]}" for fault in faults]
    return "\n".join(lines)


def main() -> None:
    """Run what is missing and print what came of all."""
    parser = argparse.ArgumentParser(description="Random combinations of options.")
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", type=int, help="run this seed alone, and show all of it")
    parser.add_argument("--again", action="store_true", help="run seeds anew that had a fault")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no run after so many")
    parser.add_argument("--out", type=Path, default=Path("out/options"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.only is not None:
            combination = draw(options.only)
            print(json.dumps(combination, indent=2))
            result = run(combination, Path(folder))
            print(result.pop("trace", ""), result)
            sys.exit(result["outcome"] == "fault")
        results = run_all(options, Path(folder))
    print(summary(results))
    sys.exit(any(result["outcome"] == "fault" for result in results))


def run_all(options: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Run the seeds that are missing, and return the results of all."""
    path = options.out / f"{BACKEND}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text().splitlines() if path.exists() else []
    results = {result["seed"]: result for result in map(json.loads, lines)}
    if options.again:
        results = {seed: result for seed, result in results.items() if result["outcome"] != "fault"}
        path.write_text("".join(json.dumps(result) + "\n" for result in results.values()))
    done = set(results)
    start = time.monotonic()
    for seed in range(options.first, options.first + options.seeds):
        if seed in done or time.monotonic() - start > 60.0 * options.minutes:
            continue
        combination = draw(seed)
        result = run(combination, folder)
        results[seed] = result
        if result["outcome"] == "fault":
            print(json.dumps(combination))
            print(result.pop("trace"), flush=True)  # which names folders of this machine
        with path.open("a") as file:
            file.write(json.dumps(result) + "\n")
        forget()
    return [results[seed] for seed in sorted(results)]


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
