"""A run from the command line: what was asked for, who runs it, and what is told at the end."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from transfer_report import storage
from transfer_report.engine.display import Display
from transfer_report.engine.machine import automatic_jobs, graphics_cards
from transfer_report.engine.pipeline import Pipeline
from transfer_report.engine.reproduce import Result, reproduce
from transfer_report.engine.runners import LocalRunner
from transfer_report.engine.schedule import Schedule
from transfer_report.errors import UserError
from transfer_report.params import load_params

LOGS = storage.CACHE / "logs"


@dataclass(frozen=True)
class Session:
    """What was asked for."""

    targets: tuple[str, ...] = ()
    jobs: str = "auto"
    pull: bool = False


def run_session(session: Session) -> int:
    """Run it, tell what came of it, and return the exit code.

    Raises:
        UserError: something that was asked for cannot be.
    """
    params = load_params()
    cards = graphics_cards(params)
    jobs = _jobs(session.jobs) or automatic_jobs(params, cards)
    console = Console(highlight=False, soft_wrap=True)
    pipeline = Pipeline(Path(), session.targets, waits=console.print)
    schedule = Schedule(pipeline.stages, jobs)
    display = Display(schedule, console)
    result = reproduce(pipeline, schedule, display, LocalRunner(LOGS, cards), pull=session.pull)
    return _tell(result, display, pipeline)


def _jobs(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdigit() or int(text) < 1:
        raise UserError(f"--jobs {text}: give a number of stages from 1 on, or auto")
    return int(text)


def _tell(result: Result, display: Display, pipeline: Pipeline) -> int:
    if result.interrupted:
        display.say(
            f"Stopped. {display.summary()}; their results are kept. The same command goes on from here, "
            "trainings from their last finished epoch that was saved."
        )
        return 130
    if result.failed:
        display.say(f"\n{display.summary()}.")
        display.say(f"{len(result.failed)} failed:")
        for name, why in result.failed.items():
            display.say(f"  {name}: {why}")
        if result.skipped:
            display.say(f"not run, since they need one of these: {', '.join(result.skipped)}")
        display.say("Mend what is named, then give the same command: what is done stays done.")
        return 1
    display.say(f"{display.summary()}.")
    reports = [storage.report_file(ending) for ending in ("html", "pdf", "md")]
    if "report" in pipeline.stages and all(path.exists() for path in reports):
        display.say("The report:\n" + "\n".join(f"  {path}" for path in reports))
    return 0
