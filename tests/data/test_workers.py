import os
import signal
import subprocess
import sys
import time

import pytest

from transfer_report.data.workers import FEW_ROWS, on_all_cores
from transfer_report.errors import UserError
from transfer_report.files import scratch_array

MANY = 5 * FEW_ROWS
forking = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")


@pytest.mark.parametrize("count", [0, 1, FEW_ROWS, FEW_ROWS + 1, MANY])
def test_every_row_is_worked_on_once(tmp_path, count):
    rows, done = scratch_array((MANY,), "uint8", tmp_path), []

    def work(some):
        rows[some.start : some.stop] += 1

    on_all_cores(work, count, done.append)
    assert rows.tolist() == [1] * count + [0] * (MANY - count)
    assert sum(done) == count


@forking
def test_work_is_done_in_other_processes(tmp_path):
    workers = scratch_array((MANY,), "int64", tmp_path)

    def work(rows):
        workers[rows.start : rows.stop] = os.getpid()

    on_all_cores(work, MANY, lambda _: None)
    assert 0 not in workers
    assert os.getpid() not in workers


@pytest.mark.parametrize("count", [FEW_ROWS, MANY])
def test_of_several_errors_the_first_is_told(count):
    def work(rows):
        for row in rows:
            if row >= 10:
                time.sleep(0.02 if row < 12 else 0)
                raise UserError(f"image {row}")

    for _ in range(3):
        with pytest.raises(UserError, match=r"image 10$"):
            on_all_cores(work, count, lambda _: None)


@forking
def test_a_mistake_in_the_code_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError) as caught:
        on_all_cores(lambda rows: rows.start // 0, MANY, lambda _: None)
    assert "in <lambda>" in caught.value.__notes__[0]


@forking
def test_a_killed_worker_is_told():
    with pytest.raises(UserError, match=r"ended from outside \(exit code -9\)"):
        on_all_cores(lambda _: os.kill(os.getpid(), signal.SIGKILL), MANY, lambda _: None)


PARENT = """
import os, signal, sys, time
from transfer_report.data.workers import on_all_cores
from transfer_report.interruption import listen, interruptible
# A shell leaves SIGINT ignored in what it starts in the background, such as a run of the tests.
signal.signal(signal.SIGINT, signal.default_int_handler)
listen()
def work(rows):
    os.write(1, f"{os.getpid()}\\n".encode())
    time.sleep(60)
try:
    with interruptible():
        on_all_cores(work, 1000, print)
except KeyboardInterrupt:
    sys.exit("stopped")
"""


@forking
@pytest.mark.parametrize(
    ("number", "to_group", "told"),
    [(signal.SIGINT, True, "stopped\n"), (signal.SIGTERM, False, "stopped\n"), (signal.SIGKILL, False, "")],
)
def test_no_worker_outlives_its_parent(number, to_group, told):
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          start_new_session=True, env=os.environ | {"PYTHONPATH": "src"}) as parent:  # fmt: skip
        assert parent.stdout.readline()  # of a worker, which then sleeps for a minute
        (os.killpg if to_group else os.kill)(parent.pid, number)
        begun = time.monotonic()
        assert parent.stderr.read() == told  # at its end only: workers hold the pipe open, too
    assert time.monotonic() - begun < 30, "a worker was still there"


AS_IT_STARTS = """
from multiprocessing.context import ForkProcess
start = ForkProcess.start
def interrupted(process):
    start(process)
    os.kill(os.getpid(), signal.SIGINT)
ForkProcess.start = interrupted
"""


@forking
def test_an_interruption_while_workers_start_ends_them():
    program = PARENT.replace("listen()\n", f"listen()\n{AS_IT_STARTS}", 1)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False,
        env=os.environ | {"PYTHONPATH": "src"},
    )  # fmt: skip
    assert done.stderr == "stopped\n"
