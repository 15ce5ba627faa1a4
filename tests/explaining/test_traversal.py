"""Principal directions are those of the Jacobian, and a traversal goes along one."""

import keras
import numpy as np

import keras_rgan as kr
from tests.testing import dense_gan, recurrent_gan, refuses, slow_but_on_torch, windows


def linear_gan(weights):
    """A generator that is a matrix."""
    rows, columns = weights.shape
    generator = keras.Sequential(
        [
            keras.Input((rows,)),
            keras.layers.Dense(columns, use_bias=False),
            keras.layers.Reshape((columns // 2, 2)),
        ]
    )
    discriminator = keras.Sequential(
        [keras.Input((columns // 2, 2)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    gan = kr.RecurrentGAN(generator, discriminator, scaler=None, seed=0)
    gan.build((None, columns // 2, 2))
    generator.set_weights([weights])
    gan.average.begin()
    return gan


def test_directions_of_a_matrix_are_its_singular_vectors():
    weights = np.random.default_rng(0).normal(size=(4, 12)) * np.array([[3.0], [1.0], [0.3], [0.1]])
    found = kr.explaining.principal_directions(linear_gan(weights), 2, num_samples=4096)
    left, sizes, _ = np.linalg.svd(weights)
    np.testing.assert_allclose(np.abs(found.vectors @ left[:, :2]), np.eye(2), atol=0.05)
    np.testing.assert_allclose(found.shares, sizes[:2] ** 2 / (sizes**2).sum(), rtol=0.1)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1.0)


def test_a_traversal_goes_along_the_direction():
    weights = np.random.default_rng(0).normal(size=(4, 12)) * np.array([[3.0], [1.0], [0.3], [0.1]])
    gan = linear_gan(weights)
    direction = np.array([0.0, 0.0, 2.0, 0.0])
    found = kr.explaining.traverse(gan, direction, (-1.0, 0.0, 2.0), num_sequences=3, seed=5)
    np.testing.assert_allclose(found.samples[:, 1], gan.generate(3, seed=5), atol=1e-5)
    moved = found.samples - found.samples[:, 1:2]
    expected = np.array([-1.0, 0.0, 2.0])[:, None] * weights[2]
    np.testing.assert_allclose(
        moved, np.broadcast_to(expected.reshape(3, 6, 2), moved.shape), atol=1e-5
    )
    np.testing.assert_allclose(found.direction, direction / 2.0)
    first = kr.explaining.traverse(gan, 0, (0.0, 1.0), seed=5)
    top = kr.explaining.principal_directions(gan, 1, seed=5)
    np.testing.assert_allclose(first.direction, top.vectors[0])


def test_of_parts_of_the_noise():
    gan = recurrent_gan()
    gan.adapt(windows())
    before = gan.get_weights()
    found = kr.explaining.principal_directions(gan, 2, part="latent", num_samples=32)
    assert found.noise["latent"].shape == (2, 3)
    assert not found.noise["noise"].any()
    one = keras.tree.map_structure(lambda x: x[1], found.noise)
    made = kr.explaining.traverse(gan, one, (-1, 1))
    np.testing.assert_allclose(made.direction, found.vectors[1])
    assert made.samples.shape == (1, 2, 6, 2)
    assert made.latents["noise"].shape == (1, 2, 6, 2)
    assert all(np.array_equal(a, b) for a, b in zip(before, gan.get_weights(), strict=True))
    refuses(
        lambda: kr.explaining.principal_directions(gan, part="z"),
        "one of 'latent', 'noise'.*part='z'",
    )


@slow_but_on_torch
def test_under_conditions_and_lengths():
    data = [x[: 3 + i % 4] for i, x in enumerate(windows(24))]
    gan = kr.RecurrentGAN({"units": 4, "linear_process": 0}, {"units": 4}, seed=0)
    gan.adapt((data, {"kind": ["a", "b"] * 12}))
    found = kr.explaining.traverse(gan, 1, (-2, 2), conditions={"kind": ["a", "b"], "length": [3, 5]})
    assert [x.shape for x in found.samples] == [(2, 3, 2), (2, 5, 2)]
    # What stands behind the end of a sequence has no influence.
    short = {"kind": ["a"] * 8, "length": [3] * 8}
    made = kr.explaining.principal_directions(gan, 4, part="noise", conditions=short)
    noise = np.abs(made.noise["noise"]).max(axis=(0, 2))
    assert noise[3:].max() < 1e-6 < noise[:3].min()


@slow_but_on_torch
def test_plots(tmp_path):
    gan = recurrent_gan()
    gan.adapt(windows())
    found = kr.explaining.principal_directions(gan, 3, num_samples=16)
    assert len(found.plot().axes[0].patches) == 3
    figure = kr.explaining.traverse(gan, found.vectors[0], num_sequences=2).plot(num_features=1)
    assert [axis.get_title() for axis in figure.axes[:2]] == ["sequence 1", "sequence 2"]
    assert len(figure.axes[0].lines) == 7
    figure.savefig(tmp_path / "traversal.png")


def test_what_it_refuses():
    gan = dense_gan()
    gan.adapt(windows())
    found = kr.explaining.principal_directions(gan, 1, num_samples=8)
    traverse = kr.explaining.traverse
    refuses(lambda: traverse(gan, found), "one direction")
    refuses(lambda: traverse(gan, np.ones(3)), r"4 numbers.*Received: shape \(3,\)")
    refuses(lambda: traverse(gan, np.zeros(4)), "not all 0")
    refuses(lambda: traverse(gan, 0, ()), "`distances` must be a list of finite numbers")
    refuses(lambda: traverse(gan, 4), "num_directions of at most 4")
    refuses(lambda: traverse(kr.TokenGAN(["a", "b"])), "ids are names")
    constant = linear_gan(np.zeros((4, 12)))
    refuses(lambda: kr.explaining.principal_directions(constant, 1), "no influence")
