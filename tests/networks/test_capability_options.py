from keras_rgan.conditioning import Capability
from keras_rgan.networks.capability_options import options_of


class Wide(Capability):
    """Asks for heads as wide as the network."""

    def network_options(self, role, units):
        return {"width": units, role: True}


class Narrow(Capability):
    """Asks for narrow ones, and stands last."""

    def network_options(self, role, units):
        return {"width": units // 2}


def test_the_last_capability_has_its_way():
    assert options_of([], "generator", 8) == {}
    assert options_of([Wide(), Narrow()], "generator", 8) == {"width": 4, "generator": True}
