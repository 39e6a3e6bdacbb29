"""Parts of the training images."""

import numpy as np
import pytest

from transfer_report.training.fractions import part_of

LABELS = [0] * 60 + [1] * 20
PATIENTS = [str(number // 4) for number in range(80)]


@pytest.mark.parametrize(("fraction", "counts"), [(0.25, (16, 8)), (0.5, (32, 12)), (0.01, (4, 4))])
def test_a_part_has_whole_patients_and_each_class_in_its_share(fraction, counts):
    rows = part_of(LABELS, PATIENTS, fraction, seed=3)
    assert np.bincount(np.array(LABELS)[rows]).tolist() == list(counts)
    assert len(set(np.array(PATIENTS)[rows])) == len(rows) / 4
    assert rows.tolist() == sorted(rows.tolist())


def test_a_smaller_part_lies_within_a_larger_one_and_seeds_draw_their_own():
    alone = list(map(str, range(80)))
    small, large = (set(part_of(LABELS, alone, fraction, seed=3)) for fraction in (0.25, 0.5))
    assert small < large
    assert set(part_of(LABELS, alone, 0.25, seed=4)) != small
