"""A real `dvc repro` that is stopped goes on where it was, and ends with the bytes of one that was not."""

import random
import re
import signal

import pytest
from tests.pipeline.killing import (
    WAYS,
    at_work,
    mend_records,
    results_of,
    stage_seconds,
    start,
    stop,
    stopped_after,
    stopped_within,
    wait_for,
)

pytestmark = pytest.mark.dvc

LONG = {
    "epochs": 80,
    "seeds": {"fine_tuning": [0], "linear_probe": [0], "lp_ft": [0]},
    "conditions": {
        "fine_tuning": {"small-baseline": {"model": "small"}},
        "linear_probe": {"small-baseline": {"model": "small"}},
        "lp_ft": {"two-steps": {"model": "small", "head_epochs": 80}},
    },
}
RUN = "fine_tune@small-baseline-0"


@pytest.fixture(scope="session")
def long_study(finished_study, tmp_path_factory):
    """A small study whose runs take some seconds, before its training."""
    clone = finished_study.copy(tmp_path_factory.mktemp("long") / "checkout")
    clone.edit(**LONG)
    # Checkpoints from the first tenths of a second, as long runs have them after five.
    code = clone.folder / "src/transfer_report/training/checkpoints.py"
    code.write_text(code.read_text().replace("ASSUMED_SECONDS = 0.25", "ASSUMED_SECONDS = 0.01"))
    clone.run("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qam", "Long")
    return clone


def test_a_run_stopped_in_three_ways_goes_on_from_its_last_epoch(long_study, tmp_path):
    disturbed, undisturbed = long_study.copy(tmp_path / "one"), long_study.copy(tmp_path / "two")
    for number, whom in ((signal.SIGINT, "group"), (signal.SIGTERM, "stage"), (signal.SIGKILL, "dvc")):
        before = kept_bytes(disturbed)
        process = start(disturbed, RUN)
        wait_for(lambda before=before: kept_bytes(disturbed) - before)
        said = stop(disturbed, process, number, whom)
        if number == signal.SIGINT:
            kept = re.search(r"stopped\. fine_tuning/small-baseline, seed 0: (\d+) of 80 epochs are kept\.", said)[1]
            assert "To go on: dvc repro" in said
        if number == signal.SIGTERM:
            assert f"goes on after epoch {kept} of 80" in said
    assert "small-baseline, seed 0: goes on after epoch" in disturbed.run("dvc", "repro", RUN).stderr
    undisturbed.run("dvc", "repro", RUN)
    assert runs_of(disturbed) == runs_of(undisturbed)


def kept_bytes(clone):
    """The checkpoints of a study, as what tells them apart."""
    return {(file, file.stat().st_mtime_ns) for file in clone.folder.glob(".cache/checkpoints/*/state.pt")}


def runs_of(clone):
    return {file.name: file.read_bytes() for file in (clone.folder / "results/runs").rglob("*.*")}


def test_a_stage_stopped_before_it_began_ends_without_a_traceback(long_study, tmp_path):
    clone = long_study.copy(tmp_path / "checkout")
    process = start(clone, RUN)
    wait_for(lambda: at_work(clone, "fine_tune"))
    said = stop(clone, process, signal.SIGINT, "group")
    assert "Traceback" not in said
    assert "To go on: dvc repro" in said


@pytest.fixture(scope="module")
def undisturbed(long_study, tmp_path_factory):
    """The long study from nothing, let alone, and how long its stages worked."""
    clone = long_study.anew(tmp_path_factory.mktemp("undisturbed") / "checkout")
    return clone, stage_seconds(clone)


@pytest.mark.soak
def test_stopped_at_random_moments_within_each_stage(long_study, undisturbed, tmp_path):
    """Four moments in each, in four of the eight ways."""
    alone, seconds = undisturbed
    rng = random.Random(0)  # noqa: S311  # moments, no secrets
    disturbed = long_study.anew(tmp_path / "checkout")
    hits = {stage: stopped_within(disturbed, stage, 4, duration, rng) for stage, duration in seconds.items()}
    print(f"{sum(hits.values())} of {4 * len(hits)} moments found their stage at work: {hits}")
    assert sum(hits.values()) >= 2 * len(hits)
    ends_as(disturbed, alone)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2))
def test_stopped_again_and_again_at_random_moments(long_study, undisturbed, tmp_path, seed):
    """Eight moments, one in each way, until the ninth `dvc repro` is let alone."""
    rng = random.Random(seed)  # noqa: S311  # moments, no secrets
    disturbed = long_study.anew(tmp_path / "checkout")
    for number, whom in rng.sample(WAYS, len(WAYS)):
        seconds = rng.uniform(0.5, 12)
        said = stopped_after(disturbed, seconds, number, whom)
        print(f"{number.name} to {whom} after {seconds:.1f} s: {said.splitlines()[-1:]}")
        assert "Traceback" not in said, said
        mend_records(disturbed)
    ends_as(disturbed, undisturbed[0])


def ends_as(disturbed, alone):
    disturbed.repro()
    assert results_of(disturbed) == results_of(alone)
    assert not list(disturbed.folder.glob(".cache/checkpoints/*"))
    assert not list(disturbed.folder.rglob("*.part"))
