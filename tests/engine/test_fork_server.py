import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import transfer_report
from transfer_report.engine.children import Child
from transfer_report.engine.fork_server import can_fork
from transfer_report.engine.pipeline import Command

pytestmark = pytest.mark.dvc

ROOT = Path(str(transfer_report.__file__)).parents[2]


def command(line, folder=ROOT):
    return Command(["/bin/sh", "-c", line], str(folder), {**os.environ, "DVC_STAGE": "a stage"})


def training(folder=ROOT):
    return command("PYTHONPATH=src python -m transfer_report.stages linear_probe no-such-condition", folder)


def ended(child, seconds=60):
    deadline = time.monotonic() + seconds
    while child.exit_code() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return child.exit_code()


@pytest.fixture
def checkout(tmp_path):
    """The code and the pipeline in a folder of their own."""
    shutil.copytree(ROOT / "src/transfer_report", tmp_path / "src/transfer_report")
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "forks"),
    [
        ("PYTHONPATH=src python -m transfer_report.stages fine_tune resnet50-lr 0", True),
        ("PYTHONPATH=src python -m transfer_report.stages features mobilenet_v2", True),
        ("PYTHONPATH=src python -m transfer_report.stages report", False),
        ("PYTHONPATH=src python -m transfer_report.stages fine_tune $(whoami) 0", False),
        ("PYTHONPATH=src python -m transfer_report.stages fine_tune a 0; rm -r results", False),
        ("PYTHONPATH=other python -m transfer_report.stages fine_tune a 0", False),
        ("python train.py", False),
    ],
)
def test_which_commands_are_forked(line, forks):
    assert can_fork(command(line).arguments) is forks


def test_a_fork_is_told_apart_by_its_end_and_its_message(tmp_path):
    child = Child(training(), tmp_path / "a.log")
    assert ended(child) == 1
    assert child.why_it_failed().startswith("results/plan/linear_probe/no-such-condition.json: no such file")


def test_a_fork_is_stopped_like_any_other_process(tmp_path):
    child = Child(training(), tmp_path / "a.log")
    child.stop(patience=0)
    assert child.exit_code() in (-9, -15)


def test_the_code_of_another_checkout_is_run_by_its_own_command(tmp_path, checkout):
    stage = checkout / "src/transfer_report/stages/linear_probe.py"
    stage.write_text("import sys; sys.exit('error: the code of the other checkout')\n")
    child = Child(training(checkout), tmp_path / "a.log")
    assert ended(child) == 1
    assert child.why_it_failed() == "the code of the other checkout"


TWICE = """
import os, sys, time
from pathlib import Path
from transfer_report.engine.children import Child
from transfer_report.engine.pipeline import Command

def train(log):
    child = Child(Command(["/bin/sh", "-c", sys.argv[1]], os.getcwd(), dict(os.environ)), Path(log))
    while child.exit_code() is None:
        time.sleep(0.02)
    print(child.why_it_failed())

if __name__ == "__main__":
    train("first.log")
    Path("src/transfer_report/stages/linear_probe.py").write_text("import sys; sys.exit('error: changed')")
    train("second.log")
"""


def test_code_that_changed_since_it_was_imported_is_run_by_its_own_command(checkout):
    (checkout / "twice.py").write_text(TWICE)
    done = subprocess.run(
        [sys.executable, "twice.py", training().arguments[-1]],
        cwd=checkout, env={**os.environ, "PYTHONPATH": "src"}, text=True, capture_output=True, check=True,
    )  # fmt: skip
    first, second = done.stdout.splitlines()
    assert first.startswith("results/plan/linear_probe/no-such-condition.json: no such file")
    assert second == "changed"
