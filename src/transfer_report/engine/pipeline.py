"""The pipeline as DVC knows it: which stages there are, which must run, and how a result is filed.

Only this module speaks to DVC. It takes a stage apart where `dvc repro` runs it in one go: what comes before the
command, the command itself, and what comes after. All but the command happens here, in one process, one stage after
the other; the commands run side by side. So no two processes of DVC wait for each other's locks, and a stage costs no
start of DVC. What is called is what `dvc repro` calls, in its order: the same hashes, run cache and `dvc.lock`.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Literal

from dvc.exceptions import DvcException
from dvc.lock import LockError
from dvc.repo import Repo, lock_repo
from dvc.repo.reproduce import collect_stages, get_active_graph, plan_repro
from dvc.rwlock import rwlock
from dvc.stage.cache import RunCacheNotFoundError
from dvc.stage.run import _make_cmd, get_executable, prepare_kwargs
from dvc.utils.serialize import modify_yaml

from transfer_report.errors import UserError
from transfer_report.yaml_files import read_yaml

# What it writes into `dvc.lock`, and that a training keeps no model, is no news.
logging.getLogger("dvc").setLevel(logging.WARNING)
logging.getLogger("dvc.output").setLevel(logging.ERROR)

PIPELINE_FILE = "dvc.yaml"
LOCK_FILE = "dvc.lock"
FLUSH_SECONDS = 2.0
"""Most time between a result and its line in `dvc.lock`. Writing that file grows with the study; the run cache has
the result at once, so that what a kill takes from the file comes back without a run."""


@dataclass(frozen=True)
class Command:
    """What a stage runs."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]


@dataclass(frozen=True)
class Stage:
    """A stage's place in the pipeline."""

    name: str
    """As DVC addresses it: `fine_tune@resnet50-baseline-0`."""
    needs: frozenset[str]
    """The stages whose results it reads."""
    alone: bool
    """Whether nothing may run beside it (`meta: {alone: true}` in `dvc.yaml`), as where time is measured."""

    @property
    def kind(self) -> str:
        """The entry of `dvc.yaml` that it is made from."""
        return self.name.partition("@")[0]

    @property
    def repeated(self) -> bool:
        """Whether it is one of several like it: a training or a model's features."""
        return "@" in self.name


Outcome = Literal["unchanged", "restored"]


class Pipeline:
    """A checkout's stages. Not safe to use from several threads."""

    def __init__(
        self, folder: Path = Path(), targets: Iterable[str] = (), waits: Callable[[str], None] = print
    ) -> None:
        """Read the pipeline.

        Args:
            folder: the root of the checkout.
            targets: stages that are wanted, with what they need; all where none is named.
            waits: told once when another process of DVC has to be waited for.

        Raises:
            UserError: no project of DVC, or a file of it that cannot be read.
        """
        self.waits = waits
        self._unwritten: list[Any] = []
        self._written_at = monotonic()
        self._on_exit = ExitStack()
        with _told_as_user_errors():
            self.repo = Repo(str(folder), _wait_for_lock=True)
            with lock_repo(self.repo):
                graph = get_active_graph(self.repo.index.graph)
                wanted = collect_stages(self.repo, list(targets) or [PIPELINE_FILE])
                order = plan_repro(graph, wanted)
                self._entries = {stage.addressing: stage for stage in order}
                self.stages = {
                    stage.addressing: Stage(
                        stage.addressing,
                        frozenset(need.addressing for need in graph.successors(stage)),
                        alone=bool((stage.meta or {}).get("alone")),
                    )
                    for stage in order
                }
                self._lock_order = _lock_entries(Path(self.repo.root_dir) / LOCK_FILE)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes of DVC from these stages' files, as `dvc repro` does while a command runs.

        They may still read what touches none of them, such as metrics and experiments. Another one that is at work
        is waited for.
        """
        reads = sorted({dep.fs_path for stage in self._entries.values() for dep in stage.deps})
        writes = sorted({out.fs_path for stage in self._entries.values() for out in stage.outs})
        hardlink = self.repo.config["core"].get("hardlink_lock", False)
        with ExitStack() as stack:
            told = False
            while True:
                try:
                    # The name by which DVC's own functions lock: theirs within are then part of this one.
                    own = " ".join(sys.argv)
                    stack.enter_context(rwlock(self.repo.tmp_dir, self.repo.fs, own, reads, writes, hardlink))
                    break
                except LockError as error:
                    if not told:
                        self.waits(f"waiting for another process of DVC: {error}")
                    told = True
                    sleep(0.5)
            try:
                with self.repo.scm_context():
                    yield
                    self.write_lock(ordered=True)
            except BaseException:
                self.write_lock(ordered=True)
                raise

    def begin(self, name: str, *, pull: bool = False) -> Outcome | Command:
        """Do what comes before a stage's command: look whether it must run, and whether its result is known already.

        Args:
            name: the stage; those that it needs are done.
            pull: fetch a known result from the remote, where the cache lacks it.

        Returns:
            `unchanged`, `restored` from the run cache, or the command that is to run before `finish`.
        """
        stage = self._entries[name]
        with _told_as_user_errors(), self._locked():
            if not stage.changed():
                return "unchanged"
            if pull and not stage.changed(allow_missing=True):
                self.repo.pull(name)
                if not stage.changed():
                    return "unchanged"
            if not stage.cmd or stage.frozen:
                return "unchanged" if stage.reproduce() is None else "restored"
            stage.remove_outs(ignore_remove=False, force=False)
            try:
                self.repo.stage_cache.restore(stage, pull=pull)
            except RunCacheNotFoundError:
                stage.save_deps()
                return self._command(stage)
            self._file(stage)
            return "restored"

    def finish(self, name: str) -> None:
        """File the result of a stage whose command went well, as `dvc repro` does."""
        with _told_as_user_errors(), self._locked():
            self._file(self._entries[name])

    def write_lock(self, *, ordered: bool = False) -> None:
        """Write what was filed into `dvc.lock`, all at once.

        Args:
            ordered: also put new entries into the order in which `dvc repro` would have added them.
        """
        self._written_at = monotonic()
        unwritten, self._unwritten = self._unwritten, []
        with self._locked():
            if unwritten:
                unwritten[0].dvcfile.dump_stages(unwritten, update_pipeline=False)
            if ordered:
                self._order_lock()

    def write_lock_now_and_then(self) -> None:
        """Write `dvc.lock` where the last time was a while ago."""
        if self._unwritten and monotonic() - self._written_at >= FLUSH_SECONDS:
            self.write_lock()

    def outputs(self, name: str) -> list[Path]:
        """What a stage writes, relative to the root."""
        return [Path(out.fs_path).relative_to(self.repo.root_dir) for out in self._entries[name].outs]

    def ancestors(self, names: Iterable[str]) -> list[str]:
        """The stages that these need, directly or not, in their order."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            for need in self.stages[waiting.pop()].needs - found:
                found.add(need)
                waiting.append(need)
        return [name for name in self.stages if name in found]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """DVC's lock on the checkout, waited for: short, since no command runs under it."""
        with lock_repo(self.repo):
            yield

    def _file(self, stage: Any) -> None:
        # As `Stage.run` has it: the run cache takes no stage with results that are neither cached nor metrics.
        uncached = any(not out.use_cache for out in stage.outs if not (out.is_metric or out.is_plot))
        stage.save(run_cache=not uncached)
        stage.commit()
        self._unwritten.append(stage)

    def _command(self, stage: Any) -> Command:
        command = stage.cmd if isinstance(stage.cmd, str) else " && ".join(f"( {line} )" for line in stage.cmd)
        settings = prepare_kwargs(stage)
        return Command(_make_cmd(get_executable(), command), settings["cwd"], settings["env"])

    def _order_lock(self) -> None:
        path = Path(self.repo.root_dir) / LOCK_FILE
        before = self._lock_order
        order = [*before, *(name for name in self.stages if name not in before)]
        names = _lock_entries(path)
        wanted = sorted(names, key=lambda name: order.index(name) if name in order else len(order))
        if wanted != names:
            with modify_yaml(str(path), fs=self.repo.fs) as contents:
                contents["stages"] = {name: contents["stages"][name] for name in wanted}


def _lock_entries(path: Path) -> list[str]:
    """The stages of a `dvc.lock`, in its order."""
    return list(read_yaml(path).get("stages", {})) if path.exists() else []


@contextmanager
def _told_as_user_errors() -> Iterator[None]:
    try:
        yield
    except DvcException as error:
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        raise UserError(f"DVC: {error}{cause}") from error
