"""Names of what the study is made of, as readers see them: conditions, models, settings, verdicts."""

from collections.abc import Mapping, Sequence
from typing import Any

from transfer_report.conditions import ConditionKey
from transfer_report.records.analysis import StudyTable
from transfer_report.wording.formats import setting_format
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording

WHOLE_NAMES = ("condition", "short_condition", "row", "setup", "strategy_of", "model_of")
"""Formats of a condition's key: its whole name, and what is left of that where some of it is known."""
MOST_NAMED = 3
"""Settings by which a condition is named; of more, the table of settings tells, and figures have no room."""


def study_printer(texts: Mapping[str, Any], tables: list[StudyTable], file: str = "wording") -> Printer:
    """A printer that knows the signs of the language and the names of the study.

    A condition is named by the settings in which it departs from its table's baseline.
    """
    words = Wording(texts, Printer(), file=file)
    signs = words.names("numbers")
    keyed = (
        "model",
        "strategy",
        "strategy_heading",
        "metric",
        "measure",
        "level_unit",
        "change_unit",
        "split",
        "verdict",
        "setting",
        "value",
        "start",
    )
    names = {kind: words.names(f"names.{kind}") for kind in keyed}
    plain = Printer(names, **signs)
    names["features"] = words.names("names.features") | {
        f"backbone:{model}": words.text("names.features_of", model=plain.text(model, "model"))
        for model in sorted({table.model for table in tables})
    }
    named: dict[str, dict[str, str]] = {kind: {} for kind in ("technique", *WHOLE_NAMES)}
    writer = Wording(texts, plain, file=file)
    for table in tables:
        techniques = [_technique(writer, table, condition) for condition in table.conditions]
        for index, (condition, technique) in enumerate(zip(table.conditions, techniques, strict=True)):
            if index and techniques.count(technique) > 1:
                # Two that differ in what their names do not tell, such as the arguments of a scheduler.
                own = ConditionKey.parse(condition).name
                technique = writer.text("names.technique.again", technique=technique, name=own)
            gaps = {
                "model": plain.text(table.model, "model"),
                "strategy": plain.text(table.strategy, "strategy"),
                "technique": technique,
            }
            named["technique"][condition] = technique
            for kind in WHOLE_NAMES:
                named[kind][condition] = writer.text(f"names.{kind}", **gaps)
    return Printer(names | named, **signs)


def group_name(wording: Wording, tables: Sequence[StudyTable]) -> str:
    """Return the name of tables of one strategy that are printed as one: their models and the strategy."""
    models = [wording.printer.text(table.model, "model") for table in tables]
    return wording.text(
        "names.group",
        models=", ".join(models),
        strategy=wording.printer.text(tables[0].strategy, "strategy"),
    )


def setting_text(printer: Printer, setting: str, value: Any) -> str:
    """A setting's value: `5 × 10⁻⁴` for a learning rate, the name for something named."""
    return printer.text(value, setting_format(value, setting))


def _technique(wording: Wording, table: StudyTable, condition: str) -> str:
    departures = table.techniques.get(condition, {})
    if not departures:
        return wording.text("names.technique.baseline")
    if len(departures) > MOST_NAMED:
        return wording.text("names.technique.several", count=len(departures), name=ConditionKey.parse(condition).name)
    parts = [
        wording.text(
            f"names.technique.{setting}" if wording.has(f"names.technique.{setting}") else "names.technique.other",
            setting=wording.printer.text(setting, "setting"),
            value=wording.printer.text(value, "short_rate")
            if setting == "lr" and not isinstance(value, str)
            else setting_text(wording.printer, setting, value),
        )
        for setting, value in departures.items()
    ]
    return wording.text("names.technique.joint").join(parts)
