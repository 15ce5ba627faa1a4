"""A GAN written by hand as Keras's guides and examples write one: what `speed.py` compares with.

TensorFlow as in "DCGAN to generate face images" and "WGAN-GP overriding Model.train_step"; JAX and
torch as in the guides to custom training there. `make` picks the one of the backend.
"""

import types
from typing import Any

import keras
from keras import ops


class StockGAN(keras.Model):
    """Two networks, two optimizers, and a `train_step` that the backend's subclass defines."""

    def __init__(self, generator: keras.Model, discriminator: keras.Model, gp_weight: float) -> None:
        super().__init__()
        self.generator, self.discriminator, self.gp_weight = generator, discriminator, gp_weight
        self.latent_dim, self.noise_dim = (i.shape[-1] for i in generator.inputs)
        self.seed_generator = keras.random.SeedGenerator(0)
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")
        self.built = True

    def compile(self, d_optimizer: Any, g_optimizer: Any, loss_fn: Any) -> None:
        """Take an optimizer for each network, and a loss of logits."""
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    @property
    def metrics(self) -> list[Any]:
        """The means that `fit` shows."""
        return [self.d_loss_metric, self.g_loss_metric]

    def call(self, inputs: Any) -> Any:
        """Generate."""
        return self.generator(inputs)

    def noise(self, batch: Any, steps: int) -> list[Any]:
        """Draw the inputs of the generator."""
        return [
            keras.random.normal((batch, self.latent_dim), seed=self.seed_generator),
            keras.random.normal((batch, steps, self.noise_dim), seed=self.seed_generator),
        ]

    def mix(self, real: Any, fake: Any) -> Any:
        """Return random points between real and generated samples."""
        share = keras.random.uniform((ops.shape(real)[0], 1, 1), seed=self.seed_generator)
        return real + share * (fake - real)

    def labelled(self, judgements: Any, batch: Any) -> Any:
        """Return the loss of judgements of real, then generated samples."""
        labels = ops.concatenate([ops.ones((batch, 1)), ops.zeros((batch, 1))], axis=0)
        return self.loss_fn(labels, judgements)


def slope_penalty(gradients: Any) -> Any:
    """Return the mean squared difference of the slopes' norms from 1."""
    norm = ops.sqrt(ops.sum(ops.square(gradients), axis=(1, 2)) + 1e-12)
    return ops.mean(ops.square(norm - 1.0))


class TensorFlowGAN(StockGAN):
    """On TensorFlow."""

    def train_step(self, real: Any) -> Any:
        """Update the discriminator, then the generator on new noise."""
        import tensorflow as tf

        batch, steps = tf.shape(real)[0], real.shape[1]
        fake = self.generator(self.noise(batch, steps))
        with tf.GradientTape() as tape:
            judgements = self.discriminator(tf.concat([real, fake], axis=0), training=True)
            d_loss = self.labelled(judgements, batch)
            if self.gp_weight:
                mixed = self.mix(real, fake)
                with tf.GradientTape() as inner:
                    inner.watch(mixed)
                    judged = self.discriminator(mixed, training=True)
                d_loss += self.gp_weight * slope_penalty(inner.gradient(judged, mixed))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
        noise = self.noise(batch, steps)
        with tf.GradientTape() as tape:
            judgements = self.discriminator(self.generator(noise, training=True))
            g_loss = self.loss_fn(tf.ones((batch, 1)), judgements)
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {m.name: m.result() for m in self.metrics}


class TorchGAN(StockGAN):
    """On torch."""

    def train_step(self, real: Any) -> Any:
        """Update the discriminator, then the generator on new noise."""
        import torch

        batch, steps = real.shape[0], real.shape[1]
        with torch.no_grad():
            fake = self.generator(self.noise(batch, steps))
        self.zero_grad()
        judgements = self.discriminator(torch.cat([real, fake], dim=0), training=True)
        d_loss = self.labelled(judgements, batch)
        if self.gp_weight:
            mixed = self.mix(real, fake).requires_grad_(True)
            judged = self.discriminator(mixed, training=True)
            (slopes,) = torch.autograd.grad(judged.sum(), mixed, create_graph=True)
            d_loss = d_loss + self.gp_weight * slope_penalty(slopes)
        d_loss.backward()
        weights = list(self.discriminator.trainable_weights)
        with torch.no_grad():
            self.d_optimizer.apply([v.value.grad for v in weights], weights)
        self.zero_grad()
        judgements = self.discriminator(self.generator(self.noise(batch, steps), training=True))
        g_loss = self.loss_fn(ops.ones((batch, 1)), judgements)
        g_loss.backward()
        weights = list(self.generator.trainable_weights)
        with torch.no_grad():
            self.g_optimizer.apply([v.value.grad for v in weights], weights)
        self.d_loss_metric.update_state(d_loss.detach())
        self.g_loss_metric.update_state(g_loss.detach())
        return {m.name: m.result() for m in self.metrics}


class JaxGAN(StockGAN):
    """On JAX, where Keras's guides train several optimizers in a loop around a compiled step."""

    def step(self, state: Any, real: Any) -> Any:
        """Update the discriminator, then the generator on new noise."""
        import jax

        d_weights, g_weights, d_state, g_state, key = state
        key, *keys = jax.random.split(key, 6)
        batch, steps, _ = real.shape
        networks = self.generator, self.discriminator
        fixed = [[v.value for v in network.non_trainable_variables] for network in networks]

        def noise(first: Any, second: Any) -> list[Any]:
            return [
                jax.random.normal(first, (batch, self.latent_dim)),
                jax.random.normal(second, (batch, steps, self.noise_dim)),
            ]

        def generate(weights: Any, inputs: Any) -> Any:
            return self.generator.stateless_call(weights, fixed[0], inputs)[0]

        def judge(weights: Any, samples: Any) -> Any:
            return self.discriminator.stateless_call(weights, fixed[1], samples)[0]

        fake = generate(g_weights, noise(keys[0], keys[1]))
        share = jax.random.uniform(keys[2], (batch, 1, 1))

        def d_loss_of(weights: Any) -> Any:
            loss = self.labelled(judge(weights, ops.concatenate([real, fake], axis=0)), batch)
            if self.gp_weight:
                mixed = real + share * (fake - real)
                slopes = jax.grad(lambda x: ops.sum(judge(weights, x)))(mixed)
                loss = loss + self.gp_weight * slope_penalty(slopes)
            return loss

        d_loss, gradients = jax.value_and_grad(d_loss_of)(d_weights)
        d_weights, d_state = self.d_optimizer.stateless_apply(d_state, gradients, d_weights)
        inputs = noise(keys[3], keys[4])

        def g_loss_of(weights: Any) -> Any:
            return self.loss_fn(ops.ones((batch, 1)), judge(d_weights, generate(weights, inputs)))

        g_loss, gradients = jax.value_and_grad(g_loss_of)(g_weights)
        g_weights, g_state = self.g_optimizer.stateless_apply(g_state, gradients, g_weights)
        return (d_weights, g_weights, d_state, g_state, key), (d_loss, g_loss)

    def fit(self, x: Any, batch_size: int, epochs: int, verbose: int, callbacks: Any = ()) -> None:
        """Train in a loop, with the losses' means as a progress bar would have them."""
        import jax
        import numpy as np

        pairs = (
            (self.d_optimizer, self.discriminator),
            (self.g_optimizer, self.generator),
        )
        if not self.d_optimizer.built:
            for optimizer, network in pairs:
                optimizer.build(network.trainable_variables)
            self.loop = types.SimpleNamespace(  # whose lists Keras does not wrap as layers'
                step=jax.jit(self.step),
                state=(
                    *([v.value for v in network.trainable_variables] for _, network in pairs),
                    *([v.value for v in optimizer.variables] for optimizer, _ in pairs),
                    jax.random.PRNGKey(0),
                ),
            )
        rng = np.random.default_rng(0)
        for _ in range(epochs):
            order, losses = rng.permutation(len(x)), []
            for start in range(0, len(x) - batch_size + 1, batch_size):
                batch = x[order[start : start + batch_size]]
                self.loop.state, loss = self.loop.step(self.loop.state, batch)
                losses.append(loss)
                for callback in callbacks:
                    jax.block_until_ready(loss)
                    callback.on_train_batch_end(start)
            np.mean(jax.device_get(losses), axis=0)


def make(generator: keras.Model, discriminator: keras.Model, gp_weight: float) -> StockGAN:
    """Return the GAN of the backend in use."""
    kinds = {"tensorflow": TensorFlowGAN, "torch": TorchGAN, "jax": JaxGAN}
    return kinds[keras.backend.backend()](generator, discriminator, gp_weight)
