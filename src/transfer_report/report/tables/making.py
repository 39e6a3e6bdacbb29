"""Tables of how the report was made: settings, weights, programs, and what figures and tables were made from."""

from collections.abc import Callable, Mapping

from transfer_report.errors import first_few
from transfer_report.layout import HERE
from transfer_report.planning import Condition
from transfer_report.records.models import InitialWeights
from transfer_report.report.sources import MadeFrom, files_text
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Stacked, Table, columns
from transfer_report.settings import TrainingSettings
from transfer_report.wording.names import setting_text
from transfer_report.wording.wording import Wording

_MOST_LEFT_OUT = 4
"""Tensors of a file of weights without a place in the network that are named."""


def settings_table(study: Study, wording: Wording) -> Table:
    """Every setting of training with its value, or its values and whose they are."""
    printer = wording.printer
    rows: list[list[Cell]] = []
    for setting in TrainingSettings.model_fields:
        holders: dict[str, list[Condition]] = {}
        for condition in study.conditions:
            holders.setdefault(_plain(getattr(condition.training, setting), setting, wording), []).append(condition)
        rows.append([printer.text(setting, "setting"), _values(holders, study, wording)])
    for setting, value in study.conditions[0].compute:
        rows.append([printer.text(setting, "setting"), str(value)])
    heads = columns(wording, "settings", {"setting": "text", "value": "text"})
    return Table("tab-settings", "S", wording.text("tables.settings.caption"), heads, rows, inputs=(HERE.plan,))


def _values(holders: Mapping[str, list[Condition]], study: Study, wording: Wording) -> Cell:
    """The one value; or the most frequent one, and below it each other with the conditions that have it."""
    usual, *others = sorted(holders, key=lambda value: -len(holders[value]))
    if not others:
        return usual
    lines = [wording.text("tables.settings.usual", value=usual)]
    for value in others:
        whose = wording.joined(_named(holders[value], study, wording), "; ")
        lines.append(wording.text("tables.settings.other", value=value, conditions=whose))
    return Stacked(tuple(lines))


def _named(conditions: list[Condition], study: Study, wording: Wording) -> list[str]:
    """Conditions by name, all of a way to train by that."""
    names: list[str] = []
    for strategy in dict.fromkeys(condition.strategy for condition in conditions):
        own = [str(condition.key) for condition in conditions if condition.strategy == strategy]
        every = len(own) == sum(condition.strategy == strategy for condition in study.conditions)
        names += [wording.printer.text(strategy, "strategy")] if every else [
            wording.printer.text(key, "condition") for key in own
        ]  # fmt: skip
    return names


def _plain(value: object, setting: str, wording: Wording) -> str:
    if setting == "early_stopping_patience" and value == 0:
        return wording.text("tables.settings.none")
    if isinstance(value, list):
        return ", ".join(value) or wording.text("tables.settings.none")
    if name := getattr(value, "name", ""):
        arguments = ", ".join(f"{key} = {argument}" for key, argument in getattr(value, "arguments", {}).items())
        return f"{name} ({arguments})" if arguments else str(name)
    return setting_text(wording.printer, setting, value)


def weights_table(study: Study, wording: Wording) -> Table:
    """A row for each model's initial weights."""
    rows: list[list[Cell]] = [
        [
            _network(weights, wording),
            weights.name or wording.printer.printed(weights.source, "verdict"),
            _origin(weights, wording),
            wording.printer.printed(weights.sha256, "short_hash"),
        ]
        for weights in study.weights
    ]
    inputs = tuple(HERE.weights_record_file(weights.model) for weights in study.weights)
    heads = columns(wording, "weights", {"model": "text", "source": "text", "origin": "text", "sha256": "text"})
    return Table("tab-weights", "S", wording.text("tables.weights.caption"), heads, rows, inputs=inputs)


def _network(weights: InitialWeights, wording: Wording) -> Cell:
    """A model's name, with its architecture where the name does not say it."""
    name = wording.printer.printed(weights.model, "model")
    return name if weights.model.startswith(weights.architecture) else Stacked((name, weights.architecture))


def _origin(weights: InitialWeights, wording: Wording) -> Cell:
    """Where weights come from; of a file and of timm, also licence and input; of a file, what of it was taken."""
    if not weights.licence:
        return weights.origin
    licence = wording.text("tables.weights.licence", licence=weights.licence)
    lines = (weights.origin, licence, _input(weights, wording))
    if weights.match is None:
        return Stacked(lines)
    left_out = weights.match.left_out
    matched = wording.text(
        "tables.weights.matched",
        tensors=weights.match.tensors,
        prefix=weights.match.prefix,
        grey=weights.match.grey,
        left_out=first_few(left_out, _MOST_LEFT_OUT) if left_out else wording.text("tables.settings.none"),
    )
    return Stacked((*lines, matched))


def _input(weights: InitialWeights, wording: Wording) -> str:
    """What weights want their input to be."""
    mean, std = (
        " / ".join(wording.printer.text(channel, "decimal3") for channel in channels)
        for channels in (weights.mean, weights.std)
    )
    return wording.text("tables.weights.input", mean=mean, std=std, trained_px=weights.trained_px)


def packages_table(study: Study, wording: Wording) -> Table:
    """A row for each program."""
    versions = {"Python": study.provenance.python} | study.provenance.packages
    rows: list[list[Cell]] = [[name, version] for name, version in versions.items()]
    heads = columns(wording, "packages", {"package": "text", "version": "text"})
    return Table("tab-packages", "S", wording.text("tables.packages.caption"), heads, rows, inputs=())


def sources_table(sources: Mapping[str, MadeFrom], ref: Callable[[str], str], wording: Wording) -> Table:
    """A row for all figures and tables that one stage made from the same files.

    Args:
        sources: what each figure and table was made from, by id.
        ref: an id as a link.
        wording: words for the heads.
    """
    alike: dict[MadeFrom, list[str]] = {}
    for id_, source in sources.items():
        alike.setdefault(source, []).append(ref(id_))
    rows: list[list[Cell]] = [
        [wording.joined(links, ", "), source.stage, files_text(source, "short_hash", wording)]
        for source, links in alike.items()
    ]
    heads = columns(wording, "sources", {"shown": "text", "stage": "text", "files": "text"})
    return Table("tab-sources", "S", wording.text("tables.sources.caption"), heads, rows, inputs=())
