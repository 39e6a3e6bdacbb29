"""Stages as tasks of other machines, through Dask: settings go with the task, results come by the DVC remote."""

import os
from collections.abc import Iterable
from concurrent.futures import CancelledError
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any
from uuid import uuid4

from distributed.scheduler import KilledWorker

from transfer_report.engine.identity import identity
from transfer_report.engine.pipeline import Command, Pipeline, Stage
from transfer_report.engine.runners import Delivered, Ended, Event, Line, Notice, Started
from transfer_report.engine.worker import RESOURCE, THREAD_VARIABLES, Done, Job, TakesPart, run_job
from transfer_report.errors import UserError
from transfer_report.layout import HERE, PARAMS_FILE

WAIT_SECONDS = 60.0
"""How long there may be no worker before a message says it."""


class ClusterRunner:
    """Runs stages as tasks of Dask's workers."""

    def __init__(self, client: Any, pipeline: Pipeline, *, uses_cards: bool, own_clones: bool) -> None:
        """Ask the workers to take part.

        Args:
            client: of the scheduler.
            pipeline: the head's.
            uses_cards: whether a training takes a graphics card where there are some.
            own_clones: True if the workers run in clones of their own; else they make them next to the head's.

        Raises:
            UserError: a worker cannot even look whether it may take part.
        """
        self.client = client
        self.pipeline = pipeline
        self.uses_cards = uses_cards
        self.topic = f"transfer-report-{uuid4().hex}"
        self.remote = None if own_clones else pipeline.remote()
        self._queue: SimpleQueue[Event] = SimpleQueue()
        self._futures: dict[str, Any] = {}
        self._shared: set[str] = set()
        self._accepted = False
        self._asked = monotonic()
        client.subscribe_topic(self.topic, lambda event: self._hear(event[1]))
        project = None if own_clones else Path.cwd()
        try:
            client.register_plugin(TakesPart(self.topic, identity(Path()), project))
        except Exception as error:  # whatever happens on another machine
            raise UserError(
                f"a worker cannot take part: {error}; start workers in a clone of the project, in its environment, "
                "with PYTHONPATH=src"
            ) from error

    def start(self, stage: Stage, command: Command) -> None:  # noqa: ARG002  # the worker's DVC knows the command
        """Give a stage to whichever worker is free first, after what it reads was brought to the remote."""
        needs = self.pipeline.ancestors([stage.name])
        if missing := [name for name in needs if name not in self._shared]:
            self.pipeline.push(missing)
            self._shared.update(missing)
        self.pipeline.write_lock()
        job = Job(
            self.topic,
            stage.name,
            needs,
            {str(file): file.read_bytes() for file in _sent_with(stage) if file.exists()},
            {name: os.environ.get(name) for name in THREAD_VARIABLES},
            self.remote,
        )
        resources = {RESOURCE: 1} | ({"GPU": 1} if self.uses_cards and self._has_cards() else {})
        future = self.client.submit(run_job, job, key=f"{stage.name}-{uuid4().hex}", resources=resources)
        self._futures[stage.name] = future
        future.add_done_callback(lambda done: self._queue.put(_outcome(stage.name, done)))

    def events(self) -> list[Event]:
        """Return the workers' messages and the finished tasks."""
        events = list(_drain(self._queue))
        for event in events:
            if isinstance(event, Ended | Delivered):
                self._futures.pop(event.name, None)
            if isinstance(event, Delivered):
                self._shared.add(event.name)
        if self._futures and not self._accepted and monotonic() - self._asked > WAIT_SECONDS:
            self._asked = monotonic()
            events.append(Notice("no worker takes part yet; waiting for one"))
        return events

    def stop(self) -> None:
        """Give up all tasks and let the workers go."""
        self.client.cancel(list(self._futures.values()))
        self._futures.clear()
        self.client.unregister_worker_plugin(self.topic)
        self.client.close()

    def _has_cards(self) -> bool:
        workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        return any("GPU" in worker["resources"] for worker in workers)

    def _hear(self, message: dict[str, str]) -> None:
        match message:
            case {"accepted": where}:
                self._accepted = True
                self._queue.put(Notice(f"worker {where} takes part"))
            case {"refused": where, "why": why}:
                self._queue.put(Notice(f"worker {where} is refused: {why}"))
            case {"started": stage, "where": where}:
                self._queue.put(Started(stage, where))
            case {"line": line, "stage": stage}:
                self._queue.put(Line(stage, line))


def _sent_with(stage: Stage) -> list[Path]:
    """The files that a worker gets besides the stages' results; where values are tried, those that are known."""
    trials = HERE.trials.glob("*.json") if stage.kind.startswith("tune_") else ()
    return [PARAMS_FILE, HERE.lock, *sorted(trials)]


def _outcome(name: str, future: Any) -> Event:
    try:
        done: Done = future.result()
    except KilledWorker as error:
        return Ended(name, 0.0, f"every worker that it ran on was lost ({error})")
    except (Exception, CancelledError) as error:  # whatever happens on another machine
        return Ended(name, 0.0, f"{type(error).__name__}: {error}")
    if done.entry is None:
        return Ended(name, 0.0, done.failure or f"worker {done.worker}: its result is in no run cache")
    return Delivered(name, done.seconds["run"], done.entry)


def _drain(queue: "SimpleQueue[Event]") -> Iterable[Event]:
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return
