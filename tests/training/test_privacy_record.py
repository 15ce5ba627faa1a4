import numpy as np

from keras_rgan.training.privacy_accounting import Mechanism
from keras_rgan.training.privacy_record import PrivacyRecord
from tests.testing import ON_TORCH

pytestmark = ON_TORCH

ONE, OTHER = Mechanism.of(500, 50, 1.0), Mechanism.of(500, 50, 2.0)


def test_survives_a_file_to_the_last_digit():
    record, store = PrivacyRecord(), {}
    record.add(ONE, 3)
    record.add(OTHER, 4)
    record.noise_state = np.array([1, 2])
    record.save(store)
    copy = PrivacyRecord()
    copy.load(store)
    assert copy.updates == record.updates
    assert copy.total == 7
    assert copy.noise_state.tolist() == [1, 2]


def test_a_file_from_before_takes_nothing_back():
    record, store = PrivacyRecord(), {}
    record.add(ONE, 3)
    record.save(store)
    record.add(ONE, 5)
    record.load(store)
    assert record.updates == {ONE: 8}


def test_a_file_of_a_model_that_saw_data_otherwise_says_nothing_and_so_all():
    record, store = PrivacyRecord(), {}
    record.add(ONE, 3)
    record.clean = False
    record.save(store)
    assert store == {}
    copy = PrivacyRecord()
    copy.load(store)
    assert not copy.clean
    assert copy.epsilon(1e-5) == np.inf


def test_updates_are_brought_in_when_they_are_asked_for():
    record = PrivacyRecord()
    record.follow(lambda: record.add(ONE, 1) if record._updates.get(ONE, 0) < 2 else None)
    assert record.total == 1
    assert record.epsilon(1e-5) > 0.0


def test_noise_goes_on_where_samples_do():
    record, store = PrivacyRecord(), {}
    record.add(ONE, 3)
    record.noise_state = np.array([1, 2])
    record.save(store)
    record.add(ONE, 5)
    record.noise_state = np.array([1, 9])
    record.load(store)  # a file from before: the same noise would come on other samples
    assert record.noise_state.tolist() == [1, 9]
    copy = PrivacyRecord()
    copy.noise_state = np.array([1, 0])
    copy.load(store)
    assert copy.noise_state.tolist() == [1, 2]
