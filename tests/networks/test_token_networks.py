import pytest

from keras_rgan.networks import token_networks
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.sequences.vocabulary import Vocabulary


def made(role, vocabulary, changes=()):
    options = {"layout": ColumnLayout(length=2, static=3), "capabilities": [], "dtype": "float32"}
    return token_networks.make(role, Vocabulary(vocabulary), dict(changes), seed=0, **options)


@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_networks_know_vocabulary_and_conditions(role):
    network = made(role, 9, {"embedding_dim": 5})
    assert isinstance(network, token_networks.KINDS[role])
    assert (network.vocabulary_size, network.embedding_dim) == (9, 5)
    assert (network.temporal_conditions, network.static_conditions) == (2, 3)
    assert network.seed != made("generator" if role == "discriminator" else "discriminator", 9).seed


def test_padding_is_not_written():
    assert made("generator", ["a", "b"]).unused == (0,)
    assert made("generator", 9).unused == ()
