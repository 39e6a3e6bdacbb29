"""Tables of the models: what is published of them, and how fast they are here."""

from transfer_report.records.analysis import Value
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
    rows: list[list[Cell]] = []
    for weights in study.listed_models:
        addresses = {f"published.{weights.architecture}.{name}": format_ for name, format_ in figures.items()}
        addresses[f"latencies.{weights.model}.milliseconds_per_image"] = "decimal1"
        cells = [
            study.value(address, format_) if address in study.leaves else Value(value=None, format=format_, source="")
            for address, format_ in addresses.items()
        ]
        name = study.value(f"weights.{weights.model}.model", "model")
        rows.append([wording.printer.value(cell) for cell in (name, *cells)])
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
        px = study.value(f"latencies.{study.analysis.latencies[0].model}.image_px", "count")
        timed = wording.text("tables.models.timed", px=px)
    return Table("tab-models", "S", wording.text("tables.models.caption", timed=timed), heads, rows)
