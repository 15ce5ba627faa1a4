"""How a model comes by its networks: made, built, checked, once the shape of the data is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_rgan import backend
from keras_rgan.backend import internals
from keras_rgan.layers import PerSampleScaler, SequenceScaler
from keras_rgan.networks import defaults, fit_check
from keras_rgan.networks.traits import Traits
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.sequences.noise import NoiseSpec
from keras_rgan.utils.types import Nested, Shape

NETWORKS = ("generator", "discriminator", "attribute_generator")
"""The attributes of a model that are networks."""

MADE = (*NETWORKS, "conditions")
"""The attributes that are made for the data, where they are not given."""

HOLDERS = (*NETWORKS, "scaler", "conditions", "gap_features")
"""The attributes that hold variables, in the order of `weights`."""


class Assembly:
    """Puts the networks of a model together.

    Args:
        model: The `RecurrentGAN`.
        changes: By role the arguments in which a network that is made differs from the default.
        noise_shape: Shape of the noise, where the generator does not tell it.

    Attributes:
        noise_spec: What noise the generator takes; None before the model is built.
        reasons: In words why a generator that was made is as it is.
    """

    def __init__(self, model: Any, changes: Mapping[str, Any], noise_shape: Nested) -> None:
        self.model, self.changes, self.noise_shape = model, changes, noise_shape
        self.noise_spec: NoiseSpec | None = None
        self.reasons: list[str] = []
        self.scaler_came_adapted = model.scaler is not None and model.scaler.adapted
        self._layout: ColumnLayout | None = None

    @property
    def built_layout(self) -> ColumnLayout:
        """Which columns stand beside sequences; they stay once the model is built."""
        if self._layout is not None:
            return self._layout
        return self.layout((self.model.data_shape or (0,))[-1] or 0)

    def layout(self, num_features: int) -> ColumnLayout:
        """Return which columns stand beside sequences of so many features.

        The last capability's, completion's, show the sequence; networks read them there.
        """
        *added, shown = (c.num_columns(num_features) for c in self.model.capabilities)
        encoder = self.model.conditions
        if encoder is None:
            return ColumnLayout(added=sum(added), shown=shown)
        length = 0 if encoder.max_length is None else 2
        covariates = encoder.num_temporal - length
        return ColumnLayout(length, covariates, sum(added), shown, encoder.num_static)

    def build(self, data_shape: Shape) -> None:
        """Make the networks that are missing, and build everything; see `RecurrentGAN.build`."""
        model = self.model
        shape: Shape = (None, *(int(n) for n in data_shape[1:] if n is not None))
        if len(shape) != len(data_shape):
            raise ValueError(
                "The shape of the data must be known but for the number of samples: (None, 24, 6). "
                f"Received: {tuple(data_shape)}"
            )
        if model.built:  # keras-tuner's Hyperband builds again what it goes on with
            if shape == model.data_shape:
                return
            raise ValueError(
                f"This model was built for data of shape {model.data_shape}. Received: {shape}. Make a "
                "new RecurrentGAN."
            )
        model.data_shape = shape
        try:
            with backend.variable_scope(model):
                for capability in model.capabilities:
                    capability.build(shape)
                self.make_networks(shape, Traits())
                self.noise_spec = self._infer_noise()
                self._check(model.network_shape)
                if model.scaler is not None and not model.scaler.built:
                    model.scaler.build(shape)
                model.average.build(model.generators)
        except BaseException:
            model.data_shape = None
            raise
        internals.order_layers(model, HOLDERS)
        self._layout = self.built_layout
        model.finish_compile()

    def begins_as_a_process(self) -> bool:
        """Return whether the generator is one that begins as a linear process of the data.

        One that is made by default is, unless it is told otherwise or completes.
        """
        kind = defaults.kind_of("generator", self.changes["generator"])
        if kind not in (None, *defaults.CLASSES["generator"]):
            return False
        told = self.changes["generator"].get("linear_process")
        if told is not None or self.model.generator is not None:
            return bool(told) or self.adaptable_layer("process") is not None
        return not self.model.completion

    def make_networks(self, shape: Shape, traits: Traits) -> None:
        """Make the networks that are missing.

        Args:
            shape: Of the data.
            traits: What else the data is like.

        Raises:
            ValueError: If the data is such that none are made by default.
        """
        model = self.model
        if model.generator is None or model.discriminator is None:
            defaults.check_rank(shape)
        within_one = getattr(model.scaler, "feature_range", None) == (-1.0, 1.0)
        within_one = within_one and model.scaler.kind == "min_max"
        traits = dataclasses.replace(traits, within_one=within_one)
        shared = {
            "layout": self.layout(shape[-1] or 0),
            "capabilities": model.capabilities,
            "seed": model.seed,
            "dtype": model.dtype_policy,
        }
        if model.generator is None:
            changes = self.changes["generator"]
            model.generator = model.default_network("generator", shape, changes, traits, **shared)
            self.reasons = defaults.reasons_of(model.generator, shape, traits)
        if model.discriminator is None:
            changes = self.changes["discriminator"]
            model.discriminator = model.default_network(
                "discriminator", shape, changes, traits, **shared
            )

    def _infer_noise(self) -> NoiseSpec:
        model, shapes = self.model, self.noise_shape
        if shapes is None:
            shapes = fit_check.noise_shapes(model.generator)
        normal = getattr(model.generator, "normal_noise", {})
        return NoiseSpec.from_shapes(model.noise, model.noise_mean, model.noise_scale, shapes, normal)

    def _check(self, shape: Shape) -> None:
        """Build both networks on symbolic tensors, and compare shapes."""
        model, layout = self.model, self.model.layout
        assert self.noise_spec is not None
        for role in ("generator", "discriminator"):
            network = getattr(model, role)
            fit_check.check_columns(role, network, layout, bool(model.completion))
            for capability in model.capabilities:
                capability.check_network(role, network)
        fit_check.check_generator(model.generator, self.noise_spec, layout, shape)
        judged = model.as_judged(keras.KerasTensor(shape))
        model.judge.per_step = fit_check.check_discriminator(model.discriminator, layout, judged.shape)

    def ensure_built(self) -> None:
        """Build for the generator's own output where no data has been seen.

        Raises:
            ValueError: If that is not known.
        """
        if self.model.built:
            return
        try:
            shape = tuple(self.model.generator.output_shape)
            is_known = None not in shape[1:] and self.model.discriminator is not None
        except (AttributeError, ValueError):
            is_known = False
        if not is_known:
            raise ValueError(
                "The model does not know its data yet, so it has no networks. Call fit(data) or "
                "adapt(data), load a saved model, or build((None, time, features))."
            )
        self.model.build(shape)

    def adaptable_layer(self, role: str) -> Any:
        """Return a layer that adapts to scaled data: "process", "smoother", "view", "gap_features"."""
        generator = self.model.generator
        holders = {"process": generator, "smoother": generator, "view": self.model.discriminator}
        return getattr(holders.get(role, self.model), role, None)

    def parts(self) -> dict[str, Any]:
        """Return what a model was given or has made, for `fall_back`."""
        return {name: getattr(self.model, name) for name in HOLDERS}

    def scaler_state(self) -> list[np.ndarray] | None:
        """Return what a scaler knows, for `fall_back`; None where it knows nothing."""
        scaler = self.model.scaler
        return scaler.get_weights() if scaler is not None and scaler.adapted else None

    def fall_back(self, parts: Mapping[str, Any], scaler_state: Sequence[np.ndarray] | None) -> None:
        """Have parts as they were, after data was refused; a model that is built stays."""
        model = self.model
        if scaler_state is not None:
            model.scaler.recall(scaler_state)
        elif model.scaler is not None and model.scaler.built:
            model.scaler.forget()
        if model.built:
            return
        changed = {name: part for name, part in parts.items() if getattr(model, name) is not part}
        dropped = [getattr(model, name) for name in changed]
        for name, part in changed.items():
            setattr(model, name, part)
        internals.order_layers(model, HOLDERS, dropped)

    def made_parts(self) -> dict[str, Any]:
        """Return the config of what the data may have decided, for `make_again`."""
        parts = self.portable_parts(())
        parts["attribute_generator"] = parts["attributes"] if self.model.attribute_generator else None
        return {name: parts[name] for name in MADE}

    def make_again(self, parts: Mapping[str, Any]) -> None:
        """Take over from `made_parts` of another model what this one lacks, before it is built."""
        model = self.model
        for name in MADE:
            own = getattr(model, name)
            lacks = own is None or (name == "conditions" and not own.adapted)
            if lacks and parts.get(name) is not None and not model.built:
                setattr(model, name, keras.saving.deserialize_keras_object(parts[name]))

    def portable_parts(self, further: Sequence[Any]) -> dict[str, Any]:
        """Return the config of what a model consists of.

        What it has built is built by a copy, so that its variables have the same paths there.

        Args:
            further: Capabilities of the user's.
        """
        model = self.model
        parts = {
            "generator": model.generator,
            "discriminator": model.discriminator,
            "scaler": model.scaler,
            "conditions": model.conditions,
            "attributes": model.attribute_generator
            or self.changes["attribute_generator"]
            or model.attributes,
            "capabilities": list(further),
        }
        for role, changes in self.changes.items():
            if role in parts and parts[role] is None:
                parts[role] = changes or None
        config = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        prefix = f"{model.path or model.name}/"
        for name, part in parts.items():
            weights = part.weights if isinstance(part, keras.Layer) else []
            if weights and all(v.path.startswith(prefix) for v in weights):
                config[name].pop("build_config", None)
        return config


def make_scaler(scaler: Any) -> SequenceScaler | None:
    """Return a scaler by its kind, or as it is.

    Raises:
        ValueError: If there is none of that kind.
    """
    if scaler is None or isinstance(scaler, SequenceScaler):
        return scaler
    if isinstance(scaler, str) and scaler == "per_sample":
        return PerSampleScaler(name="scaler")
    if isinstance(scaler, str):
        return SequenceScaler("min_max" if scaler == "auto" else scaler, name="scaler")
    raise ValueError(
        "`scaler` must be 'auto', 'per_sample', a kind of SequenceScaler, a SequenceScaler or None. "
        "Received: "
        f"scaler={scaler!r}"
    )
