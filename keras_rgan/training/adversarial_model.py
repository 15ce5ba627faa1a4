"""A model of two networks that `fit` trains against each other."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any

import keras

from keras_rgan import backend
from keras_rgan.backend import internals
from keras_rgan.generating import calibration
from keras_rgan.loading.backups import check_backups, check_callbacks
from keras_rgan.losses.adversarial_loss import check_takes_weights
from keras_rgan.networks.defaults import form_of, share_apart
from keras_rgan.networks.endings import check_ending
from keras_rgan.sequences import reading, survey
from keras_rgan.sequences.admission import Source
from keras_rgan.training import arguments, course
from keras_rgan.training.finite_steps import UndoneSteps, Watch
from keras_rgan.training.game import Game
from keras_rgan.training.gauges import Gauge
from keras_rgan.training.judge import Judge, draws_at_random
from keras_rgan.training.optimizer_pair import OptimizerPair
from keras_rgan.training.phases import Phase, PhaseWatch, current
from keras_rgan.training.privacy_record import PrivacyRecord
from keras_rgan.training.recipe import Recipe, resolve_optimizer
from keras_rgan.training.regime import Regime
from keras_rgan.training.samples import Samples
from keras_rgan.training.saved_model import SavedModel
from keras_rgan.training.weight_average import WeightAverage
from keras_rgan.utils import advice, checks, seeding
from keras_rgan.utils.types import Tensor
from keras_rgan.utils.untracked import Untracked
from keras_rgan.utils.variables import value_of

USUAL_BATCH = 32
"""How many samples of an array are in a batch where nothing is said."""


class AdversarialModel(SavedModel):
    """What `RecurrentGAN` has of a Keras model that trains: `compile`, `fit`, `evaluate`, metrics.

    What it learns of data, how networks are made and how samples are is the subclass's affair.

    Args:
        seed: Seed of all that is random.
        **kwargs: Arguments of `keras.Model`.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        arguments.check(type(self), "__init__", kwargs)
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = _seed_generator(seed, "training")
        self.evaluation_seed_generator = _seed_generator(seed, "evaluation")
        self.sampling_seed_generator = _seed_generator(seed, "sampling")
        self.generator_loss_tracker = keras.metrics.Mean(name="generator_loss")
        self.discriminator_loss_tracker = keras.metrics.Mean(name="discriminator_loss")
        self.real_score_tracker = keras.metrics.Mean(name="real_score")
        self.fake_score_tracker = keras.metrics.Mean(name="fake_score")
        self.penalty_tracker = keras.metrics.Mean(name="penalty")
        self.prediction_loss_tracker = keras.metrics.Mean(name="prediction_loss")
        self.completion_loss_tracker = keras.metrics.Mean(name="completion_loss")
        self._undone_steps = Untracked(UndoneSteps())  # which no file holds
        self._gauges: Untracked[list[Gauge]] = Untracked([])
        self.ema_weights: list[keras.Variable] = []
        self._evaluation_start = value_of(self.evaluation_seed_generator.state)
        self._evaluating = False
        self._record = Untracked(PrivacyRecord())
        self._regime = Untracked(Regime(self))
        self._recipe: Recipe | None = None
        self._run_options: Untracked[dict[str, Any]] = Untracked({})
        self._fused_layers: Untracked[list[tuple[keras.Layer, Any]]] = Untracked([])
        self._game = Untracked(Game.of(self))

    @property
    def samples(self) -> Samples:
        """Makes real and generated batches."""
        return self._game.value.samples

    @property
    def judge(self) -> Judge:
        """Asks the discriminator."""
        return self._game.value.judge

    @property
    def average(self) -> WeightAverage:
        """The moving average of the generator's weights."""
        return self._game.value.average

    meets_data_in_one_turn = True
    """Whether a step sees real samples in the discriminator's turn alone."""

    @property
    def record(self) -> PrivacyRecord:
        """What came into the model of data: all, or what is counted there."""
        return self._record.value

    @property
    def regime(self) -> Regime:
        """Stands between the model and its data."""
        return self._regime.value

    @property
    def phases(self) -> Sequence[Phase]:
        """What is trained, and how, before the two networks play; most models have none."""
        return ()

    @property
    def gauges(self) -> list[Gauge]:
        """What measures every turn of the `fit` that runs."""
        return self._gauges.value

    def add_gauges(self, make: Callable[[], Sequence[Gauge]]) -> None:
        """Have turns measured until `fit` ends.

        Args:
            make: Makes what measures them, in the scope in which its variables must be.
        """
        with backend.variable_scope(self):
            self._set_gauges([*self.gauges, *make()])
        self.make_train_function(force=True)

    def _set_gauges(self, gauges: list[Gauge]) -> None:
        self._gauges.value = gauges
        self.train_function = self._game.value.step.changing = None

    def enter_phase(self, updates: int) -> bool:
        """Go to the phase that comes after so many updates; return whether that is another one."""
        step = self._game.value.step
        before, step.phase = step.phase, current(self.phases, updates)
        return step.phase is not before

    @property
    def undone_steps(self) -> UndoneSteps:
        """Counts the steps that were undone."""
        return self._undone_steps.value

    @property
    def skips_nonfinite(self) -> bool:
        """Whether training goes on without steps that are not finite."""
        return self._recipe is not None and self._recipe.nonfinite == "skip"

    @property
    def recipe(self) -> Recipe:
        """What `compile` came to."""
        assert self._recipe is not None
        return self._recipe

    # Compiling

    def compile(
        self,
        loss: Any = "auto",
        penalties: Any = "auto",
        generator_optimizer: Any = "auto",
        discriminator_optimizer: Any = "auto",
        discriminator_steps: int = 1,
        ema: float | str | None = "auto",
        metrics: Any = "auto",
        prediction_weight: float = 1.0,
        completion_weight: float = 1.0,
        nonfinite: str = "raise",
        keep_best: bool | str = "auto",
        privacy: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        **unknown: Any,
    ) -> None:
        """Choose how to train; "auto" everywhere is the default recipe.

        Args:
            loss: Name or object of `keras_rgan.losses`. "auto": "relativistic"; with penalties="auto"
                and recurrent networks of this library "wasserstein" where the data is known to have
                more than 8 features and none of these are categories, unless the model completes.
            penalties: Names or objects of `keras_rgan.penalties`, one or a list; None for none.
                "auto": `ApproximateGradientPenalty` between every other pair (`every=2`) for the
                Wasserstein loss, else `ApproximateR1Penalty` and `ApproximateR2Penalty` of weight 4
                at every other sample (`every=2`), of less in proportion where the discriminator sees
                more than 12 features (`features=12`; with increments of one order, where the data has
                more than 6; a group of categories is one); of weight 0.3 for a `VideoDiscriminator`.
            generator_optimizer: Name or object of `keras.optimizers`, learning-rate schedules
                included; None leaves the generator as it is. "auto":
                Adam(1e-3, beta_1=0, beta_2=0.99).
            discriminator_optimizer: The same for the discriminator.
            discriminator_steps: Updates of the discriminator for one of the generator, on the same
                real samples and new noise.
            ema: Decay, per step, of the moving average of the generator's weights, which generating
                and evaluating use; None uses the weights of the last step. The average starts fast:
                the decay is at most (1 + step) / (10 + step). "auto": 0.999.
            metrics: Names or objects, one or a list, of metrics of real and generated samples
                (`update_state(real, generated)`, in the scaled space), computed where `evaluate` or
                `validation_data` asks for them; None for none. "auto": "mmd".
            prediction_weight: Factor of the error of a discriminator's next-step prediction in both
                networks' losses; without effect on one that predicts nothing.
            completion_weight: Factor, in the generator's loss, of the continuous ranked probability
                score of completions, in units of the spread that `layers.GapFeatures` tells; without
                effect where the model was made without `completion=True`.
            nonfinite: What becomes of a step whose samples, losses or gradients are not finite. It is
                never applied: weights, optimizers and averages stay as they were. "raise": `fit` ends
                with the epoch, and says which batch it was, and what was not finite. "skip": `fit`
                goes on, and counts such steps in the logs as `skipped_steps`; batches of a dataset
                with NaN or infinite values, which are refused otherwise, are among them.
            keep_best: Whether a `callbacks.KeepBest` looks in on training, and the best of what it saw
                comes back at the end of `fit`. "auto": where `fit` trains until it is done, or for
                2,000 updates or more. One that is passed to `fit` takes its place.
            privacy: A `keras_rgan.DifferentialPrivacy`, by which no single sequence can be told from
                what leaves the model; loss "auto" is then "non_saturating", without penalties.
            run_eagerly: As in `keras.Model.compile`.
            steps_per_execution: As in `keras.Model.compile`; 1 on torch.
            jit_compile: As in `keras.Model.compile`.
            **unknown: Nothing; named to explain the arguments of other models.

        Raises:
            ValueError: If a name is unknown, a number out of range, one optimizer serves both
                networks, or the discriminator ends in a sigmoid and the loss expects logits.
            TypeError: If an argument is unknown.
        """
        arguments.check(type(self), "compile", unknown)
        if privacy is not None:
            checks.instance("privacy", privacy, "regime", "keras_rgan.DifferentialPrivacy")
            loss, penalties = privacy.in_place_of_auto(loss, penalties)
        recipe = Recipe.resolve(
            loss=loss,
            penalties=penalties,
            discriminator_steps=discriminator_steps,
            ema=ema,
            metrics=metrics,
            prediction_weight=prediction_weight,
            completion_weight=completion_weight,
            nonfinite=nonfinite,
            keep_best=keep_best,
        )
        backend.check_compile_options(jit_compile, recipe.second_derivative, steps_per_execution)
        if self.discriminator is not None:
            check_ending(self.discriminator, recipe.loss)
        if self.built:
            recipe = self._for_networks(recipe)
        run_options = {
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }
        with backend.variable_scope(self):
            optimizers = {
                role: resolve_optimizer(role, identifier, (network or self).compute_dtype)
                for role, identifier, network in (
                    ("generator_optimizer", generator_optimizer, self.generator),
                    ("discriminator_optimizer", discriminator_optimizer, self.discriminator),
                )
            }
            pair = list(optimizers.values())
            if pair[0] is not None and pair[0] is pair[1]:
                raise ValueError(
                    "One optimizer cannot serve both networks: it keeps the state of one. Pass two "
                    "objects."
                )
            self.record.flush()
            regime = Regime(self) if privacy is None else privacy.regime(self)
            regime.check(recipe, pair[1])
            both = OptimizerPair(pair[0], pair[1], regime.variables)
            super().compile(optimizer=both, auto_scale_loss=False, **run_options)
        self._recipe, self._regime = recipe, Untracked(regime)
        self.record.follow(regime.flush)
        private = {} if privacy is None else {"privacy": privacy}
        self._run_options = Untracked({**optimizers, **private, **run_options})
        if self.built:
            self.finish_compile()

    def retrace(self) -> None:
        """Have all functions compiled anew, after what they hold as constants has changed."""
        self.train_function = self.test_function = self.predict_function = None
        self.sampler.retrace()

    def finish_compile(self) -> None:
        """Do what needs both the networks and the recipe."""
        if self._recipe is None or self.generator is None or self.discriminator is None:
            return
        self._recipe = self._for_networks(self._recipe)
        self.regime.check(self._recipe, self.discriminator_optimizer)
        self._choose_kernels()
        with backend.variable_scope(self):
            self.optimizer.build_for(
                [v for network in self.generators for v in network.trainable_variables],
                [v for network in self.discriminators for v in network.trainable_variables],
            )
        self._game.value.step.changing = None
        self._game.value.penalizer.random = draws_at_random(internals.layers_of(self.discriminator))

    def _for_networks(self, recipe: Recipe) -> Recipe:
        """Return a recipe as it is for the networks; refuse one that does not go with them."""
        generated = sum(capability.generated_columns for capability in self.capabilities)
        form = form_of(self.generator, self.discriminator)
        apart = share_apart(self.generator)
        recipe = recipe.for_data(form, self.layout.total, generated, apart)
        check_ending(self.discriminator, recipe.loss, self.judge.at_random)
        if self.judge.per_step and self.layout.length:
            check_takes_weights(recipe.loss)
        return recipe

    def _choose_kernels(self) -> None:
        """Let the discriminator do without fused kernels where these lack the derivatives.

        The flag is not serialized, so it is set anew.
        """
        for layer, before in self._fused_layers.value:
            layer.use_cudnn = before
        self._fused_layers.value.clear()
        twice = self.recipe.second_derivative and not backend.loops_differentiate_twice()
        apart = self.regime.single_samples and not backend.loops_take_single_samples()
        if not (twice or apart):
            return
        for layer in internals.layers_of(self.discriminator):
            if hasattr(layer, "use_cudnn"):
                self._fused_layers.value.append((layer, layer.use_cudnn))
                layer.use_cudnn = False

    @property
    def generator_optimizer(self) -> keras.optimizers.Optimizer | None:
        """The generator's optimizer, as compiled; its `learning_rate` can be set."""
        return getattr(self.optimizer, "generator_optimizer", None)

    @property
    def discriminator_optimizer(self) -> keras.optimizers.Optimizer | None:
        """The discriminator's optimizer, as compiled; its `learning_rate` can be set."""
        return getattr(self.optimizer, "discriminator_optimizer", None)

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` resolved."""
        if self._recipe is None:
            return {}
        arguments = {**self.recipe.arguments(bool(self.built)), **self._run_options.value}
        return {
            key: internals.portable(keras.saving.serialize_keras_object(value))
            for key, value in arguments.items()
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile, and create the optimizers' state where the networks are built."""
        if config:
            self.compile(**{k: keras.saving.deserialize_keras_object(v) for k, v in config.items()})

    # Training

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int | str = "auto",
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> keras.callbacks.History:
        """Train on sequences, as `keras.Model.fit`.

        The first call builds the networks and adapts the scaler, in one pass over the data.

        Args:
            x: Sequences in their own units, `(samples, time, features)`: an array or tensor, or a
                `tf.data.Dataset`, `keras.utils.PyDataset` or `torch` DataLoader of batches. With
                conditions a pair `(sequences, {name: values})`, and batches that are such pairs.
            y: Conditions beside an array of sequences, in place of the pair: a dict. No targets: a
                GAN learns the distribution of `x`.
            batch_size: Samples in a batch, of an array; 32 by default.
            epochs: Index of the epoch to train to. "auto" trains until it is done: a small judge looks
                in now and then; once nothing gets better, at the latest after 3,200 updates or 50
                epochs, the rates fall over one and a half times as many more; the best of all weights
                are kept, and calibrated where the judge does not object (`callbacks.KeepBest`).
            verbose: As in `keras.Model.fit`, and so all that follow.
            callbacks: Keras's callbacks. Where one monitors a value, pass `mode="min"`.
            validation_split: Share of an array's end that validates.
            validation_data: Sequences to validate on, with their conditions.
            shuffle: Whether to shuffle an array's samples in each epoch.
            class_weight: Nothing.
            sample_weight: Nothing.
            initial_epoch: Index of the epoch to start with.
            steps_per_epoch: Batches in an epoch. Of data without a known end the scaler sees as many.
            validation_steps: Batches of `validation_data` to validate on.
            validation_batch_size: Samples in a batch of validation.
            validation_freq: Epochs from one validation to the next.

        Returns:
            Keras's `History`. Its names: `generator_loss`, `discriminator_loss` (without penalties),
            `real_score` and `fake_score` (mean judgements), `penalty`, `prediction_loss` and
            `completion_loss` where there are any, and these with the compiled metrics under `val_…`.

        Raises:
            FloatingPointError: At the end of an epoch of which a step was not finite, unless compiled
                with `nonfinite="skip"`.
            OSError: If a backup to go on from is damaged.
            ValueError: If the data has a wrong shape, is too small for a batch, comes with targets,
                or holds NaN (other than gaps) or infinite values: an array before the first step, a
                dataset's batches as they come, unless compiled with `nonfinite="skip"`; if
                the model was made outside of the scope of a strategy that is open, or a batch does not
                split evenly over the devices.
        """
        checks.compiled(self, "fit")
        if epochs != "auto":
            checks.non_negative_int("epochs", epochs)
        checks.non_negative_int("initial_epoch", initial_epoch)
        batch_size, steps_per_epoch, validation_steps, validation_batch_size = checks.counts(
            batch_size=batch_size,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
        )
        if isinstance(validation_freq, str) or not isinstance(validation_freq, Container):
            checks.positive_int("validation_freq", validation_freq)
        check_callbacks(callbacks)
        backend.check_devices(self)
        check_backups(callbacks)
        weights = {"sample_weight": sample_weight, "class_weight": class_weight}
        source = self.admission.gather("fit", x, y, **weights)
        if source.data is None:
            raise ValueError("Expected sequences as `x`. Received: None")
        validation: Source | None = None
        if validation_data is not None:
            validation = self._validation_source(validation_data)
        elif validation_split and source.is_array:
            checks.number("validation_split", validation_split, 0.0, 1.0)
            source, validation = source.split(validation_split)
            validation_split = 0.0
        size = batch_size or USUAL_BATCH
        self._check_sizes(source, size)
        self._check_shares(source, size)
        if validation is not None:
            self._check_shares(validation, validation_batch_size or size)
        surveyed = self.regime.learn(source, steps_per_epoch)
        held_out = None if validation is None else self.admission.admit(validation)
        skip = self.skips_nonfinite
        train = self.admission.admit(source, checked=surveyed, skip=skip)
        if self.regime.keeps_rows:
            if self.examples is None and not reading.is_one_shot(source.data):  # of a loaded model
                survey.keep_examples(self, *next(self.admission.read(source, 1)))
            if source.is_array and not surveyed:
                self.admission.warn_of_other_units(source.data)
        calibration.forget(self)
        drawn = self.regime.batches(train, size, steps_per_epoch) if source.is_array else None
        if drawn is not None:
            train, batch_size, shuffle, steps_per_epoch = drawn, None, False, None
        elif source.is_array and shuffle != "batch":
            train, batch_size = self._batched(train, size, bool(shuffle))
            shuffle = shuffle and batch_size is not None
        if validation is not None and validation.is_array:
            held_out, validation_batch_size = self._batched(
                held_out, validation_batch_size or size, False
            )
        if hasattr(source.data, "endless"):  # it has an order of its own
            view, steps_per_epoch = source.data.endless(steps_per_epoch, initial_epoch)
            train = self.admission.admit(dataclasses.replace(source, data=view), skip=skip)
            shuffle = False
        steps = steps_per_epoch or course.steps_of(source.data, size, source.is_array)
        until, looks = self.regime.plan(source, validation, epochs, steps, callbacks)
        epochs = until if epochs != "auto" else initial_epoch + until
        if verbose:
            advice.once(backend.thread_advice())
        watch = Watch(not skip, initial_epoch + 1)
        first = [watch, *([PhaseWatch()] if self.phases else []), *looks]
        try:
            with self.admission.own_words(lambda: watch.epoch), backend.whole(self):
                return super().fit(
                    train,
                    batch_size=batch_size,
                    epochs=epochs,
                    verbose=verbose,
                    callbacks=course.with_first(callbacks, *first),
                    validation_split=validation_split,
                    validation_data=held_out,
                    shuffle=shuffle,
                    initial_epoch=initial_epoch,
                    steps_per_epoch=steps_per_epoch,
                    validation_steps=validation_steps,
                    validation_batch_size=validation_batch_size,
                    validation_freq=validation_freq,
                )
        finally:
            if self.gauges:
                self._set_gauges([])

    def _validation_source(self, validation_data: Any) -> Source:
        """Return data to validate on, with its conditions, in one form."""
        conditions = weights = None
        if not isinstance(validation_data, list):  # which is one of sequences
            validation_data, conditions, weights = keras.utils.unpack_x_y_sample_weight(validation_data)
        return self.admission.gather(
            "validation_data", validation_data, conditions, sample_weight=weights
        )

    def _check_sizes(self, source: Source, batch_size: int) -> None:
        """Refuse an array that is no full batch."""
        if source.is_array and len(source.data) < batch_size:
            raise ValueError(
                f"Expected at least one full batch of {batch_size} samples. Received: "
                f"{len(source.data)}. Pass a smaller batch_size=, or more data."
            )

    def _check_shares(self, source: Source, batch_size: int) -> None:
        """Refuse an array whose batches do not split evenly over the devices."""
        if source.is_array:
            checks.even_shares(len(source.data), batch_size, backend.device_count(self))

    def _batched(self, data: Any, batch_size: int, shuffle: bool) -> tuple[Any, int | None]:
        """Return an array and its batch size, or a dataset and None where the backend prefers one."""
        dataset = backend.batched(data, batch_size, shuffle, self)
        return (data, batch_size) if dataset is None else (dataset, None)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Train on one batch, as `keras.Model.train_on_batch`.

        Call `adapt` with all of the data first: without, the scaler knows the first batch alone.
        """
        checks.compiled(self, "train_on_batch")
        weights = {"sample_weight": sample_weight, "class_weight": class_weight}
        self.regime.looks("train_on_batch")
        source = self.admission.gather("train_on_batch", x, y, **weights)
        batch = self.admission.admit(source, checked=survey.learn(self, source, None))
        calibration.forget(self)
        self.undone_steps.forget(self.optimizer.iterations)
        if self.phases and self.enter_phase(int(value_of(self.optimizer.iterations))):
            self.make_train_function(force=True)
        logs = super().train_on_batch(batch, return_dict=return_dict)
        if not self.skips_nonfinite:
            self.undone_steps.check("of train_on_batch", self.optimizer.iterations)
        return logs

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Compare generated samples with real ones, as `keras.Model.evaluate`.

        Every evaluation draws the same noise, so that its results can be compared.

        Args:
            x: Sequences in their own units, as `fit` takes them; generated ones are compared under the
                same conditions (those that the model generates apart).
            y: Conditions, as `fit` takes them.
            batch_size: Samples in a batch, of an array; 32 by default.
            verbose: As in `keras.Model.evaluate`.
            sample_weight: Nothing.
            steps: Batches to evaluate; by default all.
            callbacks: Keras's callbacks.
            return_dict: Whether to return a dict.
            **kwargs: What `fit` passes on.

        Returns:
            The losses and scores (without penalties) and the compiled metrics: a list in the order
            of `metrics_names`, or a dict.

        Raises:
            ValueError: If the model was not built and its scaler adapted, or the data is wrong.
        """
        checks.compiled(self, "evaluate")
        batch_size, steps = checks.counts(batch_size=batch_size, steps=steps)
        check_callbacks(callbacks)
        if not kwargs.get(internals.VALIDATION_OF_FIT):
            source = self.admission.gather("evaluate", x, y, sample_weight=sample_weight)
            self.sampler.check_ready("evaluate")
            x = self.admission.admit(source)
            if source.is_array:
                size = batch_size or USUAL_BATCH
                self._check_shares(source, size)
                x, batch_size = self._batched(x, size, False)
        with self._evaluation(), self.admission.own_words(), backend.whole(self):
            return super().evaluate(
                x,
                batch_size=batch_size,
                verbose=verbose,
                steps=steps,
                callbacks=callbacks,
                return_dict=return_dict,
                **kwargs,
            )

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Evaluate one batch, as `keras.Model.test_on_batch`."""
        checks.compiled(self, "test_on_batch")
        source = self.admission.gather("test_on_batch", x, y, sample_weight=sample_weight)
        self.sampler.check_ready("test_on_batch")
        batch = self.admission.admit(source)
        with self._evaluation():
            return super().test_on_batch(batch, return_dict=return_dict)

    @contextlib.contextmanager
    def _evaluation(self) -> Iterator[None]:
        """Rewind the noise, and show the compiled metrics in the logs; threads take turns."""
        state = self.evaluation_seed_generator.state
        with self.sampler.lock:
            state.assign(self._evaluation_start)
            self._evaluating = True
            try:
                yield
            finally:
                self._evaluating = False
                state.assign(self._evaluation_start)  # as it is saved

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Make samples of noise in batches, as `keras.Model.predict`; threads take turns.

        Args:
            x: Noise, as `sample_noise` gives it.
            *args: As in `keras.Model.predict`.
            **kwargs: As in `keras.Model.predict`.
        """
        with self.sampler.lock:
            predictor = self.sampler.predictor()
            with backend.whole(predictor):
                if predictor is self:
                    return super().predict(x, *args, **kwargs)
                return self.left(predictor.predict(x, *args, **kwargs))

    def predict_on_batch(self, x: Any) -> Any:
        """Make samples of a batch of noise, as `keras.Model.predict_on_batch`; threads take turns.

        Args:
            x: Noise, as `sample_noise` gives it.
        """
        with self.sampler.lock:
            predictor = self.sampler.predictor()
            if predictor is self:
                return super().predict_on_batch(x)
            return self.left(predictor.predict_on_batch(x))

    def set_weights(self, weights: Any) -> None:
        """Set all weights, those of the scaler too, as `get_weights` returned them."""
        super().set_weights(weights)
        if self.scaler is not None:
            self.scaler.look_again()

    def load_own_variables(self, store: Any) -> None:
        """Load averages and random states, from which evaluations begin."""
        super().load_own_variables(store)
        self._evaluation_start = value_of(self.evaluation_seed_generator.state)

    def adversarial_step(self, data: Any) -> dict[str, Tensor]:
        """Update the discriminator, the generator and the average of its weights on a batch."""
        self._game.value.step(data)
        return self.get_metrics_result()

    def evaluation_step(self, data: Any) -> dict[str, Tensor]:
        """Compare a batch with as many samples of the averaged generator."""
        self._game.value.evaluation(data)
        return self.get_metrics_result()

    # Metrics

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Losses and scores, and the compiled metrics."""
        return [
            self.generator_loss_tracker,
            self.discriminator_loss_tracker,
            self.real_score_tracker,
            self.fake_score_tracker,
            self.penalty_tracker,
            self.prediction_loss_tracker,
            self.completion_loss_tracker,
            *self._own_trackers(),
            *self._phase_trackers(),
            self.undone_steps,
            *self.gauges,
            *(self._recipe.metrics if self._recipe is not None else []),
        ]

    def _own_trackers(self) -> list[keras.metrics.Metric]:
        """Return the trackers of capabilities that bring one of their own."""
        trackers = [c.tracker for c in self.capabilities if c.tracker is not None]
        return [t for t in trackers if t is not self.completion_loss_tracker]

    def _phase_trackers(self) -> list[keras.metrics.Metric]:
        """Return what the phases before the game log."""
        return [tracker for phase in self.phases for tracker in phase.trackers]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        return [metric.name for metric in self._displayed(evaluating=True)]

    def _displayed(self, evaluating: bool) -> list[keras.metrics.Metric]:
        recipe = self._recipe
        hidden = [c.tracker for c in self.capabilities if c.tracker is not None and not c.extra_draws]
        if evaluating or recipe is None or not recipe.penalties:
            hidden.append(self.penalty_tracker)
        if not getattr(self.discriminator, "next_step_prediction", False):
            hidden.append(self.prediction_loss_tracker)
        if evaluating:
            hidden.extend([*self._phase_trackers(), *self.gauges])
        if evaluating or not self.skips_nonfinite:
            hidden.append(self.undone_steps)
        if not evaluating and recipe is not None:
            hidden.extend(recipe.metrics)
            hidden.extend(m for m in self.metrics if m.name in self.regime.hidden)
        return [m for m in self.metrics if all(m is not h for h in hidden)]

    def get_metrics_result(self) -> dict[str, Tensor]:
        """Return what is logged: losses and scores, and while evaluating the compiled metrics."""
        results: dict[str, Tensor] = {}
        for metric in self._displayed(self._evaluating):
            result = metric.result()
            results.update(result if isinstance(result, dict) else {metric.name: result})
        return results


def _seed_generator(seed: int | None, name: str) -> keras.random.SeedGenerator:
    return keras.random.SeedGenerator(seeding.child_seed(seed, name), name=f"{name}_seed")
