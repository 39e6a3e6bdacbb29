"""Rows of controls without training cost, below the conditions of a table."""

from transfer_report.records.analysis import Control
from transfer_report.report.study import Study
from transfer_report.wording.wording import Wording


def shown_controls(study: Study, model: str = "") -> list[Control]:
    """The controls that no model has a part in, and nearest neighbours of one model, or of all where none is named."""
    return [
        control for control in study.analysis.controls if not model or control.name.partition(":")[2] in ("", model)
    ]


def control_name(control: Control, wording: Wording, *, with_model: bool) -> str:
    """Return the name of a control, with the model of its features where a table has several."""
    kind, _, model = control.name.partition(":")
    if not model:
        return wording.text(f"names.control.{kind}")
    return wording.text(
        f"names.control.{kind}_of" if with_model else f"names.control.{kind}",
        neighbours=control.neighbours,
        model=wording.printer.text(model, "model"),
    )
