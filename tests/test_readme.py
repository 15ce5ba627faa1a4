"""What the README shows runs: its Python as it stands, and its commands exist."""

import os
import re

from tests.testing import ROOT, run_python, slow_but_on_tensorflow

README = (ROOT / "README.md").read_text()
LIMIT = """
import keras
keras.config.set_max_epochs(1)
keras.config.set_max_steps_per_epoch(2)
"""


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@slow_but_on_tensorflow
def test_the_first_lines(tmp_path):
    """The lines that the README opens with, on the whole series, cut to two batches an epoch."""
    first = blocks("python")[0].replace(
        "gan.fit(train, batch_size=64, epochs=5", "history = gan.fit(train, batch_size=64, epochs=5"
    )
    # With a number of steps and no batch size Keras cuts an array into that many batches.
    first = first.replace("gan.fit(train) ", "gan.fit(train, batch_size=32) ")
    checks = """
assert series.shape == (19734, 28) and windows.shape == (19711, 24, 28)
assert synthetic.shape == (1000, 24, 28) and longer.shape == (10, 240, 28)
assert {"val_mmd", "val_generator_loss"} <= set(history.history)
"""
    run_python(f"import os\nos.chdir({str(tmp_path)!r})\n" + LIMIT + first + checks)
    assert os.listdir(tmp_path / "out") == ["epoch_0001.png"]
    assert (tmp_path / "energy.keras").exists()


@slow_but_on_tensorflow
def test_the_other_examples():
    code = "\n".join(blocks("python")[1:])
    run_python(
        "import keras, keras_rgan as kr, numpy as np\nwindows = kr.datasets.make_sines(64, 8, 2)\n"
        + LIMIT
        + code
    )


def test_nothing_in_the_docs_waits_to_be_filled_in():
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        assert "@@" not in path.read_text(), path


def test_commands_and_links_exist():
    makefile = (ROOT / "Makefile").read_text()
    commands = "\n".join(blocks("sh"))
    for target in re.findall(r"^make ([\w-]+)", commands, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for script in re.findall(r"python ([\w/]+\.py)", commands):
        assert (ROOT / script).exists(), script
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / link).exists(), link
