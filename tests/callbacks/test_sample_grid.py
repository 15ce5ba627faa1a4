import os

import keras
import numpy as np
import pytest
from matplotlib.image import imread

import keras_rgan as kr
from keras_rgan.callbacks.sample_grid import draw_samples
from tests.callbacks.test_image_board import pictures
from tests.callbacks.test_notebook import with_ipython
from tests.testing import ON_TORCH, dense_gan, refuses, windows

pytestmark = ON_TORCH


def test_ids_are_not_drawn():
    ids = np.zeros((4, 5), int)
    refuses(lambda: draw_samples(ids[..., None], ids), "names, which have no curve")
    refuses(lambda: draw_samples(ids[..., None], [ids[0], ids[1, :3]]), "names, which have no curve")


def test_a_picture_every_few_epochs(tmp_path):
    gan = dense_gan()
    gan.compile()
    callback = kr.callbacks.SampleGrid(tmp_path / "deep" / "out", every=2)
    gan.fit(windows(), epochs=5, verbose=0, callbacks=[callback])
    assert sorted(os.listdir(tmp_path / "deep" / "out")) == ["epoch_0002.png", "epoch_0004.png"]
    picture = imread(tmp_path / "deep" / "out" / "epoch_0002.png")
    assert picture[..., :3].std() > 0.01  # something is drawn


def test_the_noise_stays_the_same_and_training_is_not_disturbed(tmp_path):
    weights = []
    for callbacks in ([], [kr.callbacks.SampleGrid(tmp_path)]):
        gan = dense_gan()
        gan.compile()
        gan.fit(windows(), epochs=2, shuffle=False, verbose=0, callbacks=callbacks)
        weights.append(gan.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((20, 6, 2), 4), ((20, 6, 9), 12), ((20, 7), 2), ((20, 5, 5, 1), 16), ((20, 3, 5, 5, 1), 2)],
)
def test_real_and_generated_side_by_side(shape, axes):
    real, generated = (np.random.default_rng(s).normal(size=shape) for s in (0, 1))
    figure = draw_samples(real, generated)
    assert len(figure.axes) == axes
    assert {"real", "generated"} <= {a.get_title() or a.get_title(loc="left") for a in figure.axes}


def test_lines_are_the_samples():
    real, generated = windows(8), windows(8, seed=1)
    figure = draw_samples(real, generated, num_samples=3)
    left, right = figure.axes[:2]
    np.testing.assert_allclose(left.lines[0].get_ydata(), real[0, :, 0])
    np.testing.assert_allclose(right.lines[2].get_ydata(), generated[7, :, 0])


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    import builtins

    plain = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return plain(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'keras_rgan\[viz\]'"):
        kr.callbacks.SampleGrid("out")


def test_bad_arguments():
    with pytest.raises(ValueError, match="`every` must be an integer"):
        kr.callbacks.SampleGrid("out", every=0)


def test_works_with_other_callbacks(tmp_path):
    gan = dense_gan()
    gan.compile()
    checkpoint = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.keras", monitor="val_mmd", mode="min", save_best_only=True
    )
    stop = keras.callbacks.EarlyStopping("val_mmd", mode="min", patience=1, restore_best_weights=True)
    log = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    gan.fit(
        windows(),
        validation_data=windows(),
        epochs=4,
        verbose=0,
        callbacks=[kr.callbacks.SampleGrid(tmp_path), checkpoint, stop, log],
    )
    header = (tmp_path / "log.csv").read_text().splitlines()[0].split(",")
    assert {"val_mmd", "generator_loss", "val_real_score"} <= set(header)
    keras.models.load_model(tmp_path / "best.keras").generate(2)


def test_pictures_go_to_tensorboard_with_the_columns_names(tmp_path, monkeypatch):
    """Beside the scalars of Keras's own callback, norms of the doctor among them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from keras_rgan.callbacks import sample_grid

    titles = []

    def drawn(*args):
        figure = draw_samples(*args)
        titles.extend(axis.get_ylabel() for axis in figure.axes if axis.get_ylabel())
        return figure

    monkeypatch.setattr(sample_grid, "draw_samples", drawn)
    gan = dense_gan()
    gan.compile()
    gan.adapt(windows())
    gan.column_names = ["warmth", "wind"]
    logs = tmp_path / "logs"
    callbacks = [
        keras.callbacks.TensorBoard(logs),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        kr.callbacks.SampleGrid(tensorboard=logs),
        kr.callbacks.TrainingDoctor(num_samples=16),
    ]
    gan.fit(windows(), epochs=2, verbose=0, callbacks=callbacks)
    assert titles == ["warmth", "wind"] * 2
    assert [image.step for image in pictures(logs / "samples")["samples"]] == [0, 1]
    events = EventAccumulator(str(logs / "train"), size_guidance={"tensors": 0})
    events.Reload()
    names = {"generator_gradient_norm", "discriminator_weight_norm", "spread", "generator_loss"}
    assert {f"epoch_{name}" for name in names} <= set(events.Tags()["tensors"])
    assert len(events.Tensors("epoch_generator_gradient_norm")) == 2
    header, *rows = (tmp_path / "log.csv").read_text().splitlines()
    assert names <= set(header.split(","))
    assert len(rows) == 2
    assert "" not in ",".join(rows).split(",")
    assert not list(tmp_path.glob("*.png"))


def test_a_notebook_shows_it(monkeypatch):
    handles = with_ipython(monkeypatch)
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), epochs=3, verbose=0, callbacks=[kr.callbacks.SampleGrid(display=True, every=2)])
    assert len(handles) == 1
    assert handles[0].shown[0].get_suptitle() == "epoch 2"


def test_pictures_that_go_nowhere_are_refused():
    refuses(kr.callbacks.SampleGrid, "a place for the pictures")


def test_a_value_that_stands_alone_is_seen():
    real, generated = windows(8), windows(8, seed=1)[:, :1]
    real[0, :, 0] = np.nan
    real[0, 2, 0] = real[1].mean()
    left = draw_samples(real, real).axes[0].lines
    assert left[0].get_markevery() == [2]
    assert all(line.get_marker() in ("None", None, "") for line in left[1:])
    assert left[0].get_marker() == "."
    one_step = draw_samples(generated, generated).axes[0].lines
    assert all(line.get_markevery() == [0] for line in one_step)


def test_images_with_gaps_and_names_with_dollars(tmp_path):
    images = np.random.default_rng(0).normal(size=(4, 5, 5, 1))
    images[0, 0, 0] = np.nan
    shown = draw_samples(images, images).axes[0].images[0].get_array()
    assert np.nanmin(shown) == 0.0
    assert np.nanmax(shown) == 1.0
    figure = draw_samples(windows(4), windows(4), names=["US$ x_{$", "b"])
    figure.savefig(tmp_path / "drawn.png")
