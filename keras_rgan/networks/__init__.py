"""The networks of a GAN."""

from keras_rgan.networks.attribute_generator import AttributeGenerator
from keras_rgan.networks.recurrent_discriminator import RecurrentDiscriminator
from keras_rgan.networks.recurrent_generator import RecurrentGenerator

__all__ = ["AttributeGenerator", "RecurrentDiscriminator", "RecurrentGenerator"]
