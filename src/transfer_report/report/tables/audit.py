"""The table of claims: what is claimed and how that is read, by what evidence, and whether it holds."""

from itertools import groupby

from transfer_report.records import ClaimResult
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Stacked, Table, columns
from transfer_report.wording.formats import with_bound_units
from transfer_report.wording.wording import Wording


def claims_table(study: Study, wording: Wording) -> Table:
    """A row for each claim."""
    rows = [_row(claim, wording) for claim in study.analysis.claims]
    heads = columns(wording, "claims", {"id": "text", "claim": "text", "verdict": "text"})
    note = wording.text("tables.claims.note", confidence=study.value("facts.confidence", "percent_exact"))
    return Table("tab-claims", "F", wording.text("tables.claims.caption"), heads, rows, note=note)


def _row(claim: ClaimResult, wording: Wording) -> list[Cell]:
    """Evidence of a claim whose parts differ in verdict says before each what it shows."""
    sentences = []
    for verdict, parts in groupby(claim.evidence, key=lambda part: part.verdict):
        told = wording.joined([wording.sentence(f"claims.{part.wording}", **part.values) for part in parts])
        if any(part.verdict != verdict for part in claim.evidence):
            told = wording.text("tables.claims.part", verdict=wording.printer.text(verdict, "verdict"), evidence=told)
        sentences.append(told)
    lines = [with_bound_units(claim.text)]
    if claim.reads_as:
        lines.append(wording.text("tables.claims.read_as", reads_as=with_bound_units(claim.reads_as)))
    lines.append(wording.joined(sentences))
    return [claim.id, Stacked(tuple(lines)), wording.printer.text(claim.verdict, "verdict")]
