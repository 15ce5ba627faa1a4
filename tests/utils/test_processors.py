import os

from keras_rgan.utils import processors


def test_a_process_may_use_fewer_than_there_are(monkeypatch):
    assert 1 <= processors.count() <= os.cpu_count()
    if hasattr(os, "sched_getaffinity"):
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 4})
        assert processors.count() == 3
        monkeypatch.delattr(os, "sched_getaffinity")
    assert processors.count() == os.cpu_count()
