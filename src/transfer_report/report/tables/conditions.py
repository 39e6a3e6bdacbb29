"""Tables 1 to 6: the conditions of one group and one model, with reported numbers beside ours."""

from transfer_report import storage
from transfer_report.records import StudyTable
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Table, columns
from transfer_report.wording.wording import Wording


def condition_table_id(table: StudyTable) -> str:
    """What links to a study table point to."""
    return f"tab-{table.group}-{table.model}"


def condition_table(study: Study, table: StudyTable, wording: Wording) -> Table:
    """A row for each condition; its number is the homework's."""
    reported = {reference.condition: reference for reference in study.analysis.references}
    here = [reported[key] for key in table.conditions if key in reported]
    estimate = study.analysis.estimates["test"][table.baseline]["accuracy"]
    seeds = len(study.evaluation.seeds)
    heads = columns(
        wording,
        "condition",
        {
            "condition": "text",
            "parameters": "number",
            "epoch": "number",
            "val": "number",
            "test": "number",
            "interval": "number",
            "reported": "number",
        },
    )
    rows = [_row(study, key, wording, with_reference=bool(here)) for key in table.conditions]
    note = wording.text("tables.condition.note_no_reference")
    if here:
        images = study.value(f"references.{here[0].condition}.images", "count")
        source = study.value("facts.reported_source", "text")
        note = wording.text("tables.condition.note", images=images, source=source)
    return Table(
        id=condition_table_id(table),
        section=table.group,
        caption=wording.text(
            "tables.condition.caption" if seeds > 1 else "tables.condition.caption_one_seed",
            model=wording.printer.text(table.model, "model"),
            group=wording.printer.text(table.group, "group"),
            seeds=seeds,
            confidence=wording.printer.text(estimate.confidence, "percent_exact"),
        ),
        columns=heads if here else heads[:-1],
        rows=rows,
        number=table.number,
        note=note,
        about=[[key] for key in table.conditions],
        inputs=(storage.evaluation_file(), storage.analysis_file(), storage.PLAN),
    )


def _row(study: Study, key: str, wording: Wording, *, with_reference: bool) -> list[Cell]:
    printer = wording.printer
    test = f"estimates.test.{key}.accuracy"
    row: list[Cell] = [
        printer.text(key, "technique"),
        printer.value(study.value(f"runs.{key}.trained_parameters", "millions_number")),
        printer.value(study.value(f"runs.{key}.best_epoch", "decimal1")),
        printer.value(study.value(f"estimates.val.{key}.accuracy.value", "percent_number")),
        printer.value(study.value(f"{test}.value", "percent_number")),
        interval(study, test, "percent_number", wording),
    ]
    if with_reference:
        address = f"references.{key}.accuracy"
        known = address in study.leaves
        row.append(printer.value(study.value(address, "percent_exact_number")) if known else printer.none)
    return row


def interval(study: Study, address: str, format: str, wording: Wording) -> str:  # noqa: A002  # the record's own word
    """The ends of an estimate's interval, or the sign of a missing value."""
    low = study.value(f"{address}.low", format)
    if low.value is None:
        return wording.printer.none
    return wording.text("page.interval", low=low, high=study.value(f"{address}.high", format))
