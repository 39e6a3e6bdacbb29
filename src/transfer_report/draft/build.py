"""Makes a draft inside of a workspace, in a process of its own: `python -m transfer_report.draft.build`."""

import sys
from dataclasses import replace

from transfer_report import storage
from transfer_report.draft.workspace import PROGRESS
from transfer_report.errors import UserError
from transfer_report.records import Draft
from transfer_report.stages import analyse, evaluate, figures, report


def main() -> None:
    """Evaluate, analyse, draw and typeset what the workspace has.

    Raises:
        UserError: this folder is no workspace; the stages would write over the study's results.
    """
    draft = storage.read_record(PROGRESS, Draft)
    for stage in (evaluate, analyse, figures):
        stage.main()
    report.write_report(replace(report.read_study(), draft=draft))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
