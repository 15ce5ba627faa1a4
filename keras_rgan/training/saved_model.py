"""A model whose files are whole or not there, and hold the averages and the random states too."""

from __future__ import annotations

import contextlib
import math
import zipfile
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from keras_rgan import backend
from keras_rgan.loading import archive, weights_file
from keras_rgan.loading.damage import check_is_there, damaged
from keras_rgan.training.saved_state import load_state, save_state
from keras_rgan.utils import kept_data, saving
from keras_rgan.utils.variables import value_of


class SavedModel(backend.AdversarialTrainer):
    """What `RecurrentGAN` has of a Keras model that is saved and loaded."""

    def save(
        self, filepath: Any, overwrite: bool = True, *, without_data: bool = False, **kwargs: Any
    ) -> None:
        """Save all of the model to a `.keras` file, as `keras.Model.save`.

        Both networks and optimizers, the averaged weights, the scaler, the recipe and the state of
        the random draws: training goes on from the file as if it had not stopped. The file appears
        whole or not at all. It holds rows of conditions, lengths and gaps of the data in the clear, up
        to 65,536, to draw from.

        Args:
            filepath: Path that ends in `.keras`.
            overwrite: Whether to overwrite a file without asking.
            without_data: Whether to leave out all rows of the data, and the state of the optimizers,
                which is made of gradients of a few batches. The model of such a file makes samples of
                conditions that it is given, `generate(conditions={…})`, and goes on training with
                optimizers as new. Limits, means, quantiles, categories and the means of clusters stay.
            **kwargs: Other arguments of `keras.Model.save`.

        Raises:
            OSError: If there is no room; a file that was there is then whole.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                f"A RecurrentGAN is saved to a .keras file. Received: {filepath}. Pass a path that "
                "ends in '.keras', or save_weights('….weights.h5') for the weights alone."
            )
        whole = kwargs.get("zipped") in (None, True) and saving.is_local_file(filepath, ".keras")
        with self.sampler.lock, self._leaving_out_data(without_data):
            if not (whole and overwrite):
                super().save(filepath, overwrite=overwrite, **kwargs)
                return
            saving.write_atomically(
                filepath,
                ".keras",
                lambda p: super(SavedModel, self).save(p, **kwargs),
                self._size_of_file(),
            )

    @contextlib.contextmanager
    def _leaving_out_data(self, value: bool) -> Iterator[None]:
        """Have files hold no rows, and optimizers as new, if asked for."""
        before = getattr(self, "optimizer", None)
        if not value or before is None:
            with kept_data.left_out(value):
                yield
            return
        with backend.variable_scope(self):
            self.optimizer = before.as_new()
        try:
            with kept_data.left_out():
                yield
        finally:
            self.optimizer = before

    def save_weights(
        self, filepath: Any, overwrite: bool = True, *, without_data: bool = False, **kwargs: Any
    ) -> None:
        """Save the state without the architecture, as `keras.Model.save_weights`.

        Args:
            filepath: Path that ends in `.weights.h5`. The file appears whole or not at all.
            overwrite: Whether to overwrite a file without asking.
            without_data: As in `save`.
            **kwargs: Other arguments of `keras.Model.save_weights`.
        """
        whole = not kwargs.get("max_shard_size") and saving.is_local_file(filepath, ".weights.h5")
        with self.sampler.lock, self._leaving_out_data(without_data):
            if not (whole and overwrite):
                super().save_weights(filepath, overwrite=overwrite, **kwargs)
                return

            def write(path: str) -> None:
                super(SavedModel, self).save_weights(path, **kwargs)
                weights_file.seal(path)

            saving.write_atomically(filepath, ".weights.h5", write, self._size_of_file())

    def _size_of_file(self) -> int:
        """Return about how many bytes a file of the state has: numbers, and HDF5's own."""
        return 65_536 + sum(
            1_024 + math.prod(v.shape) * np.dtype(keras.backend.standardize_dtype(v.dtype)).itemsize
            for v in self.state_variables()
        )

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Load what `save_weights` saved, as `keras.Model.load_weights`.

        Weights stay as they were where a file is refused.

        Raises:
            OSError: If the file is missing, damaged or incomplete.
            ValueError: If the model does not know its data yet, so that it has no weights, or the file
                is of other networks.
        """
        self.ensure_built()
        _check_file(filepath)
        before = [(v, value_of(v)) for v in self.state_variables()]
        try:
            super().load_weights(filepath, skip_mismatch=skip_mismatch, **kwargs)
        except BaseException as error:
            for variable, value in before:
                variable.assign(value)
            if isinstance(error, OSError | KeyError | RuntimeError | zipfile.BadZipFile):
                raise damaged(filepath, "its weights cannot be read", error) from error
            raise

    def state_variables(self) -> list[keras.Variable]:
        """Return all that a file holds of variables."""
        optimizer = getattr(self, "optimizer", None)
        return [*self.variables, *(optimizer.variables if optimizer is not None else [])]

    def save_own_variables(self, store: Any) -> None:
        """Save the averaged weights and the state of the random draws."""
        save_state(self, store)

    def load_own_variables(self, store: Any) -> None:
        """Load the averaged weights and the state of the random draws."""
        load_state(self, store)

    def ensure_built(self) -> None:
        """Build the model, if it can be told for what data.

        Raises:
            ValueError: If it cannot.
        """


def _check_file(path: Any) -> None:
    """Refuse a file of weights that is damaged, before any is read.

    Raises:
        OSError: If it is.
        ValueError: If it is not what it looks like.
    """
    if saving.is_local_file(path, ".weights.h5"):
        check_is_there(path)
        weights_file.check(path)
    elif saving.is_local_file(path, ".keras"):
        archive.read(path)
