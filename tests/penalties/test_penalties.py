"""Penalties against finite differences, and their independence of the batch size."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, dense_gan, run_serialization_test, to_numpy, windows

RNG = np.random.default_rng(0)
REAL = RNG.normal(size=(6, 4, 2)).astype("float32")
FAKE = RNG.normal(size=(6, 4, 2)).astype("float32")
SLOPES = np.array([[3.0], [12.0], [4.0]], "float32")
ALL = [
    "gradient_penalty",
    "r1",
    "r2",
    "approximate_gradient_penalty",
    "approximate_r1",
    "approximate_r2",
]


def smooth_judge(seed=0):
    """A small network, and the same function in NumPy's double precision."""
    model = keras.Sequential(
        [
            keras.Input((4, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(5, "tanh", kernel_initializer=keras.initializers.GlorotUniform(seed)),
            keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed + 1)),
        ]
    )
    w1, b1, w2, b2 = (to_numpy(w.value).astype("float64") for w in model.weights)

    def judge(x):
        return np.tanh(x.reshape(len(x), -1) @ w1 + b1) @ w2 + b2

    return model, judge


def slopes_by_differences(judge, x, step=1e-5):
    """Squared norm of every sample's gradient, by central differences."""
    x = x.astype("float64")
    total = np.zeros(len(x))
    for index in np.ndindex(x.shape[1:]):
        shift = np.zeros_like(x)
        shift[(slice(None), *index)] = step
        total += ((judge(x + shift) - judge(x - shift))[:, 0] / (2 * step)) ** 2
    return total


@pytest.mark.parametrize(("name", "samples"), [("r1", REAL), ("r2", FAKE)])
def test_exact_penalties_against_finite_differences(name, samples):
    model, judge = smooth_judge()
    expected = 0.5 * slopes_by_differences(judge, samples).mean()
    assert_close(kr.penalties.get(name)(model, REAL, FAKE), np.array(expected), 1e-4)


def test_gradient_penalty_against_finite_differences():
    """Where real and fake are one point, so is every point between them."""
    model, judge = smooth_judge()
    norm = np.sqrt(slopes_by_differences(judge, REAL))
    expected = 10.0 * ((norm - 1.0) ** 2).mean()
    assert_close(kr.penalties.GradientPenalty()(model, REAL, REAL), np.array(expected), 1e-4)


def test_gradient_penalty_interpolates_uniformly_with_one_share_a_sample():
    n = 20_000
    real, fake = np.zeros((n, 3, 1), "float32"), np.ones((n, 3, 1), "float32")
    seed = keras.random.SeedGenerator(0)

    def moment(power, step):
        """E[share^power]: the slope of this judge is 1 + sqrt(share^power) at every sample."""

        def judge(x):
            share = x[:, step, 0]
            return share + share ** (power / 2 + 1) / (power / 2 + 1)

        return float(kr.penalties.GradientPenalty(weight=1.0)(judge, real, fake, seed=seed))

    for power in (1, 2, 4):  # a uniform law has E[u^p] = 1 / (p + 1)
        assert moment(power, step=0) == pytest.approx(1.0 / (power + 1.0), abs=0.02)

    def difference(x):
        return x[:, 0, 0] + 0.5 * (x[:, 0, 0] - x[:, 2, 0]) ** 2

    # One share for all steps: the second term vanishes, and so does its slope.
    penalty = kr.penalties.GradientPenalty(weight=1.0)
    assert float(penalty(difference, real, fake, seed=seed)) == pytest.approx(0.0, abs=1e-6)


def test_a_difference_along_the_gradient_is_the_exact_penalty():
    """In value, and in its gradients by the weights; a short one does not cross a ReLU's edge."""
    gan = dense_gan(scaler=None)
    gan.compile()
    gan.build((None, 6, 2))
    real, fake = (windows(8, seed=s) / 100.0 for s in (0, 1))
    found = []
    kinds = kr.penalties.ApproximateGradientPenalty(step=0.01), kr.penalties.GradientPenalty()
    for penalty in kinds:

        def objective(penalty=penalty):
            value = penalty(gan.discriminator, real, fake, seed=keras.random.SeedGenerator(7))
            return value, value

        variables = gan.discriminator.trainable_variables
        value, gradients = gan.value_and_gradients(objective, variables)
        gradients = gradients[:-1]  # not the last bias, on which no slope depends
        found.append([float(to_numpy(value)), *map(to_numpy, gradients)])
    assert [penalty.second_derivative for penalty in kinds] == [False, True]
    approximate, exact = found
    assert approximate[0] == pytest.approx(exact[0], rel=1e-3)
    for one, other in zip(exact[1:], approximate[1:], strict=True):
        np.testing.assert_allclose(other, one, atol=1e-2 * np.abs(one).max())


@pytest.mark.parametrize("name", ["gradient_penalty", "approximate_gradient_penalty"])
def test_slopes_along_conditions_do_not_count(name):
    penalty = kr.penalties.get(name).sized(1)
    value = penalty(lambda x: 3.0 * x[:, 0, :1] + 5.0 * x[:, 1, 1:], REAL, FAKE)
    assert float(value) == pytest.approx(10.0 * (3.0 - 1.0) ** 2, rel=1e-3)


@pytest.mark.parametrize("name", ALL)
def test_slopes_along_attributes_count_and_others_of_conditions_do_not(name):
    """One feature, one condition, and one attribute that is generated with the sample."""
    penalty = kr.penalties.get(name)
    samples = RNG.normal(size=(4000, 2, 3)).astype("float32")
    found = []
    for conditions, attributes in ((2, 0), (2, 1), (0, 0)):
        seed = keras.random.SeedGenerator(0)
        value = penalty.sized(conditions, attributes)(
            lambda x: keras.ops.matmul(x[:, 0], SLOPES), samples, samples[::-1].copy(), None, seed
        )
        found.append(float(to_numpy(value)) / penalty.weight)
    steep = [3.0**2, 3.0**2 + 4.0**2, 3.0**2 + 4.0**2 + 12.0**2]
    if "gradient_penalty" in name:
        expected = [(np.sqrt(s) - 1.0) ** 2 for s in steep]
    else:
        expected = [0.5 * s for s in steep]
    exact = name in ("gradient_penalty", "r1", "r2", "approximate_gradient_penalty")
    np.testing.assert_allclose(found, expected, rtol=1e-3 if exact else 0.1)


class OfOnesOwn(kr.penalties.Penalty):
    """Defines `penalty` alone, as users do."""

    def penalty(self, judge, real, fake, known, seed):
        return keras.ops.cast(10 * self.num_conditions + self.num_attributes, "float32")


def test_sizes_are_of_a_copy():
    penalty = OfOnesOwn(weight=2.0, interval=3)
    penalty.note = note = object()
    one, other = penalty.sized(3, 1), penalty.sized(2)
    assert [float(to_numpy(p(None, REAL, FAKE))) for p in (one, other, penalty)] == [62.0, 40.0, 0.0]
    assert type(one) is OfOnesOwn
    assert one.note is note
    assert one.get_config() == penalty.get_config() == {"weight": 2.0, "interval": 3}
    assert not {"num_conditions", "num_attributes"} & set(vars(penalty))
    assert float(to_numpy(other.sized(0)(None, REAL, FAKE))) == 0.0
    with pytest.raises(ValueError, match="`num_attributes` must be an integer of at least 0"):
        penalty.sized(1, -1)


@pytest.mark.parametrize("where", ["r1", "r2"])
def test_derivative_free_penalties_approach_the_exact_ones(where):
    model, _ = smooth_judge()
    repeated = [np.repeat(x, 5000, axis=0) for x in (REAL, FAKE)]
    exact = float(kr.penalties.get(where)(model, REAL, FAKE))
    approximate = kr.penalties.get(f"approximate_{where}")
    assert float(approximate(model, *repeated)) == pytest.approx(exact, rel=0.05)


def test_derivative_free_penalties_use_judgements_that_are_known():
    calls = []

    def judge(x):
        calls.append(x)
        return keras.ops.sum(x, axis=(1, 2))[:, None]

    known = judge(REAL)
    calls.clear()
    kr.penalties.ApproximateR1Penalty()(judge, REAL, FAKE, kr.penalties.Judgements(known, known))
    assert len(calls) == 1


@pytest.mark.parametrize("name", ALL)
def test_strength_does_not_depend_on_the_batch_size(name):
    """A linear judge has one slope everywhere, so that random draws do not matter on average."""
    penalty = kr.penalties.get(name)
    seed = keras.random.SeedGenerator(0)

    def judge(x):
        return 2.0 * x[:, 0, :1]

    def value(batch):
        real, fake = np.repeat(REAL[:1], batch, axis=0), np.repeat(FAKE[:1], batch, axis=0)
        draws = 1 if "approximate" not in name else max(1, 8192 // batch)
        return np.mean([float(penalty(judge, real, fake, seed=seed)) for _ in range(draws)])

    tolerance = 0.1 if "approximate" in name else 1e-4
    assert value(64) == pytest.approx(value(4096), rel=tolerance)


@pytest.mark.parametrize("name", ALL)
def test_a_judgement_a_step_counts_as_their_mean(name):
    def by_step(x):
        return 2.0 * x[:, :, :1]

    def mean(x):
        return keras.ops.mean(2.0 * x[:, :, :1], axis=(1, 2))[:, None]

    penalty = kr.penalties.get(name)
    values = [
        float(penalty(judge, REAL, FAKE, seed=keras.random.SeedGenerator(3)))
        for judge in (by_step, mean)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-5)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("padding", [0, 3, 40])
def test_weighted_judgements_count_as_the_mean_over_the_steps_that_count(name, padding):
    """Of a judge whose judgements are weighted as a loss has them, padding changes nothing."""
    lengths = np.array([4, 2, 1, 3, 4, 2])
    edges = [(0, 0), (0, padding), (0, 0)]
    real, fake = (np.pad(x, edges) for x in (REAL, FAKE))
    counts = (np.arange(4 + padding) < lengths[:, None]).astype("float32")[..., None]
    real, fake = (np.concatenate([x * counts, counts], axis=-1) for x in (real, fake))
    kernel = np.array([[1.5], [-0.5]], "float32")

    def weighted(x):
        steps = x[..., 2:]
        weights = steps / keras.ops.mean(steps, axis=1, keepdims=True)
        return weights * keras.ops.tanh(keras.ops.matmul(x[..., :2], kernel))

    def alone(x):
        steps = x[..., 2:]
        judgements = steps * keras.ops.tanh(keras.ops.matmul(x[..., :2], kernel))
        return keras.ops.sum(judgements, axis=(1, 2)) / keras.ops.sum(steps, axis=(1, 2))

    penalty = kr.penalties.get(name).sized(1)
    found, expected = (
        float(to_numpy(penalty(judge, real, fake, seed=keras.random.SeedGenerator(3))))
        for judge in (weighted, alone)
    )
    assert found == pytest.approx(expected, rel=1e-4)
    if "approximate_r" not in name:  # whose noise is drawn for padding too
        cut = [np.concatenate([x[:, :4], counts[:, :4]], axis=-1)[..., [0, 1, 3]] for x in (real, fake)]
        unpadded = penalty(alone, *cut, seed=keras.random.SeedGenerator(3))
        assert found == pytest.approx(float(to_numpy(unpadded)), rel=1e-4)


def test_a_flat_judge_has_a_finite_gradient_penalty():
    """The epsilon under the root: the slope of the norm at zero would be infinite."""
    gan = dense_gan(scaler=None)
    gan.compile(penalties="gradient_penalty", loss="wasserstein")
    gan.build((None, 6, 2))
    for w in gan.discriminator.weights:
        w.assign(keras.ops.zeros(w.shape))
    data = windows(8)
    gan.fit(data, batch_size=8, verbose=0, epochs=1)
    assert all(np.isfinite(w).all() for w in gan.get_weights())


@pytest.mark.parametrize("name", ALL)
def test_gradients_of_the_discriminator_against_finite_differences(name):
    """What training differentiates: the penalty's slope along each weight."""
    gan = dense_gan(scaler=None)
    gan.compile()
    gan.build((None, 6, 2))
    real, fake = (windows(5, seed=s) / 100.0 for s in (0, 1))
    penalty = kr.penalties.get(name)
    if "approximate" in name:
        penalty.noise_scale = 0.5  # a difference that float32 resolves

    def value():
        return penalty(gan.discriminator, real, fake, seed=keras.random.SeedGenerator(7))

    kernel = gan.discriminator.trainable_variables[0]
    _, (gradient, *_) = gan.value_and_gradients(
        lambda: (value(), None), gan.discriminator.trainable_variables
    )
    gradient = to_numpy(gradient)
    start = to_numpy(kernel.value)
    for index in [(0, 0), (3, 5), (11, 7)]:
        step = np.zeros_like(start)
        step[index] = 1e-2
        high, low = [], []
        for sign, found in ((1, high), (-1, low)):
            kernel.assign(start + sign * step)
            found.append(float(value()))
        kernel.assign(start)
        slope = (high[0] - low[0]) / 2e-2
        assert gradient[index] == pytest.approx(slope, rel=2e-2, abs=2e-3)


@pytest.mark.parametrize("name", ["r1", "approximate_r2"])
def test_lazy_interval_keeps_the_strength(name):
    """Each fourth step counts four times: with networks that stand still the mean stays."""
    logged = {}
    for interval in (1, 4):
        gan = dense_gan()
        gan.compile(
            penalties=type(kr.penalties.get(name))(interval=interval),
            generator_optimizer=None,
            discriminator_optimizer=None,
            metrics=None,
        )
        batches = np.repeat(windows(1), 400, axis=0)
        history = gan.fit(batches, batch_size=10, epochs=1, shuffle=False, verbose=0)
        logged[interval] = history.history["penalty"][0]
    assert logged[4] > 0.0
    assert logged[4] == pytest.approx(logged[1], rel=1e-4 if name == "r1" else 0.3)


def test_serialization():
    for name in ALL:
        run_serialization_test(kr.penalties.get(name))
    copy = run_serialization_test(kr.penalties.ApproximateR1Penalty(0.3, 4, noise_scale=0.02))
    assert (copy.weight, copy.interval, copy.noise_scale) == (0.3, 4, 0.02)


def test_unknown_names_and_bad_arguments():
    with pytest.raises(
        ValueError, match="`penalties` must be one of 'gradient_penalty'.*Did you mean 'approximate_r1'"
    ):
        kr.penalties.get("aproximate_r1")
    with pytest.raises(ValueError, match="a config of the class Penalty. Received: one of HingeLoss"):
        kr.penalties.get(keras.saving.serialize_keras_object(kr.losses.HingeLoss()))
    with pytest.raises(
        ValueError, match="`weight` must be a number of at least 0. Received: weight=-1"
    ):
        kr.penalties.R1Penalty(weight=-1)
    with pytest.raises(ValueError, match="`interval` must be an integer of at least 1"):
        kr.penalties.R1Penalty(interval=0)
    with pytest.raises(ValueError, match="`noise_scale` must be a number of at least 1e-06"):
        kr.penalties.ApproximateR1Penalty(noise_scale=0)


@pytest.mark.parametrize("name", ["approximate_r1", "approximate_r2"])
def test_a_weight_for_so_many_features(name):
    """Of 3 (x_1 + ... + x_4) half the squared slope is 4.5 a feature."""
    samples = RNG.normal(size=(40_000, 4)).astype("float32")
    kind = type(kr.penalties.get(name))
    seed = keras.random.SeedGenerator(0)
    for features, expected in ((None, 18.0), (8, 18.0), (4, 18.0), (2, 9.0), (1, 4.5)):
        penalty = kind.from_config(kind(features=features).get_config())
        value = penalty(lambda x: 3.0 * keras.ops.sum(x, axis=-1), samples, samples, seed=seed)
        assert float(to_numpy(value)) == pytest.approx(expected, rel=0.05)
    with pytest.raises(ValueError, match="`features` must be an integer of at least 1"):
        kind(features=0)


@pytest.mark.parametrize("name", ["approximate_r1", "approximate_r2"])
def test_a_group_of_categories_counts_as_one_feature(name):
    """Of 4 features of which half say something of their own 2 are counted."""
    samples = RNG.normal(size=(2_000, 4)).astype("float32")
    penalty = type(kr.penalties.get(name))(features=2)
    values = [
        float(
            to_numpy(
                penalty.sized(0, apart=apart)(
                    lambda x: keras.ops.sum(x, axis=-1),
                    samples,
                    samples,
                    seed=keras.random.SeedGenerator(0),
                )
            )
        )
        for apart in (1.0, 0.5, 0.25)
    ]
    assert values[1] == pytest.approx(2.0 * values[0], rel=1e-4)
    assert values[2] == values[1]


def test_every_other_pair_is_looked_between():
    judged = []

    def judge(x):
        judged.append(x.shape[0])
        return 3.0 * x[:, 0]

    penalty = kr.penalties.ApproximateGradientPenalty(1.0, every=2)
    assert float(penalty(judge, REAL[..., :1], FAKE[..., :1])) == pytest.approx(4.0, rel=1e-3)
    assert sorted(judged) == [3, 6]


@pytest.mark.parametrize("name", ["approximate_r1", "approximate_r2"])
def test_every_other_sample_says_the_same_on_average(name):
    """The slope of 3 x is 3 everywhere: half its square is 4.5."""
    samples = RNG.normal(size=(40_000, 1)).astype("float32")
    judged = []

    def judge(x):
        judged.append(x.shape[0])
        return 3.0 * x

    kind = type(kr.penalties.get(name))
    value = kind(every=2)(judge, samples, samples, seed=keras.random.SeedGenerator(0))
    assert float(to_numpy(value)) == pytest.approx(4.5, rel=0.05)
    assert sorted(judged) == [20_000, 40_000]
    with pytest.raises(ValueError, match="`every` must be an integer of at least 1"):
        kind(every=0)
