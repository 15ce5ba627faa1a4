"""What keras-tuner varies of a `RecurrentGAN`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import keras_tuner

from keras_rgan.recurrent_gan import RecurrentGAN
from keras_rgan.sequences import reading
from keras_rgan.training.recipe import DEFAULT_EMA, DEFAULT_PENALTIES, default_optimizer
from keras_rgan.utils import checks

Ask = Callable[[keras_tuner.HyperParameters, str, Mapping[str, Any]], Any]

NOISE: dict[str, dict[str, int]] = {
    "both": {},
    "sequence": {"noise_dim": 0},
    "step": {"latent_dim": 0},
}
"""The generator's arguments for each kind of noise."""

NAMES = {"noise": list(NOISE), "penalty": list(DEFAULT_PENALTIES)}
"""Values that have a meaning here alone."""

USUAL = {"cell": "gru", "noise": "both", "batch_size": 64, "ema": DEFAULT_EMA}
"""What is usual whatever the data."""


def _choice(values: list[Any]) -> Ask:
    return lambda hp, name, usual: hp.Choice(name, values, default=usual[name])


def _rate(hp: keras_tuner.HyperParameters, name: str, usual: Mapping[str, Any]) -> Any:
    return hp.Float(name, 1e-4, 3e-3, sampling="log", default=1e-3)


def _width(hp: keras_tuner.HyperParameters, name: str, usual: Mapping[str, Any]) -> Any:
    return hp.Int(name, 16, 256, step=16, default=usual[name])


HYPERPARAMETERS: dict[str, Ask] = {
    "cell": _choice(["gru", "lstm"]),
    "generator_units": _width,
    "discriminator_units": _width,
    "num_layers": lambda hp, name, usual: hp.Int(name, 1, 2),
    "noise": _choice(NAMES["noise"]),
    "loss": _choice(["relativistic", "non_saturating", "hinge", "wasserstein"]),
    "penalty": _choice(NAMES["penalty"]),
    "penalty_weight": lambda hp, name, usual: hp.Float(name, 0.1, 10.0, sampling="log", default=1.0),
    "generator_learning_rate": _rate,
    "discriminator_learning_rate": _rate,
    "batch_size": _choice([32, 64, 128]),
    "ema": _choice([0.99, 0.999, 0.9999]),
}
"""How a trial's value of each is asked for, with what is usual for the data."""


class RecurrentGANHyperModel(keras_tuner.HyperModel):
    """Searches the networks and the recipe of a `RecurrentGAN`.

    Pass it to any tuner of keras-tuner, with an objective that `fit` logs:
    `keras_tuner.Objective("val_mmd", "min")` with `validation_data`, or any score of a
    `callbacks.ScoreOnValidation`. A trial's models are adapted to the data where they are built, so
    that `tuner.get_best_models` returns them whole, scaler included.

    ============================ ==================================================== ==============
    hyperparameter               values                                               default
    ============================ ==================================================== ==============
    cell                         gru, lstm, of both networks                          gru
    generator_units              16 … 256                                             by the data
    discriminator_units          16 … 256                                             by the data
    num_layers                   1, 2, of both networks                               1
    noise                        both, sequence, step: a latent of the sequence,      both
                                 noise of each step
    loss                         relativistic, non_saturating, hinge, wasserstein     by the data
    penalty                      approximate_r1_r2, approximate_gradient_penalty      by the data
    penalty_weight               0.1 … 10, a factor of the penalty's usual weight     1
    generator_learning_rate      1e-4 … 3e-3                                          1e-3
    discriminator_learning_rate  1e-4 … 3e-3                                          1e-3
    batch_size                   32, 64, 128                                          64
    ema                          0.99, 0.999, 0.9999                                  0.999
    ============================ ==================================================== ==============

    With the default of every hyperparameter it is the default recipe.

    Args:
        data: What the models are adapted to and sized for, as `RecurrentGAN.fit` takes it: the
            training data.
        hyperparameters: What differs from the table: of a name a value, which pins it, or a list of
            values to choose from.
        model: Further arguments of `RecurrentGAN`, such as `{"completion": True}`; networks as dicts of
            arguments, on top of what is searched.
        compile: Further arguments of `RecurrentGAN.compile`, such as `{"discriminator_steps": 2}`.
        seed: Seed of all models.
        name: Name of the hypermodel.
        tunable: As in `keras_tuner.HyperModel`.

    Raises:
        ValueError: If `RecurrentGAN` refuses the data or an argument, a hyperparameter is unknown, or a
            list of values empty.

    Example:
        >>> import keras_tuner, keras_rgan as kr
        >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> pinned = {"cell": "gru", "generator_units": [8, 16], "discriminator_units": 8}
        >>> hypermodel = kr.hypermodels.RecurrentGANHyperModel(sines, pinned, seed=0)
        >>> gan = hypermodel.build(keras_tuner.HyperParameters())
        >>> gan.generator.units, gan.discriminator.units
        (8, 8)

    Reference:
        O'Malley et al., "KerasTuner", 2019.
    """

    def __init__(
        self,
        data: Any,
        hyperparameters: Mapping[str, Any] | None = None,
        *,
        model: Mapping[str, Any] | None = None,
        compile: Mapping[str, Any] | None = None,
        seed: int | None = None,
        name: str | None = None,
        tunable: bool = True,
    ) -> None:
        super().__init__(name=name, tunable=tunable)
        self.given = dict(hyperparameters or {})
        for key, value in self.given.items():
            checks.one_of("hyperparameters", key, HYPERPARAMETERS)
            values = value if isinstance(value, list | tuple) else [value]
            if not values:
                raise ValueError(f"`{key}` expects a value or a list of some. Received: {value!r}")
            if key in NAMES:
                for one in values:
                    checks.one_of(key, one, NAMES[key])
        if "seed" in (model or {}):
            raise ValueError("Pass the seed as seed=. Received: one among the arguments of model=.")
        self.data, self.seed = data, seed
        self.model, self.compile = dict(model or {}), dict(compile or {})
        loss = self.given.get("loss", "auto")
        usual = RecurrentGAN(**_fresh(self.model))
        usual.compile(**{"loss": loss if isinstance(loss, str) else "auto", **_fresh(self.compile)})
        usual.adapt(data)
        wide = usual.get_compile_config()["loss"]["class_name"] == "WassersteinLoss"
        self.usual = {
            **USUAL,
            "generator_units": usual.generator.units,
            "discriminator_units": usual.discriminator.units,
            "loss": "wasserstein" if wide else "relativistic",
            "penalty": "approximate_gradient_penalty" if wide else "approximate_r1_r2",
        }

    def build(self, hp: keras_tuner.HyperParameters) -> RecurrentGAN:
        """Return a compiled model that is adapted to the data.

        Args:
            hp: The hyperparameters of a trial.
        """
        chosen = {name: self._ask(hp, name) for name in HYPERPARAMETERS}
        noise = NOISE[chosen["noise"]]
        shared = {"cell": chosen["cell"], "num_layers": chosen["num_layers"]}
        networks = {
            "generator": {"units": chosen["generator_units"], **shared, **noise},
            "discriminator": {"units": chosen["discriminator_units"], **shared},
        }
        options = _fresh(self.model)
        for role, arguments in networks.items():
            options[role] = {**arguments, **options.get(role, {})}
        gan = RecurrentGAN(**options, seed=self.seed)
        optimizers = {
            f"{role}_optimizer": default_optimizer(f"{role}_optimizer", chosen[f"{role}_learning_rate"])
            for role in networks
        }
        recipe = {
            "loss": chosen["loss"],
            "penalties": [
                type(p).from_config({**p.get_config(), "weight": chosen["penalty_weight"] * p.weight})
                for p in DEFAULT_PENALTIES[chosen["penalty"]]()
            ],
            "ema": chosen["ema"],
            **optimizers,
        }
        gan.compile(**{**recipe, **_fresh(self.compile)})
        gan.adapt(self.data)
        return gan

    def fit(
        self, hp: keras_tuner.HyperParameters, model: RecurrentGAN, *args: Any, **kwargs: Any
    ) -> Any:
        """Train a trial's model, with its batch size where the data is not in batches already.

        Args:
            hp: The hyperparameters of the trial.
            model: What `build` returned.
            *args: The arguments of `tuner.search`.
            **kwargs: The same, by name.
        """
        size = self._ask(hp, "batch_size")
        sequences, _ = reading.gather(args[0] if args else kwargs.get("x"))
        if reading.is_array(sequences):
            kwargs.setdefault("batch_size", min(size, len(sequences)))
        return model.fit(*args, **kwargs)

    def _ask(self, hp: keras_tuner.HyperParameters, name: str) -> Any:
        """Return a trial's value of a hyperparameter."""
        if name in self.given:
            value = self.given[name]
            if not isinstance(value, list | tuple):
                return hp.Fixed(name, value)
            usual = self.usual.get(name)
            return hp.Choice(name, list(value), default=usual if usual in value else value[0])
        return HYPERPARAMETERS[name](hp, name, self.usual)


def _fresh(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments with objects of their own: trials do not share an optimizer's state."""

    def copied(value: Any) -> Any:
        return type(value).from_config(value.get_config()) if hasattr(value, "get_config") else value

    fresh: dict[str, Any] = keras.tree.map_structure(copied, arguments)
    return fresh
