"""Stages as tasks of two workers in clones of their own end as `dvc repro` alone ends: real Dask, real DVC remotes."""

import os
import re
import signal
import sys
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic, sleep
from unittest.mock import Mock

import pytest
from tests.engine.toy import TRAININGS

from transfer_report.engine.cluster import ClusterRunner
from transfer_report.engine.pipeline import Command, Pipeline, Stage
from transfer_report.engine.schedulers import client_of_address, client_of_cluster
from transfer_report.errors import UserError

SOURCE = Path(__file__).parents[2] / "src"
# A library of Dask's, and sockets that end with the process.
pytestmark = [
    pytest.mark.dvc,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def environment():
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(SOURCE)}


@pytest.fixture
def shared(toy, tmp_path):
    """The toy with a folder as its remote, named in its committed settings."""
    toy.run("dvc", "remote", "add", "--default", "store", str(tmp_path / "store"))
    return toy


@pytest.fixture
def address(start, tmp_path):
    """Of a scheduler that was started for the test."""
    arguments = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
    scheduler = start("distributed.cli.dask_scheduler", *arguments, folder=tmp_path, **environment())
    return wait_for_line(scheduler, r"Scheduler at:\s+(tcp://\S+)")


@pytest.fixture
def worker(start, address):
    """Starts a worker in a clone, as people do."""

    def worker(clone, name):
        arguments = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
        process = start("distributed.cli.dask_worker", address, *arguments, folder=clone.folder, **environment())
        wait_for_line(process, r"(Registered to)")
        return process

    return worker


def wait_for_line(process, pattern, seconds=60):
    lines = Queue()
    Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True).start()
    deadline, seen = monotonic() + seconds, []
    while monotonic() < deadline:
        try:
            seen.append(lines.get(timeout=0.5))
        except Empty:
            continue
        if match := re.search(pattern, seen[-1]):
            return match[1]
    raise AssertionError("".join(seen))


def through(address, run):
    """Run the pipeline of the present folder on the workers of a scheduler."""
    pipeline = Pipeline(Path())
    with client_of_address(address) as client:
        workers = ClusterRunner(client, pipeline, uses_cards=False, own_clones=True)
        return run(elsewhere=workers, pull=True, pipeline=pipeline)


def trained_by(clone):
    return sorted(log.stem.removeprefix("train@") for log in (clone.folder / ".cache/logs").glob("train@*.log"))


def test_two_workers_in_clones_of_their_own(shared, run, worker, address, plain, tmp_path, capsys):
    clones = [shared.copy(tmp_path / name) for name in ("first", "second")]
    for clone in clones:
        worker(clone, clone.folder.name)
    result, display = through(address, run)
    assert not result.failed
    assert display.counts == {"ran": 9, "restored": 0, "unchanged": 0}
    assert shared.bytes() == plain
    assert sorted(trained_by(clones[0]) + trained_by(clones[1])) == sorted(TRAININGS)
    assert not trained_by(shared)
    told = capsys.readouterr().out
    assert re.search(r"worker first \(.*\) takes part", told)
    # What is known is not computed again, here or elsewhere: from a clone that has nothing but the remote.
    fresh = shared.copy(tmp_path / "fresh")
    fresh.run("rm", "-rf", "results", "dvc.lock", ".dvc/cache")
    os.chdir(fresh.folder)
    _, display = run(pull=True)
    # The head's own stages after the trainings are its own to push; DVC keeps no run of one that depends on nothing.
    assert display.counts == {"ran": 3, "restored": 6, "unchanged": 0}
    assert fresh.bytes() == plain


def test_a_killed_workers_stage_runs_elsewhere(shared, run, worker, address, plain, tmp_path):
    clones = [shared.copy(tmp_path / name) for name in ("first", "second")]
    (clones[0].folder / "how_seconds").write_text("600\n")
    lost = worker(clones[0], "first")
    worker(clones[1], "second")

    def kill():
        deadline = monotonic() + 60
        while not trained_by(clones[0]) and monotonic() < deadline:
            sleep(0.05)
        sleep(0.3)
        lost.send_signal(signal.SIGKILL)

    killer = Thread(target=kill)
    killer.start()
    result, _ = through(address, run)
    killer.join()
    assert not result.failed
    assert shared.bytes() == plain
    assert len(trained_by(clones[0])) == 1
    assert set(trained_by(clones[0])) < set(trained_by(clones[1]))


def test_a_worker_with_other_code_is_refused_by_name(shared, run, worker, address, plain, tmp_path, capsys):
    good, other = (shared.copy(tmp_path / name) for name in ("good", "other"))
    (other.folder / "src").mkdir()
    (other.folder / "src/model.py").write_text("LAYERS = 3\n")
    worker(other, "other")
    worker(good, "good")
    result, _ = through(address, run)
    assert not result.failed
    assert shared.bytes() == plain
    assert trained_by(other) == []
    assert re.search(r"worker other \(.*\) is refused: other code in src/model.py", capsys.readouterr().out)


def test_a_failure_elsewhere_is_told_as_one_here(shared, run, worker, address, tmp_path):
    shared.write_pipeline(broken="c")
    worker(shared.copy(tmp_path / "clone"), "only")
    result, display = through(address, run)
    assert result.failed == {"train@c": "c diverged"}
    assert result.skipped == {"sum": "train@c"}
    assert display.counts["ran"] == 7


def test_workers_of_this_machine_make_their_clones(shared, run, plain, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    monkeypatch.setenv("PATH", environment()["PATH"])
    pipeline = Pipeline(Path())
    with client_of_cluster("local", 2) as client:
        workers = ClusterRunner(client, pipeline, uses_cards=False, own_clones=False)
        result, _ = run(elsewhere=workers, pull=True, pipeline=pipeline)
    assert not result.failed
    assert shared.bytes() == plain
    assert sorted(each.name for each in (shared.folder / ".cache/workers").iterdir()) == ["0", "1"]


def test_a_remote_on_s3(toy, run, worker, address, tmp_path, start, monkeypatch):
    toy.write_pipeline(names=("a", "b"))
    twin = toy.copy(tmp_path / "twin")
    twin.run("dvc", "repro")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tester")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tester")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = start("moto.server", "-H", "127.0.0.1", "-p", "0", folder=tmp_path, **environment())
    endpoint = wait_for_line(server, r"Running on (http://\S+)")
    import boto3

    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="study")
    toy.run("dvc", "remote", "add", "--default", "store", "s3://study/results")
    toy.run("dvc", "remote", "modify", "store", "endpointurl", endpoint)
    clone = toy.copy(tmp_path / "clone")
    worker(clone, "only")
    result, _ = through(address, run)
    assert not result.failed
    assert toy.bytes() == twin.bytes()
    assert trained_by(clone) == ["a", "b"]


@pytest.mark.usefixtures("toy")
def test_no_remote_is_told():
    with pytest.raises(UserError, match=r"no default DVC remote.*dvc remote add --default"):
        Pipeline(Path()).remote()


def test_a_remote_that_cannot_be_reached_is_told(toy, run, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tester")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tester")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    toy.run("dvc", "remote", "add", "--default", "store", "s3://study/results")
    toy.run("dvc", "remote", "modify", "store", "endpointurl", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"remote 'store' \(s3://study/results\) does not answer.*127.0.0.1:9"):
        run(pull=True)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("tcp://127.0.0.1:9", "Timed out"),
        ("head", "missing port number"),
        ("http://head:8786", "unknown address scheme 'http'"),
    ],
)
def test_a_scheduler_that_is_not_there_is_told(monkeypatch, address, why):
    monkeypatch.setattr("transfer_report.engine.schedulers.SCHEDULER_SECONDS", 1)
    with (
        pytest.raises(UserError, match=rf"--scheduler {address}: no scheduler answers \({why}"),
        client_of_address(address),
    ):
        pass


def test_a_kind_of_cluster_that_there_is_not():
    with pytest.raises(UserError, match="did you mean 'slurm'"), client_of_cluster("slurmm", 1):
        pass


def test_trials_that_are_known_go_with_stages_that_try_values(tmp_path, monkeypatch):
    client, pipeline = Mock(), Mock(ancestors=Mock(return_value=[]))
    runner = ClusterRunner(client, pipeline, uses_cards=False, own_clones=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cache/trials").mkdir(parents=True)
    (tmp_path / ".cache/trials/known.json").write_text("{}")
    for name in ("tune_fine_tuning@net-100", "fine_tune@net-0"):
        runner.start(Stage(name, frozenset(), alone=False), Command([], "", {}))
    sent = [call.args[1].files for call in client.submit.call_args_list]
    assert sent == [{".cache/trials/known.json": b"{}"}, {}]
