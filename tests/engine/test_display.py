"""What is told where there is no terminal."""

import pytest

from transfer_report.engine.display import Display
from transfer_report.engine.pipeline import Stage
from transfer_report.engine.schedule import Schedule


@pytest.fixture
def display():
    names = ("plan", "train@a", "train@b")
    return Display(Schedule({name: Stage(name, frozenset(), alone=False) for name in names}, 2))


def test_a_stage_is_named_once_and_its_error_told_once(display, capsys):
    display.heard("plan", "plan: this edit changes the settings of no condition")
    display.heard("train@a", "error: diverged")
    display.failed("train@a", "diverged")
    told = "plan: this edit changes the settings of no condition\ntrain@a: failed: diverged\n"
    assert capsys.readouterr().out == told


def test_the_end_counts_what_there_was(display):
    assert display.summary() == "0 stages ran"
    display.skipped("plan", "unchanged")
    assert display.summary() == "0 stages ran, 1 unchanged"
    display.ran("train@a", 1.0)
    display.skipped("train@b", "restored")
    assert display.summary() == "1 stage ran, 1 restored from DVC's cache, 1 unchanged"


def test_how_long_to_go_is_told_from_the_first_epoch_on(display, capsys):
    display.started("train@a", "")
    display.heard("train@a", "train/a, seed 0: epoch 1 of 5: loss 0.4, validation 0.5, accuracy 0.8; 40 s left")
    display.skipped("plan", "unchanged")
    display.schedule.done.add("plan")
    display.ran("plan", 1.0)
    # 40 s of this one and another of its kind, at one place.
    assert capsys.readouterr().out.splitlines()[-1] == "plan: done in 1 s (1 of 3, about 1 min 20 s to go)"
