"""Table of detectable differences of main questions, and of the size that the target needs."""

from transfer_report.records.analysis import QuestionPlan
from transfer_report.report.study import Study
from transfer_report.report.tables.comparisons import question_cell
from transfer_report.report.tables.table import Align, Cell, Table, columns
from transfer_report.wording.wording import Wording

_COLUMNS: dict[str, Align] = {
    "question": "text",
    "detectable": "number",
    "limit": "text",
    "seeds": "number",
    "images": "number",
    "time": "number",
}


def power_table(study: Study, wording: Wording) -> Table:
    """A row for each main question that can be planned."""
    plans = study.analysis.plans
    unit = "patients" if study.data.has_patients else "images"
    heads = {unit if name == "images" else name: align for name, align in _COLUMNS.items()}
    timed = any(plan.seconds is not None for plan in plans)
    notes = [wording.text("tables.power.note", plan=plans[0])]
    if timed:
        notes.append(wording.text("tables.power.note_time"))
    return Table(
        "tab-power",
        "S",
        wording.text("tables.power.caption", plan=plans[0]),
        columns(wording, "power", heads)[: None if timed else -1],
        [_row(plan, wording)[: None if timed else -1] for plan in plans],
        note=wording.joined(notes),
        about=[[plan.treatment, plan.reference] for plan in plans],
    )


def _row(plan: QuestionPlan, wording: Wording) -> list[Cell]:
    printer = wording.printer
    detectable = printer.printed(plan.detectable, "points")
    return [
        question_cell(plan.treatment, plan.reference, wording),
        wording.text("tables.power.impossible") if plan.detectable > 1 else detectable,
        wording.text(f"tables.power.limits.{plan.limit}"),
        _more(plan.seeds, plan.seeds_needed, wording),
        _more(plan.images, plan.images_needed, wording),
        printer.printed(plan.seconds, "duration"),
    ]


def _more(now: int, needed: int | None, wording: Wording) -> Cell:
    """How many there are, and how many it takes where these are too few."""
    if needed is not None and needed <= now:
        return wording.printer.printed(now, "count")
    return wording.text("tables.power.more", now=now, needed=needed)
