"""Tables of conditions: one for each group of a strategy, with reported numbers."""

from transfer_report.analysis.tables import TableGroup
from transfer_report.layout import HERE
from transfer_report.records.analysis import Control, Estimate
from transfer_report.report.study import Study
from transfer_report.report.tables.controls import control_name, shown_controls
from transfer_report.report.tables.table import Cell, Table, columns, interval
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
    rows += [_control_row(control, wording, with_model=several, with_reference=bool(here)) for control in controls]
    notes = []
    if group.number == 1:  # the columns of the others are the same
        images = here[0].images if here else 0
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
    printer, analysis = wording.printer, study.analysis
    runs, val, test = (
        study.runs[key],
        analysis.estimates["val"][key]["accuracy"],
        analysis.estimates["test"][key]["accuracy"],
    )
    row: list[Cell] = [
        printer.text(key, group.name_format(key)),
        printer.printed(runs.trained_parameters, "millions_number"),
        printer.printed(runs.best_epoch, "decimal1"),
        *_scores(val, wording),
        *_scores(test, wording),
    ]
    if with_reference:
        reported = next((one.accuracy for one in analysis.reported if one.condition == key), None)
        row.append(printer.printed(reported, "percent_exact_number"))
    return row


def _scores(accuracy: Estimate, wording: Wording) -> tuple[Cell, Cell]:
    form = "percent_number"
    return wording.printer.printed(accuracy, form), interval(accuracy, form, wording)


def _control_row(control: Control, wording: Wording, *, with_model: bool, with_reference: bool) -> list[Cell]:
    """Neither trained parameters nor epochs, nor anything reported."""
    none = wording.printer.none
    return [
        control_name(control, wording, with_model=with_model),
        none,
        none,
        *_scores(control.estimates["val"]["accuracy"], wording),
        *_scores(control.estimates["test"]["accuracy"], wording),
        *([none] if with_reference else []),
    ]
