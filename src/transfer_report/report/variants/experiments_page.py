"""The page over all experiments."""

from collections.abc import Mapping, Sequence
from typing import Any

from transfer_report.records.analysis import Estimate
from transfer_report.report.document import Document, NoticeBox, Paragraph, PlacedTable, Section
from transfer_report.report.tables.table import Align, Cell, Column, Stacked, Table, interval
from transfer_report.report.variants.comparison_page import (
    outcome_counts,
    page_wording,
    plain_text,
    verdict_text,
)
from transfer_report.settings import AnalysisSettings
from transfer_report.variants.differences import ConditionDifference
from transfer_report.variants.overview import Tried, distinct_differences
from transfer_report.wording.wording import Wording

HEADS: dict[str, Align] = {
    "experiment": "text", "condition": "text", "accuracy": "number", "change": "number", "p_adjusted": "number",
    "verdict": "text",
}  # fmt: skip


def experiments_page(
    tried: Sequence[Tried], settings: AnalysisSettings, texts: Mapping[str, Any], file: str
) -> Document:
    """One row for each condition that an experiment changed, or added.

    Args:
        tried: all experiments.
        settings: by which they were judged.
        texts: of the report's language.
        file: they came from, for errors.
    """
    wording = page_wording(texts, file)
    read = [one for one in tried if not one.problem]
    failed = any(each.failed for one in read for each in one.differences)
    table = Table(
        "experiments",
        "",
        "",
        [Column(wording.text(f"variants.experiments.columns.{name}"), align) for name, align in HEADS.items()],
        [row for one in read for row in _rows(one, wording)],
        note=wording.text("tables.comparison.note_failed") if failed else "",
    )
    lead = _lead(read, settings, wording) if tried else [wording.text("variants.experiments.none")]
    section = Section(table.id, wording.text("variants.blocks.experiments"), [PlacedTable(table)])
    return Document(
        kicker=wording.text("variants.experiments.kicker"),
        title=wording.text("variants.experiments.title"),
        description=wording.text("variants.experiments.description"),
        colophon=wording.text("variants.experiments.colophon"),
        front=[*map(NoticeBox, _notices(tried, wording)), *map(Paragraph, lead)],
        sections=[section] if read else [],
        look="variants",
    )


def _notices(tried: Sequence[Tried], wording: Wording) -> list[str]:
    left_out: dict[str, list[str]] = {}
    for one in tried:
        if one.problem:
            left_out.setdefault(one.problem, []).append(one.experiment.revision.name)
    unread = [
        wording.text("variants.experiments.unreadable", count=len(names), names=", ".join(names), problem=problem)
        for problem, names in left_out.items()
    ]
    unpaired = [
        wording.text("variants.experiments.unpaired", name=one.experiment.revision.name)
        for one in tried
        if one.unpaired
    ]
    return unread + unpaired


def _lead(read: Sequence[Tried], settings: AnalysisSettings, wording: Wording) -> list[str]:
    differences = distinct_differences(read)
    if not differences:
        key = "nothing" if read else "none_read"
        return [wording.text(f"variants.experiments.{key}", experiments=len(read))]
    scope = "runs" if any(one.metrics["accuracy"].difference.scope == "runs" for one in differences) else "conditions"
    printed = wording.printer.text
    better = [
        wording.text(
            "variants.experiments.winner",
            name=one.experiment.revision.name,
            condition=wording.text("names.marked", text=each.treatment) if each.failed else each.treatment,
        )
        for one in read
        for each in one.differences
        if each.metrics["accuracy"].outcome == "better"
    ]
    return [
        wording.text(
            "variants.experiments.lead",
            experiments=len(read),
            tested=len(differences),
            outcomes=outcome_counts(differences, wording),
        ),
        *([wording.text("variants.experiments.better", winners=", ".join(better))] if better else []),
        wording.joined(
            [
                wording.text(f"variants.basis_{scope}", confidence=printed(settings.confidence, "percent_exact")),
                wording.text(
                    "variants.experiments.holm",
                    count=len(differences),
                    margin=printed(settings.equivalence_margin, "points"),
                ),
            ]
        ),
    ]


def _rows(one: Tried, wording: Wording) -> list[list[Cell]]:
    """One for each condition that changed; a single one where none did."""
    baseline = wording.text("variants.experiments.baseline", name=one.experiment.baseline.name)
    none, identical = wording.printer.none, wording.printer.text("identical", "verdict")

    def start(condition: str) -> Stacked:
        return Stacked((one.experiment.revision.name, baseline, *_settings(one, condition, wording)))

    rows: list[list[Cell]] = [[start(each.treatment), *_difference(one, each, wording)] for each in one.differences]
    rows += [
        [start(key), wording.text("variants.experiments.without", condition=key), *[none] * 4] for key in one.alone
    ]
    return rows or [[start(""), wording.text("variants.experiments.identical"), *[none] * 3, identical]]


def _difference(tried: Tried, one: ConditionDifference, wording: Wording) -> list[Cell]:
    judged, printed = one.metrics["accuracy"], wording.printer.text
    name = one.treatment
    if one.reference != one.treatment:
        kind = "within" if name in tried.shared else "unlike"
        name = wording.text(f"variants.experiments.{kind}", condition=one.treatment, reference=one.reference)
    return [
        name,
        _with_interval(judged.treatment, "percent_number", wording),
        _with_interval(judged.difference, "signed_points", wording),
        printed(judged.p_adjusted, "p_value"),
        verdict_text(one, judged.outcome, wording),
    ]


def _with_interval(estimate: Estimate, form: str, wording: Wording) -> Stacked:
    return Stacked((wording.printer.text(estimate.value, form), interval(estimate, form, wording)))


def _settings(one: Tried, condition: str, wording: Wording) -> list[str]:
    """Return the settings that differ from the experiment's baseline, for one condition or for all."""
    shared = one.shared.get(condition, [])
    concern = [each for each in one.changes if not (condition and each.conditions) or condition in each.conditions]
    parts = []
    for kind, members in (("set", [each for each in concern if each not in shared]), ("set_in_both", shared)):
        changed = dict.fromkeys((change.name, plain_text(change.treatment, wording)) for change in members)
        parts += [wording.text(f"variants.experiments.{kind}", name=name, value=value) for name, value in changed]
    if one.includes:
        parts.append(wording.text("variants.experiments.includes", name=one.includes))
    added = {each.treatment for each in one.differences if each.reference != each.treatment}
    added -= {key for change in one.changes for key in change.conditions}
    compared = [each.treatment for each in one.differences if each.treatment in added]
    new = [key for key in (*one.alone, *compared) if condition in ("", key)]
    parts += [wording.text("variants.experiments.new", condition=key) for key in new]
    parts += [wording.text("variants.experiments.removed", condition=key) for key in one.removed]
    return parts or [wording.text("variants.experiments.no_change")]
