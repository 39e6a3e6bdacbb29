"""Where the report answers the items of reporting checklists, and filled ones as tables."""

from collections.abc import Iterable, Iterator, Mapping

from transfer_report.analysis.checklists import FilledChecklist, FilledItem, Place
from transfer_report.report.numbering import APPENDIX, Numbering
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Table, columns
from transfer_report.wording.wording import Wording

SHOWN_BY: dict[Place, tuple[str, ...]] = {
    "attention": ("fig-attention",),
    "calibration": ("fig-risks", "fig-risk-calibration"),
    "characteristics": ("tab-cohort",),
    "classes": ("tab-classes",),
    "confusion": ("fig-confusion",),
    "data": ("tab-images",),
    "data_checks": ("tab-checks",),
    "errors": ("fig-hard-images",),
    "flow_diagram": ("fig-flow",),
    "initial_weights": ("tab-weights",),
    "models": ("tab-models",),
    "operating_point": ("tab-operating-point",),
    "provenance": ("tab-packages",),
    "risk_distribution": ("fig-risk-distribution",),
    "roc": ("fig-risks", "fig-roc"),
    "seeds": ("tab-scores",),
    "settings": ("tab-settings",),
    "shift": ("tab-shift",),
    "splits": ("tab-images",),
    "subgroups": ("tab-subgroups",),
    "temperature": ("tab-temperature",),
    "test_set": ("tab-scores",),
}
"""Figures and tables that answer: the first of them that the report has."""
SAID_IN: dict[Place, str] = {
    "comparisons": "comparison",
    "definitions": "appendix-definitions",
    "power": "comparison",
    "preparation": "models",
    "question": "models",
    "selection": "comparison",
}
"""Section or part of the appendix that answers, where the report has it."""


def checklist_places(
    study: Study, sections: Mapping[str, str], numbering: Numbering, wording: Wording
) -> dict[Place, str]:
    """Return the places of a report that answer items, with what the report calls them.

    Args:
        study: The report's study.
        sections: Titles with their letters, by id.
        numbering: Numbers of its figures and tables.
        wording: Words for a place.
    """
    return dict(_places(study, sections, numbering, wording))


def _places(
    study: Study, sections: Mapping[str, str], numbering: Numbering, wording: Wording
) -> Iterator[tuple[Place, str]]:
    shown = (*numbering.figures, *numbering.tables)
    for place, ids in SHOWN_BY.items():
        if found := [id_ for id_ in ids if id_ in shown]:
            yield place, numbering.label(found[0])
    for place, section in SAID_IN.items():
        if section in sections:
            yield place, wording.text("checklists.section", title=sections[section])
    yield "summary", wording.text("page.summary")
    yield "caveats", wording.text("page.summary")
    yield "training", ", ".join(numbering.label(one) for one in numbering.figures if one.startswith("fig-curves"))
    yield "predictions", "predictions.csv"
    if study.analysis.external:
        tables = (f"tab-external-{one.external}" for one in study.analysis.external)
        yield "external", ", ".join(map(numbering.label, tables))
    points = study.clinical.images.operating_points
    if points and points[0].at_prevalence is not None:
        yield "prevalence", numbering.label("tab-operating-point")


def checklist_tables(filled: Iterable[FilledChecklist], wording: Wording) -> Iterator[Table]:
    """Yield a table of items for each filled checklist."""
    heads = columns(wording, "checklist", {"number": "text", "item": "text", "status": "text", "answer": "text"})
    for checklist in filled:
        caption = wording.text(
            "tables.checklist.caption",
            name=checklist.name,
            citation=checklist.citation,
            doi=checklist.doi,
            counts=counts_text(checklist, wording),
        )
        rows: list[list[Cell]] = [
            [item.number, item.text, wording.text(f"checklists.status.{item.status}"), answer_text(item, wording)]
            for item in checklist.items
        ]
        yield Table(f"tab-{file_name(checklist.name)}", APPENDIX, caption, heads, rows, inputs=())


def file_name(name: str) -> str:
    """Return `claim-2024`, `tripod-ai-2024`: a checklist's name where no space may stand."""
    return name.lower().replace(" ", "-").replace("+", "-")


def counts_text(checklist: FilledChecklist, wording: Wording) -> str:
    """Return how many items are answered by whom, and how many are open."""
    counts = {
        status: sum(item.status == status for item in checklist.items) for status in wording.names("checklists.counts")
    }
    return ", ".join(
        wording.text(f"checklists.counts.{status}", count=count) for status, count in counts.items() if count
    )


def answer_text(item: FilledItem, wording: Wording) -> str:
    """Return what answers an item: places of the report, the author's words, and what is missing."""
    parts = [", ".join(item.places), *item.answers.values(), item.reason]
    if item.missing:
        parts.append(wording.text("checklists.missing", keys=", ".join(item.missing).replace("_", " ")))
    return "; ".join(filter(None, parts))
