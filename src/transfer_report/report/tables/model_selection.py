"""Tables of the models: what is published of them, and how fast they are here."""

from transfer_report.records import Value
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Cell, Table, columns
from transfer_report.wording.wording import Wording


def models_table(study: Study, wording: Wording) -> Table:
    """A row for each model of the study that torchvision has published figures of."""
    measured = {latency.model for latency in study.analysis.latencies}
    rows: list[list[Cell]] = []
    for weights in study.described_models:
        place = f"published.{weights.architecture}"
        cells = [
            study.value(f"weights.{weights.model}.model", "model"),
            study.value(f"{place}.parameters", "millions_number"),
            study.value(f"{place}.gflops", "decimal"),
            study.value(f"{place}.file_mb", "decimal1"),
            study.value(f"{place}.top1", "decimal"),
            study.value(f"{place}.top5", "decimal"),
        ]
        if weights.model in measured:
            cells.append(study.value(f"latencies.{weights.model}.milliseconds_per_image", "decimal1"))
        else:
            cells.append(Value(value=None, format="decimal1", source=""))
        rows.append([wording.printer.value(cell) for cell in cells])
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
    if measured:
        px = study.value(f"latencies.{study.analysis.latencies[0].model}.image_px", "count")
        timed = wording.text("tables.models.timed", px=px)
    return Table("tab-models", "A", wording.text("tables.models.caption", timed=timed), heads, rows)
