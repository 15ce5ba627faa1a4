"""Published recurrent GANs with their papers' settings, as compiled models."""

from keras_rgan.applications.c_rnn_gan import c_rnn_gan
from keras_rgan.applications.cot_gan import cot_gan
from keras_rgan.applications.doppelganger import doppelganger
from keras_rgan.applications.rcgan import rcgan
from keras_rgan.applications.rgan import rgan
from keras_rgan.applications.timegan import timegan

__all__ = ["c_rnn_gan", "cot_gan", "doppelganger", "rcgan", "rgan", "timegan"]
