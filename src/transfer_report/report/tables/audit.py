"""The table of claims: what is claimed and how that is read, by what evidence, and whether it holds."""

from itertools import groupby

from transfer_report.records.analysis import ClaimResult
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Stacked, Table, columns
from transfer_report.wording.formats import with_bound_units
from transfer_report.wording.wording import Wording


def claims_summary(study: Study, wording: Wording) -> Table | None:
    """A line for each claim that was decided: what is claimed and the verdict; None where none was."""
    rows: list[list[Cell]] = [
        [claim.id, with_bound_units(claim.text), wording.printer.text(claim.verdict, "verdict")]
        for claim in study.analysis.claims
        if claim.verdict != "inconclusive"
    ]
    if not rows:
        return None
    heads = columns(wording, "claims_summary", {"id": "text", "claim": "text", "verdict": "text"})
    return Table("tab-claims", "F", wording.text("tables.claims_summary.caption"), heads, rows)


def claims_table(study: Study, wording: Wording) -> Table:
    """A row for each claim, with how it is read and the evidence."""
    rows = [_row(claim, wording) for claim in study.analysis.claims]
    heads = columns(wording, "claims", {"id": "text", "claim": "text", "verdict": "text"})
    notes = [wording.text("tables.claims.note")]
    if any(part.wording == "random_start" for claim in study.analysis.claims for part in claim.evidence):
        notes.append(wording.text("tables.claims.note_random_start"))
    return Table(
        "tab-claims-evidence", "S", wording.text("tables.claims.caption"), heads, rows, note=wording.joined(notes)
    )


def _row(claim: ClaimResult, wording: Wording) -> list[Cell]:
    """Evidence of a claim whose parts differ in verdict says before each what it shows."""
    sentences = []
    for verdict, parts in groupby(claim.evidence, key=lambda part: part.verdict):
        text = wording.joined([wording.evidence(part) for part in parts])
        if any(part.verdict != verdict for part in claim.evidence):
            text = wording.text("tables.claims.part", verdict=wording.printer.text(verdict, "verdict"), evidence=text)
        sentences.append(text)
    lines = [with_bound_units(claim.text)]
    if claim.reads_as:
        lines.append(wording.text("tables.claims.read_as", reads_as=with_bound_units(claim.reads_as)))
    lines.append(wording.joined(sentences))
    return [claim.id, Stacked(tuple(lines)), wording.printer.text(claim.verdict, "verdict")]
