"""The pipeline as DVC knows it: which stages there are, which must run, and how a result is filed.

This module speaks to DVC, and `dvc_adapter.py` to its private parts. A stage is taken apart where `dvc repro` runs it
in one go: what comes before the command, the command itself, and what comes after. All but the command happens here, in
one process, one stage after the other; the commands run side by side. So no two processes of DVC wait for each other's
locks, and a stage costs no start of DVC. The calls are those of `dvc repro`, in its order: the same hashes, run
cache and `dvc.lock`.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Literal

from dvc.exceptions import CheckoutError, DvcException
from dvc.lock import LockError
from dvc.repo import lock_repo
from dvc.repo.reproduce import collect_stages, get_active_graph, plan_repro
from dvc.rwlock import RWLockFileCorruptedError, RWLockFileFormatError, rwlock
from dvc.stage.cache import RunCacheNotFoundError
from dvc.stage.exceptions import StageNotFound
from dvc.stage.run import prepare_kwargs
from dvc.stage.serialize import to_lockfile
from dvc.utils.serialize import dumps_yaml, parse_yaml_for_update

from transfer_report.before_rename import new_stage
from transfer_report.engine.dvc_adapter import (
    RunCacheKey,
    run_cache_key,
    run_cache_path,
    shell_arguments,
    waiting_repository,
)
from transfer_report.errors import UserError, did_you_mean, first_line
from transfer_report.files import write_text
from transfer_report.layout import HERE
from transfer_report.revisions.repository import NO_GIT, lacks_git

# What it writes into `dvc.lock`, and that a training keeps no model, is no news.
logging.getLogger("dvc").setLevel(logging.WARNING)
logging.getLogger("dvc.output").setLevel(logging.ERROR)

_HEX = re.compile(r"[0-9a-f]{64}")
FLUSH_SECONDS = 2.0
"""Time between two writings of `dvc.lock`, or ten times what the last took, if that is more: it grows with the study.
The run cache has each result at once, so that what a kill takes from the file comes back without a run."""


@dataclass(frozen=True)
class Command:
    """Command of a stage."""

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
    """True if nothing may run at the same time (`meta: {alone: true}` in `dvc.yaml`), such as a timing."""

    @property
    def kind(self) -> str:
        """The entry of `dvc.yaml` that it is made from."""
        return self.name.partition("@")[0]

    @property
    def repeated(self) -> bool:
        """True if there are several like it: trainings, or features of models."""
        return "@" in self.name


@dataclass(frozen=True)
class Remote:
    """Where DVC shares results: its name and its settings."""

    name: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class RunCacheEntry:
    """A line of the run cache: which outputs came of a stage on which inputs."""

    key: str
    value: str
    text: str


StageOutcome = Literal["unchanged", "restored"]


class Pipeline:
    """A checkout's stages. Not safe to use from several threads."""

    def __init__(
        self,
        folder: Path = Path(),
        targets: Iterable[str] = (),
        waits: Callable[[str], None] = print,
        remote: Remote | None = None,
    ) -> None:
        """Read the pipeline.

        Args:
            folder: the root of the checkout.
            targets: stages that are wanted, with what they need; all where none is named.
            waits: called once when another process of DVC has to be waited for.
            remote: in place of the checkout's own.

        Raises:
            UserError: no project of DVC, or a file of it that cannot be read.
        """
        self.waits = waits
        self._unwritten: list[Any] = []
        self._written_at = monotonic()
        self._pause = FLUSH_SECONDS
        with _as_user_errors():
            options = {"remote": remote.name, "remote_config": remote.settings} if remote else {}
            self.repo = waiting_repository(folder, **options)
            with lock_repo(self.repo):
                graph = get_active_graph(self.repo.index.graph)
                targets = list(targets)
                wanted = self._wanted(targets) if targets else list(self.repo.index.stages)
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
                self._lock_file = Path(self.repo.root_dir) / HERE.lock
                # Where an earlier run did not come to its end, what stood there before that one.
                self._order_file = Path(self.repo.tmp_dir) / "transfer-report-lock-order.json"
                noted = _read_order(self._order_file)
                locked = next((stage.dvcfile for stage in order if hasattr(stage.dvcfile, "lockfile_contents")), None)
                in_lock = list(locked.lockfile_contents.get("stages", {})) if locked else []
                self._stood_before = in_lock if noted is None else noted

    @contextmanager
    def in_one_go(self) -> Iterator[None]:
        """Keep DVC's lock on the checkout over several calls, so that each need not read the project again."""
        with self._locked():
            yield

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes of DVC from these stages' files, as `dvc repro` does while a command runs.

        They may still read what touches none of them, such as metrics and experiments. Another one that is at work
        is waited for.
        """
        writes = self._top_level(out for stage in self._entries.values() for out in stage.outs)
        reads = self._top_level(dep for stage in self._entries.values() for dep in stage.deps) - writes
        hardlink = self.repo.config["core"].get("hardlink_lock", False)
        with ExitStack() as stack, _as_user_errors():
            announced = False
            while True:
                try:
                    # The name by which DVC's own functions lock: theirs within are then part of this one.
                    own = " ".join(sys.argv)
                    stack.enter_context(
                        rwlock(self.repo.tmp_dir, self.repo.fs, own, sorted(reads), sorted(writes), hardlink)
                    )
                    break
                except LockError as error:
                    if not announced:
                        self.waits(f"waiting for another process of DVC: {error}")
                    announced = True
                    sleep(0.5)
            self._order_file.write_text(json.dumps(self._stood_before), encoding="utf-8")
            with self.repo.scm_context():
                yield

    def complete(self) -> None:
        """Note that all stages are done: what stands in `dvc.lock` now is where the next run adds to."""
        self._order_file.unlink(missing_ok=True)

    def begin(self, name: str, *, pull: bool = False) -> StageOutcome | Command:
        """Do what comes before a stage's command: look whether it must run, and whether its result is known already.

        Args:
            name: the stage; those that it needs are done.
            pull: fetch a known result from the remote, where the cache lacks it.

        Returns:
            `unchanged`, `restored` from DVC's cache or remote, or the command that is to run before `finish`.
        """
        stage = self._entries[name]
        with _as_user_errors(), self._locked():
            if not stage.changed():
                return "unchanged"
            if pull and all(out.hash_info for out in stage.outs) and not stage.changed(allow_missing=True):
                # Only its outputs are missing, as in a fresh clone that has `dvc.lock`.
                with suppress(CheckoutError):
                    self.repo.pull(name)
                    return "restored"
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
        with _as_user_errors(), self._locked():
            self._file(self._entries[name])

    def write_lock(self) -> None:
        """Write what was filed into `dvc.lock`, whole or not at all.

        Entries that stood there before the run keep their order, the others follow in the pipeline's, as if they
        had run one after the other.
        """
        begun = monotonic()
        unwritten, self._unwritten = self._unwritten, []
        if not unwritten:
            return
        with self._locked():
            text = self._lock_file.read_text(encoding="utf-8") if self._lock_file.exists() else ""
            contents = parse_yaml_for_update(text, str(self._lock_file)) or {"schema": "2.0"}
            entries = contents.get("stages", {})
            for stage in unwritten:
                entries.update(to_lockfile(stage))
            order = {name: place for place, name in enumerate(dict.fromkeys([*self._stood_before, *self.stages]))}
            names = sorted(entries, key=lambda name: order.get(name, len(order)))
            contents["stages"] = {name: entries[name] for name in names}
            write_text(self._lock_file, dumps_yaml(contents))
            self.repo.scm_context.track_file(str(HERE.lock))
        self._written_at = monotonic()
        self._pause = max(FLUSH_SECONDS, 10 * (self._written_at - begun))

    def write_lock_now_and_then(self) -> None:
        """Write `dvc.lock` where the last time was a while ago."""
        if self._unwritten and monotonic() - self._written_at >= self._pause:
            self.write_lock()

    def remote(self) -> Remote:
        """The remote that results are shared through.

        Raises:
            UserError: there is none.
        """
        name = self.repo.config["core"].get("remote")
        if not name:
            raise UserError(
                "this project has no default DVC remote, through which machines share results; "
                "`dvc remote add --default store /a/shared/folder` (or s3://…, ssh://…) makes one"
            )
        if name not in self.repo.config["remote"]:
            raise UserError(f".dvc/config: core.remote: there is no remote {name!r}; see `dvc remote list`")
        return Remote(name, dict(self.repo.config["remote"][name]))

    def fetch_run_cache(self) -> None:
        """Learn from the remote which results are known, without fetching them.

        Raises:
            UserError: the remote cannot be reached.
        """
        with self._remote_reached(), self._locked():
            cache = self.repo.stage_cache
            cache.transfer(self._remote_runs(), self.repo.cache.legacy, force=False)

    def pull(self, names: Iterable[str]) -> None:
        """Bring the outputs of these stages, as `dvc.lock` has them, from the remote into the workspace."""
        # Without a name DVC would bring everything.
        if names := list(names):
            with self._remote_reached(), self._locked():
                self.repo.pull(targets=names, force=True)

    def push(self, names: Iterable[str]) -> None:
        """Bring the outputs of these stages, as `dvc.lock` has them, and their run-cache entries to the remote.

        `dvc push --run-cache` does the same, and sends every entry that there is once more.
        """
        self.write_lock()
        if not (names := list(names)):
            return
        with self._remote_reached(), self._locked():
            self.repo.push(targets=names)
            runs = self._remote_runs()
            for entry in filter(None, map(self.run_cache_entry, names)):
                source = str(run_cache_path(self.repo, RunCacheKey(entry.key, entry.value)))
                target = runs.fs.join(runs.path, "runs", entry.key[:2], entry.key, entry.value)
                runs.fs.makedirs(runs.fs.parent(target), exist_ok=True)
                runs.fs.put_file(source, target)

    def run_cache_entry(self, name: str) -> RunCacheEntry | None:
        """Return the run cache's entry for a stage's present result."""
        key = run_cache_key(self._entries[name])
        if key is None:
            return None
        path = run_cache_path(self.repo, key)
        return RunCacheEntry(*key, path.read_text(encoding="utf-8")) if path.exists() else None

    def adopt(self, name: str, entry: RunCacheEntry) -> None:
        """File a result that another machine made of the same inputs and brought to the remote.

        Raises:
            UserError: it was made of other inputs, or the remote does not have it.
        """
        if not (_HEX.fullmatch(entry.key) and _HEX.fullmatch(entry.value)):
            raise UserError(f"{name}: not an entry of DVC's run cache: {entry.key}/{entry.value}")
        path = run_cache_path(self.repo, RunCacheKey(entry.key, entry.value))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(entry.text, encoding="utf-8")
        with self._remote_reached():
            outcome = self.begin(name, pull=True)
        if isinstance(outcome, Command):
            raise UserError(
                f"{name}: the result that came back is of other inputs than those here, or is not in the remote; "
                "did a file of this project change while it ran, or do the machines use different remotes?"
            )

    def ancestors(self, names: Iterable[str]) -> list[str]:
        """The stages that these need, directly or not, in their order."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            for need in self.stages[waiting.pop()].needs - found:
                found.add(need)
                waiting.append(need)
        return [name for name in self.stages if name in found]

    def _wanted(self, targets: list[str]) -> list[Any]:
        """The stages of these names, or of these groups of `dvc.yaml`."""
        try:
            return list(collect_stages(self.repo, targets))
        except StageNotFound as error:
            stages = {stage.addressing for stage in self.repo.index.stages}
            known = stages | {name.partition("@")[0] for name in stages}
            renamed = new_stage(error.name)
            help_ = f"renamed to {renamed!r}" if renamed in known else did_you_mean(error.name, known)
            raise UserError(f"{HERE.pipeline}: no stage {error.name!r}; {help_}") from None

    def _top_level(self, files: Iterable[Any]) -> set[str]:
        """The files and folders in the root that hold these: a lock on one is a lock on all that is in it.

        DVC reads its list of locks again for each stage, so it should be short.
        """
        root = Path(self.repo.root_dir)
        paths = (Path(file.fs_path) for file in files)
        return {
            str(root / path.relative_to(root).parts[0]) if path.is_relative_to(root) else str(path) for path in paths
        }

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """DVC's lock on the checkout, waited for: short, since no command runs under it."""
        with lock_repo(self.repo):
            yield

    @contextmanager
    def _remote_reached(self) -> Iterator[None]:
        """Tell of a remote that cannot be reached, whatever its library raises then."""
        remote = self.remote()
        try:
            yield
        except UserError:
            raise
        except Exception as error:  # each kind of remote has errors of its own
            reason = first_line(error)
            raise UserError(
                f"the DVC remote {remote.name!r} ({remote.settings.get('url')}) does not answer as it should: "
                f"{reason}; `dvc remote list` shows it, `dvc push` tries it"
            ) from error

    def _remote_runs(self) -> Any:
        return self.repo.cloud.get_remote_odb(None, "push --run-cache", hash_name="md5-dos2unix")

    def _file(self, stage: Any) -> None:
        # As `Stage.run` has it: the run cache takes no stage with results that are neither cached nor metrics.
        uncached = any(not out.use_cache for out in stage.outs if not (out.is_metric or out.is_plot))
        stage.save(run_cache=not uncached)
        stage.commit()
        self._unwritten.append(stage)

    def _command(self, stage: Any) -> Command:
        # As DVC reads them: several lines are several commands, each in a shell of its own, up to the first failure.
        lines = stage.cmd.splitlines() if isinstance(stage.cmd, str) else stage.cmd
        command = lines[0] if len(lines) == 1 else " && ".join(f"( {line} )" for line in lines)
        settings = prepare_kwargs(stage)
        return Command(shell_arguments(command), settings["cwd"], settings["env"])


def _read_order(path: Path) -> list[str] | None:
    """Stages that a run noted which did not come to its end."""
    try:
        return [str(name) for name in json.loads(path.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return None


@contextmanager
def _as_user_errors() -> Iterator[None]:
    try:
        yield
    except DvcException as error:
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        if isinstance(error, RWLockFileCorruptedError | RWLockFileFormatError) or str(HERE.lock) in str(error):
            cause += (
                "; killed while it writes that file, DVC leaves half of it; `transfer-report verify --remove` helps"
            )
        message = "DVC: " + " ".join(f"{error}{cause}".split())
        raise UserError(NO_GIT if lacks_git(error) else message) from error
