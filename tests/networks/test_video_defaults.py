"""What a model makes for clips."""

import pytest

from keras_rgan.networks import defaults, video_defaults
from keras_rgan.sequences.column_layout import ColumnLayout
from tests.testing import ON_TORCH

pytestmark = ON_TORCH

SHARED = {"layout": ColumnLayout(static=3), "capabilities": (), "seed": 0, "dtype": "float32"}


def test_networks_are_those_of_the_frames():
    shape = (None, 6, 12, 10, 2)
    generator = defaults.make_network(
        "generator", shape, {"num_objects": 1}, defaults.Traits(), **SHARED
    )
    assert generator.frame_shape == (12, 10, 2)
    assert generator.num_objects == 1
    assert generator.static_conditions == 3
    (reason,) = defaults.reasons_of(generator, shape, defaults.Traits())
    assert reason.startswith("clips of 12 by 10 pixels, 2 to a pixel: 1 objects in front of")
    discriminator = defaults.make_network("discriminator", shape, {}, defaults.Traits(), **SHARED)
    assert discriminator.static_conditions == 3


def test_there_are_two_objects_by_default():
    made = video_defaults.make_generator((None, 4, 8, 8, 1), {}, defaults.Traits(), **SHARED)
    assert made.num_objects == video_defaults.NUM_OBJECTS == 2


def test_an_argument_of_the_other_kind_is_refused():
    with pytest.raises(ValueError, match="generator argument"):
        defaults.make_network(
            "generator", (None, 4, 8, 8, 1), {"linear_process": 2}, defaults.Traits(), **SHARED
        )
