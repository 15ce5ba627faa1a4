"""What users are told once."""

import pytest

from keras_rgan import backend
from keras_rgan.utils import advice
from tests.testing import dense_gan, windows


@pytest.fixture
def nothing_said(monkeypatch):
    monkeypatch.setattr(advice, "_given", set())


def test_a_line_is_written_once(nothing_said, capsys):
    for words in ("Do this.", "Do this.", None, "Do that."):
        advice.once(words)
    assert capsys.readouterr().out == "Do this.\nDo that.\n"


@pytest.mark.parametrize(("verbose", "expected"), [(0, 0), (2, 1)])
def test_fit_gives_advice_where_it_says_anything(verbose, expected, nothing_said, monkeypatch, capsys):
    monkeypatch.setattr(backend, "thread_advice", lambda: "Set THREADS=1.")
    gan = dense_gan()
    gan.compile()
    for _ in range(2):
        gan.fit(windows(16), batch_size=8, epochs=1, verbose=verbose)
    assert capsys.readouterr().out.count("Set THREADS=1.") == expected
