"""The table of scores, and tables of risks."""

from dataclasses import replace
from typing import get_args

from tests.report.conftest import context

from transfer_report.records.analysis import Metric
from transfer_report.report.tables.test_set import SCORES

ELSEWHERE = {"accuracy", "balanced_accuracy"}
"""Accuracy stands in the tables of conditions, balanced accuracy in report.json."""


def test_every_metric_has_a_column_or_stands_elsewhere():
    assert set(SCORES) | ELSEWHERE == set(get_args(Metric))


def test_without_an_operating_point_all_other_tables_of_risks_stand(study):
    """As with more than two classes, of which the most probable one is called."""
    images = study.clinical.images.model_copy(update={"operating_points": []})
    clinical = study.clinical.model_copy(update={"images": images, "patients": None, "youden": None})
    tables = context(replace(study, clinical=clinical), "markdown").tables
    assert "tab-operating-point" not in tables
    assert {"tab-calibration", "tab-temperature", "tab-classes", "tab-rivals"} <= set(tables)
