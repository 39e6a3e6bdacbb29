from itertools import pairwise

import numpy as np
import pytest

from transfer_report.analysis.tables import TableGroup
from transfer_report.figures.curves import curves, mean_over_seeds, over_seeds


def test_a_table_has_the_same_axes_throughout(evidence, runs, wording):
    drawn = curves(TableGroup(1, [evidence.tables[0]]), runs, wording)
    axes = drawn.figure.axes
    assert len(axes) == 2 * len(evidence.tables[0].conditions)
    for row in (axes[: len(axes) // 2], axes[len(axes) // 2 :]):
        assert len({one.get_ylim() for one in row}) == 1


def test_chosen_epochs_are_marked_and_told(evidence, runs, wording):
    drawn = curves(TableGroup(1, [evidence.tables[0]]), runs, wording)
    marks = [line for line in drawn.figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in marks] == [run.history.best_epoch for run in runs.conditions[0].runs]
    assert sum(int(row[-1]) for row in drawn.rows[:5]) == len(runs.conditions[0].runs)


def test_runs_that_stopped_early_leave_the_mean_to_the_others(runs):
    member = runs.conditions[0]
    short = member.runs[0].history.model_copy(update={"epochs": member.runs[0].history.epochs[:2]})
    cut = member.model_copy(update={"runs": [member.runs[0].model_copy(update={"history": short}), *member.runs[1:]]})
    values = over_seeds(cut, "val", "loss")
    assert np.isnan(values[0, 2:]).all()
    assert mean_over_seeds(cut, "val", "loss")[4] == pytest.approx(np.mean(values[1:, 4]))


def test_values_lie_under_their_epochs(evidence, runs, wording):
    panel = curves(TableGroup(1, [evidence.tables[0]]), runs, wording).panels[0]
    assert panel.places == sorted(panel.places)
    assert panel.left < panel.places[0] < panel.places[-1] < panel.right
    assert all(len(values) == len(panel.x) for values in panel.series.values())


def test_the_alternative_text_tells_extremes(evidence, runs, wording):
    alt = curves(TableGroup(1, [evidence.tables[0]]), runs, wording).alt
    highest = mean_over_seeds(runs.conditions[0], "val", "accuracy").max()
    assert wording.printer.text(float(highest), "percent") in alt


@pytest.mark.parametrize(("factor", "scale"), [(0.99, "linear"), (1.01, "log")])
def test_a_loss_that_towers_over_the_others_makes_all_axes_logarithmic(evidence, runs, wording, factor, scale):
    keys = evidence.tables[0].conditions
    members = [member for member in runs.conditions if member.condition in keys]
    lowest = min(np.nanmax(over_seeds(member, split, "loss")) for member in members for split in ("train", "val"))
    changed = runs.model_copy(deep=True)
    run = next(member for member in changed.conditions if member.condition == keys[0]).runs[0]
    run.history.epochs[0] = run.history.epochs[0].model_copy(update={"val_loss": float(100 * factor * lowest)})
    axes = curves(TableGroup(1, [evidence.tables[0]]), changed, wording).figure.axes
    assert {one.get_yscale() for one in axes[len(axes) // 2 :]} == {scale}
    words = {text.get_text() for one in axes for text in one.texts}
    assert ("Cross-entropy loss, logarithmic" in words) == (scale == "log")


def test_titles_of_many_conditions_do_not_meet(evidence, runs, wording):
    keys = (evidence.tables[0].conditions * 7)[:7]
    drawn = curves(TableGroup(1, [evidence.tables[0].model_copy(update={"conditions": keys})]), runs, wording)
    drawn.figure.draw_without_rendering()
    boxes = [axes._left_title.get_window_extent() for axes in drawn.figure.axes[:7]]
    assert any("\n" in axes.get_title(loc="left") for axes in drawn.figure.axes[:7])
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert max(box.y1 for box in boxes) <= drawn.figure.bbox.y1
