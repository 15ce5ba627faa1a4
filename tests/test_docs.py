"""What the README and the guide show runs: their Python as it stands; commands and links exist."""

import os
import re

import pytest

from tests.testing import BACKEND, ROOT, all_on_torch

README = ROOT / "README.md"
GUIDE = sorted((ROOT / "docs" / "guide").glob("*.md"))
PAGES = [
    README,
    *GUIDE,
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
]
CHECKS = {
    "README.md": """
assert series.shape == (19734, 28) and windows.shape == (19711, 24, 28)
assert synthetic.shape == (1000, 24, 28) and longer.shape == (10, 240, 28)
__import__("keras").models.load_model("energy.keras")
""",
    "docs/guide/recipe.md": """
assert series.shape == (19734, 28) and windows.shape == (19711, 24, 28)
assert synthetic.shape == (1000, 24, 28) and longer.shape == (10, 240, 28)
assert {"val_mmd", "val_generator_loss"} <= set(history.history)
""",
}
WRITES = {
    "README.md": ["energy.keras"],
    "docs/guide/recipe.md": ["energy.keras", "out"],
    "docs/guide/privacy.md": ["shared.keras"],
    "docs/guide/doctor.md": ["log.csv", "logs"],
    "docs/guide/events.md": ["generated.mid", "generated.wav", "melody.mid"],
    "docs/guide/published_models.md": ["timegan.keras"],
}


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def anchors(page):
    """Return what a link can name in a page: its headings, as Git hosts spell them."""
    headings = re.findall(
        r"^#+ (.*)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.M
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page",
    all_on_torch(
        [name_of(p) for p in [README, *GUIDE] if blocks(p, "python")],
        ["README.md"] if BACKEND == "tensorflow" else [],
    ),
)
def test_a_page_runs_by_itself(page, tmp_path, monkeypatch, cut_short):
    """The blocks of a page one after the other, in an empty folder, cut to two batches an epoch."""
    page = ROOT / page
    code = "\n".join(blocks(page, "python")).replace("gan.fit(train,", "history = gan.fit(train,", 1)
    # With a number of steps and no batch size Keras cuts an array into that many batches.
    code = code.replace("gan.fit(train, epochs=1) ", "gan.fit(train, batch_size=32, epochs=1) ")
    monkeypatch.chdir(tmp_path)
    exec(compile(code + CHECKS.get(name_of(page), ""), str(page), "exec"), {"__name__": "page"})
    assert sorted(os.listdir(tmp_path)) == WRITES.get(name_of(page), [])
    if "out" in os.listdir(tmp_path):
        assert os.listdir(tmp_path / "out") == ["epoch_0001.png"]


def test_the_readme_is_short():
    assert len(README.read_text().splitlines()) <= 150


def test_the_guide_lists_its_pages():
    (index,) = (page for page in GUIDE if page.name == "README.md")
    for page in GUIDE:
        if page != index:
            assert f"]({page.name})" in index.read_text(), page
            assert f"](docs/guide/{page.name})" in README.read_text(), page


def test_promises_name_tests_that_there_are():
    named = re.findall(r"`(\w[\w/]*\.py)::(test_\w+)`", (ROOT / "docs/reliability.md").read_text())
    assert len(named) > 15
    for file, test in named:
        assert f"def {test}(" in (ROOT / "tests" / file).read_text(), f"{file}::{test}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_nothing_waits_to_be_filled_in(page):
    assert "@@" not in page.read_text()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_links_exist(page):
    makefile = (ROOT / "Makefile").read_text()
    commands = "\n".join(blocks(page, "sh"))
    for target in re.findall(r"^make ([\w-]+)", commands, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for script in re.findall(r"python ((?:examples|benchmarks|tests)/[\w/]+\.py)", page.read_text()):
        assert (ROOT / script).exists(), script
    for link, anchor in re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]*))?\)", page.read_text()):
        target = page.parent / link if link else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), f"{link}#{anchor}"
