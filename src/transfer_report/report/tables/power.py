"""Table of detectable differences of main questions, and of the size that the target needs."""

from transfer_report.analysis.lookup import address
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
    place = address("plans", plans[0])
    values = {
        "target": study.value(f"{place}.target", "points"),
        "error": study.value(f"{place}.error", "percent_exact"),
        "power": study.value("facts.power", "percent_exact"),
    }
    unit = "patients" if study.data.has_patients else "images"
    heads = {unit if name == "images" else name: align for name, align in _COLUMNS.items()}
    timed = any(plan.seconds is not None for plan in plans)
    notes = [wording.text("tables.power.note", limit=study.value("facts.plan_limit", "percent_exact"), **values)]
    if timed:
        notes.append(wording.text("tables.power.note_time"))
    return Table(
        "tab-power",
        "S",
        wording.text("tables.power.caption", **values),
        columns(wording, "power", heads)[: None if timed else -1],
        [_row(study, plan, wording)[: None if timed else -1] for plan in plans],
        note=wording.joined(notes),
        about=[[plan.treatment, plan.reference] for plan in plans],
    )


def _row(study: Study, plan: QuestionPlan, wording: Wording) -> list[Cell]:
    printer, place = wording.printer, address("plans", plan)
    detectable = study.value(f"{place}.detectable", "points")
    return [
        question_cell(plan.treatment, plan.reference, wording),
        wording.text("tables.power.impossible") if plan.detectable > 1 else printer.value(detectable),
        wording.text(f"tables.power.limits.{plan.limit}"),
        _more(study, place, "seeds", wording),
        _more(study, place, "images", wording),
        printer.value(study.value(f"{place}.seconds", "duration")),
    ]


def _more(study: Study, place: str, unit: str, wording: Wording) -> Cell:
    """How many there are, and how many it takes where these are too few."""
    now, needed = (study.value(f"{place}.{name}", "count") for name in (unit, f"{unit}_needed"))
    if needed.value is not None and float(needed.value) <= float(now.value or 0):
        return wording.printer.value(now)
    return wording.text("tables.power.more", now=now, needed=needed)
