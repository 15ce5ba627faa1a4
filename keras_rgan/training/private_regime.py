"""Training of which nothing leaves but by private updates of the discriminator."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.sequences.admission import Source
from keras_rgan.sequences.batch import Batch
from keras_rgan.sequences.poisson_batches import PoissonBatches
from keras_rgan.training import privacy_refusals as refusals
from keras_rgan.training.course import WITHOUT_END
from keras_rgan.training.finite_steps import Look
from keras_rgan.training.privacy_accounting import Mechanism, package, updates_within
from keras_rgan.training.recipe import Recipe
from keras_rgan.training.regime import Regime
from keras_rgan.utils import seeding
from keras_rgan.utils.types import Tensor
from keras_rgan.utils.variables import value_of

if TYPE_CHECKING:
    from keras_rgan.training.adversarial_step import AdversarialStep


class PrivateRegime(Regime):
    """Lets a model see its data by clipped and noised updates of the discriminator alone.

    Args:
        model: The `RecurrentGAN`.
        privacy: The `DifferentialPrivacy`.
    """

    hidden = ("discriminator_loss", "real_score", "fake_score", "penalty")
    keeps_rows = False
    looks_at_batches = False  # one sequence would undo a step
    single_samples = True

    def __init__(self, model: Any, privacy: Any) -> None:
        super().__init__(model)
        package()
        self.privacy = privacy
        seed, state = privacy.seed, model.record.noise_state
        noise_seed = seeding.child_seed(seed, "private noise")
        self.noise = keras.random.SeedGenerator(0 if noise_seed is None else noise_seed)
        if seed is None:
            fresh = [secrets.randbits(31), secrets.randbits(31)]
            self.noise.state.assign(np.asarray(fresh).astype(self.noise.state.dtype))
        elif state is not None:
            self.noise.state.assign(state.astype(self.noise.state.dtype))
        sampling = seeding.child_seed(seed, "private samples")
        self.entropy = secrets.randbits(128) if sampling is None else sampling
        self.updates = keras.Variable(0, dtype="int32", trainable=False, name="private_updates")
        self.variables = [self.updates, self.noise.state]
        self.counted = 0
        """How many of `updates` the record has."""
        self.mechanism: Mechanism | None = None
        """Of the updates of this `fit`."""

    def flush(self) -> None:
        """Bring updates since the last time into the record."""
        done = int(value_of(self.updates))
        if self.mechanism is not None and done > self.counted:
            self.model.record.add(self.mechanism, done - self.counted)
        self.counted = done
        if self.privacy.seed is not None:
            self.model.record.noise_state = value_of(self.noise.state)

    def resume(self) -> None:
        """Go on where a file that was loaded had come to."""
        state = self.model.record.noise_state
        if self.privacy.seed is not None and state is not None:
            self.noise.state.assign(state.astype(self.noise.state.dtype))

    # What may be

    def check(self, recipe: Recipe, discriminator_optimizer: Any) -> None:
        """Refuse a recipe, or networks as far as they are known, that data would leak through."""
        refusals.check_model(self.model)
        refusals.check_recipe(recipe)
        refusals.check_optimizer(discriminator_optimizer)

    def looks(self, action: str) -> None:
        """Refuse methods that look at data beyond the updates of `fit`."""
        raise refusals.refusal(
            action,
            f"`{action}` takes from the data what no update accounts for",
            {
                "adapt": "Build without data: gan.build((None, steps, features)); give the scaler's "
                "bounds: kr.layers.SequenceScaler.from_bounds(low, high)",
                "calibrate": "Leave it out",
            }.get(action, "Train with fit(array, batch_size=…, epochs=…), which draws its samples"),
        )

    def learn(self, source: Source, limit: int | None) -> bool:
        """Build the model for the shape of the data, and for nothing else of it."""
        model = self.model
        refusals.check_model(model)
        refusals.check_source(source, model.conditions)
        refusals.check_clean(model)
        backend.check_devices(model)
        refusals.check_devices(backend.device_count(model))
        if not model.built:
            model.admission.check(source.data)
            model.build((None, *source.data.shape[1:]))
        model.column_names = source.names or model.column_names
        return False

    # The data

    def batches(self, data: Any, batch_size: int, steps: int | None) -> PoissonBatches:
        """Return Poisson samples of an array, in batches of one size.

        Conditions that the generator learns with are drawn of the rows that the encoder came with.
        """
        self.flush()
        parts, encoder = self.model.recipe.discriminator_steps, self.model.conditions
        if encoder is not None:
            encoder.check_rows("trains the generator with such as are drawn of them")
        size = len(data["sequences"] if isinstance(data, dict) else data)
        self.mechanism = Mechanism.of(size, batch_size, self.privacy.noise_multiplier)
        count = steps or -(-size // batch_size)
        probability, capacity = self.mechanism.probability, self.mechanism.capacity
        self.dataset = PoissonBatches(
            data,
            probability,
            capacity,
            parts,
            self.entropy,
            count,
            None if encoder is None else encoder.rows,
        )
        return self.dataset

    def plan(
        self,
        source: Source,
        validation: Source | None,
        epochs: int | str,
        steps: int | None,
        callbacks: Any,
    ) -> tuple[int, list[keras.callbacks.Callback]]:
        """Return for how many epochs to train, and what counts and stops."""
        refusals.check_callbacks(callbacks)
        if validation is not None or refusals.measures_data(callbacks):
            warnings.warn(
                "What is measured on validation data is not part of the epsilon that is counted: it "
                "tells of that data without noise. Keep these logs where the data is.",
                stacklevel=4,
            )
        if epochs == "auto" and self.privacy.max_epsilon is None:
            raise refusals.refusal(
                'epochs="auto"',
                "a judge of real sequences would say when training is done",
                "Pass a number of epochs, or kr.DifferentialPrivacy(…, max_epsilon=…), with which "
                "training ends when that is spent",
            )
        count = WITHOUT_END if epochs == "auto" else int(epochs)
        return count, [PrivacyWatch(self)]

    def updates_left(self) -> int | None:
        """Return how many updates there may still be; None without a bound.

        Raises:
            ValueError: If there may be none.
        """
        privacy, before = self.privacy, self.model.record.updates
        if privacy.max_epsilon is None:
            return None
        assert self.mechanism is not None
        left = updates_within(self.mechanism, privacy.max_epsilon, privacy.delta, before)
        if left < self.at_once:
            several = "an update" if self.at_once == 1 else f"{self.at_once} updates at once"
            raise ValueError(
                f"Expected room for {several} below max_epsilon={privacy.max_epsilon:g} at delta="
                f"{privacy.delta:g}. Received: a model that has spent "
                f"{self.model.record.epsilon(privacy.delta):.4g}, and updates with noise_multiplier="
                f"{privacy.noise_multiplier:g}. Train no further, add noise, or raise max_epsilon."
            )
        return left

    @property
    def at_once(self) -> int:
        """How many updates there are from one look at what is spent to the next, at the most."""
        steps = min(int(self.model.steps_per_execution), self.dataset.num_batches)
        return int(self.model.recipe.discriminator_steps) * steps

    # A step

    def parts(self, real: Batch, count: int) -> Sequence[Batch]:
        """Return a sample of its own for each turn: of one that several share more would leak."""
        if count == 1:
            return [real]
        split = {
            name: ops.split(part, count)
            for name, part in zip(real._fields, real, strict=True)
            if part is not None and name != "public"
        }
        return [
            real._replace(**{name: parts[i] for name, parts in split.items()}) for i in range(count)
        ]

    def discriminator_turn(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Update the discriminator by clipped gradients of each sample, and noise."""
        optimizer = self.model.discriminator_optimizer
        variables = self.model.optimizer.discriminator_variables.value
        fake, looks, probes = step.posed(real)
        rows = {"real": real.sequences, "fake": fake.sequences, "looks": looks, "probes": probes}
        if real.columns is not None:
            rows["columns"] = real.columns

        def loss(row: Any) -> Tensor:
            one = keras.tree.map_structure(lambda x: x[None], row)
            columns = one.get("columns")
            own = Batch(one["real"], columns)
            made = Batch(one["fake"], columns)
            return step.discriminator_objective(own, made, one["looks"], one["probes"])[0]

        gradients = self.model.per_sample_gradients(loss, variables, rows)
        assert self.mechanism is not None
        gradients = self.privatized(gradients, real.taken, self.mechanism.batch_size)
        self.updates.assign_add(1)
        look.at_turn(False, ops.zeros(()), gradients, False)
        self.model.apply(optimizer, gradients, variables)

    def privatized(self, gradients: Sequence[Tensor], taken: Tensor, batch_size: float) -> list[Tensor]:
        """Return the mean of clipped gradients with noise.

        A gradient that is not finite counts as none.

        Args:
            gradients: Of each variable `(rows, *shape)`.
            taken: Which rows there are, `(rows,)`.
            batch_size: What the sum is divided by.
        """
        norm, sigma = self.privacy.clipping_norm, self.privacy.noise_multiplier
        gradients = [ops.cast(gradient, "float32") for gradient in gradients]
        squares = [ops.sum(ops.square(g), axis=tuple(range(1, len(g.shape)))) for g in gradients]
        norms = ops.sqrt(sum(squares))
        counts = ops.logical_and(ops.isfinite(norms), taken > 0.0)
        shares = ops.minimum(1.0, norm / ops.maximum(norms, 1e-30))
        shares = ops.where(counts, shares, 0.0)
        private = []
        for gradient in gradients:
            like = ops.reshape(counts, (-1,) + (1,) * (len(gradient.shape) - 1))
            total = ops.tensordot(shares, ops.where(like, gradient, 0.0), axes=1)
            if sigma:
                noise = keras.random.normal(gradient.shape[1:], dtype="float32", seed=self.noise)
                total += sigma * norm * noise
            private.append(total / batch_size)
        return private


class PrivacyWatch(keras.callbacks.Callback):
    """Logs epsilon, and ends training before it is more than it may be.

    Args:
        regime: The model's.
    """

    def __init__(self, regime: PrivateRegime) -> None:
        super().__init__()
        self.regime = regime
        self.done = 0
        """Updates of this `fit`, before the epoch."""
        self.left: int | None = None
        """How many updates there may be in this `fit`."""

    def on_train_begin(self, logs: Any = None) -> None:
        """See what is left; a backup is restored later, and is looked at then."""
        self.left = self.regime.updates_left()
        self.known = self.model.record.total

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Have samples go on where they were."""
        backend.synchronize(self.model)
        total = self.model.record.total
        if total != self.known:
            self.left = self.regime.updates_left()
        self.done, self.regime.dataset.first = 0, total

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop where the next updates would be too many."""
        of_step = self.model.recipe.discriminator_steps
        self.done = (batch + 1) * of_step
        if self.left is not None and self.done + self.regime.at_once > self.left:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Log what all updates so far have cost."""
        backend.synchronize(self.model)
        if self.left is not None:
            self.left -= self.done
        self.known = self.model.record.total
        if logs is not None:
            logs["epsilon"] = self.model.record.epsilon(self.regime.privacy.delta)
