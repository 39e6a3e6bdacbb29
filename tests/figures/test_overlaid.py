import numpy as np
import pytest

from transfer_report.figures.curves import mean_over_seeds
from transfer_report.figures.overlaid import overlaid_curves


@pytest.fixture
def sides(runs):
    return ("before", runs.conditions[0]), ("after", runs.conditions[1])


def test_both_revisions_are_drawn_over_each_other(sides, wording):
    axes = overlaid_curves(*sides, "curves-x", wording).figure.axes
    for one, measure in zip(axes, ("accuracy", "loss"), strict=True):
        for line, (_, condition) in zip(one.lines, sides, strict=True):
            np.testing.assert_allclose(line.get_ydata(), mean_over_seeds(condition, "val", measure))


def test_the_data_of_each_epoch_is_told_for_both(sides, wording):
    drawn = overlaid_curves(*sides, "curves-x", wording)
    assert [set(panel.series) for panel in drawn.panels] == [{"before", "after"}] * 2
    epochs = sides[0][1].runs[0].history.epochs
    assert [row[0] for row in drawn.rows] == [str(one.epoch) for one in epochs]
