"""Figures with one panel per condition: where the panels stand, and what they tell."""

import pytest

from transfer_report.figures.confusion import confusion_figure, mean_confusion
from transfer_report.figures.grid import arranged
from transfer_report.figures.reliability import excess_confidence, reliability
from transfer_report.records.analysis import CalibrationBin


def test_tables_share_a_row_where_they_fit(evidence):
    tables = evidence.tables[:2] + evidence.tables[-2:]
    assert [len(table.conditions) for table in tables] == [4, 3, 1, 1]
    places = arranged(tables, {table.number: 2 for table in tables})
    assert [place.row for place in places] == [0] * 7 + [1] * 2
    assert [place.column for place in places] == [*range(7), 0, 2]


def test_a_long_table_wraps(evidence):
    table = evidence.tables[0].model_copy(update={"conditions": [f"fine_tuning/{index}" for index in range(9)]})
    assert [place.row for place in arranged([table], {table.number: 2})] == [0] * 7 + [1] * 2


def test_a_name_takes_the_columns_that_it_needs(evidence):
    tables = evidence.tables[-2:]
    first, second = (table.number for table in tables)
    places = arranged(tables, {first: 3, second: 2})
    assert [(place.row, place.column) for place in places] == [(0, 0), (0, 3)]
    places = arranged(tables, {first: 3, second: 5})
    assert [(place.row, place.column) for place in places] == [(0, 0), (1, 0)]


def test_confusions_hold_every_test_image(evidence, runs, wording):
    assert all(mean_confusion(member).sum() == len(runs.test_labels) for member in runs.conditions)
    drawn = confusion_figure(runs, evidence.tables, wording)
    assert len(drawn.rows) == len(runs.conditions) * len(runs.classes) ** 2
    assert "most often" in drawn.alt


def test_overconfidence_weighs_bins_by_their_predictions():
    bins = [
        CalibrationBin(confidence=0.9, accuracy=0.8, count=3),
        CalibrationBin(confidence=0.6, accuracy=0.7, count=1),
    ]
    assert excess_confidence(bins) == pytest.approx(0.05)


def test_reliability_tells_which_way_confidence_errs(evidence, wording):
    drawn = reliability(evidence.calibration, evidence.tables, wording)
    assert drawn.alt.count("confidence exceeds accuracy") + drawn.alt.count("accuracy exceeds confidence") == 22
