"""One admission and one wording, whatever brings a batch and whichever call takes it."""

import re
import warnings

import keras
import numpy as np
import pytest

from tests.files import make
from tests.testing import SLOW_ON_JAX, all_on_torch, slow_but_on_torch, state_of

pytestmark = SLOW_ON_JAX

SIZE = 8
X = make.sequences()
GIVEN = {
    **make.conditions(),
    "code": np.random.default_rng(5).integers(0, 3, len(X)),
    "length": make.lengths(),
    "observed": make.observed(),
}
MASK = np.arange(make.STEPS) < GIVEN["length"][:, None]
KINDS = ["PyDataset", "PyDataset, threads", "tf.data", "DataLoader", "generator"]
IN_PROCESSES = ["PyDataset, processes", "DataLoader, processes"]


class Batches(keras.utils.PyDataset):
    def __init__(self, batches, **options):
        super().__init__(**options)
        self.batches = batches

    @property
    def num_batches(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


def pick(chosen):
    return chosen[0]


def dataset(kind, batches):
    """Return batches as a dataset of a kind."""
    kind, _, workers = kind.partition(", ")
    if kind == "PyDataset":
        options = {"workers": 2, "use_multiprocessing": workers == "processes"} if workers else {}
        return Batches(batches, **options)
    if kind == "DataLoader":
        torch = pytest.importorskip("torch")
        # Forked from a process that has threads of TensorFlow's, workers die at times
        options = {"num_workers": 2, "multiprocessing_context": "spawn"} if workers else {}
        return torch.utils.data.DataLoader(batches, batch_size=1, collate_fn=pick, **options)
    if kind == "generator":
        return iter(batches)
    import tensorflow as tf

    def spec(*parts):
        shapes = {part.shape for part in parts}
        shape = shapes.pop() if len(shapes) == 1 else (None,) * len(parts[0].shape)
        shape = shape if len(parts) == 1 else (None, *shape[1:])  # as Keras has batches of an array
        return tf.TensorSpec(shape, tf.string if parts[0].dtype.kind == "U" else parts[0].dtype)

    def whole():
        yield from batches

    signature = keras.tree.map_structure(lambda *parts: spec(*map(np.asarray, parts)), *batches)
    return tf.data.Dataset.from_generator(whole, output_signature=signature)


def changed(**values):
    return {**{name: v[:SIZE].copy() for name, v in GIVEN.items()}, **values}


def without(*names, **values):
    return {name: v for name, v in changed(**values).items() if name not in names}


def put(values, index, value):
    values = np.array(values[:SIZE])
    values[index] = value
    return values


def of_mask(mask):
    return without("length", mask=mask)


# What is wrong with a batch of a model that knows labels, lengths and gaps: sequences, conditions, words
WRONG = {
    "category that is unknown": (X, changed(label=put(GIVEN["label"], 3, "z")), r"Received: \['z'\]"),
    "category -1": (X, changed(code=put(GIVEN["code"], 3, -1)), r"Received: \[-1\]"),
    "category of a fraction": (X, changed(code=GIVEN["code"][:SIZE] + 0.5), "Received: dtype float64"),
    "category that is NaN": (
        X,
        changed(code=put(GIVEN["code"].astype("float32"), 3, np.nan)),
        "Received: dtype float32",
    ),
    "number among text": (X, changed(label=GIVEN["code"][:SIZE]), "Received: dtype int64"),
    "text among numbers": (X, changed(age=GIVEN["label"][:SIZE]), "Expected real numbers in"),
    "NaN in a condition": (X, changed(age=put(GIVEN["age"], 3, np.nan)), r"nan at index \(3, 0\)"),
    "infinite condition": (X, changed(age=put(GIVEN["age"], 3, np.inf)), r"inf at index \(3, 0\)"),
    "NaN at a step": (X, changed(dose=put(GIVEN["dose"], (3, 2), np.nan)), r"nan at index \(3, 2, 0\)"),
    "condition too wide": (X, changed(age=np.ones((SIZE, 2), "float32")), r"shape \(samples, 1\)"),
    "condition of other steps": (X, changed(dose=GIVEN["dose"][:SIZE, :4]), "at each of 6 steps"),
    "condition left out": (X, without("age"), r"missing: \['age'\]"),
    "condition too many": (X, changed(more=GIVEN["age"][:SIZE]), r"unknown: \['more'\]"),
    "no conditions": (X, {}, "Received: none. Pass them beside"),
    "fewer rows": (
        X,
        without("observed", **{k: v[:4] for k, v in GIVEN.items() if k != "observed"}),
        "as many rows as the others",
    ),
    "mask with a hole": (
        X,
        of_mask(put(MASK, (3, slice(0, 3)), [True, False, True])),
        "at the beginning",
    ),
    "mask padded on the left": (X, of_mask(MASK[:SIZE, ::-1].copy()), "at the beginning"),
    "mask of nothing": (X, of_mask(put(MASK, 3, False)), "any at sample 3. Drop such"),
    "mask of other steps": (X, of_mask(MASK[:SIZE, :4]), r"a mask of shape \(8, 6\)"),
    "length and mask": (X, changed(mask=MASK[:SIZE]), "'length' as well. Leave it out"),
    "length 0": (X, changed(length=put(GIVEN["length"], 3, 0)), "smallest 0"),
    "length beyond the array": (X, changed(length=put(GIVEN["length"], 3, 9)), "at most 6 steps"),
    "length of a fraction": (
        X,
        changed(length=GIVEN["length"][:SIZE] + 0.5),
        "dtype float64, smallest",
    ),
    "observed of other steps": (
        X,
        changed(observed=GIVEN["observed"][:SIZE, :4]),
        "Expected `observed`",
    ),
    "observed twice": (X, changed(observed=GIVEN["observed"][:SIZE] * 2), "Expected `observed`"),
    "infinite value": (
        put(X, (3, 0, 1), np.inf),
        changed(observed=np.ones((SIZE, 6, 3), bool)),
        "1 infinite",
    ),
    "other features": (
        X[..., :2],
        without("observed"),
        "adapted to 3 features. Received: samples of 2",
    ),
    "other rank": (X[..., 0], without("observed", "length"), r"Received: shape \(8, 6\)"),
    "nothing": (X[:0], {k: v[:0] for k, v in GIVEN.items()}, "at least one sample"),
}

PLAIN_WRONG = {
    "NaN": (put(X, (3, 2, 1), np.nan), {}, r"1 NaN; the first at index \(3, 2, 1\)"),
    "infinite value": (put(X, (3, 2, 1), -np.inf), {}, r"1 infinite; the first at index \(3, 2, 1\)"),
    "conditions": (X, {"label": GIVEN["label"][:SIZE]}, "built for sequences without conditions"),
    "gaps": (X, {"observed": GIVEN["observed"][:SIZE]}, "NaN|without conditions"),
    "lengths": (X, {"length": GIVEN["length"][:SIZE]}, "built for sequences without conditions"),
    "other features": (X[..., :2], {}, "adapted to 3 features"),
    "other rank": (X[..., None], {}, r"Received: shape \(8, 6, 3, 1\)"),
    "nothing": (X[:0], {}, "at least one sample"),
    "text": (np.full((SIZE, 6, 3), "a"), {}, "Expected numbers"),
}


@pytest.fixture(scope="module")
def models():
    """Return a model that knows conditions, lengths and gaps, and one that knows sequences only."""
    found = {}
    for name, conditions in (("given", GIVEN), ("plain", {})):
        gan = found[name] = make.small()
        gan.compile()
        gan.fit((X, conditions) if conditions else X, batch_size=SIZE, verbose=0, epochs=1)
    return found


def of_case(name, models):
    model, _, case = name.partition(": ")
    x, conditions, words = (WRONG if model == "given" else PLAIN_WRONG)[case]
    batch = (x[:SIZE], conditions) if conditions else x[:SIZE]
    whole = (X, GIVEN) if model == "given" else X
    return models[model], batch, whole, words


CASES = [*(f"given: {case}" for case in WRONG), *(f"plain: {case}" for case in PLAIN_WRONG)]


def refused(action, gan, words):
    """Return what an action says that is refused and changes nothing."""
    before = state_of(gan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=words) as caught:
            action()
    for a, b in zip(before, state_of(gan), strict=True):
        np.testing.assert_array_equal(a, b)
    assert gan.examples.shape[-1] == 3
    return said_by(caught.value)


def said_by(error):
    """Return what an error says, but for which batch it is."""
    return re.sub(r"\. It is batch 1( of epoch 1)?$", "", str(error).removesuffix("."))


def entries(gan, data, whole, kind):
    """Yield calls that take data of a kind, but for validation."""
    options = {"verbose": 0} if kind != "array" else {"verbose": 0, "batch_size": SIZE}
    if kind == "generator":
        options["steps_per_epoch"] = 1
        yield "fit", lambda: gan.fit(data(), epochs=1, **options)
        return
    yield "fit", lambda: gan.fit(data(), epochs=1, **options)
    yield "evaluate", lambda: gan.evaluate(data(), verbose=0)


@pytest.mark.parametrize("name", all_on_torch(CASES, ["plain: other features"]))
def test_the_same_words(name, models):
    gan, batch, whole, words = of_case(name, models)
    nothing = name.endswith("nothing")
    said = refused(lambda: gan.evaluate(batch, verbose=0), gan, words)
    for kind in ["array", *KINDS]:
        for entry, action in entries(gan, lambda kind=kind: kind_of(kind, batch), whole, kind):
            if kind == "array" and entry == "fit" and nothing:
                continue  # which asks for a full batch
            assert refused(action, gan, words) == said, (kind, entry)
    x, y = batch if isinstance(batch, tuple) else (batch, None)
    for action in (
        lambda: gan.train_on_batch(x, y),
        lambda: gan.test_on_batch(x, y),
        lambda: gan.train_on_batch(batch),
    ):
        assert refused(action, gan, words) == said


def kind_of(kind, batch):
    return batch if kind == "array" else dataset(kind, [batch])


@pytest.mark.parametrize(
    "kind", all_on_torch(["array", "PyDataset", "tf.data", "DataLoader"], ["tf.data"])
)
@pytest.mark.parametrize(
    "name",
    all_on_torch(
        [
            "given: category that is unknown",
            "given: mask with a hole",
            "plain: NaN",
            "plain: other features",
        ],
        ["plain: other features"],
    ),
)
def test_the_same_words_of_what_validates(name, kind, models):
    """Before the first step where it is an array, after the first epoch where batches are drawn."""
    gan, batch, whole, words = of_case(name, models)
    said = refused(lambda: gan.evaluate(batch, verbose=0), gan, words)
    options = {"validation_data": kind_of(kind, batch), "batch_size": SIZE, "verbose": 0}
    with pytest.raises(ValueError, match=words) as caught:
        gan.fit(whole, epochs=1, **options)
    assert said_by(caught.value) == said
    assert ("It is batch 1" in str(caught.value)) == (kind != "array")
    assert all(np.isfinite(value).all() for value in state_of(gan))


@pytest.mark.parametrize(
    "kind", all_on_torch(["array", "PyDataset", "tf.data", "DataLoader"], ["tf.data"])
)
@pytest.mark.parametrize(
    "name",
    all_on_torch(
        [
            "given: category that is unknown",
            "given: mask with a hole",
            "plain: NaN",
            "given: NaN in a condition",
            "plain: conditions",
        ],
        ["given: mask with a hole"],
    ),
)
def test_the_same_words_where_nothing_trains(name, kind, models):
    gan, batch, _, words = of_case(name, models)
    said = refused(lambda: gan.evaluate(batch, verbose=0), gan, words)
    assert refused(lambda: gan.adapt(kind_of(kind, batch)), gan, words) == said
    said_again = refused(lambda: gan.calibrate(kind_of(kind, batch), num_samples=20), gan, words)
    assert said_again == said


@slow_but_on_torch  # others have threads, and to fork a process that has is to hope
@pytest.mark.parametrize("kind", IN_PROCESSES)
@pytest.mark.parametrize(
    "name",
    [pytest.param("given: category that is unknown", marks=pytest.mark.slow), "plain: NaN"],
)
def test_the_same_words_out_of_other_processes(name, kind, models):
    gan, batch, _, words = of_case(name, models)
    said = refused(lambda: gan.evaluate(batch, verbose=0), gan, words)
    assert refused(lambda: gan.fit(dataset(kind, [batch]), verbose=0, epochs=1), gan, words) == said
    assert refused(lambda: gan.evaluate(dataset(kind, [batch]), verbose=0), gan, words) == said


@pytest.mark.parametrize("kind", all_on_torch(KINDS, ["tf.data"]))
def test_a_wrong_batch_behind_a_right_one_leaves_weights_finite(kind, models):
    gan, batch, _, words = of_case("given: NaN in a condition", models)
    right = (X[:SIZE], changed())
    options = {"steps_per_epoch": 2} if kind == "generator" else {}
    with pytest.raises(ValueError, match=words):
        gan.fit(dataset(kind, [right, batch]), epochs=1, verbose=0, **options)
    assert all(np.isfinite(value).all() for value in state_of(gan))
    samples = gan.generate(3, seed=0)
    assert all(np.isfinite(x).all() for x in samples)


@pytest.mark.parametrize("kind", all_on_torch(["PyDataset", "tf.data", "DataLoader"], ["tf.data"]))
@pytest.mark.parametrize(
    "case",
    all_on_torch(
        [
            "NaN in a condition",
            "infinite condition",
            "condition left out",
            "condition too many",
            "no conditions",
            "text among numbers",
            "number among text",
            "category of a fraction",
            "condition too wide",
            "mask with a hole",
            "length 0",
            "length beyond the array",
            "infinite value",
            "other features",
            "other rank",
            "nothing",
        ],
        ["NaN in a condition"],
    ),
)
def test_the_first_data_is_refused_whole(case, kind):
    """A model that meets a wrong batch behind a right one before it knows any data stays new."""
    x, conditions, _ = WRONG[case]
    names = set(conditions) - {"mask"} | ({"length"} if "mask" in conditions else set())
    right = {
        k: v
        for k, v in changed().items()
        if k in names or case in ("no conditions", "condition left out")
    }
    types = [{k: np.asarray(v).dtype.kind for k, v in x.items()} for x in (right, conditions)]
    if kind == "tf.data" and (types[0] != types[1] or case in ("other rank", "condition too wide")):
        pytest.skip("a tf.data.Dataset has one structure, and one rank and dtype of each part")
    gan = make.small()
    gan.compile()
    with pytest.raises(ValueError, match="Received"):
        gan.fit(
            dataset(kind, [(X[:SIZE], right), (x[:SIZE], conditions) if conditions else x[:SIZE]]),
            verbose=0,
            epochs=1,
        )
    assert not gan.built
    assert gan.generator is None
    assert gan.conditions is None
    assert gan.examples is None
    gan.fit((X, GIVEN), batch_size=SIZE, verbose=0, epochs=1)


@slow_but_on_torch
@pytest.mark.parametrize("kind", KINDS[:-1])
def test_text_comes_in_by_every_kind_of_dataset(kind):
    """Text, lengths and gaps train from batches as from arrays."""
    batches = [(X[a : a + SIZE], {k: v[a : a + SIZE] for k, v in GIVEN.items()}) for a in (0, 8, 16)]
    models = []
    for data in ((X, GIVEN), dataset(kind, batches)):
        gan = make.small()
        gan.compile()
        options = {"batch_size": SIZE} if isinstance(data, tuple) else {}
        gan.fit(data, epochs=2, verbose=0, shuffle=False, **options)
        models.append(gan)
    for a, b in zip(*map(state_of, models), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)
    assert models[1].evaluate(dataset(kind, batches), verbose=0) == pytest.approx(
        models[0].evaluate((X, GIVEN), batch_size=SIZE, verbose=0), rel=1e-3, abs=1e-4
    )


def test_sequences_of_different_lengths_in_a_batch_of_a_dataset_are_padded_by_the_user(models):
    ragged = [x[:n] for x, n in zip(X[:SIZE], GIVEN["length"], strict=False)]
    data = Batches([(ragged, {"label": GIVEN["label"][:SIZE]})])
    for action in (
        lambda: models["given"].fit(data, verbose=0, epochs=1),
        lambda: make.small().adapt(data),
    ):
        with pytest.raises(ValueError, match="as one array, those of different lengths padded"):
            action()
