"""Tables of pairs: accuracy and AUROC in one row, how likely an inconclusive difference matters, widths on paper."""

from dataclasses import replace

from tests.report.conftest import context

from transfer_report.report.tables import widths
from transfer_report.report.tables.comparisons import comparison_tables
from transfer_report.report.tables.conditions import condition_table
from transfer_report.report.tables.reported import reported_table
from transfer_report.report.tables.test_set import scores_table


def first_row(study, **changes):
    """The cells of the first pair of Table 1, with changes to its two comparisons, of which AUROC has another value."""

    def changed(one):
        value = one.difference.value if one.metric == "accuracy" else 0.0213
        difference = one.difference.model_copy(update={"value": value})
        return one.model_copy(update={"difference": difference} | changes)

    comparisons = [changed(one) if one.family == "table-1" else one for one in study.analysis.comparisons]
    found = replace(study, analysis=study.analysis.model_copy(update={"comparisons": comparisons}))
    table = next(one for one in comparison_tables(found, context(found, "markdown").wording) if one.id == "tab-table-1")
    return [str(cell).splitlines() for cell in table.rows[0]]


def test_each_row_has_both_metrics_with_interval_p_value_and_verdict(study):
    pair, accuracy, auroc, *_ = first_row(study, verdict="better", p_adjusted=0.0123)
    assert pair == ["lr 5e-4", "vs. baseline"]
    for cell in (accuracy, auroc):
        assert cell[0].endswith("↑ better")
        assert cell[1].endswith(", p\u00a0=\u00a00.012")
        assert len(cell) == 2
    assert auroc[0].startswith("+2.1 ")
    assert not accuracy[0].startswith("+2.1 ")


def test_an_inconclusive_difference_says_how_likely_it_matters(study):
    cells = first_row(study, verdict="inconclusive")
    assert [cell[2] for cell in cells[1:3]] == ["↑ 31\u202f%, ↓ 4\u202f%"] * 2
    assert len(first_row(study, verdict="inconclusive", probability_better=None)[1]) == 2  # an older record


def test_a_metric_that_was_not_compared_leaves_its_cell_empty(study):
    comparisons = [one for one in study.analysis.comparisons if one.metric == "accuracy"]
    found = replace(study, analysis=study.analysis.model_copy(update={"comparisons": comparisons}))
    for table in comparison_tables(found, context(found, "markdown").wording):
        assert {str(row[2]) for row in table.rows} == {"–"}


def test_the_first_table_alone_explains_the_columns(study):
    notes = [table.note for table in comparison_tables(study, context(study, "markdown").wording)]
    assert "by more than 2.0 points" in notes[0]
    assert not any("Detectable" in note for note in notes[1:])


def test_every_score_has_its_interval(study):
    wording = context(study, "markdown").wording
    for table, columns in ((scores_table(study, wording), range(1, 7)), (reported_table(study, wording), range(1, 4))):
        for row in table.rows:
            assert all(" to " in str(row[column]).splitlines()[1] for column in columns)
    shown = condition_table(study, study.groups[0], wording)
    heads = [column.head for column in shown.columns]
    for row in shown.rows:
        assert [" to " in str(cell) for cell in row] == [head == "CI" for head in heads]
    assert heads.count("CI") == 2


def test_no_number_is_wider_than_its_column(study):
    for table in context(study, "pdf").tables.values():
        line = widths.SMALL_LINE_EM if table.section in widths.SMALL else widths.LINE_EM
        shares = widths.column_widths(table)
        for index, (column, share) in enumerate(zip(table.columns, shares, strict=True)):
            if column.align == "number":
                texts = [text for row in table.rows for text in widths._plain(row[index]).splitlines()]
                longest = max(map(widths._length, texts), default=0.0)
                assert longest <= share / 100 * line, (table.id, column.head)
