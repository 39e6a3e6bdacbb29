"""Work of a worker: a check that it may take part, and one stage in its own clone."""

import asyncio
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from distributed import WorkerPlugin, get_worker

from transfer_report.engine.children import Child
from transfer_report.engine.clones import bring_up_to_date, clone_folder
from transfer_report.engine.identity import Identity, departure, identity
from transfer_report.engine.pipeline import Command, Pipeline, Remote, RunCacheEntry
from transfer_report.engine.runners import POLL_SECONDS
from transfer_report.errors import UserError
from transfer_report.files import write_bytes
from transfer_report.layout import HERE

RESOURCE = "transfer-report"
"""Resource that each worker offers once and each stage takes: one stage at a time in a clone."""
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Dask sets these in its workers; the number of threads decides the last digits of a training."""


class TakesPart(WorkerPlugin):
    """Lets a worker have stages if its environment and code are those of the head, now and whenever one joins."""

    def __init__(self, name: str, own: Identity, project: Path | None) -> None:
        """Take the run's name and identity from the head.

        Args:
            name: of this run, which is also the topic of its messages.
            own: the identity that the worker's must equal.
            project: the head's checkout, from which a worker makes its clone; None: it stands in one.
        """
        self.name = name
        self.own = own
        self.project = project

    async def setup(self, worker: Any) -> None:
        """On the worker: look, and say what was found."""
        where = f"{worker.name} ({socket.gethostname()}, {worker.address})"
        try:
            problem = await asyncio.to_thread(self._prepare, str(worker.name))
        except (UserError, OSError) as error:
            problem = str(error)
        if problem:
            worker.log_event(self.name, {"refused": where, "why": problem})
        else:
            await worker.set_resources(**{RESOURCE: 1})
            worker.log_event(self.name, {"accepted": where})

    async def teardown(self, worker: Any) -> None:
        """When the run is over: the worker takes no more of its stages."""
        await worker.set_resources(**{RESOURCE: 0})

    def _prepare(self, worker: str) -> str:
        if self.project:
            clone = clone_folder(self.project, worker)
            bring_up_to_date(self.project, clone)
            os.chdir(clone)
        folder = Path.cwd()
        if not (folder / HERE.pipeline).exists() or not (folder / ".dvc").is_dir():
            return f"{folder} is no checkout of the project: start the worker in a clone of its own"
        return departure(self.own, identity(folder))


@dataclass(frozen=True)
class Job:
    """One stage to be run."""

    topic: str
    stage: str
    needs: list[str]
    """Stages whose outputs it reads, directly or through others."""
    files: dict[str, bytes]
    """Settings and `dvc.lock` of the head, and scores of trials that it knows, by name."""
    environment: dict[str, str | None]
    """Variables of the head that decide a result; None where one is not set."""
    remote: Remote | None
    """In place of the clone's own."""


@dataclass(frozen=True)
class Done:
    """Outcome of a job."""

    worker: str
    entry: RunCacheEntry | None = None
    """Entry of the run cache; None where it failed."""
    failure: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    """Seconds spent on `pull`, `run` and `push`."""


def run_job(job: Job) -> Done:
    """Run a stage in this worker's clone: pull what it needs, run it, push what comes out."""
    worker = get_worker()
    where = f"{worker.name} on {socket.gethostname()}"
    worker.log_event(job.topic, {"started": job.stage, "where": where})
    try:
        for name, content in job.files.items():
            write_bytes(Path(name), content)
        pipeline = Pipeline(Path(), [job.stage], remote=job.remote)
        with pipeline.held():
            return _run(job, pipeline, worker, where)
    except (UserError, OSError) as error:
        return Done(where, failure=f"worker {where}: {error}")


def _run(job: Job, pipeline: Pipeline, worker: Any, where: str) -> Done:
    seconds = {}
    begun = monotonic()
    pipeline.pull(job.needs)
    seconds["pull"] = monotonic() - begun
    begun = monotonic()
    command = pipeline.begin(job.stage)
    if isinstance(command, Command):
        child = Child(_in_environment(command, job.environment), HERE.logs / f"{job.stage}.log")
        try:
            while child.exit_code() is None:
                _tell_lines(job, child, worker)
                if _given_up(worker):
                    return Done(where, failure="was given up")
                sleep(POLL_SECONDS)
            _tell_lines(job, child, worker)
            if child.exit_code():
                return Done(where, failure=child.why_it_failed())
        finally:
            child.stop()
        pipeline.finish(job.stage)
    seconds["run"] = monotonic() - begun
    begun = monotonic()
    pipeline.push([job.stage])
    seconds["push"] = monotonic() - begun
    return Done(where, pipeline.run_cache_entry(job.stage), seconds=seconds)


def _tell_lines(job: Job, child: Child, worker: Any) -> None:
    for line in child.new_lines():
        worker.log_event(job.topic, {"line": line, "stage": job.stage})


def _given_up(worker: Any) -> bool:
    """Return whether the head no longer needs this thread's task, or is gone."""
    key = worker.get_current_task()
    task = worker.state.tasks.get(key)
    return task is None or task.state == "cancelled"


def _in_environment(command: Command, variables: dict[str, str | None]) -> Command:
    environment = {name: value for name, value in command.environment.items() if name not in variables}
    given = {name: value for name, value in variables.items() if value is not None}
    return Command(command.arguments, command.folder, environment | given)
