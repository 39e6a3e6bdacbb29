import pytest

from transfer_report.engine.pipeline import Stage
from transfer_report.engine.schedule import Schedule


def stages(**needs):
    """Stages in order; a name with a `!` must be alone."""
    return {
        name.rstrip("_"): Stage(name.rstrip("_"), frozenset(needs[name]), alone=name.endswith("_")) for name in needs
    }


@pytest.fixture
def schedule():
    return Schedule(stages(data=[], plan=["data"], one=["plan"], two=["plan"], three=["plan"], sum=["one", "two"]), 2)


def start_all(schedule):
    return list(iter(schedule.next, None))


def finish(schedule, *names):
    for name in names:
        schedule.succeed(name)


def test_shared_stages_come_first_and_the_others_fill_the_places(schedule):
    assert start_all(schedule) == ["data"]
    finish(schedule, "data")
    assert start_all(schedule) == ["plan"]
    finish(schedule, "plan")
    assert start_all(schedule) == ["one", "two"]
    finish(schedule, "two")
    assert start_all(schedule) == ["three"]
    finish(schedule, "one")
    assert start_all(schedule) == ["sum"]
    finish(schedule, "three", "sum")
    assert schedule.finished


def test_a_failure_skips_what_needs_it_and_nothing_else(schedule):
    for name in ("data", "plan"):
        start_all(schedule)
        finish(schedule, name)
    assert start_all(schedule) == ["one", "two"]
    schedule.fail("one", "diverged")
    assert schedule.skipped == {"sum": "one"}
    assert start_all(schedule) == ["three"]
    finish(schedule, "two", "three")
    assert schedule.finished
    assert schedule.failed == {"one": "diverged"}


def test_a_failure_reaches_all_that_follow_from_it(schedule):
    start_all(schedule)
    schedule.fail("data", "no images")
    assert list(schedule.skipped) == ["plan", "one", "two", "three", "sum"]
    assert schedule.finished


def test_one_that_must_be_alone_is_first_and_has_no_company():
    schedule = Schedule(stages(data=[], timing_=[], plan=["data"]), 4)
    assert start_all(schedule) == ["timing"]
    finish(schedule, "timing")
    assert start_all(schedule) == ["data"]


def test_one_that_must_be_alone_waits_for_those_that_run():
    schedule = Schedule(stages(data=[], plan=["data"], timing_=["data"], last=["plan"]), 4)
    start_all(schedule)
    finish(schedule, "data")
    assert start_all(schedule) == ["timing"]
    finish(schedule, "timing")
    assert start_all(schedule) == ["plan"]
