"""A classifier trained on generated sequences, tested on real ones."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH


def two_classes(count, apart, seed):
    """Return noise of two classes whose means are so far apart."""
    rng = np.random.default_rng(seed)
    classes = np.arange(count) % 2
    return rng.normal(size=(count, 4, 2)) + apart * classes[:, None, None], classes


def test_good_sequences_teach_as_much_as_real_ones_and_mislabelled_ones_nothing():
    real, test = two_classes(200, 3.0, 0), two_classes(200, 3.0, 1)
    wrong = (real[0], 1 - real[1])
    good = kr.metrics.classification_score(real, test, real)
    assert good["generated"] == good["real"] > 0.95
    assert kr.metrics.classification_score(wrong, test)["generated"] < 0.05
    assert good["chance"] == 0.5


@pytest.mark.parametrize("classifier", [None, KNeighborsClassifier(3)])
def test_it_is_what_scikit_learn_says_of_standardized_numbers(classifier):
    train, test = two_classes(80, 1.0, 0), two_classes(60, 1.0, 1)
    mean, deviation = train[0].mean(), train[0].std()
    flat = [(x.reshape(len(x), -1) - mean) / deviation for x, _ in (train, test)]
    expected = (classifier or SVC()).fit(flat[0], train[1]).score(flat[1], test[1])
    score = kr.metrics.classification_score(train, test, classifier=classifier)
    assert score["generated"] == pytest.approx(expected)


def test_units_are_without_effect_and_a_dict_of_one_condition_will_do():
    train, test = two_classes(80, 1.0, 0), two_classes(60, 1.0, 1)
    before = kr.metrics.classification_score(train, test)
    moved = [(1e6 + 1e-3 * x, {"class": classes}) for x, classes in (train, test)]
    assert kr.metrics.classification_score(*moved) == before


def test_images_and_names_of_classes_will_do():
    images, classes = two_classes(40, 3.0, 0)
    names = np.array(["walk", "run"])[classes]
    score = kr.metrics.classification_score((images[..., None], names), (images[..., None], names))
    assert score["generated"] > 0.9


def test_what_it_refuses():
    x, classes = two_classes(20, 1.0, 0)
    score, test = kr.metrics.classification_score, (x, classes)
    refuses(lambda: score(x, test), r"`generated` as a pair \(sequences, classes\).*ndarray")
    refuses(lambda: score((x, classes[:-1]), test), r"one class for each.*\(20, 4, 2\).*\(19,\)")
    refuses(lambda: score((x[:, :3], classes), test), r"one shape.*\(3, 2\).*\(4, 2\)")
    refuses(lambda: score((x, 0 * classes), test), r"classes \[0\], without \[1\].*Generate")
    refuses(lambda: score((np.nan * x, classes), test), r"finite values.*`generated`")
    refuses(lambda: score((x, {"a": classes, "b": classes}), test), r"one condition.*'a', 'b'")
