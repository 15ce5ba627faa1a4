"""The networks of a GAN."""

from keras_rgan.networks.attribute_generator import AttributeGenerator
from keras_rgan.networks.causal_processes import CausalProcesses
from keras_rgan.networks.dense_discriminator import DenseDiscriminator
from keras_rgan.networks.embedding_generator import EmbeddingGenerator
from keras_rgan.networks.feedback_generator import FeedbackGenerator
from keras_rgan.networks.recurrent_discriminator import RecurrentDiscriminator
from keras_rgan.networks.recurrent_generator import RecurrentGenerator
from keras_rgan.networks.token_discriminator import TokenDiscriminator
from keras_rgan.networks.token_generator import TokenGenerator
from keras_rgan.networks.video_discriminator import VideoDiscriminator
from keras_rgan.networks.video_generator import VideoGenerator

__all__ = [
    "AttributeGenerator",
    "CausalProcesses",
    "DenseDiscriminator",
    "EmbeddingGenerator",
    "FeedbackGenerator",
    "RecurrentDiscriminator",
    "RecurrentGenerator",
    "TokenDiscriminator",
    "TokenGenerator",
    "VideoDiscriminator",
    "VideoGenerator",
]
