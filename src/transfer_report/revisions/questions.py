"""Check by git and `dvc.lock` that the main questions were named before there were results."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from transfer_report.git import git
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.records.report import ChangedQuestions
from transfer_report.revisions.lock import LockedStage, LockFile

STAGE = "analyse"
"""Stage whose settings in `dvc.lock` name the questions that the results answered."""


def changed_questions(now: Sequence[str], folder: Path = Path()) -> ChangedQuestions | None:
    """Return the main questions when results were first committed, if they differ now.

    None where git does not know: outside of a repository, in a shallow clone, without committed results.

    Args:
        now: the main questions of the settings, in any order.
        folder: the study's.
    """
    if git(folder, "rev-parse", "--is-shallow-repository") != "false":
        return None
    log = git(folder, "log", "--reverse", "--no-show-signature", "--format=%H %cs", "--", HERE.lock.as_posix()) or ""
    for line in log.splitlines():
        commit, _, date = line.partition(" ")
        stage = _analysed(git(folder, "show", f"{commit}:./{HERE.lock.as_posix()}") or "")
        if stage is not None:
            settings = stage.params.get(PARAMS_FILE.as_posix(), {})
            # Older versions knew no main questions, and their results were made without any.
            before = list(settings.get("analysis", {}).get("main_questions", []))
            if sorted(before) == sorted(now):
                return None
            return ChangedQuestions(commit=commit, date=date, before=before, now=list(now))
    return None


def _analysed(lock: str) -> LockedStage | None:
    """How the analysis ran, by the text of a `dvc.lock`; None where it did not, or the file is damaged."""
    try:
        return LockFile.model_validate(YAML(typ="safe").load(lock)).stages.get(STAGE)
    except (YAMLError, ValidationError):
        return None
