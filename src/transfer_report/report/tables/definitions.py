"""The table of definitions: what each measure and verdict means, and who defined it."""

from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Table, columns
from transfer_report.wording.wording import Wording


def definitions_table(study: Study, wording: Wording) -> Table:
    """A row for each measure, in the order of the wording file."""
    thresholds = {
        "confidence": study.value("facts.confidence", "percent_exact"),
        "margin": study.value("facts.margin", "points_size"),
        "power": study.value("facts.power", "percent_exact"),
        "rise": study.value("facts.rise", "percent_exact"),
        "level": study.value("facts.level_share", "percent_exact"),
        "alike": study.value("facts.negligible_auroc", "decimal3"),
    }
    rows: list[list[Cell]] = [
        [term, wording.text(f"definitions.texts.{name}", **thresholds)]
        for name, term in wording.names("definitions.terms").items()
    ]
    heads = columns(wording, "definitions", {"term": "text", "definition": "text"})
    return Table("tab-definitions", "G", wording.text("tables.definitions.caption"), heads, rows)
