import os
import sys

import pytest

from keras_rgan.utils.worker_processes import run_workers


def python(code):
    return [sys.executable, "-c", code]


def test_all_run_in_this_environment(tmp_path):
    code = (
        "import os, pathlib; "
        f"pathlib.Path({str(tmp_path)!r}, str(os.getpid())).write_text(os.environ['KERAS_BACKEND'])"
    )
    shown = []
    run_workers([python(code), python(code)], None, lambda: shown.append(len(os.listdir(tmp_path))))
    assert shown[-1] == 2
    assert len({path.read_text() for path in tmp_path.iterdir()}) == 1


def test_one_that_fails_stops_the_others(tmp_path):
    pid = tmp_path / "pid"
    waits = (
        "import os, pathlib, time; "
        f"pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(600)"
    )
    fails = (
        "import os, time\n"
        f"while not os.path.exists({str(pid)!r}): time.sleep(0.01)\n"
        "raise OSError('no room')"
    )
    with pytest.raises(RuntimeError, match="(?s)Worker 1 ended with code 1.*no room"):
        run_workers([python(waits), python(fails)], None, lambda: None)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_they_hold_a_lock(tmp_path):
    reading, writing = os.pipe()
    try:
        run_workers([python(f"import os; os.write({writing}, b'held')")], writing, lambda: None)
        assert os.read(reading, 10) == b"held"
    finally:
        os.close(reading)
        os.close(writing)
