"""Random combinations of options train, or are refused in words."""

import importlib.util

import keras
import pytest

from tests.testing import BACKEND, ROOT

SEEDS = {"torch": [3, 7, 23, 33, 38, 47, 60, 66], "tensorflow": [6], "jax": [14, 17]}
"""Few seconds each; on torch with lengths, gaps, conditions, a dataset and networks of one's own."""


def load_script():
    spec = importlib.util.spec_from_file_location("options_benchmark", ROOT / "benchmarks/options.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


options = load_script()


@pytest.mark.parametrize("seed", SEEDS[BACKEND])
def test_a_combination_trains_and_resumes_or_is_refused(seed, tmp_path):
    result = options.run(options.draw(seed), tmp_path)
    assert result["outcome"] != "fault", f"{result['what']}\n{result['trace']}"


def test_combinations_follow_from_their_seeds():
    assert options.draw(3) == options.draw(3)
    assert options.draw(3) != options.draw(4)


def test_what_is_no_refusal_is_a_fault(monkeypatch, tmp_path):
    combination = next(
        c for c in map(options.draw, range(100)) if "own" not in c["networks"]["generator"]
    )

    def outcome(error):
        def make(*_):
            raise error

        monkeypatch.setattr(options, "make_model", make)
        return options.run(combination, tmp_path)

    result = outcome(ValueError("`units` must be something"))  # of code that is not the library's
    assert result["outcome"] == "fault"
    assert "`units` must be" in result["what"]
    result = outcome(RuntimeError("deep within"))
    assert result["outcome"] == "fault"
    assert result["seed"] == combination["seed"]
    assert keras.config.dtype_policy().name == "float32"
