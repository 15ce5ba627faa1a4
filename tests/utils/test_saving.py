import os
import subprocess
import sys
from pathlib import Path

import pytest

from keras_rgan.utils import saving
from tests.testing import limited


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


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_permissions_follow_the_umask(umask, tmp_path):
    earlier = os.umask(umask)
    try:
        (tmp_path / "plain").touch()
        (tmp_path / "plain_folder").mkdir()
        saving.write_atomically(tmp_path / "file", ".keras", lambda p: None)
        saving.write_folder_atomically(tmp_path / "folder", os.mkdir)
    finally:
        os.umask(earlier)
    modes = {path.name: path.stat().st_mode for path in tmp_path.iterdir()}
    assert modes["file"] == modes["plain"]
    assert modes["folder"] == modes["plain_folder"]


def test_the_umask_is_never_touched(tmp_path, monkeypatch):
    def touched(mask):
        raise AssertionError("files of other threads would get other permissions")

    monkeypatch.setattr(os, "umask", touched)
    saving.write_atomically(tmp_path / "file", ".keras", lambda p: None)
    saving.write_folder_atomically(tmp_path / "folder", os.mkdir)


def test_a_temporary_file_of_another_is_left_alone(tmp_path, monkeypatch):
    tokens = iter(["taken", "free"])
    monkeypatch.setattr(saving.secrets, "token_hex", lambda n: next(tokens))
    own = f".a.keras.{os.getpid()}-{saving._home()}"
    other = tmp_path / f"{own}-taken.keras"
    other.write_text("theirs")
    names = []
    saving.write_atomically(tmp_path / "a.keras", ".keras", names.append)
    assert names == [str(tmp_path / f"{own}-free.keras")]
    assert other.read_text() == "theirs"


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    path.write_text("old")

    def full(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        saving.write_atomically(path, ".keras", lambda p: Path(p).write_text("new"))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["model.keras"]


def test_what_writers_left_that_are_gone_is_removed(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    home = saving._home()
    gone = [f".m.keras.{ended.pid}-{home}-1f.keras", f".m.keras.{ended.pid}-{home}-0_a1"]
    kept = [
        f".m.keras.{os.getpid()}-{home}-1f.keras",  # a thread writes it
        f".m.keras.{ended.pid}-00000000-1f.keras",  # a process on another machine
        f".m.keras.more.{ended.pid}-{home}-1f.keras",
        ".m.keras.notes",
    ]
    for name in (gone[0], *kept):
        (tmp_path / name).touch()
    (tmp_path / gone[1] / "made").mkdir(parents=True)
    saving.write_atomically(tmp_path / "m.keras", ".keras", lambda p: Path(p).write_text("new"))
    assert sorted(os.listdir(tmp_path)) == sorted([*kept, "m.keras"])
    (tmp_path / gone[1] / "earlier").mkdir(parents=True)
    saving.write_folder_atomically(tmp_path / "m.keras.d", os.mkdir)
    assert (tmp_path / gone[1]).exists()  # of another name
    (tmp_path / "m.keras").unlink()
    saving.write_folder_atomically(tmp_path / "m.keras", os.mkdir)
    assert not (tmp_path / gone[1]).exists()


@pytest.mark.parametrize("size", [0, 40_000])
@pytest.mark.parametrize("there", [False, True])
def test_a_lack_of_room_is_told_with_what_is_needed(size, there, tmp_path):
    path, written = tmp_path / "model.keras", []
    if there:
        path.write_text("old")

    def write(temporary):
        written.append(temporary)
        Path(temporary).write_bytes(b"x" * 40_000)

    words = rf"{path}.*MiB are free\. {'The file that was there is whole' if there else 'Nothing'}"
    with pytest.raises(OSError, match=words) as caught:
        limited(20_000, lambda: saving.write_atomically(path, ".keras", write, size))
    assert ("0.0 MiB are needed" in str(caught.value)) == bool(size)
    assert bool(written) == (size == 0)  # refused before anything is written
    assert os.listdir(tmp_path) == (["model.keras"] if there else [])


def test_local_files():
    assert saving.is_local_file("a/b.keras", ".keras")
    assert not saving.is_local_file("gs://bucket/b.keras", ".keras")
    assert not saving.is_local_file("a/b.h5", ".keras")
