"""Drafts once, or again and again while the study trains."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import sleep

import transfer_report
from transfer_report.draft.progress import read_progress
from transfer_report.draft.workspace import fill_workspace
from transfer_report.errors import UserError
from transfer_report.files import write_bytes
from transfer_report.layout import HERE, Layout
from transfer_report.loading import load_params
from transfer_report.records.report import Draft

SECONDS = 5.0


def make_draft() -> Draft:
    """Write `.cache/draft/report.{html,pdf,md,json}` from what is finished.

    Raises:
        UserError: nothing is finished, or what is cannot be set.
    """
    draft = read_progress(load_params())
    with tempfile.TemporaryDirectory(prefix="transfer-report-draft-") as name:
        workspace = Path(name)
        fill_workspace(workspace, draft)
        done = subprocess.run(
            [sys.executable, "-m", "transfer_report.draft.build"],
            # The checkout's own code.
            cwd=workspace, env={**os.environ, "PYTHONPATH": str(Path(transfer_report.__file__).parents[1])},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise UserError(f"the draft cannot be made: {last.removeprefix('error: ')}")
        for file in sorted(Layout(workspace).report.iterdir()):
            write_bytes(HERE.drafts / file.name, file.read_bytes())
    return draft


def keep_drafting(tell: Callable[[str], None], seconds: float = SECONDS) -> None:
    """Make a draft whenever a condition has finished or a run has begun, until interrupted.

    Args:
        tell: Takes a line for the user.
        seconds: Between two looks.
    """
    seen, last_error = None, ""
    while True:
        try:
            now = read_progress(load_params())
            if now != seen:
                seen = make_draft()
                tell(summary(seen))
        except (UserError, FileNotFoundError) as error:  # nothing is finished yet, or a file is being rewritten
            if str(error) != last_error:
                last_error = str(error)
                tell(last_error)
        sleep(seconds)


def summary(draft: Draft) -> str:
    """One line on what a draft holds."""
    return f"{len(draft.conditions)} of {draft.planned} conditions: {HERE.drafts / 'report.html'}"
