"""Where the report answers the items of a reporting checklist, and a filled checklist as Markdown."""

from collections.abc import Iterator

from transfer_report.analysis.checklists import FilledChecklist, FilledItem, Place
from transfer_report.report.context import Context
from transfer_report.report.markdown import escaped
from transfer_report.wording.wording import Wording

SHOWN_BY: dict[Place, str] = {
    "attention": "fig-attention",
    "calibration": "fig-risk-calibration",
    "classes": "tab-classes",
    "confusion": "fig-confusion",
    "data": "tab-images",
    "data_checks": "tab-checks",
    "errors": "fig-hard-images",
    "initial_weights": "tab-weights",
    "models": "tab-models",
    "operating_point": "tab-operating-point",
    "provenance": "tab-packages",
    "risk_distribution": "fig-risk-distribution",
    "roc": "fig-roc",
    "seeds": "tab-scores",
    "settings": "tab-settings",
    "shift": "tab-shift",
    "splits": "tab-images",
    "test_set": "tab-scores",
}
"""Figure or table that answers, where the report has it."""
SAID_IN: dict[Place, str] = {
    "comparisons": "comparison",
    "definitions": "making",
    "power": "comparison",
    "preparation": "models",
    "question": "models",
    "selection": "making",
    "temperature": "test",
}
"""Section that answers, where the report has it."""


def checklist_places(context: Context) -> dict[Place, str]:
    """Return the places of a report that answer items, with what the report calls them."""
    return dict(_places(context))


def _places(context: Context) -> Iterator[tuple[Place, str]]:
    wording = context.wording
    for place, id_ in SHOWN_BY.items():
        if id_ in context.figures or id_ in context.tables:
            yield place, context.numbering.label(id_)
    titles = {section.id: " ".join(filter(None, (section.letter, section.title))) for section in context.sections()}
    for place, section in SAID_IN.items():
        if section in titles:
            yield place, wording.text("checklists.section", title=titles[section])
    yield "summary", wording.text("page.summary")
    yield "caveats", wording.text("page.summary")
    yield "training", ", ".join(context.numbering.label(one) for one in context.figures if one.startswith("fig-curves"))
    yield "predictions", "predictions.csv"
    points = context.study.clinical.images.operating_points
    if points and points[0].at_prevalence is not None:
        yield "prevalence", context.numbering.label("tab-operating-point")


def checklist_text(checklist: FilledChecklist, wording: Wording) -> str:
    """Return a filled checklist as Markdown: a table of items, by part of a paper."""
    counts = [
        wording.text(f"checklists.counts.{status}", count=sum(item.status == status for item in checklist.items))
        for status in wording.names("checklists.counts")
    ]
    lines = [f"# {checklist.name}", "", f"{checklist.title}. {checklist.citation}. doi:{checklist.doi}", ""]
    lines += [wording.text("checklists.intro", counts=", ".join(counts)), ""]
    for part in dict.fromkeys(item.part for item in checklist.items):
        heads = [wording.text(f"checklists.columns.{name}") for name in ("number", "item", "status", "answer")]
        lines += [f"## {part}", "", f"| {' | '.join(heads)} |", "| --- | --- | --- | --- |"]
        lines += [_row(item, wording) for item in checklist.items if item.part == part]
        lines.append("")
    return "\n".join(lines)


def _row(item: FilledItem, wording: Wording) -> str:
    cells = [item.number, item.text, wording.text(f"checklists.status.{item.status}"), answer_text(item, wording)]
    return f"| {' | '.join(escaped(cell).replace(chr(10), ' ') for cell in cells)} |"


def answer_text(item: FilledItem, wording: Wording) -> str:
    """Return what answers an item: places of the report, the author's words, and what is missing."""
    parts = [", ".join(item.places), *item.answers.values(), item.reason]
    if item.missing:
        parts.append(wording.text("checklists.missing", keys=", ".join(item.missing).replace("_", " ")))
    return "; ".join(filter(None, parts))
