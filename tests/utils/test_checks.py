import pytest

from keras_rgan.utils import checks


@pytest.mark.parametrize("value", [0, -1, 2.0, "3", True, None])
def test_positive_int_refuses(value):
    with pytest.raises(ValueError, match=r"`n` must be an integer of at least 1. Received: n="):
        checks.positive_int("n", value)


def test_numbers():
    assert checks.positive_int("n", 3) == 3
    assert checks.non_negative_int("n", 0) == 0
    assert checks.number("x", "0.5", 0.0, 1.0) == 0.5
    for value in (2.0, float("nan"), "half", None, True):
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
