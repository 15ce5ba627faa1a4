"""A batch as it arrives, however Keras packs it."""

import numpy as np

from keras_rgan.sequences.batch import Arrival, Batch, refuse_targets
from tests.testing import refuses

X, LABELS = np.zeros((4, 3, 2)), np.arange(4)


def test_a_batch_alone_or_with_conditions():
    for alone in (X, (X,), {"sequences": X}):
        arrival = Arrival.of(alone)
        assert arrival.sequences is X
        assert arrival.conditions == {}
        assert arrival.observed is arrival.counting is None
    for pair in ((X, {"label": LABELS}), {"sequences": X, "conditions": {"label": LABELS}}):
        arrival = Arrival.of(pair)
        assert arrival.sequences is X
        assert arrival.conditions["label"] is LABELS
    assert Batch(X) == (X, None, None, None, None)


def test_targets_and_weights_are_refused():
    refuses(lambda: Arrival.of((X, LABELS)), "Received: y in a batch")
    refuses(lambda: Arrival.of((X, {}, LABELS)), "Received: sample_weight in a batch")
    refuses(lambda: refuse_targets("fit", 1, {"a": None, "b": 2}), "Received: y, b in fit")
    refuse_targets("fit", {"label": LABELS}, {"a": None})


def test_a_batch_can_have_empty_places():
    arrival = Arrival.of({"sequences": np.zeros((2, 3, 1)), "taken": np.array([1.0, 0.0])})
    assert arrival.taken.tolist() == [1.0, 0.0]
    assert arrival.conditions == {}
    assert Arrival.of(np.zeros((2, 3, 1))).taken is None


def test_the_generator_learns_with_conditions_that_are_public_where_there_are_any():
    assert Batch(X, LABELS).for_generator.columns is LABELS
    public = np.ones(2)
    arrival = Arrival.of({"sequences": X, "conditions": {"label": LABELS}, "public": {"label": public}})
    assert arrival.public["label"] is public
    batch = Batch(X, LABELS, public=public)
    assert batch.for_generator.columns is public
    assert batch.columns is LABELS
