import os
from pathlib import Path

import pytest

from keras_rgan.utils import saving


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("old")
    saving.write_atomically(path, ".keras", lambda p: Path(p).write_text("new"))
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["model.keras"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("old")

    def interrupted(temporary):
        Path(temporary).write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        saving.write_atomically(path, ".keras", interrupted)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["model.keras"]


@pytest.mark.parametrize("fails", [False, True])
def test_a_folder_is_replaced_whole_or_left(fails, tmp_path, monkeypatch):
    path = tmp_path / "model"
    path.mkdir()
    (path / "old").touch()

    def write(temporary):
        Path(temporary).mkdir()
        (Path(temporary) / "new").touch()

    if fails:
        rename = Path.rename

        def failing(self, target):
            if self.name == "made":
                raise OSError("no room")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", failing)
        with pytest.raises(OSError, match="no room"):
            saving.write_folder_atomically(path, write)
    else:
        saving.write_folder_atomically(path, write)
    assert os.listdir(path) == ["old" if fails else "new"]
    assert os.listdir(tmp_path) == ["model"]


def test_permissions_follow_the_umask(tmp_path):
    plain, written = tmp_path / "plain", tmp_path / "written.keras"
    plain.touch()
    saving.write_atomically(written, ".keras", lambda p: None)
    assert plain.stat().st_mode == written.stat().st_mode


def test_local_files():
    assert saving.is_local_file("a/b.keras", ".keras")
    assert not saving.is_local_file("gs://bucket/b.keras", ".keras")
    assert not saving.is_local_file("a/b.h5", ".keras")
