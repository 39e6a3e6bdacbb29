"""The checkout as git and DVC see it: what a revision's name stands for, and which experiments there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from dvc.exceptions import DvcException, NotDvcRepoError
from dvc.repo import Repo
from dvc.scm import NoSCM, RevError, resolve_rev
from scmrepo.exceptions import SCMError

from transfer_report.errors import UserError, did_you_mean
from transfer_report.git import refuse_other_owner

WORKSPACE = "workspace"
NO_GIT = (
    "no git repository here; `git init && git add --all && git commit --message 'A study'` begins one "
    "(a downloaded ZIP has none; `git clone` does)"
)


@dataclass(frozen=True)
class Revision:
    """One state of the project."""

    name: str
    """As it was typed: `workspace`, a commit, a branch, a tag, an experiment."""
    commit: str
    """Its whole hash; empty for the workspace."""

    @property
    def label(self) -> str:
        """The name with the beginning of the hash, where the name is not that already."""
        short = self.commit[:7]
        return self.name if not short or self.commit.startswith(self.name) else f"{self.name} ({short})"


@dataclass(frozen=True)
class Experiment:
    """An experiment of `dvc exp run`, and the commit that it started from."""

    revision: Revision
    baseline: Revision


class Repository:
    """The git repository and the DVC project of the current folder."""

    def __init__(self, dvc: Repo) -> None:
        self.dvc = dvc

    def revision(self, name: str) -> Revision:
        """Return the revision that a name stands for.

        Raises:
            UserError: no commit, branch, tag or experiment of this name.
        """
        if name == WORKSPACE:
            return Revision(WORKSPACE, "")
        try:
            return Revision(name, str(resolve_rev(self.dvc.scm, name)))
        except (RevError, SCMError) as error:
            if "ambiguous" in str(error):
                raise UserError(f"{name}: several experiments have this name; give the commit's hash") from None
            raise UserError(
                f"{name}: no commit, branch, tag or experiment of this name; {did_you_mean(name, self._names)} "
                "(`dvc exp list --all-commits` lists experiments; `dvc exp pull origin NAME` fetches one)"
            ) from None

    def experiments(self) -> list[Experiment]:
        """All experiments that ended well, by their baseline's age and their own name, the youngest baseline first."""
        listed: dict[str, list[tuple[str, str]]] = self.dvc.experiments.ls(all_commits=True)
        found = []
        for baseline in sorted(listed, key=lambda commit: (-self._time(commit), commit)):
            revision = Revision(self._name_of(baseline), baseline)
            found += [Experiment(Revision(name, commit), revision) for name, commit in sorted(listed[baseline])]
        return found

    @cached_property
    def _names(self) -> list[str]:
        experiments = [one.revision.name for one in self.experiments()]
        return [WORKSPACE, *self.dvc.scm.list_branches(), *self.dvc.scm.list_tags(), *experiments]

    def _name_of(self, commit: str) -> str:
        """The branch or tag at a commit, which people know it by (their own first), else the beginning of its hash."""
        scm = self.dvc.scm
        branches = sorted(scm.list_branches(), key=lambda name: name != self._own_branch)
        for name in [*branches, *scm.list_tags()]:
            if scm.resolve_rev(name) == commit:
                return str(name)
        return commit[:7]

    @cached_property
    def _own_branch(self) -> str:
        """The branch that is checked out; empty where none is."""
        try:
            return str(self.dvc.scm.active_branch())
        except SCMError:
            return ""

    def _time(self, commit: str) -> int:
        return int(self.dvc.scm.resolve_commit(commit).commit_time)


def lacks_git(error: Exception) -> bool:
    """Return whether DVC refused to work because git does not know the folder."""
    return str(error).endswith("is not a git repository")


@contextmanager
def open_repository() -> Iterator[Repository]:
    """The repository of the current folder.

    Raises:
        UserError: not in the root of a DVC project, no git, or nothing committed yet.
    """
    refuse_other_owner()
    try:
        dvc = Repo()
    except NotDvcRepoError:
        raise UserError("this folder is no DVC project; go to the root of the study's checkout") from None
    except (DvcException, SCMError) as error:
        raise UserError(NO_GIT if lacks_git(error) else f"git or DVC cannot read this checkout: {error}") from None
    with dvc:
        if isinstance(dvc.scm, NoSCM):
            raise UserError(NO_GIT)
        if dvc.scm.no_commits:
            raise UserError("git has no commit yet; `git add --all && git commit --message 'A study'` makes the first")
        try:
            yield Repository(dvc)
        except (DvcException, SCMError) as error:
            raise UserError(f"DVC: {error}") from error
