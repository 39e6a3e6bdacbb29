"""The table of scores."""

from typing import get_args

from transfer_report.records.analysis import Metric
from transfer_report.report.tables.test_set import SCORES

ELSEWHERE = {"accuracy", "balanced_accuracy"}
"""Accuracy stands in the tables of conditions, balanced accuracy in report.json."""


def test_every_metric_has_a_column_or_stands_elsewhere():
    assert set(SCORES) | ELSEWHERE == set(get_args(Metric))
