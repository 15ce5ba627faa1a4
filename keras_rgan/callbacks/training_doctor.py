"""A callback that says what goes wrong in training, and what to do about it."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_rgan.callbacks.backup_record import BackupRecord
from keras_rgan.callbacks.doctor import SYMPTOMS, Chart, Diagnosis, Epoch, Symptom
from keras_rgan.callbacks.doctor.draws import NUMBERS, Eye
from keras_rgan.callbacks.doctor.facts import gather, networks_of
from keras_rgan.callbacks.doctor.ranks import Ranks
from keras_rgan.callbacks.doctor.slower import Slower
from keras_rgan.callbacks.kept_state import KeptState
from keras_rgan.sequences import reading
from keras_rgan.training.finite_steps import CAUSE, CAUSES, UNDONE
from keras_rgan.training.gauges import ROLES, GradientNorm
from keras_rgan.training.phases import current
from keras_rgan.utils import checks
from keras_rgan.utils.variables import value_of

ACTIONS = ("say", "stop", "lower_rates", "restore")
"""What can be done about an illness."""

RELAPSES = 3
"""So often, at the most, a model is put back to what it was."""

RECORD = BackupRecord(
    "training_doctor.npz",
    "what the training doctor knew",
    ("epochs", "looks", "norms", "start", "diagnoses", "standing", "factors", "relapses"),
)
"""Holds what a doctor knows."""


class TrainingDoctor(keras.callbacks.Callback):
    """Says what goes wrong in training, in a line with the remedy, and acts on it if asked to.

    It knows these illnesses:

    | name | what |
    |---|---|
    | `scale_misfit` | data that lies where the networks do not see or reach it |
    | `size_misfit` | networks much larger or smaller than those made for such data; too little noise |
    | `too_little_data` | too few sequences, those that overlap counted once |
    | `not_finite` | steps that came to NaN or infinity |
    | `exploding_gradients` | gradients or weights that grow out of all proportion |
    | `collapse` | samples that are all alike, or reach some of the data alone |
    | `judge_won` | a discriminator that is always right, while samples get no better |
    | `judge_lost` | one that guesses, while samples are far from the data |
    | `memorising` | `real_score` that leaves `val_real_score`, with the update at which it began |
    | `oscillation` | samples that move to and fro |

    It looks at what `fit` logs at the end of each epoch and, now and then, at samples of the model
    beside some of the data, always of the same noise. How far the data's own halves are apart is what
    samples are held against. What cannot be seen of some data (memorising without `validation_data`,
    say) is not looked for. Training is the same with and without it, bit by bit, unless it acts.

    Norms of weights and gradients stand in the logs, and so in `keras.callbacks.TensorBoard` and
    `CSVLogger`: `generator_weight_norm`, `generator_gradient_norm`, the same of the discriminator, and
    how much samples differ beside the data, `spread`. The doctor looks before other callbacks do,
    wherever it stands among them. Beside a `keras.callbacks.BackupAndRestore` it keeps what it knows
    there, and goes on from it.

    Args:
        action: What to do where an illness is found: "say"; "stop" training; "lower_rates", both
            learning rates or that of the network that is too fast; "restore" the weights of the last
            look at which nothing was wrong, with lower rates, three times at the most, and then stop.
            Or a dict of illnesses and actions; what it does not name is said. Illnesses of the data
            and of sizes, which no action mends, are only said unless a dict says "stop".
        every: How many updates lie between two looks at samples, at the least. The first epoch's end
            is always one.
        num_samples: How many samples are looked at.
        rate_factor: By which factor rates are lowered.
        norms: Whether norms stand in the logs. "auto": those of weights, and those of gradients where
            the step is not compiled by XLA (`jit_compile`, as it is on JAX), which with more to compute
            may round otherwise.
        symptoms: Illnesses of your own, `callbacks.doctor.Symptom`s, beside those that it knows.
        print_fn: A function of a line; None writes to the standard output where `fit` is verbose.
        seed: Seed of the noise of samples.

    Attributes:
        diagnoses: What was found, each a `Diagnosis` with `illness`, `update`, `epoch`, `what`,
            `remedy` and `evidence`.
        chart: What it knows of training, in numbers.

    Raises:
        ValueError: If an argument is out of range, or an illness or action unknown.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.compile()
        >>> doctor = kr.callbacks.TrainingDoctor()
        >>> few = kr.datasets.make_sines(20, length=8, num_features=2)
        >>> history = gan.fit(few, batch_size=10, epochs=2, callbacks=[doctor], verbose=0)
        >>> [diagnosis.illness for diagnosis in doctor.diagnoses]
        ['too_little_data']
        >>> doctor.diagnoses[0].evidence["apart"]
        20

    Reference:
        Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", ICML
        2018 (oscillation); Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative
        Models", ICML 2020 (what samples reach).
    """

    looks_first = True

    def __init__(
        self,
        action: str | Mapping[str, str] = "say",
        every: int = 250,
        num_samples: int = 256,
        rate_factor: float = 0.3,
        norms: bool | str = "auto",
        symptoms: Sequence[Symptom] = (),
        print_fn: Callable[[str], Any] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        for symptom in symptoms:
            if not isinstance(symptom, Symptom):
                raise ValueError(
                    "`symptoms` must be instances of keras_rgan.callbacks.doctor.Symptom. Received: "
                    f"{symptom!r}"
                )
        self.symptoms = [*(kind() for kind in SYMPTOMS), *symptoms]
        if isinstance(action, Mapping):
            illnesses = [symptom.illness for symptom in self.symptoms]
            self.actions = {
                checks.one_of("illness", name, illnesses): checks.one_of("action", what, ACTIONS)
                for name, what in action.items()
            }
        else:
            checks.one_of("action", action, ACTIONS)
            self.actions = {symptom.illness: action for symptom in self.symptoms if symptom.of_training}
        self.every = checks.positive_int("every", every)
        self.num_samples = checks.positive_int("num_samples", num_samples)
        self.rate_factor = checks.number("rate_factor", rate_factor, 0.0, 1.0)
        self.norms = checks.one_of("norms", norms, (True, False, "auto"))
        self.print_fn = print_fn
        self.seed = checks.non_negative_int("seed", seed)
        self.backup: Path | None = None
        """Where to keep what is known, beside a backup; None for in memory alone."""
        self._source: Any = None
        self._forget()

    def _forget(self) -> None:
        self.chart = Chart()
        self.diagnoses: list[Diagnosis] = []
        self._standing: set[str] = set()
        self._eye: Eye | None = None
        self._ranks: Ranks | None = None
        self._sound: KeptState | None = None
        self._relapses = 0
        self._back = False
        """Whether the model went back in this epoch."""
        self._unsaid: list[str] = []
        self._recalled = False

    # What `fit` tells

    def see_data(self, source: Any, validation: Any) -> None:
        """Hear from `fit` what it trains on.

        Args:
            source: The data, as the library admits it.
            validation: What is held out, or None.
        """
        self._source = source

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look at the data and the networks, and begin to measure."""
        if not hasattr(self.model, "add_gauges"):
            raise ValueError(
                "TrainingDoctor knows the illnesses of keras_rgan's models. Received: a "
                f"{type(self.model).__name__}. Pass it to the fit of a RecurrentGAN."
            )
        self._forget()
        self._slower = Slower(self.model)
        real = self._real()
        names = hasattr(self.model, "vocabulary")
        self.chart.facts = gather(self.model, real, self._source, names)
        self.chart.game = sum(phase.updates or 0 for phase in self.model.phases)
        self.chart.start = self._updates()
        self.chart.norms = self._weight_norms()
        if real is not None:
            count = min(2 * self._count(real), len(real))
            rows = np.linspace(0, len(real) - 1, count).astype(int)
            self._eye = Eye(real[rows], names, self.seed)
            if self.chart.facts.endless and self._source is not None and self._source.is_array:
                self._ranks = Ranks(self.model, self._source, count // 2, self.seed)
        self._source = None
        if self.norms is True or (self.norms and not self.model.jit_compile):
            self.model.add_gauges(lambda: [GradientNorm(role) for role in ROLES])
        self._recall()
        self._examine()
        self._say()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Say what was found, now that the line of the epoch before is finished."""
        self._say()
        if self._recalled:  # the record may be of an epoch whose end the backup did not see
            self._recalled, done = False, self._updates()
            self.chart = self.chart.until(done)
            self.diagnoses = [d for d in self.diagnoses if d.epoch <= epoch]
            self._standing &= {d.illness for d in self.diagnoses}
        if self._sound is None and any(a == "restore" for a in self.actions.values()):
            self._sound = KeptState(self.model)
        self._back = False
        self._slower.begin_epoch()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep rates low that another callback has set anew."""
        if not batch:
            self._slower.begin_batches()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measure, log, examine, and do what was asked for."""
        logs = {} if logs is None else logs
        updates = self._updates()
        if self.norms:
            logs.update({f"{r}_weight_norm": n for r, n in self._weight_norms().items()})
        self._look(updates)
        if self.norms and self.chart.looks:
            logs["spread"] = self.chart.looks[-1].spread
        counted = value_of(self.model.undone_steps.record)
        undone, cause = int(counted[UNDONE]), CAUSES[int(counted[CAUSE])]
        known = {name: float(value) for name, value in logs.items() if np.ndim(value) == 0}
        # What counts is the phase of the epoch's last update.
        playing = current(self.model.phases, updates - 1) is None
        self.chart.epochs.append(
            Epoch(epoch + 1, updates, playing, known, undone, cause if undone else "")
        )
        for symptom, diagnosis in self._examine():
            self._act(symptom, diagnosis)
        looked = self.chart.looks and self.chart.looks[-1].updates == updates
        if not self._standing & set(self.actions) and (looked or self._eye is None):
            self._keep()
        self._remember()
        if int(value_of(self.model.undone_steps.record)[UNDONE]) and not self.model.skips_nonfinite:
            self._say("\n")  # `fit` is about to end with an error

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Say the last."""
        self._say()
        self._sound = None

    def summary(self) -> str:
        """Return what was found, a line for each illness."""
        if not self.diagnoses:
            return f"Nothing was found in {self.chart.updates - self.chart.start:,} updates."
        return "\n".join(diagnosis.line() for diagnosis in self.diagnoses)

    # Measuring

    def _real(self) -> np.ndarray | None:
        """Return some of the data, NaN where there is nothing; None where none is at hand."""
        source, examples = self._source, self.model.examples
        if source is None or not source.is_array:
            return None if examples is None or len(examples) < 2 else examples
        count = len(source.data)
        rows = np.linspace(0, count - 1, min(count, 2 * self.num_samples)).astype(int)
        real = reading.to_numpy(source.data)[rows]
        lengths = source.conditions.get("length")
        if lengths is not None and real.ndim == 3:
            counting = reading.counting(reading.to_numpy(lengths)[rows], real.shape[1])
            real = reading.hide(real, np.broadcast_to(counting[..., None], real.shape))
        return real if len(real) > 1 else None

    def _count(self, real: np.ndarray) -> int:
        """Return how many samples to look at: fewer of large ones."""
        return max(min(self.num_samples, NUMBERS // max(real[0].size, 1)), 8)

    def _look(self, updates: int) -> None:
        """Look at samples, where it is time to."""
        if self._eye is None or self._eye.count < 2:
            return
        if self.chart.looks and updates < self.chart.looks[-1].updates + self.every:
            return
        generated = self.model.generate(self._eye.count, seed=self.seed)
        look = self._eye.look(generated, updates)
        if look is not None:
            ranked = None if self._ranks is None else self._ranks.share()
            self.chart.looks.append(dataclasses.replace(look, ranked=ranked))

    def _weight_norms(self) -> dict[str, float]:
        """Return the norm of the weights of each network."""
        self.model.sampler.synchronize()
        return {
            role: float(
                sum(np.square(value_of(v).astype("float64")).sum() for v in network.trainable_variables)
                ** 0.5
            )
            for role, network in networks_of(self.model).items()
        }

    def _updates(self) -> int:
        """Return how many updates the model has had."""
        self.model.sampler.synchronize()
        return int(value_of(self.model.optimizer.iterations))

    # Finding and doing

    def _examine(self) -> list[tuple[Symptom, Diagnosis]]:
        """Return what is newly found, after it was written down."""
        new = []
        for symptom in self.symptoms:
            diagnosis = symptom.examine(self.chart)
            if diagnosis is None:
                self._standing.discard(symptom.illness)
            elif symptom.illness not in self._standing:
                self._standing.add(symptom.illness)
                self.diagnoses.append(diagnosis)
                self._unsaid.append(diagnosis.line())
                new.append((symptom, diagnosis))
                if not symptom.of_training and self.actions.get(symptom.illness) == "stop":
                    self.model.stop_training = True
        return new

    def _act(self, symptom: Symptom, diagnosis: Diagnosis) -> None:
        """Do what was asked for about an illness."""
        action = self.actions.get(symptom.illness, "say")
        if action == "restore":
            self._restore(symptom)
        elif action == "lower_rates":
            self._unsaid += self._slower.lower(symptom.slows, self.rate_factor)
        elif action == "stop":
            self.model.stop_training = True
            self._unsaid.append("Training stops here.")

    def _restore(self, symptom: Symptom) -> None:
        """Put the model back to where it was well, to go on more slowly; not for ever."""
        if self._sound is None or self._back:
            return
        self._back = True
        self._sound.put_back()
        self.model.undone_steps.forget(self.model.optimizer.iterations)
        self._unsaid.append(f"The weights of update {self._sound.updates:,} are back.")
        self._relapses += 1
        if self._relapses >= RELAPSES:
            self.model.stop_training = True
            self._unsaid.append(f"Training stops here: it went wrong {RELAPSES} times.")
            return
        self._unsaid += self._slower.lower(symptom.slows, self.rate_factor)
        self.chart = self.chart.until(self._sound.updates)
        self.chart.epochs = [epoch for epoch in self.chart.epochs if not epoch.undone]
        self.chart.norms, self.chart.start = self._weight_norms(), self._updates()
        self._standing.clear()

    def _keep(self) -> None:
        """Keep the model as it is, well."""
        if any(action == "restore" for action in self.actions.values()):
            self._sound = KeptState(self.model)

    # Saying and remembering

    def _say(self, before: str = "") -> None:
        """Write what was found and not said yet."""
        lines, self._unsaid = self._unsaid, []
        for line in lines:
            if self.print_fn is not None:
                self.print_fn(line)
            elif self.params.get("verbose"):
                sys.stdout.write(f"{before}{line}\n")
                before = ""

    def _remember(self) -> None:
        """Write down what is known, beside a backup."""
        known = {
            **self.chart.state(),
            "diagnoses": [vars(diagnosis) for diagnosis in self.diagnoses],
            "standing": sorted(self._standing),
            "factors": self._slower.factors,
            "relapses": self._relapses,
        }
        RECORD.write(self.backup, known)

    def _recall(self) -> None:
        """Read what was known where a backup goes on."""
        found = RECORD.read(self.backup)
        if found is None:
            return
        known, _ = found
        self.chart.recall(known)
        self.diagnoses = [Diagnosis(**diagnosis) for diagnosis in known["diagnoses"]]
        self._standing, self._relapses = set(known["standing"]), known["relapses"]
        self._slower.factors = known["factors"]
        self._recalled = True
