"""A report sees what is planted, passes what is real, and says so on one page that needs nothing."""

import html.parser
import json

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan import metrics
from keras_rgan.metrics import samples as sample_sets
from keras_rgan.metrics.spectral_difference import spectra
from keras_rgan.reporting import comparison, findings, pictures
from keras_rgan.reporting.profiles import profiles_of
from keras_rgan.sequences.statistics.random_features import random_feature_score
from tests.testing import ON_TORCH, dense_gan, refuses, windows

pytestmark = ON_TORCH

QUICK = {"path": None, "pictures": False}


@pytest.fixture(autouse=True)
def judge_in_closed_form(monkeypatch):
    """Ask one that needs no training."""

    def judge(real, made, **options):
        sets = sample_sets.whole({"real": real, "generated": made})
        return metrics.Score.of([random_feature_score(*sets, np.random.default_rng(0))])

    monkeypatch.setattr(comparison.metrics, "discriminative_score", judge)


def walks(count=300, seed=0):
    """Two features that move together, a share of zeros, whole numbers."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(size=(count, 12, 2))
    moves[..., 1] += moves[..., 0]
    smooth = moves.cumsum(axis=1)
    rain = np.where(rng.random((count, 12, 1)) < 0.6, 0.0, rng.exponential(size=(count, 12, 1)))
    return np.concatenate([smooth, rain, rng.poisson(5.0, (count, 12, 1))], axis=-1)


NAMES = ["left", "right", "rain", "calls"]


def changed(change):
    samples = walks(seed=1)
    change(samples)
    return samples


def stand_still(x):
    x[..., 0] = 2.0


def jitter(x):
    x[..., 1] += np.random.default_rng(2).normal(size=x.shape[:2])


def thin(x):
    x[..., 0] = np.clip(x[..., 0], *np.quantile(x[..., 0], [0.05, 0.95]))


def drizzle(x):
    x[..., 2] += 0.1


def fractions(x):
    x[..., 3] += 0.3


def apart(x):
    x[..., 1] = np.random.default_rng(2).permutation(x[..., 1])


PLANTED = {
    "stands still": (stand_still, "collapsed", ("left",)),
    "jitters": (jitter, "movement", ("right",)),
    "thin tails": (thin, "tail", ("left",)),
    "no zeros": (drizzle, "frequent value", ("rain",)),
    "fractions": (fractions, "whole numbers", ("calls",)),
    "do not move together": (apart, "together", ("left", "right")),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_what_is_planted_is_found_by_name(fault):
    change, kind, names = PLANTED[fault]
    found = kr.report(changed(change), walks(600), names=NAMES, **QUICK)
    told = {finding.kind: finding for finding in found.findings}
    assert kind in told
    assert set(names) <= set(told[kind].features)
    assert found.verdict.endswith(f"First: {found.findings[0].what} {found.findings[0].remedy}")


def test_the_judge_is_asked_several_times(monkeypatch):
    asked = []
    monkeypatch.setattr(
        comparison.metrics,
        "discriminative_score",
        lambda real, made, **options: asked.append(options) or metrics.Score.of([0.0]),
    )
    kr.report(walks(60, seed=1), walks(80), seed=3, **QUICK)
    assert asked == 3 * [{"repeats": comparison.REPEATS, "seed": 3}]


def test_real_samples_pass():
    found = kr.report(walks(seed=1), walks(600), names=NAMES, **QUICK)
    assert found.level == "good"
    assert not found.findings
    assert all(score["good"] for score in found.scores.values())


def test_copies_are_told_and_a_fresh_set_is_not():
    real, held, fresh = walks(200), walks(200, seed=1), walks(200, seed=2)
    copied = kr.report(real, real, held, **QUICK)
    assert copied.level == "bad"
    assert copied.scores["memorisation"]["generated"] == 1.0
    assert "copies" in {finding.kind for finding in copied.findings}
    assert copied.privacy.level == "alarm"
    assert "exact copies" in copied.verdict
    assert "ALARM  exact copies" in str(copied)
    passed = kr.report(fresh, real, held, **QUICK)
    assert passed.scores["memorisation"]["good"]
    assert passed.privacy.level == "passed"
    assert passed.level == "good"


def test_attacks_stand_on_the_page_and_what_stops_them_among_the_findings(tmp_path):
    real, held = walks(200), walks(200, seed=1)
    found = kr.report(real, real, held, path=tmp_path / "report.html", pictures=False)
    text = (tmp_path / "report.html").read_text()
    assert "<h2>Privacy</h2>" in text
    assert "arXiv 2505.01524" in text
    near = found.privacy.closest.near
    picture = pictures.copies(near, real, real, NAMES)
    assert picture.title == "Near copies"
    assert f"{near[0].generated} and {near[0].train}, " in picture.text
    assert picture.png.startswith(b"\x89PNG")
    assert json.loads(found.to_json())["privacy"]["level"] == "alarm"
    groups = np.arange(200), np.arange(200)
    stopped = kr.report(real, real, held, groups=groups[0], holdout_groups=groups[1], **QUICK)
    assert stopped.privacy is None
    (told,) = [finding for finding in stopped.findings if finding.kind == "privacy"]
    assert "200 that are both" in told.remedy


def test_what_is_held_out_of_another_kind_is_not_held_against_samples():
    found = kr.report(walks(seed=1), walks(600), walks(300, seed=2) + 30.0, **QUICK)
    assert {finding.kind for finding in found.findings} == {"holdout"}
    assert found.level == "good"
    assert "memorisation" not in found.scores


def test_a_few_that_were_held_out_at_random_are_of_the_same_kind():
    """Of so few a judge tells nothing that chance would not."""
    data = walks(60)
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(60)
        found = kr.report(walks(60, seed=9), data[order[20:]], data[order[:20]], **QUICK)
        assert "holdout" not in {finding.kind for finding in found.findings}


class Images(html.parser.HTMLParser):
    """Collects what a page asks for."""

    def __init__(self):
        super().__init__()
        self.images, self.tags = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attributes))


def test_a_page_needs_nothing_and_every_picture_has_a_text(tmp_path):
    real = [x[:n] for x, n in zip(walks(80), np.arange(80) % 6 + 6, strict=True)]
    kinds = np.where(np.arange(80) % 2, "<b>", "b")
    page = tmp_path / "out" / "report.html"
    found = kr.report((real[::-1], {"kind": kinds}), (real, {"kind": kinds}), path=page)
    text = page.read_text()
    parser = Images()
    parser.feed(text)
    titles = ["Samples", "Values", "Tails", "Memory", "Rhythms", "Features together"]
    titles += ["Sequences as points", "Lengths", "Conditions"]
    assert [picture.title for picture in found.pictures] == titles
    assert len(parser.images) == len(titles)
    assert all(image["alt"] and image["src"].startswith("data:image/png") for image in parser.images)
    assert not {"script", "link", "iframe"} & set(parser.tags)
    assert "http" not in text.replace("http-equiv", "")
    assert "<main" in found._repr_html_()


def test_a_report_is_json_too(tmp_path):
    found = kr.report(changed(thin), walks(600), path=tmp_path / "report.json", pictures=False)
    known = json.loads((tmp_path / "report.json").read_text())
    assert known == json.loads(found.to_json())
    assert known["level"] == found.level
    assert known["scores"]["coverage"]["generated"] == found.scores["coverage"]["generated"]
    assert known["features"]["feature 0"]["real"]["deviation"] == pytest.approx(
        walks(600)[..., 0].std(), rel=0.1
    )
    assert "tail" in str(found)


def test_of_a_model_with_gaps_and_a_table():
    data = windows(60)
    data[::3, 2, 0] = np.nan
    gan = kr.RecurrentGAN(completion=True, seed=0)
    gan.compile()
    gan.fit(data, batch_size=20, epochs=1, verbose=0)
    found = kr.report(gan, data, **QUICK)
    assert found.features["feature 0"]["real"]["missing"] > 0.0


def test_findings_of_a_kind_are_told_in_one():
    faults = [
        findings.Finding("tail", f"{n} is thin.", "Mend.", w, (n,))
        for n, w in zip("abc", (1, 3, 2), strict=True)
    ]
    other = findings.Finding("values", "d moved.", "Mend.", 2.5, ("d",))
    told = findings.grouped([*faults, other])
    assert [finding.what for finding in told] == ["b is thin. Likewise `c`, `a`.", "d moved."]
    assert told[0].features == ("b", "c", "a")


def test_what_it_refuses():
    real = walks(100)
    refuses(lambda: kr.report(real[..., :2], real, **QUICK), "number of features")
    refuses(lambda: kr.report(real[:30], real[:30], **QUICK), "Expected 40 real and 20 generated")
    refuses(lambda: kr.report(real, real, names=["one"], **QUICK), r"Expected 4 names.*\['one'\]")
    refuses(lambda: kr.report(real, real, names=list("abca"), **QUICK), "a name of its own")
    refuses(lambda: kr.report(real, real, seed=-1, **QUICK), "`seed`")


def test_constants_differ_by_more_than_their_means_are_rounded():
    sets = [np.full((count, 10, 1), 0.1) for count in (10, 1)]
    real, made = (profiles_of(x, np.ones(x.shape[:2], bool)) for x in sets)
    assert real[0].mean != made[0].mean
    assert not list(findings.of_features(["a"], real, made, np.zeros(1)))
    (other,) = profiles_of(np.full((1, 10, 1), 0.2), np.ones((1, 10), bool))
    (found,) = findings.of_features(["a"], real, [other], np.zeros(1))
    assert found.kind == "constant"


def test_sequences_of_other_lengths_than_the_real_ones():
    real = [x[:n] for x, n in zip(walks(80), np.arange(80) % 6 + 6, strict=True)]
    made = [x[:n] for x, n in zip(walks(80, 1), np.arange(80) % 3 + 3, strict=True)]
    for pair in ((made, real), (real, made)):
        found = kr.report(*pair, path=None)
        assert "Memory" in [picture.title for picture in found.pictures]
        assert "lengths" in [finding.kind for finding in found.findings]


def test_what_is_rounded_to_float32_is_the_same_value():
    """A generator makes float32 of data in float64."""
    real = np.where(walks(400) > 0.0, walks(400), 0.1)
    real[..., 1] = 0.1
    found = kr.report(real[:200].astype("float32"), real, **QUICK)
    assert not {"frequent value", "constant"} & {finding.kind for finding in found.findings}
    made = profiles_of(real[:200].astype("float32"), np.ones((200, 12), bool))
    exact = profiles_of(real.astype("float32") + np.float32(1e-7), np.ones((400, 12), bool))
    told = findings.of_features("abcd", made, exact, np.zeros(4))
    assert "frequent value" in {finding.kind for finding in told}, "of one kind no value is another"


def test_memory_with_gaps_is_a_correlation():
    samples = walks()
    samples[np.random.default_rng(3).random(samples.shape) < 0.6] = np.nan
    for feature, known in enumerate(profiles_of(samples, np.ones(samples.shape[:2], bool))):
        pairs = np.stack([samples[:, :-1, feature].ravel(), samples[:, 1:, feature].ravel()])
        pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]
        assert known.memory == pytest.approx(np.corrcoef(pairs)[0, 1])
    still = np.where(np.arange(12) % 12 == 0, np.nan, 0.1) * np.ones((5, 1))
    assert profiles_of(still[..., None], np.ones((5, 12), bool))[0].memory == 0.0


def test_spectra_with_gaps_are_those_of_the_metric():
    """A white series has a flat spectrum, however much of it is missing."""
    random = np.random.default_rng(0)
    real = random.normal(size=(4000, 8, 1))
    made = np.where(random.random(real.shape) < 0.7, np.nan, random.normal(size=real.shape))
    first, second = spectra(real, made)
    np.testing.assert_allclose(second[1:4], second[1:4].mean(), rtol=0.15)
    np.testing.assert_allclose(second[1:4], first[1:4], rtol=0.2)
    known = profiles_of(
        np.sin(2.0 * np.pi * 3.0 * np.arange(24) / 24.0)[None, :, None], np.ones((1, 24), bool)
    )
    assert known[0].peak == 3


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e20])
def test_pictures_of_what_does_not_move(size):
    still = np.full((40, 6, 2), size)
    for made in (still[:20], still[:20] + size * np.random.default_rng(0).normal(size=(20, 6, 2))):
        found = kr.report(made, still, path=None)
        assert ("Sequences as points" in [x.title for x in found.pictures]) == (np.ptp(made) > 0.0)


def test_a_dollar_in_a_name_is_a_dollar():
    found = kr.report(walks(60, 1), walks(60), path=None, names=["US$ x_{$", "$", "a$b$c", r"\$"])
    assert list(found.features) == ["US$ x_{$", "$", "a$b$c", r"\$"]


def test_points_are_of_the_whole_set(monkeypatch):
    """Sets in the order of time are not known by their first part."""
    seen = {}
    monkeypatch.setattr(pictures, "EMBEDDED", 50)
    from sklearn.decomposition import PCA

    fit = PCA.fit
    monkeypatch.setattr(PCA, "fit", lambda self, x, y=None: fit(self, seen.setdefault("real", x)))
    real = np.linspace(0.0, 1.0, 400)[:, None, None] * np.ones((1, 4, 1))
    real = real + 0.01 * np.random.default_rng(0).normal(size=real.shape)
    shown = sample_sets.read({"real": real}, 2)[0]
    pictures._embeddings(pictures.Drawn(shown, shown, ["a"], [0]), 0)
    assert np.ptp(seen["real"]) > 0.8


def test_data_is_read_once(monkeypatch):
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(60), epochs=1, verbose=0)
    read, seen = sample_sets.reading.gather, []
    monkeypatch.setattr(sample_sets.reading, "gather", lambda x, *y: seen.append(id(x)) or read(x, *y))
    real, holdout = list(windows(60)), list(windows(40, seed=1))
    kr.report(gan, real, holdout, **QUICK)
    assert seen.count(id(real)) == seen.count(id(holdout)) == 1


def test_what_calibrate_leaves_alone_is_not_to_be_calibrated():
    """A `SequenceScaler` calibrates no values on whole steps."""
    random = np.random.default_rng(0)
    counts = random.poisson(4.0, (300, 8, 1))
    tenths = np.round(random.normal(20.0, 3.0, (300, 8, 1)), 1)
    real = np.concatenate([counts, tenths, random.normal(size=(300, 8, 1))], axis=-1)
    found = kr.report(real + np.array([3.0, 6.0, 2.0]), real, path=None, pictures=False)
    calibrating = {
        f.features[0] for f in found.findings if f.remedy.startswith("gan.calibrate(data) gives")
    }
    leaving = {f.features[0] for f in found.findings if "leaves values on steps alone" in f.remedy}
    assert calibrating == {"feature 2"}
    assert leaving == {"feature 0", "feature 1"}


@pytest.mark.parametrize("path", [".", "report.pdf", "report"])
def test_where_no_page_can_be_written_to_nothing_is_computed(path, tmp_path):
    refuses(lambda: kr.report(None, None, path=tmp_path / path), r"ends in \.html or \.htm or \.json")


def test_names_in_one_text_are_none():
    data = walks(60)
    refuses(lambda: kr.report(data, data, path=None, names="abc"), r"Expected 4 names.*\['abc'\]")
