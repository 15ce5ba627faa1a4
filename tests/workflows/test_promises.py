"""Promises of the documentation that a model once broke, each with its kind."""

import inspect

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.files import make
from tests.testing import ON_TORCH, dense_networks, state_of, to_numpy, windows

pytestmark = ON_TORCH

X = make.sequences()
LABEL = {"label": make.conditions()["label"]}
RAGGED = [x[:n] for x, n in zip(X, make.lengths(), strict=True)]


def small(**options):
    gan = make.small(**options)
    gan.compile()
    return gan


# Validation of sequences that all have one length, beside others that have not


@pytest.mark.parametrize("form", ["list", "table", "mask"])
def test_the_first_fit_validates_sequences_of_one_length(form):
    alike = list(X[:8])
    validation = {
        "list": alike,
        "table": (X[:8], {"length": np.full(8, make.STEPS)}),
        "mask": (X[:8], {"mask": np.ones((8, make.STEPS), bool)}),
    }[form]
    gan = small()
    history = gan.fit(RAGGED, batch_size=8, verbose=0, validation_data=validation, epochs=1).history
    assert np.isfinite(history["val_mmd"]).all()
    assert np.isfinite(gan.evaluate(validation, verbose=0)).all()


@pytest.mark.parametrize("labels", [False, True])
def test_a_split_of_a_list_validates_whatever_lengths_its_end_has(labels):
    rows = RAGGED[:16] + [x[:4] for x in X[:8]]
    data = (rows, LABEL) if labels else rows
    history = small().fit(data, batch_size=8, verbose=0, validation_split=1 / 3, epochs=1).history
    assert np.isfinite(history["val_mmd"]).all()


# Networks of one's own


@keras.saving.register_keras_serializable(package="tests")
class Gated(keras.Model):
    """Ends in a linear layer; what it defines last is a gate with a sigmoid."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.flat = keras.layers.Flatten()
        self.judge = keras.layers.Dense(1)
        self.gate = keras.layers.Dense(12, activation="sigmoid")

    def call(self, inputs):
        flat = self.flat(inputs)
        return self.judge(flat * self.gate(flat))


@pytest.mark.parametrize("order", ["compile first", "adapt first"])
@pytest.mark.parametrize("loss", ["auto", "hinge", "non_saturating"])
def test_a_gate_that_is_defined_last_is_no_ending(order, loss):
    gan = kr.RecurrentGAN(dense_networks()[0], Gated(), seed=0)
    if order == "adapt first":
        gan.adapt(windows())
    gan.compile(loss=loss)
    assert np.isfinite(
        list(gan.fit(windows(), batch_size=20, verbose=0, epochs=1).history.values())
    ).all()


def test_a_penalty_that_two_models_share_is_each_ones_own():
    penalty = kr.penalties.GradientPenalty()
    before = dict(vars(penalty))
    losses = []
    for alone in (True, False):
        shared = kr.penalties.GradientPenalty() if alone else penalty
        gan, other = small(), small()
        gan.compile(loss="wasserstein", penalties=shared)
        gan.adapt((X, LABEL))
        other.compile(loss="wasserstein", penalties=kr.penalties.GradientPenalty() if alone else shared)
        other.adapt(X)
        losses.append(gan.train_on_batch(X, LABEL, return_dict=True))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert vars(penalty) == before


@pytest.mark.parametrize("cell", ["gru", "lstm", "min_gru"])
def test_a_seed_fixes_a_model_whatever_ran_before(cell):
    found = []
    for before in (0, 1):
        keras.utils.set_random_seed(before)
        keras.layers.GRUCell(3)
        gan = kr.RecurrentGAN({**make.SMALL, "cell": cell}, dict(make.JUDGE), seed=0)
        gan.adapt(X)
        found.append([to_numpy(v.value) for v in gan.weights])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_seed_fixes_networks_with_cells_of_keras():
    found = []
    for before in (0, 1):
        keras.utils.set_random_seed(before)
        cell = keras.layers.GRUCell(3)
        gan = kr.RecurrentGAN({**make.SMALL, "cell": cell}, dict(make.JUDGE), seed=0)
        gan.adapt(X)
        found.append([to_numpy(v.value) for v in gan.weights])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


# Arguments


POSITIONAL = {
    "generate": ["num_samples"],
    "generate_batches": ["num_samples"],
    "sample_noise": ["num_samples"],
    "sample_conditions": ["num_samples"],
    "stream": ["num_samples"],
    "impute": ["x"],
    "forecast": ["history"],
    "continue_from": ["history"],
    "adapt": ["data"],
    "calibrate": ["data"],
    "export_generator": ["path"],
}


@pytest.mark.parametrize("name", list(POSITIONAL))
def test_all_but_the_first_argument_go_by_name(name):
    parameters = list(inspect.signature(getattr(kr.RecurrentGAN, name)).parameters.values())[1:]
    by_position = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert by_position == POSITIONAL[name]
    with pytest.raises(TypeError, match="positional argument"):
        getattr(kr.RecurrentGAN(), name)(10, 48)


@pytest.mark.parametrize("module", [kr.losses, kr.penalties])
def test_get_takes_what_is_of_its_kind_only(module):
    dense = keras.saving.serialize_keras_object(keras.layers.Dense(3))
    other = kr.penalties.R1Penalty() if module is kr.losses else kr.losses.HingeLoss()
    for wrong in (dense, keras.saving.serialize_keras_object(other), other, keras.layers.Dense(3), 3):
        with pytest.raises((ValueError, TypeError), match="Received"):
            module.get(wrong)
    right = kr.losses.HingeLoss() if module is kr.losses else kr.penalties.R1Penalty(2.0)
    assert type(module.get(keras.saving.serialize_keras_object(right))) is type(right)


# Calibration


class Batches(keras.utils.PyDataset):
    num_batches = 3

    def __getitem__(self, index):
        return X[8 * index : 8 * index + 8]


def test_the_limit_of_calibrate_is_of_the_data_alone():
    def endless():
        while True:
            yield X

    found = []
    for data, limit in ((X, None), (endless(), 1), (X, 1)):
        gan = small()
        gan.adapt(X)
        gan.calibrate(data, num_samples=600, limit=limit)  # more than are made at a time
        found.append(gan.scaler.get_weights())
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5)


@pytest.mark.parametrize("train", ["fit", "train_on_batch", "dataset"])
def test_training_forgets_a_calibration(train):
    gan = small()
    gan.fit(X, batch_size=8, verbose=0, epochs=1)
    gan.calibrate(X, num_samples=50)
    assert to_numpy(gan.scaler.calibrated.value).any()
    if train == "train_on_batch":
        gan.train_on_batch(X[:8])
    else:
        gan.fit(
            X if train == "fit" else Batches(),
            batch_size=8 if train == "fit" else None,
            verbose=0,
            epochs=1,
        )
    assert not to_numpy(gan.scaler.calibrated.value).any()


@pytest.mark.parametrize("look", ["evaluate", "test_on_batch", "generate", "save"])
def test_what_does_not_train_keeps_a_calibration(look, tmp_path):
    gan = small()
    gan.fit(X, batch_size=8, verbose=0, epochs=1)
    gan.calibrate(X, num_samples=50)
    before = gan.generate(4, seed=1)
    {
        "evaluate": lambda: gan.evaluate(X, verbose=0),
        "test_on_batch": lambda: gan.test_on_batch(X),
        "generate": lambda: gan.generate(3),
        "save": lambda: gan.save(tmp_path / "gan.keras"),
    }[look]()
    np.testing.assert_array_equal(gan.generate(4, seed=1), before)


# Adapting again


@pytest.mark.parametrize("options", [{}, {"completion": True}, {"scaler": "standard"}])
def test_adapting_an_untrained_model_again_is_adapting_it_to_that_alone(options):
    other = X * 50.0 + 7.0
    again, alone = small(**options), small(**options)
    again.adapt(X)
    again.adapt(other)
    alone.adapt(other)
    for a, b in zip(again.scaler.get_weights(), alone.scaler.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    np.testing.assert_array_equal(again.examples, alone.examples)
    if again.gap_features is not None:
        for a, b in zip(
            again.gap_features.get_weights(), alone.gap_features.get_weights(), strict=True
        ):
            np.testing.assert_allclose(a, b, rtol=1e-5)
    np.testing.assert_allclose(
        again.generate(4, seed=1), alone.generate(4, seed=1), rtol=1e-3, atol=1e-2
    )


def test_a_trained_model_adapts_to_nothing_else():
    gan = small()
    gan.fit((X, LABEL), batch_size=8, verbose=0, epochs=1)
    before, examples = state_of(gan), gan.examples.copy()
    gan.adapt((X, LABEL))
    with pytest.raises(
        ValueError, match="trained in the units of the data that it was first adapted to"
    ):
        gan.adapt((X * 50.0, LABEL))
    with pytest.raises(ValueError, match="Received: none"):
        gan.adapt(X)
    for a, b in zip(before, state_of(gan), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(gan.examples, examples)


@pytest.mark.parametrize(
    "other", [X, (X, {"age": make.conditions()["age"]}), (X, {"label": ["z"] * 24})]
)
def test_a_model_adapts_again_to_its_own_conditions_only(other):
    gan = small()
    gan.adapt((X, LABEL))
    before = state_of(gan)
    with pytest.raises(ValueError, match="Received"):
        gan.adapt(other)
    for a, b in zip(before, state_of(gan), strict=True):
        np.testing.assert_array_equal(a, b)
    plain = small()
    plain.adapt(X)
    with pytest.raises(ValueError, match="built for sequences without conditions"):
        plain.adapt((X, LABEL))


# Categories


@pytest.mark.parametrize("law", [{"noise": "uniform"}, {"noise_scale": 0.1}, {"noise_mean": 5.0}])
def test_categories_are_drawn_alike_whatever_the_law_of_the_noise(law):
    """One of 3 % at times, though no bounded noise would reach it."""
    random = np.random.default_rng(0)
    rare = np.eye(3, dtype="float32")[random.choice(3, (200, 6), p=[0.6, 0.37, 0.03])]
    gan = kr.RecurrentGAN(dict(make.SMALL), dict(make.JUDGE), seed=0, **law)
    gan.adapt(rare)
    noise = gan.sample_noise(2000, seed=0)["noise"]
    of_categories = noise[..., make.SMALL["noise_dim"] :]
    assert of_categories.shape[-1] > 0
    assert abs(of_categories.mean()) < 0.05
    assert abs(of_categories.std() - 1.0) < 0.05
    assert np.abs(of_categories).max() > 3.0
