import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import pytest


def pytest_configure(config):
    """Let JAX reuse within a run what an earlier test has compiled already."""
    if keras.backend.backend() == "jax":
        import jax

        folder = Path(tempfile.gettempdir()) / f"keras_rgan_jax_{os.getuid()}"
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")


def pytest_report_header() -> str:
    return f"keras {keras.__version__} on {keras.backend.backend()}"
