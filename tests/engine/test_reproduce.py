"""Several stages at once end as `dvc repro` ends: a pipeline of small files, run by the real DVC."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest
from tests.engine.toy import TRAININGS
from tests.processes import wait_until

from transfer_report.engine.pipeline import Pipeline
from transfer_report.errors import UserError

pytestmark = pytest.mark.dvc

TRAIN = [f"train@{name}" for name in TRAININGS]


@pytest.mark.parametrize("jobs", [1, 4])
def test_the_same_bytes_as_dvc_repro(toy, run, plain, jobs):
    result, display = run(jobs)
    assert not result.failed
    assert display.counts == {"ran": 9, "restored": 0, "unchanged": 0}
    assert toy.bytes() == plain
    assert toy.run("dvc", "status").stdout.strip() == "Data and pipelines are up to date."


def test_nothing_runs_twice(toy, run, plain):
    run()
    result, display = run()
    assert not result.failed
    assert display.counts == {"ran": 0, "restored": 0, "unchanged": 9}
    assert toy.bytes() == plain


def test_results_come_from_the_run_cache(toy, run, plain):
    run()
    toy.run("rm", "-r", "results", "dvc.lock")
    _, display = run()
    # DVC keeps no run of a stage that depends on nothing.
    assert display.counts == {"ran": 2, "restored": 7, "unchanged": 0}
    assert toy.bytes() == plain


def test_a_new_stage_stands_in_the_lock_file_where_dvc_repro_puts_it(toy, run, tmp_path):
    run()
    twin = toy.copy(tmp_path / "twin")
    for each in (toy, twin):
        each.write_pipeline(names=("new", *TRAININGS))
    twin.run("dvc", "repro")
    run()
    assert toy.bytes() == twin.bytes()


def test_several_rounds_end_alike(toy, run, plain):
    for _ in range(2):
        toy.run("rm", "-rf", "results", "dvc.lock", ".dvc/cache")
        result, display = run(4)
        assert (result.failed, display.counts["ran"]) == ({}, 9)
        assert toy.bytes() == plain


def test_a_failing_stage_leaves_the_others_alone(toy, run, capsys):
    toy.write_pipeline(broken="c")
    result, display = run()
    assert list(result.failed) == ["train@c"]
    assert result.skipped == {"sum": "train@c"}
    assert display.counts["ran"] == 7
    assert "train@c: failed: c diverged" in capsys.readouterr().out
    toy.write_pipeline()
    result, display = run()
    assert not result.failed
    assert display.counts == {"ran": 2, "restored": 0, "unchanged": 7}


def test_a_stage_that_writes_not_what_it_should_fails_alone(toy, run):
    toy.write_pipeline(silent="b")
    result, _ = run()
    assert list(result.failed) == ["train@b"]
    assert "output 'results/runs/b' does not exist" in result.failed["train@b"]


def test_only_what_is_wanted_runs(toy, run):
    run(targets=["train@b"])
    assert [file.name for file in sorted((toy.folder / "results/runs").iterdir())] == ["b"]
    with pytest.raises(UserError, match=r"dvc\.yaml: no stage 'trian'; did you mean 'train'"):
        run(targets=["trian"])


def test_without_git_it_says_how_to_begin(toy, run):
    toy.run("rm", "-rf", ".git")
    with pytest.raises(UserError, match=r"no git repository here; `git init && git add --all && git commit"):
        run()


def test_no_more_run_at_once_than_are_allowed(toy, run):
    toy.write_pipeline(counted=True, seconds=3)  # long enough for three to begin, also on a busy machine
    run(3)
    counts = [int(line) for line in (toy.folder / "running.log").read_text().split()]
    assert max(counts) == 3


def test_a_dvc_at_work_is_waited_for(toy, run, plain):
    """Another process holds the files for a while: the run says so, waits, and ends well."""
    # What `dvc repro` files first, so that the order in dvc.lock is the same whoever reads it first.
    holder = subprocess.Popen(["dvc", "repro", "--quiet", "plan"], cwd=toy.folder)
    held = toy.folder / ".dvc/tmp/rwlock"
    while holder.poll() is None and (not held.exists() or held.read_text() in ("", "{}")):
        sleep(0.01)
    result, _ = run()
    assert holder.wait() == 0
    assert not result.failed
    assert toy.bytes() == plain


def test_another_dvc_finds_the_files_busy_and_the_lock_free(toy):
    pipeline = Pipeline(Path())
    with pipeline.held():
        assert "busy" in toy.run("dvc", "repro", "plan", check=False).stderr
        assert toy.run("dvc", "metrics", "show", check=False).returncode == 0


@pytest.mark.parametrize("content", ["", '{"write": ', '{"a": {}}'])
@pytest.mark.parametrize("record", ["dvc.lock", ".dvc/tmp/rwlock"])
def test_half_a_record_of_dvc_is_named_with_what_helps(toy, record, content):
    (toy.folder / ".dvc/tmp").mkdir(exist_ok=True)
    (toy.folder / record).write_text(content)
    with pytest.raises(UserError, match="transfer-report verify --remove"), Pipeline(Path()).held():
        pass


PROGRAM = """
import sys
from pathlib import Path
from transfer_report.engine import session
from transfer_report.engine.session import Session, run_session
class Settings:
    device = "cpu"
session.load_params = Settings
session.check_data_path = session.check_external = lambda params: None
if __name__ == "__main__":
    sys.exit(run_session(Session(jobs="4")))
"""


@pytest.fixture
def program(toy):
    """The command, in a process of its own."""
    source = Path(__file__).parents[2] / "src"

    def program():
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=toy.folder, env={**os.environ, "PYTHONPATH": str(source)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    return program


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_stops_all_and_says_how_to_go_on(toy, program, run, plain, number):
    toy.write_pipeline(hanging=True)
    process = program()
    wait_until(lambda: len(toy.hanging()) == 4)
    process.send_signal(number)
    told, _ = process.communicate(timeout=50)
    assert process.returncode == 130
    assert "Stopped: 2 stages ran" in told
    assert "the same command goes on from here" in told
    assert not toy.hanging()
    toy.write_pipeline()
    result, _ = run()
    assert not result.failed
    assert toy.bytes() == plain


def test_an_edit_on_the_way_is_told(toy, program):
    process = program()
    wait_until(lambda: list(toy.folder.glob("running.?")))
    (toy.folder / "params.yaml").write_text("seed: 1\n")
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "params.yaml was edited meanwhile; the same command runs what that concerns." in told


def test_a_killed_run_leaves_nothing_behind_that_hurts(toy, program, run, plain):
    toy.write_pipeline(hanging=True)
    process = program()
    wait_until(lambda: len(toy.hanging()) == 4)
    process.kill()
    process.communicate()
    wait_until(lambda: not toy.hanging(), 20)
    toy.write_pipeline()
    result, _ = run()
    assert not result.failed
    assert toy.bytes() == plain
