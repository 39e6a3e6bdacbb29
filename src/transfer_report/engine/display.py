"""Display of a run: a live table on a terminal, plain lines elsewhere."""

from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from transfer_report.engine.pipeline import Stage, StageOutcome
from transfer_report.engine.progress import Durations, Left, Running, clock
from transfer_report.engine.schedule import Schedule
from transfer_report.progress import StageProgress, parse_progress


@dataclass
class _Row:
    stage: Stage
    since: float
    where: str
    progress: StageProgress | None = None
    heard_at: float = 0.0
    """When it said how far it is."""

    def left(self, now: float) -> float | None:
        """Seconds until it is done, where it said so."""
        return max(0.0, self.progress.seconds_left - (now - self.heard_at)) if self.progress else None


class Display:
    """Tells what runs, how far it is and how long all will take."""

    def __init__(self, schedule: Schedule, console: Console | None = None) -> None:
        self.schedule = schedule
        self.console = console or Console(highlight=False, soft_wrap=True)
        self.durations = Durations()
        self.rows: dict[str, _Row] = {}
        self.counts: dict[str, int] = {"ran": 0, "restored": 0, "unchanged": 0}
        self._live: Live | None = None

    def __enter__(self) -> "Display":
        if self.console.is_terminal:
            self._live = Live(get_renderable=self._table, console=self.console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self.console.print(Text(text))

    def started(self, name: str, where: str) -> None:
        """A stage's command began."""
        self.rows[name] = _Row(self.schedule.stages[name], monotonic(), where)
        if not self._live:
            self.say(f"{name}: runs" + (f" on {where}" if where else ""))

    def heard(self, name: str, line: str) -> None:
        """A stage wrote a line: how far it is goes into the table, all else stays on the screen.

        Its error does not, since `failed` prints it.
        """
        progress = parse_progress(line)
        if progress and name in self.rows:
            self.rows[name].progress, self.rows[name].heard_at = progress, monotonic()
        text = line.strip().removeprefix(f"{name}: ")
        if text and not text.startswith("error: ") and not (progress and self._live):
            self.say(f"{name}: {text}")

    def ran(self, name: str, seconds: float) -> None:
        """A stage's command ended well and its result is filed."""
        self.rows.pop(name, None)
        self.counts["ran"] += 1
        self.durations.add(self.schedule.stages[name], seconds)
        self.say(f"{name}: done in {clock(seconds)} ({self._overall()})")

    def skipped(self, name: str, outcome: StageOutcome) -> None:
        """A stage needed no run."""
        self.rows.pop(name, None)
        self.counts[outcome] += 1
        if outcome == "restored":
            self.say(f"{name}: restored")

    def failed(self, name: str, why: str) -> None:
        """A stage failed; the end of the run says all of why."""
        self.rows.pop(name, None)
        first, *more = why.splitlines()
        self.say(f"{name}: failed: {first}{' …' if more else ''}")

    def summary(self) -> str:
        """Return the outcome of all stages in one line."""
        ran, restored, unchanged = (self.counts[name] for name in ("ran", "restored", "unchanged"))
        parts = [f"{ran} {'stage' if ran == 1 else 'stages'} ran"]
        parts += [f"{restored} restored from DVC's cache"] * bool(restored)
        parts += [f"{unchanged} unchanged"] * bool(unchanged)
        return ", ".join(parts)

    def _overall(self) -> str:
        done, total = len(self.schedule.done), len(self.schedule.stages)
        left = self._left()
        text = f", {'about' if left.whole else 'at least'} {clock(left.seconds)} to go"
        return f"{done} of {total}" + (text if left.seconds >= 1 and done < total else "")

    def _left(self) -> Left:
        now = monotonic()
        running = {row.stage: Running(now - row.since, row.left(now)) for row in self.rows.values()}
        waiting = [stage for name, stage in self.schedule.stages.items() if self._waits(name)]
        return self.durations.left(waiting, running, max(1, min(self.schedule.places, len(self.rows) or 1)))

    def _waits(self, name: str) -> bool:
        return name not in self.rows and name not in self.schedule.done and name not in self.schedule.failed

    def _table(self) -> Group:
        table = Table(box=None, pad_edge=False, show_header=False)
        now = monotonic()
        for name, row in self.rows.items():
            progress = row.progress
            bar = ProgressBar(total=progress.total, completed=progress.done, width=20) if progress else ""
            table.add_row(
                name,
                Text(row.where),
                bar,
                f"{progress.unit} {progress.done} of {progress.total}" if progress else "",
                clock(now - row.since),
                f"{clock(left)} left" if (left := row.left(now)) is not None else "",
            )
        return Group(Text(f"{self._overall()}", style="bold"), table)
