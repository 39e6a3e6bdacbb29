"""Tables of the models: what is published of them, and how fast they are here."""

from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Table, columns
from transfer_report.wording.wording import Wording


def models_table(study: Study, wording: Wording) -> Table:
    """A row for each model of the study; nothing stands where nothing was published, or measured."""
    figures = {
        "parameters": "millions_number",
        "gflops": "decimal",
        "file_mb": "decimal1",
        "top1": "decimal",
        "top5": "decimal",
    }
    printed = wording.printer.printed
    facts_of = {facts.architecture: facts for facts in study.analysis.published}
    latencies = {one.model: one.milliseconds_per_image for one in study.analysis.latencies}
    rows: list[list[Cell]] = [
        [
            printed(weights.model, "model"),
            *(printed(getattr(facts_of.get(weights.architecture), name, None), form) for name, form in figures.items()),
            printed(latencies.get(weights.model), "decimal1"),
        ]
        for weights in study.listed_models
    ]
    heads = columns(
        wording,
        "models",
        {
            "model": "text",
            "parameters": "number",
            "gflops": "number",
            "file": "number",
            "top1": "number",
            "top5": "number",
            "time": "number",
        },
    )
    timed = ""
    if study.analysis.latencies:
        timed = wording.text("tables.models.timed", px=study.analysis.latencies[0].image_px)
    return Table("tab-models", "S", wording.text("tables.models.caption", timed=timed), heads, rows)
