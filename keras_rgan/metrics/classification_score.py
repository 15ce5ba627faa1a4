"""Does a classifier trained on generated sequences work on real ones?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc


def classification_score(
    generated: Any, test: Any, real: Any = None, *, classifier: Any = None
) -> dict[str, float]:
    """Train a classifier on generated sequences of known classes, test it on real ones ("TSTR").

    What a user of generated data can do with it: the nearer `generated` comes to `real`, what the same
    classifier scores that saw real sequences, the better. It sees both that sequences are of the class
    that was asked for and, where classes have forms that are rare, that these are there.

    Args:
        generated: Generated sequences and their classes: `(sequences, classes)`, `(samples, time,
            features)` or any other shape behind the samples, and `(samples,)`; classes may come in a
            dict of one condition, as `fit` takes them.
        test: Real sequences that nothing was trained on, and their classes.
        real: Real sequences that generated ones shall stand for, and their classes.
        classifier: An object with `fit(x, y)` and `predict(x)` on `(samples, numbers)`, such as those
            of scikit-learn. By default a support vector machine, `sklearn.svm.SVC`. Numbers are in
            units of the deviation of all of them.

    Returns:
        Dict of the shares of test sequences that are recognized: `generated`, `real` where that is
        given, and `chance`, the share of the class that is most frequent in `test`.

    Raises:
        ImportError: If no classifier is given and scikit-learn is not installed.
        ValueError: If shapes do not fit, a class is missing in what is trained on, values are not
            finite, or classes are not one for each sequence.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> classes = np.arange(40) % 2
        >>> waves = kr.datasets.make_sines(40, length=8) + classes[:, None, None]
        >>> score = kr.metrics.classification_score((waves, classes), (waves, classes))
        >>> score["generated"] > score["chance"]
        True

    Reference:
        Esteban et al., "Real-valued (Medical) Time Series Generation with Recurrent Conditional GANs",
        2017.
    """
    given = {"generated": generated, "test": test, **({} if real is None else {"real": real})}
    sets = {name: _checked(name, pair) for name, pair in given.items()}
    asked, truth = sets.pop("test")
    for name, (sequences, classes) in sets.items():
        if sequences.shape[1:] != asked.shape[1:]:
            raise ValueError(
                f"Expected sequences of one shape. Received: `{name}` of {sequences.shape[1:]}, "
                f"`test` of {asked.shape[1:]}"
            )
        missing = np.setdiff1d(truth, classes).tolist()
        if missing or len(np.unique(classes)) < 2:
            raise ValueError(
                "Expected two classes at least, and sequences of every class that `test` has. "
                f"Received: `{name}` of classes {np.unique(classes).tolist()}, without {missing}. "
                "Generate some of each: gan.generate(conditions={'class': ...})."
            )
    judge = _support_vector_machine() if classifier is None else classifier
    scores = {name: _recognized(train, (asked, truth), judge) for name, train in sets.items()}
    return {**scores, "chance": float(np.unique(truth, return_counts=True)[1].max() / len(truth))}


def _checked(name: str, given: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return sequences and classes as arrays, after a check of what they are."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ValueError(
            f"Expected `{name}` as a pair (sequences, classes). Received: {type(given).__name__}"
        )
    sequences, classes = given
    if isinstance(classes, Mapping):
        if len(classes) != 1:
            raise ValueError(
                f"Expected classes as one condition in `{name}`. Received: conditions {list(classes)}"
            )
        (classes,) = classes.values()
    sequences, classes = np.asarray(sequences, "float64"), np.asarray(classes)
    if sequences.ndim < 2 or classes.shape != sequences.shape[:1] or not len(classes):
        raise ValueError(
            f"Expected one class for each sequence of `{name}`. Received: sequences of shape "
            f"{sequences.shape}, classes of shape {classes.shape}"
        )
    if not np.isfinite(sequences).all():
        raise ValueError(
            f"Expected finite values. Received: `{name}` with NaN or infinite ones. Drop or fill them "
            "first."
        )
    return sequences, classes


def _recognized(
    train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray], classifier: Any
) -> float:
    """Return which share of test sequences a classifier recognizes that learned from others."""
    scale = post_hoc.Range.of(train[0].reshape(1, -1, 1))
    flat = [scale.enter(x.reshape(1, -1, 1)).reshape(len(x), -1) for x, _ in (train, test)]
    unit = float(flat[0].std()) or 1.0
    classifier.fit(flat[0] / unit, train[1])
    return float((np.asarray(classifier.predict(flat[1] / unit)) == test[1]).mean())


def _support_vector_machine() -> Any:
    try:
        from sklearn.svm import SVC
    except ImportError as error:
        raise ImportError(
            "classification_score trains a classifier of scikit-learn: pip install "
            "'keras_rgan[viz]'. Or pass classifier=, an object with fit and predict."
        ) from error
    return SVC()
