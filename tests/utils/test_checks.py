import keras
import numpy as np
import pytest

from keras_rgan.utils import checks


@pytest.mark.parametrize("value", [0, -1, 2.0, "3", True, None])
def test_positive_int_refuses(value):
    with pytest.raises(ValueError, match=r"`n` must be an integer of at least 1. Received: n="):
        checks.positive_int("n", value)


def test_numbers():
    assert checks.positive_int("n", 3) == 3
    assert checks.non_negative_int("n", 0) == 0
    assert checks.number("x", np.float32(0.5), 0.0, 1.0) == 0.5
    for value in (2.0, float("nan"), "0.5", "half", None, True):
        with pytest.raises(ValueError, match="`x` must be a number between 0 and 1"):
            checks.number("x", value, 0.0, 1.0)


def test_one_of_names_the_nearest():
    with pytest.raises(
        ValueError, match=r"one of 'gru', 'lstm'. Received: cell='lstn'. Did you mean 'lstm'"
    ):
        checks.one_of("cell", "lstn", ["gru", "lstm"])


def test_levels():
    assert checks.levels(None) is None
    assert checks.levels(0.5).tolist() == [0.5]
    for wrong in ([1.5], [], [-0.1, 0.5]):
        with pytest.raises(ValueError, match="levels between 0 and 1"):
            checks.levels(wrong)


def test_even_shares():
    checks.even_shares(21, 8, 1)
    checks.even_shares(22, 8, 2)
    with pytest.raises(
        ValueError, match="evenly over the 3 devices. Received: 22 .* of 8, the last one of 6"
    ):
        checks.even_shares(22, 8, 3)
    with pytest.raises(ValueError, match="the last one of 5. .* leave 1 samples out"):
        checks.even_shares(21, 8, 2)


class Animal:
    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class Dog(Animal):
    pass


class Named(Animal):
    def __init__(self, name):
        self.name = name


class TestResolve:
    def resolve(self, identifier):
        return checks.resolve("pet", identifier, {"dog": Dog}, Animal)

    def test_names_classes_instances_and_configs(self):
        dog = Dog()
        assert self.resolve(dog) is dog
        assert type(self.resolve("dog")) is type(self.resolve(Dog)) is Dog
        with keras.saving.custom_object_scope({"Dog": Dog}):
            assert type(self.resolve(keras.saving.serialize_keras_object(dog))) is Dog

    @pytest.mark.parametrize(
        "wrong", [None, 3, ["dog"], ("dog", "dog"), keras.layers.Dense(3), dict, ""]
    )
    def test_refuses_what_is_none(self, wrong):
        with pytest.raises(
            ValueError, match="`pet` must be one of 'dog', or an instance of Animal. Rec"
        ):
            self.resolve(wrong)

    def test_refuses_configs_of_something_else(self):
        config = keras.saving.serialize_keras_object(keras.layers.Dense(3))
        with pytest.raises(
            ValueError, match="`pet` must be a config of the class Animal. Received: one of Dense"
        ):
            self.resolve(config)
        with pytest.raises(
            ValueError, match="`pet` must be a config of the class Animal. Received: one of dict"
        ):
            self.resolve({"units": 3})

    @pytest.mark.parametrize(
        "config",
        [
            {"module": "nowhere", "class_name": "Nothing", "config": {}, "registered_name": "Nothing"},
            {"module": "keras.layers", "class_name": "Dense", "config": {"units": -1}},
        ],
    )
    def test_refuses_configs_that_cannot_be_read(self, config):
        with pytest.raises(
            ValueError, match="`pet` must be a config of the class Animal.*cannot be read"
        ):
            self.resolve(config)

    def test_refuses_classes_that_need_arguments(self):
        with pytest.raises(ValueError, match="made without arguments, or an instance of Animal.*name"):
            self.resolve(Named)
