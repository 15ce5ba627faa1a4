"""Files that are looked at before anything is made of them."""

from keras_rgan.loading.load_model import load_model

__all__ = ["load_model"]
