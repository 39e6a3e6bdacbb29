"""Command `power`: what the main questions can detect, and what the target difference would take."""

import typer

from transfer_report.analysis.decisions import POWER
from transfer_report.analysis.design import outlook, study_design
from transfer_report.analysis.power import CAUTION
from transfer_report.errors import UserError
from transfer_report.files import read_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.records.analysis import Analysis, QuestionPlan
from transfer_report.records.data import DataDescription


def power() -> None:
    """Print the difference that each main question can detect, and how many seeds or images the target would take.

    Before the first training, only the size of the study is known.
    """
    if not HERE.analysis_file().exists():
        if not HERE.data_description_file().exists():
            raise UserError(f"{HERE.data_description_file()}: missing; run `dvc repro prepare` first")
        params = load_params()
        design = study_design(params, read_record(HERE.data_description_file(), DataDescription))
        for line in outlook(design, params.analysis.target_difference):
            typer.echo(line)
        return
    analysis = read_record(HERE.analysis_file(), Analysis)
    if not analysis.plans:
        raise UserError(
            "no main question can be planned: set `analysis.main_questions` in params.yaml, and two seeds or more"
        )
    first = analysis.plans[0]
    typer.echo(
        f"With {100 * POWER:.0f} % power, at an error of {100 * first.error:.2g} % for each of the main questions. "
        f"Target: {100 * first.target:.3g} points (`analysis.target_difference`), planned with the upper "
        f"{100 * (1 - CAUTION):.0f} % limit of the variance over seeds."
    )
    for plan in analysis.plans:
        typer.echo(f"{plan.treatment} - {plan.reference}: {planned(plan)}")


def planned(plan: QuestionPlan) -> str:
    """Return what one question detects, what limits it, and what the target would take."""
    detects = (
        f"detects {100 * plan.detectable:.1f} points" if plan.detectable <= 1 else "detects no possible difference"
    )
    ways = [
        f"{needed:,} {unit}"
        for needed, unit in ((plan.seeds_needed, "seeds"), (plan.images_needed, "test images"))
        if needed is not None
    ]
    takes = " or ".join(ways) or "more of both seeds and test images"
    return f"{detects} ({plan.seeds} seeds, {plan.images:,} images; {plan.limit} limit it); the target takes {takes}"
