"""Splits that are alike, splits that are not, and what keeps the test honest."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from transfer_report.analysis import shift
from transfer_report.analysis.decisions import Statements, decide
from transfer_report.analysis.image_statistics import PERCENTILES, image_statistics
from transfer_report.analysis.shift import NEGLIGIBLE_AUROC, Sample, _auroc


@pytest.fixture(autouse=True)
def _one_round(monkeypatch):
    """More rounds are for p-values below 0.001."""
    monkeypatch.setattr(shift, "MORE", 1)


@pytest.fixture
def few_permutations(monkeypatch):
    """As many as tell five per cent."""
    monkeypatch.setattr(shift, "PERMUTATIONS", 199)


def split_shift(name, first, second, confidence, seed):
    """A test that is stated alone."""
    return decide(Statements(shifts=[shift.split_shift(name, first, second, confidence, seed)]), 0.05).shifts[0]


def class_shift(first, second, confidence, seed):
    """The same of the shares of the classes."""
    return decide(Statements(shifts=[shift.class_shift(first, second, confidence, seed)]), 0.05).shifts[0]


def sample(generator, split, images, shift=0.0, clusters=None):
    features = generator.normal(size=(images, 5)) + shift
    return Sample(split, features, [str(cluster) for cluster in (range(images) if clusters is None else clusters)])


def test_a_plain_shift_is_found(generator):
    found = split_shift("f", sample(generator, "val", 120), sample(generator, "test", 80, shift=0.8), 0.95, seed=0)
    assert found.verdict == "shifted"
    assert found.low <= found.effect <= found.high
    assert found.effect > 0.8


def test_a_shift_that_no_permutation_reaches_outlives_the_correction_of_a_whole_report(generator, monkeypatch):
    monkeypatch.setattr(shift, "MORE", 10)
    first, second = sample(generator, "val", 120), sample(generator, "test", 80, shift=0.8)
    assert shift.split_shift("f", first, second, 0.95, seed=0).p_value == pytest.approx(1 / (1 + 10 * 999))
    alike = shift.split_shift("f", first, sample(generator, "test", 80), 0.95, seed=0).p_value
    assert alike * 1000 == pytest.approx(round(alike * 1000))  # the first round alone


def test_alike_splits_are_found_so_only_with_enough_images(generator):
    few = split_shift("f", sample(generator, "val", 40), sample(generator, "test", 40), 0.95, seed=0)
    many = split_shift("f", sample(generator, "val", 1500), sample(generator, "test", 1500), 0.95, seed=0)
    assert few.verdict == "inconclusive"
    assert many.verdict == "equivalent"
    assert many.effect < NEGLIGIBLE_AUROC


@pytest.mark.usefixtures("few_permutations")
def test_alike_splits_are_rarely_called_shifted(generator):
    pairs = [(sample(generator, "val", 60), sample(generator, "test", 60)) for _ in range(40)]
    verdicts = [split_shift("f", *pair, 0.95, seed=index).verdict for index, pair in enumerate(pairs)]
    assert verdicts.count("shifted") <= 6  # of 40 at five per cent, more than six in one of fifty draws


@pytest.mark.usefixtures("few_permutations")
def test_images_of_a_patient_do_not_make_a_shift(generator):
    def patients(split):
        cluster = np.repeat(np.arange(8), 25)
        return Sample(
            split, generator.normal(size=(8, 5))[cluster] + generator.normal(0, 0.1, (200, 5)), cluster.astype(str)
        )

    found = [split_shift("f", patients("val"), patients("test"), 0.95, seed=seed).p_value for seed in range(12)]
    assert np.mean(np.array(found) < 0.05) < 0.3
    assert np.median(found) > 0.1


def test_features_that_say_nothing_and_too_few_patients(generator):
    constant = [Sample(split, np.ones((100, 3)), [str(row) for row in range(100)]) for split in ("val", "test")]
    assert split_shift("f", *constant, 0.95, seed=0).p_value == 1.0
    few = [
        sample(generator, split, 40, shift, clusters=[0] * 20 + [1] * 20) for split, shift in (("val", 0), ("test", 9))
    ]
    assert split_shift("f", *few, 0.95, seed=0).verdict == "inconclusive"


def test_the_test_repeats(generator):
    pair = sample(generator, "val", 60), sample(generator, "test", 60)
    assert split_shift("f", *pair, 0.95, seed=3) == split_shift("f", *pair, 0.95, seed=3)


def test_areas_by_rank_are_those_of_scikit_learn(generator):
    scores, targets = generator.normal(size=(30, 2)).round(1), generator.integers(0, 2, (30, 2))
    expected = [roc_auc_score(targets[:, column], scores[:, column]) for column in (0, 1)]
    assert _auroc(scores, targets, np.zeros(30, int)) == pytest.approx(expected)


def test_areas_within_classes_count_by_their_images_of_the_second_split(generator):
    scores, targets = generator.normal(size=(90, 2)), generator.integers(0, 2, (90, 2))
    classes = np.repeat([0, 1, 2], [20, 30, 40])
    expected = [
        np.average(
            [roc_auc_score(targets[classes == one, column], scores[classes == one, column]) for one in range(3)],
            weights=[targets[classes == one, column].sum() for one in range(3)],
        )
        for column in (0, 1)
    ]
    assert _auroc(scores, targets, classes) == pytest.approx(expected)
    targets[classes == 2] = 0  # of a class that is in one split alone nothing can be said
    known = classes < 2
    assert _auroc(scores, targets, classes) == pytest.approx(_auroc(scores[known], targets[known], classes[known]))


def classed(generator, split, of_classes, shift=0.0):
    """Classes far apart, in other shares, whose images differ between splits by `shift` alone."""
    labels = np.repeat(range(len(of_classes)), of_classes)
    features = generator.normal(size=(len(labels), 5)) + shift
    features[:, 0] += 3 * labels
    return Sample(split, features, [f"{split} {row}" for row in range(len(labels))], labels.tolist())


def test_other_shares_of_the_classes_are_no_other_images(generator):
    train, test = classed(generator, "train", [300, 700]), classed(generator, "test", [700, 300])
    assert split_shift("f", Sample(train.split, train.features, train.clusters),
                       Sample(test.split, test.features, test.clusters), 0.95, seed=0).effect > 0.63  # fmt: skip
    within = split_shift("f", train, test, 0.95, seed=0)
    assert within.verdict == "equivalent"
    assert within.effect == pytest.approx(0.5, abs=0.04)
    shares = class_shift(train, test, 0.95, seed=0)
    assert shares.verdict == "shifted"
    assert shares.effect == pytest.approx(0.7, abs=0.01)  # the AUROC of knowing the class: 0.5 + (0.7 − 0.3) / 2


def test_other_images_in_the_same_shares_are_no_other_shares(generator):
    train, test = classed(generator, "train", [300, 300, 300]), classed(generator, "test", [300, 300, 300], shift=0.3)
    assert split_shift("f", train, test, 0.95, seed=0).verdict == "shifted"
    shares = class_shift(train, test, 0.95, seed=0)
    assert (shares.verdict, shares.effect, shares.p_value) == ("equivalent", 0.5, 1.0)


@pytest.mark.usefixtures("few_permutations")
def test_alike_shares_are_rarely_called_shifted(generator):
    drawn = [[np.bincount(generator.choice(3, 80), minlength=3) for _ in range(2)] for _ in range(40)]
    verdicts = [
        class_shift(classed(generator, "train", one), classed(generator, "test", other), 0.95, seed=index).verdict
        for index, (one, other) in enumerate(drawn)
    ]
    assert verdicts.count("shifted") <= 6


@pytest.mark.usefixtures("few_permutations")
def test_within_classes_alike_splits_are_rarely_called_shifted(generator):
    verdicts = [
        split_shift(
            "f", classed(generator, "train", [20, 60]), classed(generator, "test", [40, 20]), 0.95, index
        ).verdict
        for index in range(40)
    ]
    assert verdicts.count("shifted") <= 6


def test_a_class_of_which_a_split_has_one_image_is_left_out(generator):
    train, test = classed(generator, "train", [200, 200, 30]), classed(generator, "test", [200, 200, 1])
    test.features[-1] += 1e6
    found = split_shift("f", train, test, 0.95, seed=0)
    assert found.verdict == "equivalent"
    assert 0 < found.low < found.high < 1


def test_image_statistics_by_hand():
    images = np.zeros((300, 4, 4, 1), np.uint8)
    images[1, :, 2:] = 255
    found = image_statistics(images)
    assert found.shape == (300, 3 + len(PERCENTILES))
    assert found[0] == pytest.approx(0)
    assert found[1][[0, 1]] == pytest.approx([0.5, 0.5])
    assert found[1][-1] == pytest.approx(1 / 3)  # one of three steps across, none down


def test_channels_are_averaged():
    grey = np.full((1, 4, 4, 1), 60, np.uint8)
    colour = np.stack([grey[..., 0] - 30, grey[..., 0], grey[..., 0] + 30], axis=3)
    assert image_statistics(colour) == pytest.approx(image_statistics(grey))
