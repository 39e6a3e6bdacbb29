"""Rows of controls without training cost, below the conditions of a table."""

from transfer_report.records.analysis import Control
from transfer_report.report.study import Study
from transfer_report.wording.printer import Printed
from transfer_report.wording.wording import Wording


def shown_controls(study: Study, model: str = "") -> list[Control]:
    """The controls that no model has a part in, and nearest neighbours of one model, or of all where none is named."""
    return [
        control for control in study.analysis.controls if not model or control.name.partition(":")[2] in ("", model)
    ]


def control_name(study: Study, control: Control, wording: Wording, *, with_model: bool) -> str:
    """Return the name of a control, with the model of its features where a table has several."""
    kind, _, model = control.name.partition(":")
    if not model:
        return wording.text(f"names.control.{kind}")
    return wording.text(
        f"names.control.{kind}_of" if with_model else f"names.control.{kind}",
        neighbours=study.value(f"controls.{control.name}.neighbours", "count"),
        model=wording.printer.text(model, "model"),
    )


def control_score(study: Study, control: Control, address: str, format: str, wording: Wording) -> Printed:  # noqa: A002
    """A score of a control: `address` is that below its estimates, such as `test.accuracy.value`."""
    return wording.printer.value(study.value(f"controls.{control.name}.estimates.{address}", format))
