import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, refuses, run_layer_test, slow_on_jax, to_numpy

FRAME = (9, 8, 2)


def make(**kwargs):
    options = {"units": 4, "latent_dim": 3, "noise_dim": 2, "filters": 2, "seed": 0, **kwargs}
    return kr.networks.VideoGenerator(FRAME, **options)


def noise_of(generator, length=5, count=2, columns=0):
    random = np.random.default_rng(0)
    shapes = {k: [length if n is None else n for n in s] for k, s in generator.noise_shape.items()}
    noise = {k: random.normal(size=(count, *s)).astype("float32") for k, s in shapes.items()}
    if columns:
        row = random.normal(size=(count, 1, columns)).astype("float32")
        noise["conditions"] = np.tile(row, (1, length, 1))
    return noise


@slow_on_jax
@pytest.mark.parametrize(
    "kwargs",
    [
        {"num_objects": 2, "static_conditions": 3},
        {},
        {"num_objects": 1, "background": False, "cell": "lstm", "num_layers": 2},
    ],
)
def test_is_a_model(kwargs, tmp_path):
    inputs = noise_of(make(**kwargs), columns=kwargs.get("static_conditions", 0))
    run_layer_test(lambda: make(**kwargs), inputs, (2, 5, *FRAME), tmp_path, tolerance=1e-5)


@slow_on_jax
@pytest.mark.parametrize("kwargs", [{"num_objects": 2}, {"num_objects": 2, "background": False}])
def test_it_goes_on_from_where_it_stopped(kwargs):
    generator = make(**kwargs)
    generator.build()
    noise = noise_of(generator, length=7)
    whole, last = generator.continue_from(noise)
    first, state = generator.continue_from({**noise, "noise": noise["noise"][:, :3]})
    rest, end = generator.continue_from({**noise, "noise": noise["noise"][:, 3:]}, state)
    assert_close(np.concatenate([to_numpy(first), to_numpy(rest)], axis=1), whole, 1e-5)
    assert_close(end, last, 1e-5)
    assert {len(part) for part in to_numpy(state)} == {2}, "a row for each clip"


def test_objects_are_drawn_over_what_is_behind_them():
    """As composed by hand of what the layers make: the first object farthest back."""
    generator = make(num_objects=2, object_size=4)
    noise = noise_of(generator, length=3, count=1)
    clips = to_numpy(generator(noise))
    behind = make(num_objects=0)
    own = {"latent": noise["latent"][:, :3], "noise": noise["noise"][..., :2]}
    behind.build()
    for name in ("scene", "painter"):
        getattr(behind, name).set_weights(getattr(generator, name).get_weights())
    expected = to_numpy(behind(own))[0]
    for i in range(2):
        latent = np.concatenate(
            [own["latent"][0], noise["latent"][0, 3 + 3 * i : 6 + 3 * i], np.eye(2)[i]]
        )
        steps = noise["noise"][..., 2 + 2 * i : 4 + 2 * i]
        inputs = {"latent": latent[None].astype("float32"), "noise": steps}
        corners = to_numpy(generator.position(generator.motion(inputs)[0]))[0]
        patch = to_numpy(generator.object_painter(inputs["latent"]))[0]
        opaque = 1.0 / (1.0 + np.exp(2.0 - patch[..., 2]))
        for t in range(3):
            row, column = (1.0 + corners[t]) * np.array([2.5, 2.0])
            for y, x in np.ndindex(9, 8):
                down = np.maximum(1.0 - np.abs(y - row - np.arange(4)), 0.0)
                across = np.maximum(1.0 - np.abs(x - column - np.arange(4)), 0.0)
                share = down @ opaque @ across
                colour = [down @ (opaque * np.tanh(patch[..., c])) @ across for c in range(2)]
                expected[t, y, x] = expected[t, y, x] * (1.0 - share) + colour
    assert_close(clips[0], expected, 1e-5)


def test_an_object_keeps_its_looks():
    """Without a background, what differs between frames is where the objects are."""
    generator = make(num_objects=1, background=False, object_size=4)
    generator(noise_of(generator))
    generator.position.kernel.assign(np.zeros((4, 2)))
    clips = to_numpy(generator(noise_of(generator)))
    assert_close(clips, np.repeat(clips[:, :1], 5, axis=1), 1e-6)
    assert np.abs(clips[0] - clips[1]).max() > 1e-4, "but clips differ"


@slow_on_jax
def test_any_length_and_the_same_weights_of_one_seed():
    generator = make(num_objects=1)
    for length in (1, 13):
        assert tuple(generator(noise_of(generator, length)).shape) == (2, length, *FRAME)
    noise = noise_of(generator)
    assert_close(make(num_objects=1)(noise), generator(noise), 0.0)
    assert not np.allclose(to_numpy(make(num_objects=1, seed=1)(noise)), to_numpy(generator(noise)))


def test_bad_arguments():
    refuses(lambda: make(background=False), "something that moves.*Pass num_objects=1")
    refuses(lambda: make(num_objects=1, object_size=3), "at least 4 pixels")
    refuses(lambda: make(num_objects=1, object_size=9), "`object_size` must be at most 8")
    refuses(lambda: make(noise_dim=0), "`noise_dim` must be an integer of at least 1")
    refuses(lambda: kr.networks.VideoGenerator((8, 8)), r"\(height, width, channels\)")
    generator = make(static_conditions=2)
    with pytest.raises(ValueError, match="Expected 2 columns of conditions"):
        generator(noise_of(generator))
    assert keras.saving.get_registered_name(type(generator)) == "keras_rgan>VideoGenerator"


@pytest.mark.parametrize("bounded", [True, False])
def test_it_begins_with_the_background_and_the_colours_of_clips(bounded):
    clips = np.full((6, 4, *FRAME), -0.5, "float32")
    clips[:, :, :4, 2:] = 0.25
    for i in range(6):  # something bright in front, each time elsewhere
        clips[i, :, 5, i : i + 2] = [0.9, 0.6]
    generator = make(num_objects=1, background=False, bounded=bounded)
    generator.build()
    generator.begin_at(clips)
    still = to_numpy(generator._colours(generator.backdrop))
    assert_close(still[:4, 2:], np.full((4, 6, 2), 0.25), 1e-5)
    assert_close(still[4:], np.full((5, 8, 2), -0.5), 1e-5)
    assert_close(generator._colours(generator.tint), np.array([0.9, 0.6]), 1e-3)
