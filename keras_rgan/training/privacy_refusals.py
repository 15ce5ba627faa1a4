"""What a private model refuses, by name, and how each is mended."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan import conditioning
from keras_rgan.backend import internals
from keras_rgan.callbacks.keep_best import KeepBest
from keras_rgan.callbacks.score_on_validation import ScoreOnValidation
from keras_rgan.layers.minibatch_discrimination import MinibatchDiscrimination
from keras_rgan.layers.minibatch_std_dev import MinibatchStdDev
from keras_rgan.loading.backups import listed
from keras_rgan.sequences.admission import Source
from keras_rgan.training.judge import draws_at_random

MIXING = (MinibatchDiscrimination, MinibatchStdDev, keras.layers.BatchNormalization)
"""Layers in which samples of a batch see one another."""


def refusal(what: str, why: str, mend: str) -> ValueError:
    """Return the error that names what data would leak through."""
    return ValueError(f"With `privacy`, {what} is refused: {why}. {mend}.")


def check_recipe(recipe: Any) -> None:
    """Refuse losses, penalties and looks that take from data by other ways than single samples.

    Raises:
        ValueError: If the recipe has one.
    """
    if recipe.loss.generator_sees_real:
        raise refusal(
            f"the loss {type(recipe.loss).__name__}",
            "the generator's loss depends on real samples, of which it may only learn by the "
            "discriminator",
            "Pass loss='non_saturating', 'minimax', 'hinge', 'least_squares' or 'wasserstein'",
        )
    for penalty in recipe.penalties:
        if not penalty.one_by_one:
            raise refusal(
                f"the penalty {type(penalty).__name__}",
                "it is no mean of one term for each real sample, at every step and without draws or "
                "derivatives of its own, which is what can be clipped sample by sample",
                "Pass penalties=None, or kr.penalties.ApproximateR1Penalty(every=1, interval=1)",
            )
    if recipe.keep_best is True:
        raise refusal(
            "keep_best=True",
            "a judge of real sequences would choose the weights",
            "Pass keep_best=False",
        )


def check_optimizer(optimizer: Any) -> None:
    """Refuse a discriminator that does not learn, and gradients in half precision.

    Raises:
        ValueError: If it is so.
    """
    if optimizer is None:
        raise refusal(
            "discriminator_optimizer=None",
            "the discriminator's updates are the only way in which data is learned of",
            "Pass an optimizer",
        )
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        raise refusal(
            "an optimizer that scales losses (mixed_float16)",
            "gradients are clipped to a norm in float32, without a scale",
            "Use dtype 'float32' or 'mixed_bfloat16'",
        )


def check_model(model: Any) -> None:
    """Refuse parts of a model that know data, as far as it is known.

    Raises:
        ValueError: If there is one.
    """
    if model.phases or not model.meets_data_in_one_turn:
        raise refusal(
            f"a {type(model).__name__} with phases or losses of its own",
            "these see real samples beside the discriminator's updates",
            "Use kr.RecurrentGAN",
        )
    scaler = model.scaler
    if scaler is not None and not scaler.keeps_to_bounds:
        raise refusal(
            f"a {type(scaler).__name__} that takes its ranges from data",
            "these are values of single sequences",
            "Give bounds that are known without the data: RecurrentGAN(scaler=kr.layers."
            "SequenceScaler.from_bounds(low, high)), or scaler=None for data within -1 … 1",
        )
    told = model.rooms.assembly.changes
    if told["generator"].get("linear_process") or told["generator"].get("mixture_process"):
        raise refusal(
            "a generator that begins as a process of the data",
            "the process is fitted to the data",
            'Leave "linear_process" and "mixture_process" out',
        )
    if model.conditions is not None:
        _check_conditions(model.conditions)
    if model.completion or model.attributes != "drawn":
        raise refusal(
            "completion=True" if model.completion else "attributes='generated'",
            "it takes ranges and rows of the data",
            "Make the model without",
        )
    further = conditioning.of_the_user(model.capabilities)
    if further:
        raise refusal(
            f"the capability {type(further[0]).__name__}",
            "what it takes of real samples is not clipped",
            "Make the model without",
        )
    if model.discriminator is not None:
        _check_layers(model.discriminator)
    if model.generator is not None and model.conditions is not None:
        _check_generator(model.generator)


def _check_conditions(encoder: Any) -> None:
    """Refuse conditions that are learned of the data, and others than a row's labels and attributes."""
    if not encoder.adapted:
        raise refusal(
            "a model of conditions that it takes from the data",
            "categories, means and rows to draw from are values of single sequences",
            "Pass an encoder that knows them without the data: encoder = kr.layers.ConditionEncoder(); "
            "encoder.adapt({'label': np.arange(10)}); RecurrentGAN(conditions=encoder)",
        )
    further = [c["name"] for c in encoder.conditions if c["temporal"] or c["kind"] == "observed"]
    if further:
        raise refusal(
            f"a model of conditions at each step, {', '.join(map(repr, further))},",
            "lengths, covariates and gaps that do not come of the data are hardly known",
            "Keep to labels and attributes, which hold for a whole sequence",
        )


def _check_generator(generator: Any) -> None:
    for layer in internals.layers_of(generator):
        if isinstance(layer, MIXING):
            raise refusal(
                f"the layer {layer.name!r} ({type(layer).__name__}) in the generator of a model of "
                "conditions",
                "samples see one another's conditions there, so that one changes the gradients of all",
                "Take it out; LayerNormalization mixes nothing",
            )


def _check_layers(discriminator: Any) -> None:
    for layer in internals.layers_of(discriminator):
        name = f"the layer {layer.name!r} ({type(layer).__name__}) in the discriminator"
        if isinstance(layer, MIXING):
            raise refusal(
                name,
                "samples see one another there, so that one sequence changes the gradients of all",
                "Take it out; LayerNormalization mixes nothing",
            )
        if isinstance(layer, keras.layers.SpectralNormalization):
            raise refusal(
                name,
                "it writes its weights at every call, outside of the update",
                "Take it out: clipped gradients hold the discriminator back",
            )
        if draws_at_random([layer]):
            raise refusal(
                name,
                "its draws would be the same for every sample",
                "Take dropout and noise out of the discriminator",
            )


def check_clean(model: Any) -> None:
    """Refuse a model that has taken from data by other ways.

    Raises:
        ValueError: If it has.
    """
    if not model.record.clean:
        raise refusal(
            "a model that has seen data before",
            "`adapt`, `calibrate` or training without privacy took from it what nothing accounts for",
            "Make a new RecurrentGAN; where that data was public, its trained networks may go in: "
            "RecurrentGAN(gan.generator, gan.discriminator, scaler=…)",
        )


def check_source(source: Source, encoder: Any) -> None:
    """Refuse data that is not one array of sequences, with no conditions but those that are known.

    Args:
        source: The data.
        encoder: The model's `ConditionEncoder`, or None.

    Raises:
        ValueError: If it is not.
    """
    if not source.is_array:
        raise refusal(
            f"data as a {type(source.data).__name__}",
            "samples must be drawn sequence by sequence, each apart from the others, of a known number",
            "Pass an array (samples, time, features)",
        )
    further = set(source.conditions) - set([] if encoder is None else encoder.names)
    if further:
        raise refusal(
            f"data with {', '.join(sorted(map(repr, further)))} beside the sequences",
            "the model would learn from the data what these can be, and keep rows to draw from",
            "Pass sequences alone, of one length and without gaps, or make the model with "
            "conditions=encoder, adapted to labels that are known without the data",
        )


def check_devices(count: int) -> None:
    """Refuse a step that several devices share.

    Raises:
        ValueError: If they do.
    """
    if count > 1:
        raise refusal(
            f"a distribution over {count} devices",
            "each would add noise of its own to a part of the sample",
            "Train on one device",
        )


def measures_data(callbacks: Any) -> bool:
    """Return whether callbacks measure samples by data."""
    return any(isinstance(c, ScoreOnValidation) for c in listed(callbacks))


def check_callbacks(callbacks: Any) -> None:
    """Refuse callbacks that choose weights by real sequences, or are shown these.

    Raises:
        ValueError: If there is one.
    """
    for callback in listed(callbacks):
        if isinstance(callback, KeepBest):
            raise refusal(
                "the callback KeepBest",
                "a judge of real sequences would choose the weights",
                "Leave it out",
            )
        if hasattr(callback, "see_data"):
            raise refusal(
                f"the callback {type(callback).__name__}",
                "it holds samples against real sequences, and says and does what follows from these",
                "Leave it out",
            )
