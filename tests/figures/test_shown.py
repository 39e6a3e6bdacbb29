"""What stands on a page of a study with many conditions."""

import pytest

from transfer_report.figures.shown import MOST_PAIRS, pairs_shown, tables_shown
from transfer_report.records.analysis import StudyTable


def table(number, keys):
    return StudyTable(
        number=number, strategy="fine_tuning", model=f"m{number}", conditions=keys, baseline=keys[0], techniques={}
    )


def accuracies(evidence, values):
    one = next(iter(evidence.estimates["val"].values()))["accuracy"]
    return {key: one.model_copy(update={"value": value}) for key, value in values.items()}


TABLES = [table(1, ["a", "b", "c", "d"]), table(2, ["e", "f"])]
VALUES = {"a": 0.5, "b": 0.9, "c": 0.7, "d": 0.9, "e": 0.1, "f": 0.2}


def shown(evidence, most):
    return [one.conditions for one in tables_shown(TABLES, accuracies(evidence, VALUES), most)]


def test_all_are_shown_where_they_fit(evidence):
    assert tables_shown(TABLES, accuracies(evidence, VALUES), 6) == TABLES


@pytest.mark.parametrize(
    ("most", "kept"),
    [
        (5, [["a", "b"], ["e", "f"]]),  # b and d validate equally well: the first
        (4, [["a", "b"], ["e", "f"]]),
        (3, [["a"], ["e"]]),
        (1, [["a"]]),
    ],
)
def test_else_the_baseline_and_the_best_by_validation(evidence, most, kept):
    assert shown(evidence, most) == kept


def test_pairs_with_the_smallest_p_values_in_their_order(evidence):
    pairs = [
        one.model_copy(update={"p_value": p, "treatment": str(n)})
        for n, (one, p) in enumerate(
            zip(evidence.comparisons[:1] * (MOST_PAIRS + 2), [0.9, None, *([0.5] * MOST_PAIRS)], strict=True)
        )
    ]
    assert [one.treatment for one in pairs_shown(pairs)] == [str(n) for n in range(2, MOST_PAIRS + 2)]
    assert pairs_shown(pairs[:3]) == pairs[:3]
