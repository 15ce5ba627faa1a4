"""A picture takes the place of the one before in a notebook."""

import sys
import types

import pytest

from keras_rgan.callbacks.notebook import Notebook
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


class Handle:
    def __init__(self, figure):
        self.shown = [figure]

    def update(self, figure):
        self.shown.append(figure)


def with_ipython(monkeypatch):
    """Stand in for IPython, and return the handles that it gave."""
    handles = []

    def display(figure, display_id=False):
        assert display_id is True
        handles.append(Handle(figure))
        return handles[-1]

    inner = types.ModuleType("IPython.display")
    inner.display = display
    outer = types.ModuleType("IPython")
    outer.display = inner
    monkeypatch.setitem(sys.modules, "IPython", outer)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    return handles


def test_a_figure_is_shown_and_then_replaced(monkeypatch):
    handles = with_ipython(monkeypatch)
    notebook = Notebook()
    notebook.show("first")
    notebook.show("second")
    (handle,) = handles
    assert handle.shown == ["first", "second"]


def test_without_ipython_the_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(ImportError, match="pip install ipython"):
        Notebook()
