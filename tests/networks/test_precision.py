import keras
import pytest

from keras_rgan.networks import precision


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("float32", "float32"),
        ("float64", "float64"),
        ("mixed_float16", "float32"),
        ("mixed_bfloat16", "float32"),
        ("bfloat16", "float32"),
    ],
)
def test_last_layers_are_never_in_half_precision(policy, expected):
    network = keras.layers.Dense(1, dtype=policy)
    last = keras.layers.Dense(1, dtype=precision.of_outputs(network))
    assert last.compute_dtype == last.variable_dtype == expected
