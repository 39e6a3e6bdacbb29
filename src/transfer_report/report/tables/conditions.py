"""Tables of conditions: one for each group of a strategy, with reported numbers."""

from transfer_report.analysis.tables import TableGroup
from transfer_report.layout import HERE
from transfer_report.records.analysis import Control
from transfer_report.report.study import Study
from transfer_report.report.tables.controls import control_name, control_score, shown_controls
from transfer_report.report.tables.table import Cell, Stacked, Table, columns
from transfer_report.wording.names import group_name
from transfer_report.wording.wording import Wording


def condition_table(study: Study, group: TableGroup, wording: Wording) -> Table:
    """A row for each condition of a group, then the controls."""
    reported = {result.condition: result for result in study.analysis.reported}
    here = [reported[key] for key in group.conditions if key in reported]
    estimate = study.analysis.estimates["test"][group.conditions[0]]["accuracy"]
    seeds = estimate.seeds
    heads = columns(
        wording,
        "condition",
        {
            "condition": "text",
            "parameters": "number",
            "epoch": "number",
            "val": "number",
            "val_interval": "number",
            "test": "number",
            "interval": "number",
            "reported": "number",
        },
    )
    rows = [_row(study, group, key, wording, with_reference=bool(here)) for key in group.conditions]
    models = dict.fromkeys(table.model for table in group.tables)
    controls = list({control.name: control for model in models for control in shown_controls(study, model)}.values())
    several = sum(":" in control.name for control in controls) > 1
    rows += [
        _control_row(study, control, wording, with_model=several, with_reference=bool(here)) for control in controls
    ]
    notes = []
    if group.number == 1:  # the columns of the others are the same
        images = study.value(f"reported.{here[0].condition}.images", "count") if here else 0
        notes.append(wording.text(f"tables.condition.note{'' if here else '_no_reported'}", images=images))
        if controls:
            notes.append(wording.text("tables.condition.note_controls"))
    return Table(
        id=f"tab-{group.key}",
        section=group.strategy,
        caption=wording.text(
            "tables.condition.caption" if seeds > 1 else "tables.condition.caption_one_seed",
            name=group_name(wording, group.tables),
            seeds=seeds,
            confidence=wording.printer.text(estimate.confidence, "percent_exact"),
        ),
        columns=heads if here else heads[:-1],
        rows=rows,
        number=str(group.number),
        note=wording.joined(notes),
        about=[[key] for key in group.conditions],
        inputs=(HERE.evaluation_file(), HERE.analysis_file(), HERE.plan),
    )


def _row(study: Study, group: TableGroup, key: str, wording: Wording, *, with_reference: bool) -> list[Cell]:
    printer = wording.printer
    val, test = (f"estimates.{split}.{key}.accuracy" for split in ("val", "test"))
    row: list[Cell] = [
        printer.text(key, group.name_format(key)),
        printer.value(study.value(f"runs.{key}.trained_parameters", "millions_number")),
        printer.value(study.value(f"runs.{key}.best_epoch", "decimal1")),
        printer.value(study.value(f"{val}.value", "percent_number")),
        interval(study, val, "percent_number", wording),
        printer.value(study.value(f"{test}.value", "percent_number")),
        interval(study, test, "percent_number", wording),
    ]
    if with_reference:
        address = f"reported.{key}.accuracy"
        known = address in study.leaves
        row.append(printer.value(study.value(address, "percent_exact_number")) if known else printer.none)
    return row


def _control_row(
    study: Study, control: Control, wording: Wording, *, with_model: bool, with_reference: bool
) -> list[Cell]:
    """Neither trained parameters nor epochs, nor anything reported."""
    none = wording.printer.none
    val, test = (f"controls.{control.name}.estimates.{split}.accuracy" for split in ("val", "test"))
    return [
        control_name(study, control, wording, with_model=with_model),
        none,
        none,
        control_score(study, control, "val.accuracy.value", "percent_number", wording),
        interval(study, val, "percent_number", wording),
        control_score(study, control, "test.accuracy.value", "percent_number", wording),
        interval(study, test, "percent_number", wording),
        *([none] if with_reference else []),
    ]


def interval(study: Study, address: str, format: str, wording: Wording) -> str:  # noqa: A002  # the record's own word
    """The ends of an estimate's interval, or the sign of a missing value."""
    low = study.value(f"{address}.low", format)
    if low.value is None:
        return wording.printer.none
    return wording.text("page.interval", low=low, high=study.value(f"{address}.high", format))


def with_interval(study: Study, address: str, format: str, wording: Wording) -> Stacked:  # noqa: A002  # as above
    """An estimate's value above its interval."""
    value = wording.printer.value(study.value(f"{address}.value", format))
    return Stacked((value, interval(study, address, format, wording)))
