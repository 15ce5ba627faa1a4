import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats

from keras_rgan.sequences.noise import NoiseSpec, draw, normal_share
from tests.testing import to_numpy


def spec(law="normal", mean=0.0, scale=1.0, shapes=(3,)):
    return NoiseSpec.from_shapes(law, mean, scale, shapes)


@pytest.mark.parametrize(
    ("law", "cdf"), [("normal", stats.norm(0.9, 0.1).cdf), ("uniform", stats.uniform(0.8, 0.2).cdf)]
)
def test_laws_inside_and_outside_of_a_step(law, cdf):
    law_spec = spec(law, 0.9, 0.1, (50,))
    inside = to_numpy(law_spec.draw(100, None, keras.random.SeedGenerator(0)))
    outside = law_spec.draw_numpy(100, None, law_spec.streams([0]))
    for values in (inside, outside):
        assert values.shape == (100, 50)
        assert values.dtype == np.float32
        assert stats.kstest(values.ravel(), cdf).pvalue > 1e-3


def test_structures():
    shapes = {"b": [(2,), (None, 3)], "a": (4, 5)}
    noise_spec = spec(shapes=shapes)
    assert noise_spec.any_length
    made = noise_spec.draw_numpy(6, 7, noise_spec.streams([0]))
    assert keras.tree.map_structure(np.shape, made) == {"a": (6, 4, 5), "b": [(6, 2), (6, 7, 3)]}
    inside = noise_spec.draw(6, 7, keras.random.SeedGenerator(0))
    assert keras.tree.map_structure(lambda x: tuple(x.shape), inside) == {
        "a": (6, 4, 5),
        "b": [(6, 2), (6, 7, 3)],
    }
    assert not spec().any_length


def test_batches_continue_each_other():
    noise_spec = spec(shapes=[(2,), (None, 3)])
    whole = noise_spec.draw_numpy(10, 4, noise_spec.streams([5]))
    streams = noise_spec.streams([5])
    parts = [noise_spec.draw_numpy(n, 4, streams) for n in (3, 1, 6)]
    for i, expected in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate([p[i] for p in parts]), expected)


def test_seeds_and_parts_differ():
    noise_spec = spec(shapes=[(4,), (4,)])
    first, second = noise_spec.draw_numpy(10, None, noise_spec.streams([5]))
    other, _ = noise_spec.draw_numpy(10, None, noise_spec.streams([6]))
    assert not np.allclose(first, second)
    assert not np.allclose(first, other)


def test_draws_advance_the_seed():
    seed = keras.random.SeedGenerator(0)
    first, second = (to_numpy(draw("normal", (4, 2), seed)) for _ in range(2))
    assert not np.allclose(first, second)


@pytest.mark.parametrize("shapes", [(3.5,), "ten", {"a": (-1,)}, (True,)])
def test_bad_shapes(shapes):
    with pytest.raises(ValueError, match="`noise_shape` must be a tuple of positive integers"):
        spec(shapes=shapes)


def test_normal_share_is_the_normal_distribution_function():
    values = np.concatenate([np.linspace(-6.0, 6.0, 1001), [0.0, -40.0, 40.0]]).astype("float32")
    share = ops.convert_to_numpy(normal_share(ops.convert_to_tensor(values)))
    np.testing.assert_allclose(share, stats.norm.cdf(values.astype("float64")), atol=3e-7)
