"""Tables of effects, and the groups of conditions that they stand below."""

from dataclasses import replace

import pytest
from tests.report.conftest import context

from transfer_report.analysis.tables import grouped
from transfer_report.records.analysis import CurveComparison
from transfer_report.report.tables.effects import effects_table


def table(strategy, model, count, number=1):
    keys = [f"{strategy}/{model}-{index}" for index in range(count)]
    return {"number": number, "strategy": strategy, "model": model, "conditions": keys, "baseline": keys[0],
            "techniques": {}}  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 3, "b": 2}, [["a"], ["b"]]),
        ({"a": 3, "b": 2, "b-random": 1}, [["a"], ["b", "b-random"]]),
        ({"a": 1, "a-random": 1, "b": 2}, [["a", "a-random"], ["b"]]),
        ({"a": 1, "b": 1, "c": 1}, [["a", "b", "c"]]),
        ({"a": 3, "b": 1}, [["a", "b"]]),
        ({"a": 1}, [["a"]]),
    ],
)
def test_no_group_has_a_single_row_where_another_can_take_it(study, counts, expected):
    made = [study.analysis.tables[0].model_validate(table("lp_ft", model, count)) for model, count in counts.items()]
    architectures = {model: model.removesuffix("-random") for model in counts}
    groups = grouped(made, architectures)
    assert [[one.model for one in group.tables] for group in groups] == expected
    assert [group.number for group in groups] == list(range(1, len(groups) + 1))


def test_strategies_do_not_share_a_group(study):
    made = [study.analysis.tables[0].model_validate(table(strategy, "a", 1)) for strategy in ("fine_tuning", "lp_ft")]
    assert len(grouped(made, {})) == 2


def test_each_technique_has_its_differences_their_intervals_and_verdicts(study):
    group = study.groups[0]
    table = group.tables[0]
    first = table.conditions[1]
    curve = [
        CurveComparison(
            reference=table.baseline, treatment=first, measure=measure, family="table-1",
            difference=study.analysis.comparisons[0].difference.model_copy(
                update={"value": -0.084, "low": -0.123, "high": -0.045}
            ),
            p_value=0.0004, p_adjusted=0.001, verdict="lower",
        )
        for measure in ("gap", "volatility")
    ]  # fmt: skip
    found = replace(study, analysis=study.analysis.model_copy(update={"curve_comparisons": curve}))
    shown = effects_table(found, group, context(found, "markdown").wording)
    assert shown.number == "1b"
    assert len(shown.rows) == len(table.conditions) - 1
    accuracy, gap, volatility = shown.rows[0][1:]
    difference = found.at(f"comparisons.table-1.{first}.{table.baseline}.accuracy.difference.value")
    assert str(accuracy).startswith(context(found, "markdown").wording.printer.text(difference, "signed_points"))
    assert str(gap) == "−8.4 ↓ narrower\n−12.3 to −4.5, p\u00a0=\u00a00.001"
    assert str(volatility).startswith("−0.084 ↓ steadier")
    assert [str(cell) for cell in shown.rows[1][2:]] == ["–", "–"]


def test_failed_runs_are_marked(study):
    group = study.groups[0]
    failed = [
        {"condition": group.conditions[1], "seed": 0, "reason": "one_class", "class_share": 1.0, "train_loss": 0.1,
         "test_loss": 0.7}
    ]  # fmt: skip
    analysis = type(study.analysis).model_validate(study.analysis.model_dump() | {"failed_runs": failed})
    found = replace(study, analysis=analysis)
    shown = effects_table(found, group, context(study, "markdown").wording)
    assert ["†" in str(row[1]) for row in shown.rows] == [True, *[False] * (len(shown.rows) - 1)]
    assert "†" in shown.note
