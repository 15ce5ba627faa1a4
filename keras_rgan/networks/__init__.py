"""The recurrent networks of a GAN."""

from keras_rgan.networks.recurrent_discriminator import RecurrentDiscriminator
from keras_rgan.networks.recurrent_generator import RecurrentGenerator

__all__ = ["RecurrentDiscriminator", "RecurrentGenerator"]
