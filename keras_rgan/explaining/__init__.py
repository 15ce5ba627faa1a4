"""What a trained model has learned: ways between samples, latent directions, latents, judgements.

Each function returns an object of arrays in the data's units, with the features' names, whose `plot`
draws it (matplotlib: `pip install 'keras_rgan[viz]'`). None of them changes the model, or goes on with
its draws.
"""

from keras_rgan.explaining.attribution import Attribution, attribute
from keras_rgan.explaining.interpolation import Interpolation, interpolate
from keras_rgan.explaining.inversion import Inversion, invert
from keras_rgan.explaining.principal_directions import PrincipalDirections, principal_directions
from keras_rgan.explaining.traversal import Traversal, traverse

__all__ = [
    "Attribution",
    "Interpolation",
    "Inversion",
    "PrincipalDirections",
    "Traversal",
    "attribute",
    "interpolate",
    "invert",
    "principal_directions",
    "traverse",
]
