import subprocess
import sys
from pathlib import Path

import pytest
from tests.engine.toy import Toy

from transfer_report.engine.display import Display
from transfer_report.engine.pipeline import Pipeline
from transfer_report.engine.reproduce import run_pipeline
from transfer_report.engine.runners import LocalRunner
from transfer_report.engine.schedule import Schedule


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """The bytes that a plain `dvc repro` of the toy pipeline ends with."""
    toy = Toy.make(tmp_path_factory.mktemp("plain") / "checkout")
    toy.run("dvc", "repro")
    return toy.bytes()


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A fresh checkout of the toy pipeline, in which the test stands."""
    toy = Toy.make(tmp_path / "checkout")
    monkeypatch.chdir(toy.folder)
    return toy


@pytest.fixture
def run():
    """Runs the pipeline of the present folder; gives its result and what was shown."""

    def run(jobs=4, *, targets=(), pull=False, elsewhere=None, pipeline=None):
        pipeline = pipeline or Pipeline(Path(), targets)
        schedule = Schedule(pipeline.stages, 100 if elsewhere else jobs)
        display = Display(schedule)
        here = LocalRunner(Path(".cache/logs"))
        return run_pipeline(pipeline, schedule, display, here, elsewhere, pull=pull), display

    return run


@pytest.fixture
def start():
    """Starts programs of this environment, which end with the test."""
    started = []

    def start(*command, folder, **environment):
        program = [sys.executable, "-m", *command]
        process = subprocess.Popen(
            program, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
