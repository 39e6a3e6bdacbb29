"""Table of tuning: what was tried for each condition, and what validation chose."""

from transfer_report.records.tuning import Tuning
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Stacked, Table, columns
from transfer_report.wording.formats import setting_format
from transfer_report.wording.names import setting_text
from transfer_report.wording.wording import Wording


def tuning_table(study: Study, wording: Wording) -> Table:
    """A row for each condition; nothing stands where a condition was not tuned."""
    tunings = {one.condition: one for one in study.analysis.tunings}
    conditions = [key for table in study.analysis.tables for key in table.conditions]
    rows: list[list[Cell]] = [
        [wording.printer.text(key, "condition"), *_cells(tunings.get(key), wording)] for key in conditions
    ]
    heads = columns(
        wording, "tuning", {"condition": "text", "tried": "text", "chosen": "text", "val": "number", "others": "number"}
    )
    return Table(
        "tab-tuning",
        "S",
        wording.text("tables.tuning.caption"),
        heads,
        rows,
        note=wording.text("tables.tuning.note"),
        about=[[key] for key in conditions],
    )


def _cells(tuning: Tuning | None, wording: Wording) -> list[Cell]:
    printer = wording.printer
    if tuning is None:
        return [printer.none] * 4
    tried = [
        wording.text(
            "tables.tuning.tried",
            setting=printer.text(name, "setting"),
            values=", ".join(setting_text(printer, name, value) for value in values),
        )
        for name, values in tuning.grid.items()
    ]
    chosen = [
        wording.text(
            "tables.tuning.at_edge" if name in tuning.at_edge else "tables.tuning.chosen",
            value=printer.printed(value, setting_format(value, name)),
        )
        for name, value in tuning.chosen.items()
    ]
    best = next(one for one in tuning.tried if one.values == tuning.chosen)
    scores = sorted(one.val_accuracy for one in tuning.tried if one is not best and one.val_accuracy is not None)
    others = [printer.printed(score, "percent_number") for score in scores]
    span: Cell = (
        printer.none
        if not others
        else others[0]
        if len(others) == 1
        else wording.text("page.interval", low=others[0], high=others[-1])
    )
    return [Stacked(tuple(tried)), Stacked(tuple(chosen)), printer.printed(best.val_accuracy, "percent_number"), span]
