"""Every public name is documented, its example runs, and every class survives a file."""

import doctest
import inspect
import pathlib
import re

import keras
import pytest

import keras_rgan as kr
from keras_rgan.generating import export
from tests.testing import dense_gan, run_serialization_test, slow_but_on_torch

FOLDERS = (
    "applications",
    "baselines",
    "callbacks",
    "conditioning",
    "data",
    "datasets",
    "explaining",
    "hypermodels",
    "layers",
    "losses",
    "metrics",
    "networks",
    "penalties",
)
INTERNAL = ("backend", "generating", "loading", "reporting", "sequences", "training", "utils")
ABSTRACT = ("AdversarialLoss", "Capability", "Penalty")
SECTIONS = [
    "Args",
    "Call arguments",
    "Input shape",
    "Output shape",
    "Returns",
    "Raises",
    "Example",
    "Reference",
]
TESTS = pathlib.Path(__file__).parent


def public():
    yield "RecurrentGAN", kr.RecurrentGAN
    yield "TokenGAN", kr.TokenGAN
    yield "DifferentialPrivacy", kr.DifferentialPrivacy
    yield "load_model", kr.load_model
    yield "privacy_report", kr.privacy_report
    yield "report", kr.report
    for folder in FOLDERS:
        module = getattr(kr, folder)
        for name in module.__all__:
            yield f"{folder}.{name}", getattr(module, name)


NAMES = dict(public())
CLASSES = {n: c for n, c in NAMES.items() if inspect.isclass(c)}
SAVED = {n: c for n, c in CLASSES.items() if hasattr(c, "get_config")}


def test_the_folders_are_all_there_are():
    package = pathlib.Path(kr.__file__).parent
    folders = {p.parent.name for p in package.glob("*/__init__.py")}
    assert folders == {*FOLDERS, *INTERNAL}
    own = {"DifferentialPrivacy", "RecurrentGAN", "TokenGAN", "__version__", "load_model"}
    own |= {"privacy_report", "report"}
    assert set(kr.__all__) == {*own, *FOLDERS} - {"hypermodels"}


@pytest.mark.parametrize("name", NAMES)
def test_documented(name):
    documentation = inspect.getdoc(NAMES[name])
    assert documentation, f"{name} has no docstring"
    first = documentation.splitlines()[0]
    assert first.endswith("."), "the first line is one sentence"
    found = re.findall(r"^(\w[\w ]+):$", documentation, re.MULTILINE)
    order = [SECTIONS.index(s) for s in found if s in SECTIONS]
    assert order == sorted(order), f"sections of {name} are out of order: {found}"


@slow_but_on_torch
@pytest.mark.parametrize("name", NAMES)
def test_the_example_runs(name):
    target = NAMES[name]
    examples = doctest.DocTestFinder(recurse=False).find(target, name, globs={})
    if name.split(".")[-1] not in ABSTRACT:
        assert any(e.examples for e in examples), f"{name} has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for example in examples:
        report = []
        runner.run(example, out=report.append)
        assert not runner.failures, "".join(report)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_documented(name):
    target = NAMES[name]
    documentation = inspect.getdoc(target) or ""
    function = target.__init__ if inspect.isclass(target) else target
    for parameter in list(inspect.signature(function).parameters.values()):
        if parameter.name in ("self", "args", "kwargs"):
            continue
        assert re.search(rf"^    {parameter.name}: ", documentation, re.MULTILINE), (
            f"{name} says nothing of its argument {parameter.name}"
        )


MADE = {
    "RecurrentGAN": dense_gan,
    "TokenGAN": lambda: kr.TokenGAN(["a", "b"], {"units": 3}, seed=1),
    "DifferentialPrivacy": lambda: kr.DifferentialPrivacy(1.1, 0.5, 1e-6, 3.0, seed=7),
    "layers.MinGRUCell": lambda: kr.layers.MinGRUCell(4),
    "layers.MinGRU": lambda: kr.layers.MinGRU(4, return_sequences=True, go_backwards=True),
    "layers.AttentionBlock": lambda: kr.layers.AttentionBlock(2, causal=True, span=5, seed=1),
    "layers.ConvolutionBlock": lambda: kr.layers.ConvolutionBlock(3, 4, 2, "relu", True, seed=1),
    "layers.ExponentialSmoothing": lambda: kr.layers.ExponentialSmoothing(0.4, True),
    "layers.GRU": lambda: kr.layers.GRU(3, go_backwards=True, return_sequences=True, seed=1),
    "layers.LSTM": lambda: kr.layers.LSTM(3, go_backwards=True, return_sequences=True, seed=1),
    "layers.ConditionEncoder": lambda: kr.layers.ConditionEncoder(
        [{"name": "x", "kind": "categorical", "width": 1, "temporal": False, "categories": [1, 3]}]
    ),
    "conditioning.AttributeJudge": lambda: kr.conditioning.AttributeJudge(4, 2, 0.5),
    "layers.FeedbackCell": lambda: kr.layers.FeedbackCell(keras.layers.GRUCell(3), 2, "tanh"),
    "layers.GapFeatures": kr.layers.GapFeatures,
    "layers.IncrementFeatures": lambda: kr.layers.IncrementFeatures(0.1),
    "layers.LinearProcess": lambda: kr.layers.LinearProcess(4, 2, 3),
    "layers.MixtureProcess": lambda: kr.layers.MixtureProcess(2, 4),
    "layers.ElmanCell": lambda: kr.layers.ElmanCell(3, 2, "relu", "sigmoid"),
    "layers.MinibatchDiscrimination": lambda: kr.layers.MinibatchDiscrimination(3, 2),
    "layers.MinibatchStdDev": lambda: kr.layers.MinibatchStdDev(2),
    "layers.RecurrentNoiseEncoder": lambda: kr.layers.RecurrentNoiseEncoder(3, "lstm", seed=1),
    "layers.PerSampleScaler": lambda: kr.layers.PerSampleScaler(("lattice", "copies")),
    "layers.TokenScaler": lambda: kr.layers.TokenScaler(9),
    "layers.SequenceScaler": lambda: kr.layers.SequenceScaler("robust"),
    "metrics.Roughness": kr.metrics.Roughness,
    "metrics.MaximumMeanDiscrepancy": lambda: kr.metrics.MaximumMeanDiscrepancy((1.0,), 2.0),
    "networks.AttributeGenerator": lambda: kr.networks.AttributeGenerator(4, [(1, 3)], 2, seed=1),
    "networks.CausalProcesses": lambda: kr.networks.CausalProcesses(2, 3, 1, 4, seed=1),
    "networks.DenseDiscriminator": lambda: kr.networks.DenseDiscriminator(3, 2, seed=1),
    "networks.EmbeddingGenerator": lambda: kr.networks.EmbeddingGenerator(2, 3, 1, seed=1),
    "networks.FeedbackGenerator": lambda: kr.networks.FeedbackGenerator(2, 3, 1, seed=1),
    "networks.RecurrentDiscriminator": lambda: kr.networks.RecurrentDiscriminator(3, dropout=0.1),
    "networks.TokenDiscriminator": lambda: kr.networks.TokenDiscriminator(9, num_views=2, seed=1),
    "networks.TokenGenerator": lambda: kr.networks.TokenGenerator(9, 3, dropout=0.1, seed=1),
    "networks.RecurrentGenerator": lambda: kr.networks.RecurrentGenerator(
        2, 3, hidden_units=4, smoothing=True, gated_smoothing=True
    ),
    "networks.VideoDiscriminator": lambda: kr.networks.VideoDiscriminator(3, 2, minibatch_group_size=4),
    "networks.VideoGenerator": lambda: kr.networks.VideoGenerator((8, 6, 2), 3, num_objects=2, seed=1),
    **{f"losses.{n}": getattr(kr.losses, n) for n in kr.losses.__all__ if n.endswith("Loss")},
    **{f"penalties.{n}": getattr(kr.penalties, n) for n in kr.penalties.__all__ if "Penalty" in n},
}


@pytest.mark.parametrize("name", [n for n in SAVED if n.split(".")[-1] not in ABSTRACT])
def test_registered_and_survives_its_config(name):
    cls = SAVED[name]
    assert keras.saving.get_registered_name(cls) == f"keras_rgan>{cls.__name__}"
    instance = MADE[name]()
    assert type(instance) is cls
    run_serialization_test(instance)


@pytest.mark.parametrize(
    "method",
    [
        "compile",
        "fit",
        "evaluate",
        "generate",
        "generate_batches",
        "sample_noise",
        "adapt",
        "build",
        "export_generator",
    ],
)
def test_methods_are_documented(method):
    function = getattr(kr.RecurrentGAN, method)
    documentation = inspect.getdoc(function)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name != "self":
            prefix = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
            assert f"    {prefix}{parameter.name}: " in documentation


@pytest.mark.parametrize("method", ["generate", "export_generator"])
def test_examples_of_methods_run(method):
    if method == "export_generator":
        pytest.importorskip(export.PACKAGES[keras.backend.backend()])
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(getattr(kr.RecurrentGAN, method), method, globs={})
    runner = doctest.DocTestRunner()
    runner.run(example)
    assert not runner.failures


def test_one_public_class_a_file_named_like_it():
    package = pathlib.Path(kr.__file__).parent
    for name, cls in CLASSES.items():
        file = pathlib.Path(inspect.getfile(cls))
        words = re.sub(
            r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])",
            "_",
            cls.__name__,
        ).lower()
        assert file.stem == words, name
        assert package in file.parents


def test_tests_mirror_the_package():
    package = pathlib.Path(kr.__file__).parent
    for file in package.rglob("*.py"):
        folder = file.parent.relative_to(package)
        if file.stem in ("__init__", "types") or "backend" in folder.parts:
            continue
        own = TESTS / folder / f"test_{file.stem}.py"
        shared = TESTS / folder / f"test_{folder.name}.py"
        covered = own.exists() or shared.exists() or file.stem in ("recurrence",)
        assert covered, f"{file} has no tests"


def test_only_the_backend_folder_knows_the_backends():
    package = pathlib.Path(kr.__file__).parent
    for file in package.rglob("*.py"):
        if "backend" in file.relative_to(package).parts:
            continue
        text = file.read_text()
        assert not re.search(r"^\s*(import|from) (tensorflow|jax|torch)\b", text, re.MULTILINE), file
        assert "keras.src" not in text, file
