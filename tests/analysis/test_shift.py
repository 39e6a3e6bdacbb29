"""Splits that are alike, splits that are not, and what keeps the test honest."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from transfer_report.analysis.image_statistics import NAMES, image_statistics
from transfer_report.analysis.shift import NEGLIGIBLE_AUROC, Sample, _auroc, adjust_shifts, split_shift


def sample(generator, split, images, shift=0.0, groups=None):
    features = generator.normal(size=(images, 5)) + shift
    return Sample(split, features, [str(group) for group in (range(images) if groups is None else groups)])


def test_a_plain_shift_is_found(generator):
    found = split_shift("f", sample(generator, "val", 120), sample(generator, "test", 80, shift=0.8), 0.95, seed=0)
    assert found.verdict == "shifted"
    assert found.low <= found.effect <= found.high
    assert found.effect > 0.8


def test_alike_splits_are_found_so_only_with_enough_images(generator):
    few = split_shift("f", sample(generator, "val", 40), sample(generator, "test", 40), 0.95, seed=0)
    many = split_shift("f", sample(generator, "val", 1500), sample(generator, "test", 1500), 0.95, seed=0)
    assert few.verdict == "cannot_tell"
    assert many.verdict == "equivalent"
    assert many.effect < NEGLIGIBLE_AUROC


def test_alike_splits_are_rarely_called_shifted(generator):
    pairs = [(sample(generator, "val", 60), sample(generator, "test", 60)) for _ in range(40)]
    verdicts = [split_shift("f", *pair, 0.95, seed=index).verdict for index, pair in enumerate(pairs)]
    assert verdicts.count("shifted") <= 6  # of 40 at five per cent, more than six in one of fifty draws


def test_images_of_a_patient_do_not_make_a_shift(generator):
    def patients(split):
        group = np.repeat(np.arange(8), 25)
        return Sample(
            split, generator.normal(size=(8, 5))[group] + generator.normal(0, 0.1, (200, 5)), group.astype(str)
        )

    found = [split_shift("f", patients("val"), patients("test"), 0.95, seed=seed).p_value for seed in range(12)]
    assert np.mean(np.array(found) < 0.05) < 0.3
    assert np.median(found) > 0.1


def test_features_that_say_nothing_and_too_few_patients(generator):
    constant = [Sample(split, np.ones((100, 3)), [str(row) for row in range(100)]) for split in ("val", "test")]
    assert split_shift("f", *constant, 0.95, seed=0).p_value == 1.0
    few = [
        sample(generator, split, 40, shift, groups=[0] * 20 + [1] * 20) for split, shift in (("val", 0), ("test", 9))
    ]
    assert split_shift("f", *few, 0.95, seed=0).verdict == "cannot_tell"


def test_the_test_repeats(generator):
    pair = sample(generator, "val", 60), sample(generator, "test", 60)
    assert split_shift("f", *pair, 0.95, seed=3) == split_shift("f", *pair, 0.95, seed=3)


def test_several_tests_are_corrected_together(generator):
    found = split_shift("f", sample(generator, "val", 60), sample(generator, "test", 60, shift=0.8), 0.95, seed=0)
    doubtful = found.model_copy(update={"p_value": 0.03})
    assert adjust_shifts([doubtful], 0.95)[0].verdict == "shifted"
    assert [one.verdict for one in adjust_shifts([doubtful, doubtful], 0.95)] == ["cannot_tell", "cannot_tell"]


def test_areas_by_rank_are_those_of_scikit_learn(generator):
    scores, targets = generator.normal(size=(30, 2)).round(1), generator.integers(0, 2, (30, 2))
    expected = [roc_auc_score(targets[:, column], scores[:, column]) for column in (0, 1)]
    assert _auroc(scores, targets) == pytest.approx(expected)


def test_image_statistics_by_hand():
    images = np.zeros((300, 4, 4, 1), np.uint8)
    images[1, :, 2:] = 255
    found = image_statistics(images)
    assert found.shape == (300, len(NAMES))
    assert found[0] == pytest.approx(0)
    assert found[1][[0, 1]] == pytest.approx([0.5, 0.5])
    assert found[1][-1] == pytest.approx(1 / 3)  # one of three steps across, none down


def test_channels_are_averaged():
    grey = np.full((1, 4, 4, 1), 60, np.uint8)
    colour = np.stack([grey[..., 0] - 30, grey[..., 0], grey[..., 0] + 30], axis=3)
    assert image_statistics(colour) == pytest.approx(image_statistics(grey))
