"""A run from the command line: the request, its runners, and the message at the end."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from transfer_report.analysis.reported import REPORTED_FILE
from transfer_report.before_rename import refuse_old_file
from transfer_report.engine.display import Display
from transfer_report.engine.machine import automatic_jobs, graphics_cards
from transfer_report.engine.pipeline import Pipeline
from transfer_report.engine.reproduce import Result, run_pipeline
from transfer_report.engine.runners import LocalRunner, Runner
from transfer_report.engine.schedule import Schedule
from transfer_report.engine.schedulers import client_of_address, client_of_cluster
from transfer_report.errors import UserError
from transfer_report.files import md5_of_file
from transfer_report.git import refuse_other_owner
from transfer_report.interruption import EXIT_CODE
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.loading import check_data_path, check_external, load_params
from transfer_report.settings import Params

MOST_FINDINGS = 3
"""Number of findings that the end of a run prints after the recommendation."""
WIDEST = 100
"""Characters in a line at most, however wide the terminal is."""


@dataclass(frozen=True)
class Session:
    """A run as requested."""

    targets: tuple[str, ...] = ()
    jobs: str = "auto"
    pull: bool = False
    scheduler: str = ""
    cluster: str = ""


def run_session(session: Session) -> int:
    """Run it, print the outcome, and return the exit code.

    Raises:
        UserError: something that was asked for cannot be.
    """
    if session.scheduler and session.cluster:
        raise UserError("--scheduler and --cluster: give one of them")
    params, settings = load_params(), md5_of_file(PARAMS_FILE)
    check_data_path(params)
    check_external(params)
    refuse_other_owner()
    refuse_old_file(REPORTED_FILE.with_name("reference.yaml"), REPORTED_FILE)  # DVC would miss the new one alone
    cards = graphics_cards(params)
    jobs = _jobs(session.jobs) or automatic_jobs(params, cards)
    console = Console(highlight=False, soft_wrap=True)
    pipeline = Pipeline(Path(), session.targets, waits=console.print)
    elsewhere = bool(session.scheduler or session.cluster)
    # Dask's scheduler has the queue of what other machines run; here nothing need wait for a place.
    schedule = Schedule(pipeline.stages, len(pipeline.stages) if elsewhere else jobs)
    display = Display(schedule, console)
    here = LocalRunner(HERE.logs, cards)
    if not elsewhere:
        result = run_pipeline(pipeline, schedule, display, here, pull=session.pull)
    else:
        pipeline.remote()
        with _cluster_runner(session, jobs, pipeline, params) as workers:
            result = run_pipeline(pipeline, schedule, display, here, workers, pull=True)
    code = _print_outcome(result, display, pipeline)
    if md5_of_file(PARAMS_FILE) != settings:
        display.say(f"{PARAMS_FILE} was edited meanwhile; the same command runs what that concerns.")
    return code


@contextmanager
def _cluster_runner(session: Session, jobs: int, pipeline: Pipeline, params: Params) -> Iterator[Runner]:
    address, kind = session.scheduler, session.cluster
    with client_of_address(address) if address else client_of_cluster(kind, jobs) as client:
        # Not before it is asked for: Dask is an optional requirement.
        from transfer_report.engine.cluster import ClusterRunner

        uses_cards = params.device in ("auto", "cuda")
        yield ClusterRunner(client, pipeline, uses_cards=uses_cards, own_clones=bool(session.scheduler))


def _jobs(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdigit() or int(text) < 1:
        raise UserError(f"--jobs {text}: give a number of stages from 1 on, or auto")
    return int(text)


def _print_outcome(result: Result, display: Display, pipeline: Pipeline) -> int:
    if result.interrupted:
        display.say(
            f"Stopped: {display.summary()}. Finished stages are kept; the same command goes on from here, "
            "trainings from their last checkpoint."
        )
        return EXIT_CODE
    display.say(f"{display.summary()}.")
    if result.failed:
        display.say(f"\n{len(result.failed)} failed:")
        for name, why in result.failed.items():
            display.say(f"  {name}: " + why.replace("\n", "\n    "))
        if result.skipped:
            kinds = Counter(pipeline.stages[name].kind for name in result.skipped)
            stages = (f"{kind} ({count})" if count > 1 else kind for kind, count in kinds.items())
            display.say(f"Not run, since they need what failed: {', '.join(stages)}")
        display.say("Mend what is named, then give the same command: what is done stays done.")
        return 1
    reports = [HERE.report_file(ending) for ending in ("html", "pdf", "md")]
    if "report" in pipeline.stages and all(path.exists() for path in reports):
        display.say("\n" + "\n".join(answers(display.console.width)))
        display.say("\nThe report:\n" + "\n".join(f"  {path}" for path in reports))
    return 0


def answers(width: int) -> list[str]:
    """Return the recommendation and the first findings of the report, in lines of at most so many characters."""
    found = json.loads(HERE.report_file("json").read_text(encoding="utf-8"))["answers"]
    first = [one for one in found if one["topic"] == "recommendation"]
    others = [one for one in found if one["topic"] != "recommendation"]
    lines = [" ".join((one["label"], one["text"])).strip() for one in (*first, *others[:MOST_FINDINGS])]
    return [textwrap.fill(line, min(width, WIDEST), subsequent_indent="  ", break_on_hyphens=False) for line in lines]
