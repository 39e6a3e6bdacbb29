"""Most conditions, by most of their runs."""

from tests.analysis.samples import from_correct

from transfer_report.analysis.hard_images import hard_images


def test_hardest_come_first_and_half_is_not_most():
    conditions = [
        from_correct([[1, 0, 0, 1], [1, 0, 1, 0]]),  # of the third and fourth, half of the runs: not most
        from_correct([[1, 0, 0, 1], [1, 0, 0, 1]]),
        from_correct([[0, 0, 0, 1], [0, 0, 0, 1]]),
        from_correct([[0, 1, 0, 1], [0, 1, 0, 1]]),
    ]
    found = hard_images(conditions, ["a", "b", "c", "d"], share=0.5)
    assert [(one.id, one.incorrect) for one in found] == [("b", 3), ("c", 3)]
    assert (found[0].row, found[0].label, found[0].conditions) == (1, 1, 4)


def test_images_that_all_recognise_are_not_hard():
    assert hard_images([from_correct([1, 1])], ["a", "b"], share=0.5) == []
