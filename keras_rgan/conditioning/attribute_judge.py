"""A judge of attributes alone, beside the one of whole samples."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan.conditioning.capability import Capability
from keras_rgan.networks import DenseDiscriminator
from keras_rgan.sequences.batch import Batch
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class AttributeJudge(Capability):
    """A second discriminator that judges attributes alone, by the compiled loss and penalties.

    Where the sequences are long, the discriminator of whole samples hardly looks at attributes; this
    one looks at nothing else. Ranges of a `PerSampleScaler` are among them. Pass it as
    `RecurrentGAN(attributes="generated", capabilities=[AttributeJudge()])`.

    Args:
        units: Width of its hidden layers.
        num_layers: How many layers it has, with the last, which judges.
        weight: Factor of its judgement in the generator's loss.

    Raises:
        ValueError: If an argument is out of range, or the model generates no attributes.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> judge = kr.conditioning.AttributeJudge(units=16, num_layers=3)
        >>> gan = kr.RecurrentGAN(attributes="generated", capabilities=[judge], seed=0)
        >>> gan.compile()
        >>> data = sines, {"age": np.linspace(20.0, 90.0, 64)}
        >>> history = gan.fit(data, batch_size=32, epochs=1, verbose=0)
        >>> gan.attribute_judge.count_params()
        321

    Reference:
        Lin et al., "Using GANs for Sharing Networked Time Series Data: Challenges, Initial Promise,
        and Open Questions" (DoppelGANger), IMC 2020, section 4.2.
    """

    def __init__(self, units: int = 200, num_layers: int = 5, weight: float = 1.0) -> None:
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.weight = checks.number("weight", weight, 0.0)

    def check_model(self) -> None:
        """Refuse a model that generates no attributes."""
        if self.model.attributes != "generated":
            raise ValueError(
                "An AttributeJudge judges attributes that the model generates. Expected: "
                "attributes='generated'. Received: attributes="
                f"{self.model.attributes!r}"
            )

    def build(self, shape: Shape) -> None:
        """Make the judge, as the model's `attribute_judge`."""
        static = self.model.layout.static
        self.model.attribute_judge = DenseDiscriminator(
            self.units,
            self.num_layers,
            seed=seeding.child_seed(self.model.seed, "attribute_judge"),
            dtype=self.model.dtype_policy,
            name="attribute_judge",
        )
        self.model.attribute_judge.build((None, static))

    @property
    def judges(self) -> list[Any]:
        """The judge, once there is one."""
        judge = getattr(self.model, "attribute_judge", None)
        return [] if judge is None else [judge]

    def judges_loss(self, real: Batch, fake: Batch) -> Tensor:
        """Return the compiled loss and penalties of what it says of the attributes."""
        recipe, judge = self.model.recipe, self.model.attribute_judge
        looks = [self._attributes(batch) for batch in (real, fake)]
        total = recipe.discriminator_loss(*(judge(look, training=True) for look in looks), None)
        for penalty in recipe.given:
            total += penalty(lambda x: judge(x, training=True), *looks, None, self.model.seed_generator)
        return total

    def judged_loss(self, real: Batch, fake: Batch) -> Tensor:
        """Return the compiled loss of the generator, by what it says of the attributes."""
        of_real, of_fake = (
            self.model.attribute_judge(self._attributes(batch), training=True) for batch in (real, fake)
        )
        return self.weight * self.model.recipe.generator_loss(of_real, of_fake, None)

    def _attributes(self, batch: Batch) -> Tensor:
        """Return the attributes of a batch, `(batch, columns)`."""
        return self.model.layout.static_of(batch.columns)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"units": self.units, "num_layers": self.num_layers, "weight": self.weight}
