"""Risks of the positive of two classes at a glance: ROC, calibration, decision curves."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transfer_report.analysis.clinical.records import Band, ClinicalEvidence
from transfer_report.figures.bands import (
    FOOT_MM,
    HEAD_MM,
    KEY_ENTRY_MM,
    OfClass,
    Panels,
    band_rows,
    draw_key,
    interval_words,
    style_of,
)
from transfer_report.figures.decision_curve import (
    HEADROOM,
    alternatives,
    decisions_alt,
    draw_decisions,
    shared_prevalence,
)
from transfer_report.figures.drawing import Drawing
from transfer_report.figures.risk_calibration import calibrations_alt, draw_calibrations
from transfer_report.figures.roc import curves_alt, draw_curves
from transfer_report.figures.style import TEXT_WIDTH_MM, new_figure
from transfer_report.wording.wording import Wording

PARTS = ("roc", "risk_calibration", "decision_curve")
"""The panels, from left to right, as the figures are called that show one each."""
LABEL_MM, RIGHT_MM = 13.0, 2.5
"""Room at the left of each panel for its labels, and at the right of the last."""


def risks_at_a_glance(evidence: ClinicalEvidence, classes: Sequence[str], wording: Wording) -> Drawing:
    """ROC, calibration and decision curves of up to four conditions, the one that matters most first.

    Args:
        evidence: Of two classes.
        classes: Their names.
        wording: Names and labels.
    """
    roc = [one for one in evidence.curves if one.kind == "roc"]
    styles = style_of(one.condition for one in roc)
    entries = [
        (
            styles[one.condition],
            wording.text(
                "figures.risks.entry",
                condition=wording.printer.text(one.condition, "condition"),
                area=interval_words(one.area, "decimal3", wording),
            ),
            "",
            one.condition,
        )
        for one in roc
    ] + alternatives(wording)
    figure, panels = _panels(wording, len(entries))
    draw_curves(panels[0], roc, styles)
    draw_calibrations(panels[1], evidence.calibrations, styles)
    decisions = evidence.decision_curves
    draw_decisions(panels[2], decisions, styles, HEADROOM * max(one.prevalence for one in decisions))
    keyed: Panels = dict(enumerate(panels))
    draw_key(figure, keyed, entries)
    rows = list(_rows(evidence, classes, wording))
    return Drawing(
        id="risks",
        kind="risks",
        figure=figure,
        alt=" ".join(
            [
                curves_alt("roc", roc, classes, wording),
                calibrations_alt(evidence.calibrations, classes, wording),
                decisions_alt(decisions, classes, wording),
            ]
        ),
        columns=[
            wording.text(f"figures.risks.columns.{name}") for name in ("condition", "curve", "x", "y", "low", "high")
        ],
        rows=[row for _, row in rows],
        values={
            "prevalence": shared_prevalence(decisions),
        },
        about=[[condition] for condition, _ in rows],
    )


def _panels(wording: Wording, key_lines: int) -> tuple[Figure, list[Axes]]:
    """Three square panels abreast, each with its title and labels, over room for the key."""
    side_mm = (TEXT_WIDTH_MM - RIGHT_MM) / len(PARTS) - LABEL_MM
    below_mm = FOOT_MM + KEY_ENTRY_MM * key_lines
    height_mm = HEAD_MM + side_mm + below_mm
    figure = new_figure(height_mm)
    panels = []
    for place, part in enumerate(PARTS):
        left_mm = place * (side_mm + LABEL_MM) + LABEL_MM
        axes = figure.add_axes(
            (left_mm / TEXT_WIDTH_MM, below_mm / height_mm, side_mm / TEXT_WIDTH_MM, side_mm / height_mm)
        )
        axes.set_title(wording.text(f"figures.titles.{part}"), fontsize=7.4, pad=3)
        axes.set_xlabel(wording.text(f"figures.risks.x.{part}"), labelpad=2)
        axes.set_ylabel(wording.text(f"figures.{part}.y"), labelpad=2)
        panels.append(axes)
    return figure, panels


def _rows(evidence: ClinicalEvidence, classes: Sequence[str], wording: Wording) -> Iterator[tuple[str, list[str]]]:
    """The points of all curves as printed rows, each with its condition."""
    drawn: list[tuple[str, OfClass, Band | None, str]] = [
        *(("roc", one, one.band, "percent_number") for one in evidence.curves if one.kind == "roc"),
        *(("risk_calibration", one, one.curve, "percent_number") for one in evidence.calibrations),
        *(("decision_curve", one, one.net_benefit, "decimal3") for one in evidence.decision_curves),
    ]
    for part, one, band, format_ in drawn:
        if band is not None:
            title = wording.text(f"figures.titles.{part}")
            for name, _, *numbers in band_rows(one, band, format_, classes, wording):
                yield one.condition, [name, title, *numbers]
