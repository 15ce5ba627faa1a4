"""What a callback knows survives in the folder of a backup, whole or not at all."""

import numpy as np
import pytest

from keras_rgan.callbacks.backup_record import BackupRecord
from keras_rgan.loading.backups import PROGRESS
from tests.testing import ON_TORCH

pytestmark = ON_TORCH

RECORD = BackupRecord("own.npz", "what it knew", ("counts", "share"))


def test_what_was_known_comes_back(tmp_path):
    folder = tmp_path / "backup"
    known, arrays = {"counts": [1, 2], "share": np.float32(0.5)}, [np.arange(3), np.float16([[1.5]])]
    RECORD.write(folder, known, arrays)
    assert RECORD.read(folder) is None, "nothing goes on there"
    (folder / PROGRESS).write_text("{}")
    again, same = RECORD.read(folder)
    assert again == {"counts": [1, 2], "share": 0.5}
    assert [x.dtype for x in same] == [x.dtype for x in arrays]
    for x, y in zip(same, arrays, strict=True):
        np.testing.assert_array_equal(x, y)
    RECORD.write(folder, {"counts": [], "share": 1.0})
    assert RECORD.read(folder) == ({"counts": [], "share": 1.0}, [])


def test_without_a_backup_nothing_is_written_or_known(tmp_path):
    RECORD.write(None, {})
    assert RECORD.read(None) is None
    (tmp_path / PROGRESS).write_text("{}")
    assert RECORD.read(tmp_path) is None


@pytest.mark.parametrize("damage", ["empty", "cut", "other"])
def test_a_file_that_is_damaged_is_named(damage, tmp_path):
    (tmp_path / PROGRESS).write_text("{}")
    RECORD.write(tmp_path, {"counts": [1]} if damage == "other" else {"counts": [1], "share": 1.0})
    path = tmp_path / "own.npz"
    if damage != "other":
        path.write_bytes(path.read_bytes()[: 0 if damage == "empty" else 200])
    with pytest.raises(
        OSError, match=r"own.npz, which holds what it knew of the run before, is damaged"
    ):
        RECORD.read(tmp_path)
