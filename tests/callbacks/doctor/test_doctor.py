"""Illnesses are told from charts, and charts measured, as worked out by hand."""

import json

import keras
import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist

import keras_rgan as kr
from keras_rgan.callbacks.doctor import Chart, Epoch, Facts, Look, facts, of_data, of_judge, of_training
from keras_rgan.callbacks.doctor.draws import Eye, as_array
from keras_rgan.sequences.admission import Source
from tests.testing import ON_TORCH

pytestmark = ON_TORCH

LOSSES = Facts(chance=np.log(2.0), best=0.0)


def look(updates, place=(0.0, 1.0), **changes):
    known = {"spread": 1.0, "nearest": 0.1, "reach": 0.8, "real_reach": 0.85, "off": 1.0}
    return Look(updates, **{**known, "told": 0.02, "real_told": 0.02, **changes}, place=place)


def epochs(every=50, **logs):
    """Return epochs of whose logs each is a list."""
    rows = [dict(zip(logs, row, strict=True)) for row in zip(*logs.values(), strict=True)]
    return [Epoch(i + 1, every * (i + 1), True, row) for i, row in enumerate(rows)]


# What is measured


def test_what_is_seen_of_samples():
    random = np.random.default_rng(0)
    real, made = random.normal(size=(80, 6, 2)), 0.5 * random.normal(size=(40, 6, 2))
    eye = Eye(real * [1.0, 30.0] + [0.0, 500.0])
    seen = eye.look(made * [1.0, 30.0] + [0.0, 500.0], 7)
    order = np.random.default_rng(0).permutation(80)
    flat = np.arcsinh((real - real.mean((0, 1))) / real.std((0, 1)))[order].reshape(80, -1)
    first, second = flat[:40], flat[40:]
    made = np.arcsinh((made - real.mean((0, 1))) / real.std((0, 1)))
    usual = np.median(pdist(first))
    assert seen.updates == 7
    assert seen.spread == pytest.approx(np.median(pdist(made.reshape(40, -1))) / usual)
    among = np.sort(cdist(first, first), axis=1)[:, 1:]
    assert seen.nearest == pytest.approx(np.median(among[:, 0]) / usual)
    near = [(cdist(first, x).min(axis=1) <= among[:, 2]).mean() for x in (made.reshape(40, -1), second)]
    assert [seen.reach, seen.real_reach] == pytest.approx(near)
    off = [np.median(cdist(first, x).min(axis=0)) for x in (made.reshape(40, -1), second)]
    assert seen.off == pytest.approx(off[0] / off[1])
    assert seen.told > 0.2 > seen.real_told
    assert seen.place == pytest.approx([*made.mean((0, 1)), *made.std((0, 1))])


def test_gaps_and_ends_are_seen_alike():
    random = np.random.default_rng(0)
    real = random.normal(size=(64, 6, 1))
    real[random.random(real.shape) < 0.5] = np.nan
    eye = Eye(real)
    with_gaps = eye.look(random.normal(size=(32, 6, 1)), 0)
    assert with_gaps.spread == pytest.approx(1.0, abs=0.15)
    assert with_gaps.told < 0.3
    lists = [random.normal(size=(n, 1)) for n in random.integers(2, 7, size=64)]
    eye = Eye(as_array(lists))
    assert eye.look(lists[:32], 0).told < 0.3
    assert eye.look([x[:1] for x in lists[:32]], 0).spread < 0.7


def test_names_have_no_distance_but_that_they_differ():
    random = np.random.default_rng(0)
    eye = Eye(random.integers(9, size=(60, 5)), names=True)
    assert eye.look(random.integers(9, size=(30, 5)), 0).spread == pytest.approx(1.0, abs=0.1)
    assert eye.look(np.full((30, 5), 3), 0).spread == 0.0


def test_what_cannot_be_seen():
    assert Eye(np.zeros((40, 6, 2))).look(np.zeros((20, 6, 2)), 0) is None  # all real ones are one
    real = np.random.default_rng(0).normal(size=(40, 6, 2))
    assert Eye(real).look(np.full((20, 6, 2), np.inf), 0) is None
    assert Eye(real[:6]).look(real[:3], 0) is None
    wide = np.random.default_rng(0).normal(size=(40, 3, 5, 40))
    assert Eye(wide).look(wide[:20], 0).spread == pytest.approx(1.0, abs=0.3)


def test_what_losses_end_at():
    assert facts.ends_of(kr.losses.RelativisticLoss()) == pytest.approx((np.log(2.0), 0.0), abs=1e-5)
    assert facts.ends_of(kr.losses.MinimaxLoss()) == pytest.approx((np.log(4.0), 0.0), abs=1e-5)
    assert facts.ends_of(kr.losses.HingeLoss()) == pytest.approx((2.0, 0.0), abs=1e-5)
    chance, best = facts.ends_of(kr.losses.LeastSquaresLoss())
    assert best == pytest.approx(0.0, abs=1e-5)
    assert chance in (pytest.approx(0.5), pytest.approx(0.25))
    assert facts.ends_of(kr.losses.WassersteinLoss()) == (pytest.approx(0.0, abs=1e-5), None)


def test_windows_that_overlap(monkeypatch):
    """Beyond some number of them the first tell it of all."""
    data = kr.data.sliding_windows(np.arange(2000.0).reshape(1000, 2), 10, stride=3)
    known = facts._counts(Source(data, {}, "fit"))
    assert known == {"num_sequences": 331, "apart": 100, "numbers": 2000}
    monkeypatch.setattr(facts, "LOOKED_AT", 2000)
    assert facts._counts(Source(data, {}, "fit"))["apart"] == pytest.approx(100, abs=2)
    alone = facts._counts(Source(np.zeros((5, 3)), {}, "fit"))
    assert alone == {"num_sequences": 5, "apart": 5, "numbers": 15}


def test_a_chart_survives_a_file():
    chart = Chart(LOSSES, epochs(real_score=[0.1, 0.2]), [look(50), look(100)], {"generator": 3.0}, 5)
    copy = Chart(LOSSES)
    copy.recall(json.loads(json.dumps(chart.state())))
    assert copy == chart
    assert [e.number for e in chart.until(50).epochs] == [1]
    assert chart.until(50).looks == [look(50)]


# What is told of it


def test_collapse_is_told_at_three_looks_that_get_no_better():
    examine = of_training.Collapse().examine

    def of(*spreads, begin=500, **changes):
        looks = [look(begin + 100 * i, spread=x, **changes) for i, x in enumerate(spreads)]
        return examine(Chart(epochs=epochs(real_score=[0.0]), looks=looks))

    assert of(0.1, 0.1, 0.1).illness == "collapse"
    assert of(0.0, 0.0, 0.0).evidence["spread"] == 0.0
    assert of(0.1, 0.1) is None
    assert of(0.1, 0.1, 0.1, begin=100) is None, "samples are young"
    assert of(0.05, 0.1, 0.15) is None, "they come apart"
    assert of(0.9, 0.9, 0.9, reach=0.2).what.startswith("generated sequences lie among the real ones")
    assert of(0.9, 0.9, 0.9, reach=0.2, off=3.0) is None, "they are elsewhere"
    assert of(0.9, 0.9, 0.9, reach=0.6) is None


def test_three_sequences_again_and_again_have_collapsed():
    random = np.random.default_rng(0)
    real = random.normal(size=(200, 6, 2))
    few = real[random.integers(3, size=100)] + 0.01 * random.normal(size=(100, 6, 2))
    eye = Eye(real)
    chart = Chart(epochs=epochs(real_score=[0.0]), looks=[eye.look(few, n) for n in (500, 600, 700)])
    assert "only" in of_training.Collapse().examine(chart).what
    fresh = random.normal(size=(100, 6, 2))
    chart.looks = [eye.look(fresh, n) for n in (500, 600, 700)]
    assert of_training.Collapse().examine(chart) is None


def judged(losses, told=0.4, real=2.0, fake=-2.0, off=(2.0, 2.0), facts=LOSSES):
    logs = {"discriminator_loss": losses, "real_score": [real] * len(losses)}
    rows = epochs(**logs, fake_score=[fake] * len(losses))
    looks = [look(at, told=told, off=x) for at, x in zip((50, rows[-1].updates), off, strict=True)]
    return Chart(facts, rows, looks)


def test_a_judge_wins():
    examine = of_judge.JudgeWon().examine
    assert "for 5 epochs (loss 0.001, 0.693 if it guessed)" in examine(judged([0.001] * 5)).what
    assert examine(judged([0.001] * 4)) is None
    assert examine(judged([0.001, 0.001, 0.3, 0.001, 0.001])) is None
    assert examine(judged([0.001] * 5, told=0.05)) is None, "samples are good"
    assert examine(judged([0.001] * 5, off=(2.0, 1.5))) is None, "samples get better"
    assert examine(judged([-9.0] * 5, facts=Facts(chance=0.0, best=None))) is None, "Wasserstein"


def test_a_judge_loses():
    examine = of_judge.JudgeLost().examine
    assert "by 0.40, of at most 0.5" in examine(judged([0.693] * 5, real=0.0, fake=0.0)).what
    assert examine(judged([0.693] * 5, told=0.1, real=0.0, fake=0.0)) is None, "samples are good"
    assert examine(judged([0.6] * 5, real=0.0, fake=0.0)) is None
    assert examine(judged([0.693] * 5, real=0.0, fake=0.0, off=(2.0, 1.5))) is None


def test_a_critic_without_an_end_loses_by_how_it_ranks():
    endless = Facts(chance=0.0, best=None)

    def of(*ranked, every=250, told=0.4, off=2.0, facts=endless):
        looks = [look(200 + every * i, told=told, off=off, ranked=x) for i, x in enumerate(ranked)]
        return of_judge.JudgeLost().examine(Chart(facts, epochs(discriminator_loss=[0.0]), looks))

    found = of(0.9, 0.5, 0.4, 0.3)
    assert found.evidence == {"ranked": 0.3, "told": 0.4}
    assert "in 30% of pairs (50 % by chance), and at 3 looks in no more than 50%" in found.what
    assert of(0.5, 0.4) is None, "too few looks"
    assert of(0.5, 0.7, 0.5) is None
    assert of(None, None, None) is None
    assert of(0.5, 0.5, 0.5, every=100) is None, "too short"
    assert of(0.9, 0.5, 0.5, 0.5, 0.5, every=100) is not None
    assert of(0.5, 0.5, 0.5, told=0.1) is None, "samples are good"
    assert of(0.5, 0.5, 0.5, facts=LOSSES) is None, "its loss tells"


def test_memorising_is_told_with_when_it_began():
    random = np.random.default_rng(0)
    times = np.arange(1, 31)
    level = 0.1 * times  # which drifts, as it may
    leaves = np.maximum(0.0, 0.15 * (times - 14))
    noise = 0.02 * random.normal(size=(3, 30))
    real, held, fake = level + leaves + noise[0], level + noise[1], level - 1.0 + noise[2]

    def of(**logs):
        return of_judge.Memorising().examine(Chart(epochs=epochs(**logs)))

    diagnosis = of(real_score=real, fake_score=fake, val_real_score=held)
    assert 550 <= diagnosis.update <= 850
    assert diagnosis.evidence["began"] == diagnosis.update
    assert of(real_score=real, fake_score=fake, val_real_score=real) is None
    assert of(real_score=real, fake_score=fake) is None, "nothing is held out"
    assert of(real_score=real, fake_score=fake - 9.0, val_real_score=held) is None, "a small part"
    noisy = level + 2.0 * random.normal(size=30)
    assert of(real_score=level, fake_score=level - 0.1, val_real_score=noisy) is None


def test_the_bend_that_fits_best():
    times = np.arange(10.0)
    assert of_judge.onset(times, np.maximum(times - 6.0, 0.0)) == 6
    assert of_judge.onset(times, 3.0 * times) == 0


def test_oscillation_is_told_from_a_way():
    examine = of_training.Oscillation().examine

    def of(places):
        looks = [look(500 + 50 * i, place=tuple(x)) for i, x in enumerate(places)]
        return examine(Chart(epochs=epochs(real_score=[0.0]), looks=looks))

    angles = np.arange(8) * 2.0 * np.pi / 7.0
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert of(circle).evidence["led"] == pytest.approx(0.0, abs=1e-9)
    assert of(circle * 0.1) is None, "hardly anything moves"
    assert of(circle * 0.8 ** np.arange(8)[:, None]) is None, "it dies down"
    assert of(np.stack([np.arange(8), np.arange(8)], axis=1)) is None, "it leads somewhere"
    assert of([(x % 2, 0.0) for x in range(8)]) is not None


def test_gradients_explode():
    examine = of_training.ExplodingGradients().examine
    usual = [1.0, 2.0, 1.5, 1.0]
    assert examine(Chart(epochs=epochs(generator_gradient_norm=[*usual, 50.0]))) is None
    assert "generator's gradients are 400 times" in (
        examine(Chart(epochs=epochs(generator_gradient_norm=[*usual, 500.0]))).what
    )
    start = {"generator": 4.0, "discriminator": 4.0}
    grown = Chart(epochs=epochs(discriminator_weight_norm=[5.0, 45.0]), norms=start)
    assert examine(grown).evidence == {"before": 4.0, "now": 45.0}
    slow = epochs(every=600, discriminator_weight_norm=[5.0, 15.0, 45.0])
    assert examine(Chart(epochs=slow, norms=start)) is None


def test_what_was_not_finite_is_mended_by_what_it_was():
    examine = of_training.NotFinite().examine
    rate = examine(Chart(epochs=[Epoch(2, 9, True, {}, 3, "the generator's gradients")]))
    assert rate.evidence == {"undone": 3}
    assert "lower the learning rates" in rate.remedy
    data = examine(Chart(epochs=[Epoch(2, 9, True, {}, 3, "the samples, once scaled")]))
    assert "outliers in the data" in data.remedy
    assert examine(Chart(epochs=[Epoch(2, 9, True, {})])) is None


def test_nothing_is_told_before_the_game():
    warm_up = [Epoch(i, 50 * i, False, {"discriminator_loss": 0.0}) for i in range(1, 9)]
    looks = [look(100 * i, spread=0.0) for i in range(1, 9)]
    chart = Chart(LOSSES, warm_up, looks, game=1000)
    for kind in kr.callbacks.doctor.SYMPTOMS:
        assert kind().examine(chart) is None


def test_a_scale_is_told_from_where_values_lie():
    examine = of_data.ScaleMisfit().examine

    def of(low, high, scaler="min_max"):
        return examine(Chart(Facts(scaler=scaler, bulk=(low, high), bulk_feature="'x'")))

    assert of(-1.0, 1.0) is None
    assert of(-2.5, 2.5, "standard") is None
    assert of(-0.5, 0.5, "none") is None
    assert "some -1 … 1" in of(100.0, 101.0, "none").what
    assert "adapted to other data" in of(-1.0, 9.0).what
    assert "a few far ones" in of(-0.99, -0.985).what
    assert of(-1.0, -1.0) is None, "rare events"


def test_the_generators_end_is_found():
    generator = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Reshape((2, 2))]
    )
    discriminator = keras.Sequential(
        [keras.Input((2, 2)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    gan = kr.RecurrentGAN(generator, discriminator, scaler=None, seed=0)
    gan.compile()
    real = np.tile([[[0.5, 2.0]]], (30, 2, 1)) * np.linspace(0.1, 1.0, 30)[:, None, None]
    gan.adapt(real)
    known = facts.gather(gan, real, None, False)
    assert (known.bounds, known.activation, known.feature) == ((-1.0, 1.0), "tanh", "feature 1")
    assert known.beyond == pytest.approx((real[..., 1] > 1.0).mean())
    assert known.weights == {"generator": 16, "discriminator": 5}
