"""Order of stages: those whose needs are met, in the pipeline's order, as many at once as there are places."""

from collections.abc import Mapping

from transfer_report.engine.pipeline import Stage


class Schedule:
    """Stages that wait, run, are done, or are skipped because something before them failed."""

    def __init__(self, stages: Mapping[str, Stage], places: int) -> None:
        """Begin with nothing done.

        Args:
            stages: in the order in which one after the other would run.
            places: how many run at once.
        """
        self.stages = stages
        self.places = places
        self.waiting = list(stages)
        self.running: list[str] = []
        self.done: set[str] = set()
        self.failed: dict[str, str] = {}
        """Why each failed."""
        self.skipped: dict[str, str] = {}
        """The failed stage that each skipped stage needed."""

    def next(self) -> str | None:
        """The stage that may start now, if any; it then counts as running.

        One that must be alone starts when nothing runs, and before all others that could.
        """
        if len(self.running) >= self.places or any(self.stages[name].alone for name in self.running):
            return None
        ready = [name for name in self.waiting if self.stages[name].needs & self.stages.keys() <= self.done]
        alone = [name for name in ready if self.stages[name].alone]
        choice = alone if alone and not self.running else [name for name in ready if name not in alone]
        if not choice:
            return None
        self.waiting.remove(choice[0])
        self.running.append(choice[0])
        return choice[0]

    def succeed(self, name: str) -> None:
        """A running stage is done."""
        self.running.remove(name)
        self.done.add(name)

    def fail(self, name: str, why: str) -> None:
        """A running stage failed: what needs it is skipped, all else goes on."""
        self.running.remove(name)
        self.failed[name] = why
        lost = {name}
        # Needs stand before what needs them, so one pass finds all that follow.
        for later in list(self.waiting):
            if self.stages[later].needs & lost:
                lost.add(later)
                self.waiting.remove(later)
                self.skipped[later] = name

    @property
    def finished(self) -> bool:
        """True if nothing runs and nothing can."""
        return not self.running and not self.waiting
