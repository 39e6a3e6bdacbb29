"""Several commands of this machine at once."""

import os
import sys
from time import monotonic, sleep
from types import SimpleNamespace

from transfer_report.engine.pipeline import Command
from transfer_report.engine.runners import LocalRunner

COUNTS_REQUESTS = """
import signal, sys, time
heard = []
signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
print("up", flush=True)
while not heard:
    time.sleep(0.01)
time.sleep(float(sys.argv[1]))
print(f"asked {len(heard)} times", flush=True)
"""


def test_all_are_asked_to_stop_once(tmp_path):
    """A training that is asked for the second time stops in the middle of its epoch."""
    runner = LocalRunner(tmp_path)
    for name, seconds in (("short", "0.1"), ("long", "0.6")):
        command = Command([sys.executable, "-c", COUNTS_REQUESTS, seconds], str(tmp_path), dict(os.environ))
        runner.start(SimpleNamespace(name=name, alone=False), command)
    logs = [tmp_path / "short.log", tmp_path / "long.log"]
    deadline = monotonic() + 30
    while not all(log.read_text() for log in logs):
        assert monotonic() < deadline
        sleep(0.02)
    runner.stop()
    assert [log.read_text().splitlines()[1:] for log in logs] == [["asked 1 times"]] * 2
