"""Several processes that share the work of one call."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import keras

from keras_rgan.utils import processors


def run_workers(commands: list[list[str]], lock: int | None, show: Callable[[], None]) -> None:
    """Run commands, each in a process, until all have ended; stop all where one fails.

    Args:
        commands: What to run.
        lock: The descriptor of a lock that they hold as well: should this process be killed, nobody
            else has the folder before the last of them has stopped.
        show: Called every now and then.

    Raises:
        RuntimeError: If one of them fails; with the end of what it said.
    """
    environment = _worker_environment(len(commands))
    inherited = () if lock is None else (lock,)
    with contextlib.ExitStack() as stack:
        logs = [stack.enter_context(tempfile.TemporaryFile()) for _ in commands]
        processes: list[subprocess.Popen[bytes]] = []
        try:
            for command, log in zip(commands, logs, strict=True):
                processes.append(
                    subprocess.Popen(
                        command, env=environment, stdout=log, stderr=log, pass_fds=inherited
                    )
                )
            while any(p.poll() is None for p in processes) and not any(p.poll() for p in processes):
                time.sleep(0.2)
                show()
            failed = next((i for i, p in enumerate(processes) if p.poll()), None)
        finally:
            for p in processes:
                p.terminate()
            for p in processes:
                p.wait()
        if failed is not None:
            logs[failed].seek(0)
            text = logs[failed].read().decode(errors="replace")[-2000:]
            raise RuntimeError(
                f"Worker {failed} ended with code {processes[failed].returncode}, and the others were "
                f"stopped. The same call goes on with what is there. It said:\n{text}"
            )
        show()


def _worker_environment(workers: int) -> dict[str, str]:
    """Return the environment of one of several workers, which share the processors."""
    threads = str(max(processors.count() // workers, 1))
    return {
        "OMP_NUM_THREADS": threads,
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # of a GPU that they share
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        **os.environ,
        "KERAS_BACKEND": keras.backend.backend(),
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
    }
