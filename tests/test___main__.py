import pytest

from keras_rgan.__main__ import main
from tests.testing import dense_gan, windows


@pytest.fixture
def model(tmp_path):
    gan = dense_gan()
    gan.adapt(windows())
    gan.save(tmp_path / "gan.keras")
    return str(tmp_path / "gan.keras")


def test_generate_and_the_share_of_a_worker(model, tmp_path, capsys):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    options = ["--num-samples", "25", "--shard-size", "10", "--features", "x", "y"]
    main(["generate", model, str(whole), *options])
    assert "3/3" in capsys.readouterr().out
    assert len(list(whole.glob("shard-*.parquet"))) == 3
    parts.mkdir()
    (parts / "_generation.json").write_text((whole / "_generation.json").read_text())
    main(["generate-shards", model, str(parts), "--shards", "1"])
    (made,) = parts.glob("shard-*.parquet")
    assert made.name == "shard-00001.parquet"
    assert made.read_bytes() == (whole / made.name).read_bytes()


def test_bad_input(model, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["generate", model, str(tmp_path), "--num-samples", "0"])
    assert "num_samples" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["generate", model, str(tmp_path)])
    assert "--num-samples" in capsys.readouterr().err
