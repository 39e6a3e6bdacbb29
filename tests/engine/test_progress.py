import pytest

from transfer_report.engine.pipeline import Stage
from transfer_report.engine.progress import Durations, Running, clock
from transfer_report.progress import StageProgress, parse_progress


def test_a_training_says_how_far_it_is():
    line = "fine_tuning/a, seed 0: epoch 3 of 5: loss 0.412, validation 0.500, accuracy 0.812; 42 s left"
    assert parse_progress(line) == StageProgress("epoch", 3, 5, 42.0)
    assert parse_progress("few_test_images (2), such as normal: 12") is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (60, "1 min 00 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 00 min"),
        (7800, "2 h 10 min"),
    ],
)
def test_durations_for_people(seconds, text):
    assert clock(seconds) == text


def stage(name):
    return Stage(name, frozenset(), alone=False)


def test_of_kinds_that_nothing_is_known_of_the_rest_takes_at_least_so_long():
    durations = Durations()
    durations.add(stage("plan"), 1)
    assert durations.left([stage("fine_tune@a")], {}, 2) == (0, False)
    durations.add(stage("fine_tune@b"), 100)
    assert durations.left([stage("fine_tune@a")], {}, 2) == (100, True)
    assert durations.left([stage("fine_tune@a"), stage("linear_probe@a")], {}, 2) == (100, False)


def test_a_training_that_runs_says_how_long_its_like_take():
    waiting, running = [stage("fine_tune@b")], {stage("fine_tune@a"): Running(20, 60)}
    assert Durations().left(waiting, running, 1) == (60 + 80, True)


def test_the_rest_takes_as_long_as_its_like_did():
    durations = Durations()
    durations.add(stage("fine_tune@a"), 90)
    durations.add(stage("fine_tune@b"), 110)
    durations.add(stage("report"), 10)
    waiting = [stage(f"fine_tune@{name}") for name in "cde"] + [stage("report")]
    # Three of 100 s and 50 s of one that runs, two at once; the report after all of them.
    assert durations.left(waiting, {stage("fine_tune@f"): Running(50, None)}, 2).seconds == pytest.approx(350 / 2 + 10)
    assert durations.left([], {stage("fine_tune@f"): Running(500, None)}, 2).seconds == 0
