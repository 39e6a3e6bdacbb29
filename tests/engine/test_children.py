import os
import sys
from time import monotonic, sleep

import pytest
from tests import processes

from transfer_report.engine.children import Child
from transfer_report.engine.pipeline import Command


@pytest.fixture
def start(tmp_path):
    children = []

    def start(code, **environment):
        command = Command([sys.executable, "-c", code], str(tmp_path), dict(os.environ))
        children.append(Child(command, tmp_path / "logs/child.log", environment))
        return children[-1]

    yield start
    for child in children:
        child.stop(patience=0)


def wait(child, seconds=30):
    deadline = monotonic() + seconds
    while child.exit_code() is None and monotonic() < deadline:
        sleep(0.02)
    return child.exit_code()


def wait_for_line(child, seconds=30):
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        if lines := child.new_lines():
            return lines
        sleep(0.02)
    raise AssertionError("it wrote nothing")


def test_lines_are_told_once_and_whole(start):
    child = start("import os; print('one'); print('two', end='')")
    assert wait(child) == 0
    assert child.new_lines() == ["one", "two"]
    assert child.new_lines() == []


def test_an_environment_of_its_own(start):
    child = start("import os; print(os.environ['CUDA_VISIBLE_DEVICES'])", CUDA_VISIBLE_DEVICES="GPU-1")
    wait(child)
    assert child.new_lines() == ["GPU-1"]


def test_why_it_failed_is_its_own_message(start):
    child = start("import sys; print('working'); sys.exit('error: params.yaml: lr: too high')")
    assert wait(child) == 1
    assert child.why_it_failed() == "params.yaml: lr: too high"


def test_a_message_of_several_lines_is_told_whole(start):
    child = start("import sys; print('working'); sys.exit('error: claims.yaml: 2 mistakes:\\n  one\\n  two')")
    wait(child)
    assert child.why_it_failed() == "claims.yaml: 2 mistakes:\n  one\n  two"


def test_why_it_failed_is_the_end_of_its_output_where_it_has_no_message(start):
    child = start("import os; print('working', flush=True); os.kill(os.getpid(), 9)")
    assert wait(child) == -9
    assert child.why_it_failed() == f"ended by signal 9; its last lines ({child.log}):\nworking"


def test_stopping_ends_what_it_started_as_well(start, tmp_path):
    held = tmp_path / "held"
    child = start(
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, {processes.__file__!r}, {str(held)!r}])\n"
        "time.sleep(60)"
    )
    processes.wait_until(lambda: held.exists() and processes.holder(held), 30)
    child.stop()
    processes.wait_until(lambda: not processes.holder(held), 30)
    assert processes.holder(held) is None


def test_one_that_will_not_end_is_killed(start):
    child = start("import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)")
    wait_for_line(child)
    child.stop(patience=0.2)
    assert child.exit_code() == -9
