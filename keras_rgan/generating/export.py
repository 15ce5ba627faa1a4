"""The generator alone, in files that run without this package."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.backend import internals
from keras_rgan.training.samples import beside
from keras_rgan.utils import checks, saving
from keras_rgan.utils.types import Nested, Tensor
from keras_rgan.utils.untracked import Untracked

BACKENDS = {
    "tf_saved_model": ("tensorflow", "jax"),
    "onnx": ("tensorflow", "jax", "torch"),
    "litert": ("tensorflow",),
}
"""The formats, and on which backends each can be written."""

PACKAGES = {"tensorflow": "tf2onnx", "jax": "jax2onnx", "torch": "onnx"}
"""What writes ONNX on each backend."""

SAVED_MODEL_PARTS = {"saved_model.pb", "fingerprint.pb", "variables", "assets", "assets.extra"}
"""What is in the folder of a SavedModel."""

SUFFIXES = {"tf_saved_model": "", "onnx": ".onnx", "litert": ".tflite"}
"""What the path must end with."""


CONVERTING = threading.RLock()
"""One export at a time in a process: converters replace functions of whole libraries while they run."""


class ExportedGenerator(keras.Model):
    """What a call of a `RecurrentGAN` computes, with no other weights than that takes.

    Args:
        gan: The model. Its averages stand for the generator's weights, which are not among these.
        length: Steps of the sequences; None where it is read off the inputs.
        seeded: Whether noise is drawn inside.

    Call arguments:
        inputs: Dict of the parts of what `sample_noise` gives, by `names`; with `seeded` of `seed` and
            either `num_samples` and, where it is open, `length`, all scalars, or `conditions`.

    Output shape:
        Samples in the data's units, of the data's shape.

    Attributes:
        drawing: After a call the name of a layer that draws random numbers of its own, "" for none.
    """

    def __init__(self, gan: Any, length: int | None = None, seeded: bool = False) -> None:
        super().__init__(dtype=gan.dtype_policy, name="generator")
        self.autocast = gan.autocast
        self._gan = Untracked(gan)
        self._structure = Untracked(gan.rooms.generation.specs(length))
        self.names = names_of(self._structure.value)
        self.length = length
        averages = {id(v): a for v, a in zip(gan.average.weights, gan.ema_weights, strict=True)}
        variables = gan.generator.variables
        self.averages = [averages[id(v)] for v in variables if id(v) in averages]
        self.others = [v for v in variables if id(v) not in averages]
        self.scaler = gan.scaler
        self.finishing = [layer for c in gan.capabilities for layer in c.layers]
        self.noise_seed = keras.random.SeedGenerator(0) if seeded else None
        self.drawing = ""
        self.built = True

    @property
    def specs(self) -> dict[str, Any]:
        """The inputs by name."""
        inputs = dict(zip(self.names, keras.tree.flatten(self._structure.value), strict=True))
        if self.noise_seed is not None:
            is_open = any(None in x.shape[1:] for x in inputs.values())
            inputs = {name: x for name, x in inputs.items() if name == "conditions"}
            scalars = ["seed"]
            if not inputs:
                scalars += ["num_samples", *(["length"] if is_open else [])]
            inputs |= {name: keras.KerasTensor((), "int32") for name in scalars}
        return {
            name: keras.layers.InputSpec(dtype=x.dtype, shape=x.shape, name=name)
            for name, x in inputs.items()
        }

    def call(self, inputs: Nested, training: bool = False) -> Tensor:
        """Make samples; never as in training."""
        if self.noise_seed is not None:
            noise = self._with_noise(inputs)
        else:
            parts = [inputs[name] for name in self.names]
            noise = keras.tree.pack_sequence_as(self._structure.value, parts)
        gan = self._gan.value
        with keras.StatelessScope([(v, v.value) for v in self.variables]) as scope:
            before = [scope.get_current_value(v) for v in self.others]
            samples = gan.call(noise)
            changed = {
                id(v)
                for v, value in zip(self.others, before, strict=True)
                if scope.get_current_value(v) is not value
            }
        for layer in internals.layers_of(gan.generator):  # the innermost comes last
            if changed & {id(v) for v in layer.variables}:
                self.drawing = layer.name
        return samples

    def _with_noise(self, inputs: dict[str, Tensor]) -> Nested:
        columns = inputs.get("conditions")
        if columns is None:
            batch, length = inputs["num_samples"], inputs.get("length", self.length)
        else:
            batch, length = ops.shape(columns)[:2]
        state: Any = self.noise_seed.state  # type: ignore[union-attr]
        start = ops.stack([ops.cast(inputs["seed"], state.dtype), ops.zeros((), state.dtype)])
        with keras.StatelessScope([(state, start)]):
            noise = self._gan.value.noise_spec.draw(batch, length, self.noise_seed)
        return beside(noise, columns)


def export_generator(
    gan: Any, path: Any, format: str, length: int | None, seeded: bool, options: dict[str, Any]
) -> None:
    """Write a file or folder; see `RecurrentGAN.export_generator`."""
    target = _check_target(path, format)
    _check_precision(gan.generator, format)
    if seeded:
        _check_seeded(format)
    spec, known_length = gan.sampler.sizes(length)
    if length is None and not (spec.any_length and _takes_any_length(gan, format)):
        length = known_length
    model = ExportedGenerator(gan, length, seeded)
    signature = model.specs
    arguments = {"format": format, "input_signature": [signature], "verbose": False}

    def write(temporary: str) -> None:
        try:
            with (
                _plain_loops(gan.generator, format, length),
                backend.export_options(format, signature) as needed,
                warnings.catch_warnings(),
            ):
                warnings.simplefilter("ignore")  # converters speak of their own affairs
                model.export(temporary, **{**arguments, **needed, **options})
            if format == "onnx":
                import onnx

                onnx.checker.check_model(temporary)  # tf2onnx leaves what it does not know
        except Exception as error:
            if not model.drawing:
                raise ValueError(
                    f"The generator cannot be written as {format!r}: {_summary(error)} Expected: "
                    f"layers whose operations {format!r} has. Replace the layer, pass a fixed length=, "
                    "or export as 'tf_saved_model' on TensorFlow, which takes most."
                ) from error
        if model.drawing:  # and its file would draw the same at every call
            raise ValueError(
                "An exported generator makes samples of its noise and of nothing else. Received: one "
                f"whose layer {model.drawing!r} changes its state in every call, as draws of its own "
                "do. Let what it draws be an input, a part of the noise."
            )

    write_whole = saving.write_folder_atomically
    if SUFFIXES[format]:
        write_whole = functools.partial(_write_file, SUFFIXES[format])
    with gan.sampler.lock, CONVERTING:
        write_whole(target, write)


def _write_file(suffix: str, target: Path, write: Callable[[str], None]) -> None:
    saving.write_atomically(target, suffix, write)


def _check_target(path: Any, format: str) -> Path:
    """Refuse a format that cannot be written here, and a path that is none for it."""
    checks.one_of("format", format, BACKENDS)
    running, suffix = keras.backend.backend(), SUFFIXES[format]
    if running not in BACKENDS[format]:
        raise ValueError(
            f"{format!r} is written on the backends {', '.join(BACKENDS[format])}. Received: the "
            f"backend {running!r}. Save the model, gan.save('gan.keras'), and load and export it in a "
            "process with KERAS_BACKEND=tensorflow, or pass another format."
        )
    needed = PACKAGES[running]
    if format == "onnx" and importlib.util.find_spec(needed) is None:
        raise ImportError(
            f"On {running}, 'onnx' is written by the package {needed}. Received: an environment "
            f"without it. Install it: pip install {needed}"
        )
    target = Path(path)
    if not target.name.endswith(suffix) or (suffix and target.is_dir()):
        raise ValueError(
            f"{format!r} is written to a file whose name ends in {suffix!r}. Received: {str(path)!r}"
        )
    if not target.absolute().parent.is_dir():
        raise ValueError(f"Expected a path in a folder that exists. Received: {str(path)!r}")
    inside = {p.name for p in target.iterdir()} if not suffix and target.is_dir() else set()
    if not suffix and (target.is_file() or inside - SAVED_MODEL_PARTS):
        raise ValueError(
            "A SavedModel is a folder: a new one, or an earlier SavedModel to replace. Received: "
            f"{str(path)!r}, which holds other things"
        )
    return target


def _check_seeded(format: str) -> None:
    if format != "tf_saved_model":
        raise ValueError(
            "Noise that follows from a seed is drawn inside of a SavedModel only; ONNX and LiteRT have "
            f"no such draws. Received: seeded=True, format={format!r}. Leave seeded out and pass noise."
        )
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "A SavedModel that draws its noise is written on the backend tensorflow. Received: the "
            f"backend {keras.backend.backend()!r}, seeded=True. Save the model, gan.save('gan.keras'), "
            "and load and export it in a process with KERAS_BACKEND=tensorflow, or pass noise."
        )


def _takes_any_length(gan: Any, format: str) -> bool:
    """Return whether sequences can be of any length in files of a format."""
    running = keras.backend.backend()
    if format == "litert" or running == "torch":
        return False
    if running == "tensorflow" or format == "tf_saved_model":
        return True
    # Keras tells JAX that the length of one input has nothing to do with that of another.
    shapes = [x.shape[1:] for x in keras.tree.flatten(gan.rooms.generation.specs(None))]
    return sum(None in shape for shape in shapes) == 1


def _check_precision(generator: keras.Model, format: str) -> None:
    """Refuse half precision where a format has it for some operations only."""
    halves = [x for x in internals.layers_of(generator) if x.compute_dtype != "float32"]
    if halves and format != "tf_saved_model":
        raise ValueError(
            f"{format!r} takes generators that compute in float32. Received: the layer "
            f"{halves[0].name!r}, which computes in {halves[0].compute_dtype}. Export in the format "
            "'tf_saved_model', or train without a mixed precision policy."
        )


def names_of(inputs: Nested) -> list[str]:
    """Return a name for each of a nest of inputs: its keys, after "noise" where they are numbers."""
    names = []
    for path, _ in keras.tree.flatten_with_path(inputs):
        words = [str(key) for key in path]
        names.append("_".join(words if words and not words[0].isdigit() else ["noise", *words]))
    return names


@contextlib.contextmanager
def _plain_loops(network: keras.Model, format: str, length: int | None) -> Iterator[None]:
    """Let recurrent layers run without the kernels that formats lack.

    LiteRT has no loops over sequences in batches of any size, torch writes no loops, and JAX in ONNX
    none from the end: these are laid out step by step.
    """
    running = keras.backend.backend()
    laid_out = format == "litert" or running == "torch"
    backwards = format == "onnx" and running == "jax" and length is not None
    changed = []
    try:
        for layer in internals.layers_of(network):
            values: dict[str, Any] = {"use_cudnn": False}
            if laid_out or (backwards and getattr(layer, "go_backwards", False)):
                values["unroll"] = True
            for name, value in values.items():
                if hasattr(layer, name):
                    changed.append((layer, name, getattr(layer, name)))
                    setattr(layer, name, value)
        yield
    finally:
        for layer, name, before in changed:
            setattr(layer, name, before)


def _summary(error: Exception) -> str:
    """Return what went wrong in a few words of those that a converter says."""
    text = " ".join(re.sub(r"\x1b\[\d+m", "", str(error)).split())
    _, marker, rest = text.partition("TF Select ops: ")  # LiteRT's list of what it lacks
    text = f"it lacks {rest.partition(' Details:')[0]}" if marker else text
    return f"{type(error).__name__}: {text[:400]}" + ("…" if len(text) > 400 else "")
