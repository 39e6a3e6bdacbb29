"""Makes a draft inside of a workspace, in a process of its own: `python -m transfer_report.draft.build`."""

import sys
from dataclasses import replace

from transfer_report.draft.workspace import PROGRESS
from transfer_report.errors import UserError
from transfer_report.files import read_record
from transfer_report.loading import load_params
from transfer_report.records.report import Draft
from transfer_report.stages import analyse, evaluate, figures, report


def main() -> None:
    """Evaluate, analyse, draw and typeset what the workspace has.

    Raises:
        UserError: this folder is no workspace; the stages would write over the study's results.
    """
    draft = read_record(PROGRESS, Draft)
    # Not evaluate's `main`, which removes what is not of its plan: the draft's is a part, and the results are linked.
    evaluate.write_evaluation(load_params())
    analyse.main()
    figures.main()
    report.write_report(replace(report.read_study(), draft=draft))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
