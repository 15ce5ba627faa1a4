import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_layer_test, to_numpy

RNG = np.random.default_rng(0)
LATENT = RNG.normal(size=(4, 3)).astype("float32")
NOISE = RNG.normal(size=(4, 6, 2)).astype("float32")
BOTH = {"latent": LATENT, "noise": NOISE}


@pytest.mark.parametrize("cell", ["gru", "lstm", "simple", "min_gru"])
def test_is_a_layer(cell, tmp_path):
    mask = np.array([[True] * 6] * 3 + [[True] * 4 + [False] * 2])
    run_layer_test(
        lambda: kr.layers.RecurrentNoiseEncoder(5, cell, num_layers=2, seed=0),
        BOTH,
        (4, 6, 5),
        tmp_path,
        mask={"latent": None, "noise": mask},
        output_mask=mask,
        tolerance=1e-5,
    )


@pytest.mark.parametrize(
    ("inputs", "kwargs"),
    [
        (LATENT, {"sequence_length": 6}),
        (NOISE, {}),
        ([LATENT, NOISE], {}),
        ({"latent": LATENT, "noise": NOISE[..., :0]}, {}),
        ({"noise": NOISE}, {}),
    ],
)
def test_all_kinds_of_input(inputs, kwargs, tmp_path):
    outputs = kr.layers.RecurrentNoiseEncoder(5, **kwargs)(inputs)
    assert tuple(outputs.shape) == (4, 6, 5)


def test_states_are_returned_with_their_shapes(tmp_path):
    run_layer_test(
        lambda: kr.layers.RecurrentNoiseEncoder(5, "lstm", num_layers=2, return_state=True, seed=0),
        BOTH,
        [(4, 6, 5)] + [(4, 5)] * 4,
        tmp_path,
        tolerance=1e-5,
    )


def test_latent_sets_the_state_and_is_offered_at_each_step():
    """One GRU layer is what `keras.layers.GRU` makes of the repeated latent and the noise."""
    encoder = kr.layers.RecurrentNoiseEncoder(5)
    outputs = encoder(BOTH)
    (projection,), (gru,) = encoder.state_projections, encoder.recurrent_layers
    kernel, bias = (to_numpy(w.value) for w in projection.weights)
    state = np.tanh(LATENT @ kernel + bias)
    sequence = np.concatenate([np.repeat(LATENT[:, None], 6, axis=1), NOISE], axis=-1)
    reference = keras.layers.GRU(5, return_sequences=True)
    reference.build(sequence.shape)
    reference.set_weights(gru.get_weights())
    assert_close(outputs, reference(sequence, initial_state=state), 1e-5)


@pytest.mark.parametrize("cell", ["gru", "lstm", keras.layers.GRUCell])
def test_a_sequence_can_be_continued(cell):
    cell = cell if isinstance(cell, str) else cell(5)
    encoder = kr.layers.RecurrentNoiseEncoder(5, cell, num_layers=2, return_state=True)
    whole, *_ = encoder(BOTH)
    first, *state = encoder({"latent": LATENT, "noise": NOISE[:, :2]})
    second, *_ = encoder({"latent": LATENT, "noise": NOISE[:, 2:]}, initial_state=state)
    assert_close(np.concatenate([to_numpy(first), to_numpy(second)], axis=1), whole, 1e-5)


def test_noise_is_correlated_in_time():
    noise = np.random.default_rng(1).normal(size=(256, 24, 2)).astype("float32")
    sequence = to_numpy(kr.layers.RecurrentNoiseEncoder(8, seed=0)(noise))

    def autocorrelation(x):
        x = x - x.mean(axis=(0, 1))
        return (x[:, 1:] * x[:, :-1]).mean() / (x**2).mean()

    assert abs(autocorrelation(noise)) < 0.05
    assert autocorrelation(sequence) > 0.3


def test_masked_steps_change_nothing():
    encoder = kr.layers.RecurrentNoiseEncoder(5, return_state=True)
    mask = np.array([[True] * 4 + [False] * 2] * 4)
    _, state = encoder(BOTH, mask={"latent": None, "noise": mask})
    _, short_state = encoder({"latent": LATENT, "noise": NOISE[:, :4]})
    assert_close(state, short_state, 1e-6)


def test_a_mask_travels_through_a_model():
    """The mask of a Masking layer reaches the encoder, with and without a state to continue from."""
    noise = NOISE.copy()
    noise[:, 4:] = 0.0
    state = np.zeros((4, 5), "float32")
    encoder = kr.layers.RecurrentNoiseEncoder(5, return_state=True)
    masked = keras.layers.Masking()(noise)
    short = noise[:, :4]
    assert_close(encoder(masked)[1], encoder(short)[1])
    assert_close(encoder(masked, initial_state=[state])[1], encoder(short, initial_state=[state])[1])


def test_seed_fixes_the_weights():
    first, second, other = (kr.layers.RecurrentNoiseEncoder(5, seed=s) for s in (3, 3, 4))
    assert_close(first(BOTH), second(BOTH), 0.0)
    assert not np.allclose(to_numpy(first(BOTH)), to_numpy(other(BOTH)))


def test_bad_arguments():
    with pytest.raises(
        ValueError, match="`cell` must be one of 'gru', 'lstm', 'simple'.*'gro'.*mean 'gru'"
    ):
        kr.layers.RecurrentNoiseEncoder(5, "gro")
    with pytest.raises(ValueError, match="or a Keras cell such as"):
        kr.layers.RecurrentNoiseEncoder(5, cell=3.0)
    with pytest.raises(
        ValueError, match="width of the cell's output. Received: units=5 and a cell of width 4"
    ):
        kr.layers.RecurrentNoiseEncoder(5, keras.layers.GRUCell(4))
    with pytest.raises(
        ValueError, match="how long a sequence to make of a latent alone. Pass sequence_length="
    ):
        kr.layers.RecurrentNoiseEncoder(5)(LATENT)
    with pytest.raises(ValueError, match="expects a noise of rank 3"):
        kr.layers.RecurrentNoiseEncoder(5)({"noise": LATENT})
    with pytest.raises(ValueError, match=r"keys \['latents'\]"):
        kr.layers.RecurrentNoiseEncoder(5)({"latents": LATENT})
    with pytest.raises(ValueError, match="noise of width 0 alone"):
        kr.layers.RecurrentNoiseEncoder(5)(NOISE[..., :0])
    with pytest.raises(ValueError, match=r"must hold 1 states, of widths \[5\]. Received: 2"):
        kr.layers.RecurrentNoiseEncoder(5)(NOISE, initial_state=[LATENT, LATENT])
