import os
import signal
import subprocess
import sys

import pytest

from keras_rgan.utils import sole_use as module
from keras_rgan.utils.sole_use import sole_use

# Without the package, whose import takes seconds.
IMPORT = f"""
import runpy, subprocess, sys, time
from pathlib import Path
sole_use = runpy.run_path({module.__file__!r})["sole_use"]
"""
HOLD = """
with sole_use(Path(sys.argv[1]), "lock"):
    print("held", flush=True)
    time.sleep(600)
"""


def refused(action, message):
    with pytest.raises(RuntimeError, match=message):
        action()


@pytest.fixture
def holder(tmp_path):
    command = [sys.executable, "-c", IMPORT + HOLD, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()


def use(folder):
    with sole_use(folder, "lock") as lock:
        return lock


def test_one_process_at_a_time(holder, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    for _ in range(2):
        refused(
            lambda: use(tmp_path),
            rf"no other call works on. Received: {tmp_path}, which process {holder.pid} on .*Wait until",
        )
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert use(tmp_path) is not None
    assert use(tmp_path) is not None


def test_one_call_at_a_time_in_a_process(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with sole_use(tmp_path, "lock"):
        refused(lambda: use(tmp_path), f"which process {os.getpid()} on")
    use(tmp_path)


def test_it_waits_for_a_moment(holder, tmp_path):
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -9 {holder.pid}"])
    assert use(tmp_path) is not None
    killer.wait()


def test_a_fork_does_not_keep_it(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with sole_use(tmp_path, "lock"):
        child = os.fork()
        if not child:
            signal.pause()
            os._exit(0)
    try:
        assert use(tmp_path) is not None
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_process_that_inherits_it_holds_it(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    code = (
        "with sole_use(Path(sys.argv[1]), 'lock') as lock:\n"
        "    child = subprocess.Popen(['sleep', '600'], pass_fds=[lock])\n"
        "    print(child.pid, flush=True)\n"
        "    child.wait()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT + code, str(tmp_path)], stdout=subprocess.PIPE
    )
    child = int(process.stdout.readline())
    try:
        process.kill()
        process.wait()
        refused(lambda: use(tmp_path), f"which process {process.pid} on")
    finally:
        os.kill(child, signal.SIGKILL)
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    assert use(tmp_path) is not None


def test_without_locks_it_goes_on(tmp_path, monkeypatch):
    def none(*args):
        raise OSError("no locks available")

    monkeypatch.setattr(module.fcntl, "flock", none)
    assert use(tmp_path) is None
    monkeypatch.setattr(module, "fcntl", None)
    assert use(tmp_path) is None
