"""How samples are made: what is asked for, noise, rows of conditions, batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.conditioning.streams import ConditionStreams
from keras_rgan.generating.compiled import FreeGenerator
from keras_rgan.sequences.noise import NoiseSpec
from keras_rgan.training.samples import beside, encode
from keras_rgan.utils import checks
from keras_rgan.utils.types import Nested

Rows = dict[str, np.ndarray]


class Request(NamedTuple):
    """What samples are asked for.

    Attributes:
        rows: Encoded conditions, a row for each sample; None for those of the data.
        num_samples: How many samples.
        length: Of how many steps; None where that is as in the data.
    """

    rows: Rows | None
    num_samples: int
    length: int | None


class Sampler:
    """Makes samples of a model. Its methods may be called from threads, which take turns at the model.

    Args:
        model: The `RecurrentGAN`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        # On JAX Keras's `predict` and `evaluate` give the buffers of all variables away while they
        # run, and write state back that was read before: whoever reads variables holds the lock.
        self.lock = threading.RLock()
        self._free: dict[tuple[str, ...], FreeGenerator] = {}

    def retrace(self) -> None:
        """Have what was compiled beside the model compiled anew."""
        self._free.clear()

    def check_ready(self, action: str) -> None:
        """Refuse a model that does not know its data.

        Raises:
            ValueError: If it has no networks, or a scaler that was never adapted.
        """
        self.model.ensure_built()
        if self.model.scaler is not None and not self.model.scaler.adapted:
            raise ValueError(
                f"The scaler was never adapted to data, so {action} has no units to speak in. Call "
                "fit(data) or adapt(data), or make the model with scaler=None."
            )

    def synchronize(self) -> None:
        """Have the variables as a step of `fit` left them."""
        with self.lock:
            backend.synchronize(self.model)
            if self.model.scaler is not None:  # whose weights a checkpoint may have set
                self.model.scaler.look_again()

    def entropy(self, seed: int | None) -> list[int]:
        """Return what draws follow from: the seed, or the next of the model's own."""
        if seed is not None:
            return [checks.non_negative_int("seed", seed)]
        with self.lock:
            state = ops.convert_to_numpy(self.model.sampling_seed_generator.next())
        return [int(n) for n in state]

    def sizes(self, length: int | None) -> tuple[NoiseSpec, int | None]:
        """Return what noise the generator takes, and the steps of a sample.

        Raises:
            ValueError: If the generator cannot make samples of that length.
        """
        model = self.model
        model.ensure_built()
        self.synchronize()
        trained = model.data_shape[1] if len(model.data_shape) > 2 else None
        if length is None:
            return model.noise_spec, trained
        checks.positive_int("length", length)
        if length != trained and not model.noise_spec.any_length:
            raise ValueError(
                f"This generator makes samples of shape {model.data_shape[1:]} only: its noise has "
                f"no open length. Received: length={length}. Leave length= out, or use a generator "
                "with noise of shape (None, noise_dim), such as RecurrentGenerator."
            )
        return model.noise_spec, length

    def request(
        self, num_samples: int | None, length: int | None, conditions: Mapping[str, Any] | None
    ) -> Request:
        """Return what is asked for, with conditions encoded.

        Raises:
            ValueError: If counts or lengths do not go together, or conditions are not the model's.
        """
        self.model.ensure_built()
        if conditions is None:
            if num_samples is None:
                raise ValueError(
                    "Expected num_samples, or conditions to make samples of. Received: none"
                )
            return Request(None, checks.positive_int("num_samples", num_samples), length)
        rows: Any = conditions
        for capability in self.model.capabilities:
            rows = capability.encode_request(rows)
        count = len(next(iter(rows.values())))
        if num_samples is not None and num_samples != count:
            raise ValueError(
                "One sample is made of each row of the conditions. Received: num_samples="
                f"{num_samples} and conditions of {count} rows. Leave num_samples out."
            )
        lengths = {f"the condition {name!r}": v.shape[1] for name, v in rows.items() if v.ndim == 3}
        if length is not None:
            lengths["the sequences"] = length
        if len(set(lengths.values())) > 1:
            raise ValueError(f"Expected conditions of one length at each step. Received: {lengths}")
        steps = next(iter(lengths.values()), None)
        for capability in self.model.capabilities:
            steps = capability.steps_of(rows, steps)
        return Request(rows, count, steps)

    def kept_rows(self, num_samples: int, streams: ConditionStreams) -> Rows:
        """Return rows that are drawn of those kept of the data; any where all of them is made anew.

        Raises:
            ValueError: If none are kept, and conditions must come from there.
        """
        encoder = self.model.conditions
        if not encoder.rows and self.draws_conditions:
            return self._any_rows(num_samples)
        if not encoder.rows and encoder.adapted:
            encoder.check_rows("draws conditions of them", self.shown(self._any_rows(1)))
        drawn: Rows = encoder.sample(num_samples, streams.rows)
        return drawn

    @property
    def draws_conditions(self) -> bool:
        """Whether conditions can be drawn: rows of the data are kept, or all are made anew, or none."""
        encoder = self.model.conditions
        if encoder is None or encoder.rows:
            return True
        made = {name for c in self.model.capabilities for name in c.made_conditions}
        return encoder.adapted and set(encoder.column_names) <= made

    def _any_rows(self, count: int) -> Rows:
        encoder = self.model.conditions
        return {name: encoder.like_none(name, count) for name in encoder.column_names}

    def shown(self, rows: Rows) -> dict[str, np.ndarray]:
        """Return encoded conditions as users know them."""
        conditions: dict[str, np.ndarray] = self.model.conditions.restore(rows)
        with self.lock:
            for capability in self.model.capabilities:
                conditions = capability.show(conditions)
        return conditions

    def drawn_rows(self, rows: Rows, length: int | None, streams: ConditionStreams) -> Rows:
        """Return rows of the data as they are generated."""
        with self.lock:
            for capability in self.model.capabilities:
                rows = capability.draw_rows(rows, length, streams)
        return rows

    def completed_rows(self, rows: Rows, streams: ConditionStreams) -> Rows:
        """Return rows that were asked for with what is missing of them."""
        with self.lock:  # what is missing may be made by networks
            for capability in self.model.capabilities:
                rows = capability.complete_request(rows, streams)
        return rows

    def rows(
        self,
        num_samples: int,
        length: int | None,
        streams: ConditionStreams,
        asked_length: int | None = None,
    ) -> Rows:
        """Return conditions that are drawn of the data.

        Args:
            num_samples: How many rows.
            length: Steps of the samples.
            streams: Where draws come from.
            asked_length: The length that the user asked for, if any.

        Raises:
            ValueError: If conditions at each step are kept for another length.
        """
        encoder = self.model.conditions
        if encoder is None:
            return {}
        rows = self.kept_rows(num_samples, streams)
        kept = {v.shape[1] for n, v in rows.items() if v.ndim == 3 and n in encoder.column_names}
        if kept - {length}:
            raise ValueError(
                f"The conditions at each step that are kept of the data have {kept.pop()} steps. "
                f"Received: length={length}. Pass conditions of that length, conditions={{…}}."
            )
        return self.drawn_rows(rows, asked_length, streams)

    def columns(
        self, rows: Rows, num_samples: int, length: int | None, own: Sequence[Any] | None = None
    ) -> np.ndarray | None:
        """Return the columns of conditions to generate with.

        Args:
            rows: Encoded conditions.
            num_samples: How many samples.
            length: Their steps.
            own: Columns of each capability, None for what it generates with.
        """
        layout = self.model.layout
        if not layout.total:
            return None
        capabilities = self.model.capabilities
        with self.lock:
            parts = [
                capability.columns_to_generate(num_samples, length, rows) if part is None else part
                for capability, part in zip(
                    capabilities, own or [None] * len(capabilities), strict=True
                )
            ]
            encoded = encode(self.model.conditions, rows, length)
            columns = layout.assemble(encoded, [part for part in parts if part is not None])
            return ops.convert_to_numpy(columns)

    def noise(
        self,
        num_samples: int | None,
        length: int | None,
        seed: int | None,
        conditions: Mapping[str, Any] | None,
    ) -> Nested:
        """Return noise, with the columns of conditions beside it where there are any."""
        return self.noise_and_rows(num_samples, length, seed, conditions)[0]

    def noise_and_rows(
        self,
        num_samples: int | None,
        length: int | None,
        seed: int | None,
        conditions: Mapping[str, Any] | None,
    ) -> tuple[Nested, Rows]:
        """Return noise as `noise`, and the encoded conditions whose columns stand beside it."""
        rows, count, steps = self.request(num_samples, length, conditions)
        spec, steps = self.sizes(steps)
        entropy = self.entropy(seed)
        noise = spec.draw_numpy(count, steps, spec.streams(entropy))
        streams = ConditionStreams.of(entropy)
        if rows is None:
            rows = self.rows(count, steps, streams, length)
        else:
            rows = self.completed_rows(rows, streams)
        return beside(noise, self.columns(rows, count, steps)), rows

    def conditions(self, num_samples: int, seed: int | None) -> dict[str, np.ndarray]:
        """Return conditions as users know them, those of `batches` of the same seed."""
        encoder = self.model.conditions
        if encoder is None or not encoder.adapted:
            raise ValueError(
                "This model takes no conditions. Expected: a model trained by fit((sequences, "
                "{'label': labels}))"
            )
        if any(capability.networks for capability in self.model.capabilities):
            self.check_ready("sample_conditions")
        if self.model.built:
            self.synchronize()
        streams = ConditionStreams.of(self.entropy(seed))
        return self.shown(self.drawn_rows(self.kept_rows(num_samples, streams), None, streams))

    def batches(
        self,
        num_samples: int | None,
        batch_size: int,
        length: int | None = None,
        seed: int | None = None,
        scaled: bool = False,
        conditions: Mapping[str, Any] | None = None,
        missing: bool = False,
        without: Sequence[str] = (),
    ) -> Iterator[Any]:
        """Return an iterator of batches of samples; what is asked for is checked at once.

        Args:
            num_samples: As in `RecurrentGAN.generate`, and so all that follow.
            batch_size: How many at a time.
            length: Steps of a sequence.
            seed: Seed of the draws.
            scaled: Whether samples are mapped to the networks' space.
            conditions: What is asked for.
            missing: Whether samples have gaps.
            without: What samples are not held to, as in `SequenceScaler.restore`.
        """
        self.check_ready("generate")
        rows, total, steps = self.request(num_samples, length, conditions)
        if missing and not self.model.has_gaps:
            raise ValueError(
                "This model was trained on sequences without gaps. Expected: missing=False. Received: "
                "missing=True"
            )
        size = min(checks.positive_int("batch_size", batch_size), total)
        spec, steps = self.sizes(steps)
        entropy = self.entropy(seed)
        noise_streams, streams = spec.streams(entropy), ConditionStreams.of(entropy)
        if rows is not None:  # for all batches at once
            rows = self.completed_rows(rows, streams)

        def make() -> Iterator[Any]:
            for start in range(0, total, size):
                count = min(size, total - start)
                noise = spec.draw_numpy(count, steps, noise_streams)
                if rows is None:
                    batch_rows = self.rows(count, steps, streams, length)
                else:
                    batch_rows = {name: v[start : start + count] for name, v in rows.items()}
                columns = self.columns(batch_rows, count, steps)
                samples: Any = self.predict(beside(noise, columns), size, without)
                samples = self.in_units(samples, columns, scaled)
                for capability in reversed(self.model.capabilities):
                    samples = capability.deliver(samples, batch_rows, streams, missing)
                yield samples

        return make()

    def in_units(self, samples: np.ndarray, columns: Any, scaled: bool) -> np.ndarray:
        """Return what `predict` returned in the data's units, or in the networks' space."""
        if not scaled or self.model.scaler is None:
            left: np.ndarray = self.model.left(samples)
            return left
        counting = self.model.layout.counting_of(columns)
        with self.lock:
            return ops.convert_to_numpy(self.model.samples.to_scaled(samples, counting))

    def predict(self, noise: Nested, size: int, without: Sequence[str] = ()) -> np.ndarray:
        """Make samples of noise of at most `size` rows, filled up: one shape, one compilation.

        They are in the units of `SequenceScaler.enter`.
        """
        count = len(keras.tree.flatten(noise)[0])
        whole = keras.tree.map_structure(
            lambda part: np.pad(part, [(0, size - count)] + [(0, 0)] * (part.ndim - 1)), noise
        )
        with self.lock:
            samples: np.ndarray = self.predictor(tuple(without)).predict_on_batch(whole)
        return samples[:count]

    def predictor(self, without: tuple[str, ...] = ()) -> Any:
        """Return what makes samples in the units of `SequenceScaler.enter`: this model, if it does.

        Args:
            without: What they are not held to.
        """
        scaler = self.model.scaler
        if scaler is None or (not without and scaler.units.are_plain):
            return self.model
        if without not in self._free:
            self._free[without] = FreeGenerator(self.model, without)
        return self._free[without]
