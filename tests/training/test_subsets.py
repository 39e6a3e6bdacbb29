"""Parts of the training images, and folds."""

import numpy as np
import pytest

from transfer_report.training.subsets import folds_of, fraction_of

LABELS = [0] * 60 + [1] * 20
PATIENTS = [str(number // 4) for number in range(80)]


@pytest.mark.parametrize(("fraction", "counts"), [(0.25, (16, 8)), (0.5, (32, 12)), (0.01, (4, 4))])
def test_a_fraction_has_whole_patients_and_each_class_in_its_share(fraction, counts):
    rows = fraction_of(LABELS, PATIENTS, fraction, seed=3).train
    assert np.bincount(np.array(LABELS)[rows]).tolist() == list(counts)
    assert len(set(np.array(PATIENTS)[rows])) == len(rows) / 4
    assert rows.tolist() == sorted(rows.tolist())


def test_a_smaller_fraction_lies_within_a_larger_one_and_seeds_draw_their_own():
    alone = list(map(str, range(80)))
    small, large = (set(fraction_of(LABELS, alone, fraction, seed=3).train) for fraction in (0.25, 0.5))
    assert small < large
    assert set(fraction_of(LABELS, alone, 0.25, seed=4).train) != small


def test_folds_test_every_image_once_a_repeat_and_keep_patients_together():
    folds = folds_of(LABELS, PATIENTS, folds=5, repeats=2, val_fraction=0.25, seed=1)
    patients = np.array(PATIENTS)
    for repeat in (folds[:5], folds[5:]):
        assert sorted(np.concatenate([fold.test for fold in repeat])) == list(range(80))
    for fold in folds:
        assert np.bincount(np.array(LABELS)[fold.test]).tolist() == [12, 4]
        parts = [set(patients[rows]) for rows in (fold.train, fold.val, fold.test)]
        assert not parts[0] & parts[1] | parts[1] & parts[2] | parts[0] & parts[2]
        assert len(fold.train) + len(fold.val) + len(fold.test) == 80
        assert set(np.array(LABELS)[fold.val]) == {0, 1}
    assert folds[0].test.tolist() != folds[5].test.tolist()
    assert len({fold.name for fold in folds}) == 10
