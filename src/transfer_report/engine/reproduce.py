"""One revision, several stages at once: the same results and `dvc.lock` as `dvc repro`, sooner."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import sleep

from transfer_report.engine.display import Display
from transfer_report.engine.pipeline import Pipeline
from transfer_report.engine.runners import POLL_SECONDS, Delivered, Ended, Event, Line, Notice, Runner, Started
from transfer_report.engine.schedule import Schedule
from transfer_report.errors import UserError


@dataclass
class Result:
    """How a run ended."""

    failed: dict[str, str] = field(default_factory=dict)
    """Why each stage failed that did."""
    skipped: dict[str, str] = field(default_factory=dict)
    """The failed stage that each skipped stage needed."""
    interrupted: bool = False


def run_pipeline(
    pipeline: Pipeline, schedule: Schedule, display: Display, here: Runner, elsewhere: Runner | None = None,
    *, pull: bool = False,
) -> Result:  # fmt: skip
    """Run what must run of a pipeline, and file what comes out.

    Args:
        pipeline: the stages.
        schedule: the same stages, none started.
        display: receives events as they happen.
        here: runs the stages that there is one of.
        elsewhere: runs stages that exist several times, such as trainings; None: these as well run here.
        pull: fetch results that are known from the remote, where the cache lacks them.
    """
    run = _Run(pipeline, schedule, display, here, elsewhere, pull)
    interrupted = False
    with pipeline.held(), _asked_to_stop() as asked, display:
        try:
            if pull:
                pipeline.fetch_run_cache()
            run.to_the_end(asked)
            if interrupted := asked.is_set():
                display.say("stopping what runs …")
        finally:
            here.stop()
            if elsewhere:
                elsewhere.stop()
            pipeline.write_lock()
        if not (schedule.failed or interrupted):
            pipeline.complete()
    return Result(schedule.failed, schedule.skipped, interrupted)


@dataclass
class _Run:
    pipeline: Pipeline
    schedule: Schedule
    display: Display
    here: Runner
    elsewhere: Runner | None
    pull: bool

    def to_the_end(self, asked: threading.Event) -> None:
        """Until all is done or one asks to stop."""
        while not (self.schedule.finished or asked.is_set()):
            with self.pipeline.in_one_go():
                while not asked.is_set() and (name := self.schedule.next()):
                    self._begin(name)
            events = [event for runner in (self.here, self.elsewhere) if runner for event in runner.events()]
            for event in events:
                self._take(event)
            self.pipeline.write_lock_now_and_then()
            if not events:
                sleep(POLL_SECONDS)

    def _begin(self, name: str) -> None:
        stage = self.schedule.stages[name]
        try:
            outcome = self.pipeline.begin(name, pull=self.pull)
            if isinstance(outcome, str):
                self.schedule.succeed(name)
                self.display.skipped(name, outcome)
            else:
                (self.elsewhere if self.elsewhere and stage.repeated else self.here).start(stage, outcome)
        except (UserError, OSError) as error:
            self._fail(name, str(error))

    def _take(self, event: Event) -> None:
        match event:
            case Started(name, where):
                self.display.started(name, where)
            case Line(name, text):
                self.display.heard(name, text)
            case Ended(name, seconds, None):
                self._file(name, seconds, lambda: self.pipeline.finish(name))
            case Delivered(name, seconds, entry):
                self._file(name, seconds, lambda: self.pipeline.adopt(name, entry))
            case Ended(name, _, str(why)):
                self._fail(name, why)
            case Notice(text):
                self.display.say(text)

    def _file(self, name: str, seconds: float, file: Callable[[], None]) -> None:
        try:
            file()
        except (UserError, OSError) as error:
            self._fail(name, str(error))
            return
        self.schedule.succeed(name)
        self.display.ran(name, seconds)

    def _fail(self, name: str, why: str) -> None:
        self.schedule.fail(name, why)
        self.display.failed(name, why)


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Turn Ctrl-C and a request to end (SIGTERM) into a flag: nothing is left half written, as an exception might."""
    asked = threading.Event()
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
