"""Work on many rows by all cores, in processes forked from this one, which write into arrays that lie in mapped files.

Threads would wait for each other: for a small image, each takes Python's lock many times a millisecond. The standard
library's ProcessPoolExecutor, sometimes hangs when its processes are killed.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from transfer_report.errors import UserError
from transfer_report.interruption import SIGNALS, end_with_parent

FEW_ROWS = 64
"""So few are done in threads: processes take some hundredths of a second to start."""
MOST_ROWS = 64
"""Rows in a range: enough that handing it out costs nothing."""
LEAST_RANGES = 8
"""So many ranges for each process, where rows are few: then all processes end at nearly the same time."""

Work = Callable[[range], object]


def on_all_cores(work: Work, count: int, after: Callable[[int], object]) -> None:
    """Have every row worked on, range by range, side by side.

    Args:
        work: does the rows of a range; what it changes in memory that is not shared is lost.
        count: rows are 0…count - 1.
        after: called here with the length of each range that is done.

    Raises:
        UserError: a process was ended from outside.
        Exception: what `work` raised, for the first of the ranges for which it did.
    """
    if count > FEW_ROWS and sys.platform == "linux":  # elsewhere libraries of the system do not bear forking
        cores = len(os.sched_getaffinity(0))
        _in_processes(work, _ranges(count, count // (LEAST_RANGES * cores)), cores, after)
    else:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(work, _ranges(count, 1)):
                after(1)


def _ranges(count: int, step: int) -> Iterator[range]:
    step = min(max(step, 1), MOST_ROWS)
    return (range(start, min(start + step, count)) for start in range(0, count, step))


def _in_processes(work: Work, ranges: Iterator[range], count: int, after: Callable[[int], object]) -> None:
    given: dict[Connection, range] = {}
    errors: dict[int, Exception] = {}
    with _workers(work, count) as workers:
        waiting = list(workers)
        while True:
            # After an error nothing more starts; earlier work may hold an earlier error, which is then reported.
            while waiting and not errors and (rows := next(ranges, None)):
                pipe = waiting.pop()
                with suppress(BrokenPipeError):  # its process has ended, which waiting for an answer tells
                    pipe.send(rows)
                given[pipe] = rows
            if not given:
                break
            wait(list(given))
            for pipe in [pipe for pipe in given if pipe.poll()]:
                rows = given.pop(pipe)
                try:
                    error = pipe.recv()
                except (EOFError, OSError):
                    raise UserError(_lost(workers[pipe])) from None
                if error:
                    errors[rows.start] = error
                else:
                    after(len(rows))
                waiting.append(pipe)
    if errors:
        raise errors[min(errors)]


@contextmanager
def _workers(work: Work, count: int) -> Iterator[dict[Connection, ForkProcess]]:
    """Processes that wait for ranges at the other end of a pipe; killed at the end, whatever that is."""
    context = get_context("fork")
    workers: dict[Connection, ForkProcess] = {}
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(work, theirs, os.getpid()), daemon=True)
            # A signal before the process has its own handlers would reach those of this one.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
            try:
                process.start()
                workers[ours] = process  # known before a signal is heard: whoever is not known is not killed
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
        yield workers
    finally:
        for process in workers.values():
            process.kill()
        for pipe, process in workers.items():
            process.join()
            pipe.close()


def _serve(work: Work, pipe: Connection, parent: int) -> None:
    """Worker loop: receive a range, process it, report success or the exception."""
    for number in SIGNALS:  # Ctrl-C reaches all processes of a terminal: the parent receives it and ends this one
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    end_with_parent(parent)
    while True:
        rows = pipe.recv()
        try:
            work(rows)
            pipe.send(None)
        except Exception as error:
            error.add_note(traceback.format_exc())  # which a pipe does not carry
            pipe.send(error)


def _lost(process: ForkProcess) -> str:
    process.join()
    return (
        f"a process that reads images was ended from outside (exit code {process.exitcode}), as a system out of "
        "memory does it; end other programs, or have fewer such processes: taskset --cpu-list 0 dvc repro"
    )
