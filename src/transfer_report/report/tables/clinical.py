"""Tables of the clinical numbers: operating point, classes, calibration; of images and of patients."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from transfer_report.analysis.clinical.records import (
    ClassTable,
    ClinicalEvidence,
    ConfusedPair,
    OperatingPoint,
    RiskCalibration,
    TemperatureScaling,
)
from transfer_report.layout import HERE
from transfer_report.records.addresses import Leaf
from transfer_report.records.analysis import Estimate
from transfer_report.records.base import Record
from transfer_report.report.numbering import APPENDIX
from transfer_report.report.study import Study
from transfer_report.report.tables.table import Align, Cell, Column, Stacked, Table, columns, with_interval
from transfer_report.wording.wording import Wording

AT_THE_POINT = {
    "sensitivity": "percent_number", "specificity": "percent_number", "ppv": "percent_number", "npv": "percent_number",
    "lr_positive": "significant3", "lr_negative": "decimal",
}  # fmt: skip
THRESHOLD = {"threshold": "percent_number"}
CHOSEN = ("youden", "sensitivity", "specificity")
"""Rules by which each run has a threshold of its own."""
ELSEWHERE = {"at_prevalence.ppv": "percent_number", "at_prevalence.npv": "percent_number"}
CARRIED = {
    f"carry_over.{rate}.{what}": format_
    for rate in ("sensitivity", "specificity")
    for what, format_ in (("validation", "percent_number"), ("change", "signed_points"))
}
CALIBRATION = {
    "intercept": "decimal", "slope": "decimal", "brier": "decimal3", "brier_chance": "decimal3",
    "scaled_brier": "decimal", "error": "decimal3", "error_chance.mean": "decimal3", "error_chance.p_value": "p_value",
}  # fmt: skip
CLASS = {
    "recall": "percent_number", "precision": "percent_number", "f1": "decimal3", "auroc": "decimal3",
    "average_precision": "decimal3",
}  # fmt: skip
SCALED = ("intercept", "slope", "brier", "calibration_error", "loss")
"""What temperature scaling may change."""
BY_CLASS = {
    "operating_point": tuple(AT_THE_POINT),
    "carry_over": tuple(CARRIED),
    "calibration": ("intercept", "slope", "brier", "scaled_brier", "error"),
}
"""Metrics that fit into a row of a class."""
MOST_QUANTITIES = 6
"""Quantities with their intervals that a row of a condition has room for."""
NOTED = ("operating_point", "rivals", "carry_over", "calibration", "temperature", "classes")
"""Kinds of tables with a note."""
OF_RECOMMENDED = ("classes", "confused", "rivals", "temperature")
"""Kinds of tables on the recommended condition alone, for every number of classes."""


def clinical_tables(study: Study, wording: Wording) -> Iterator[Table]:
    """Yield the tables that stand in the section of the test set."""
    cells = _Cells(study, "images", wording)
    if study.clinical.images.operating_points:
        yield cells.operating_point_table("tab-operating-point")
    if len(study.evaluation.classes) > 2:
        yield cells.class_table()
        if cells.confused:
            yield cells.confused_table()


def clinical_appendix_tables(study: Study, wording: Wording) -> Iterator[Table]:
    """Yield the tables that stand in the appendix."""
    cells = _Cells(study, "images", wording)
    if len(study.clinical.conditions) > 1:
        yield cells.rivals_table()
    if study.clinical.images.operating_points:
        yield cells.carry_over_table()
    yield cells.calibration_table()
    yield cells.temperature_table()
    if len(study.evaluation.classes) == 2:
        yield cells.class_table()
    patients = study.clinical.patients
    if patients is not None and patients.operating_points:
        yield _Cells(study, "patients", wording).operating_point_table("tab-operating-point-patients")


@dataclass(frozen=True)
class _Cells:
    study: Study
    unit: Literal["images", "patients"]
    wording: Wording

    @property
    def recommended(self) -> str:
        return self.study.clinical.conditions[0]

    def operating_point_table(self, id_: str) -> Table:
        quantities = (THRESHOLD if self._has_thresholds else {}) | AT_THE_POINT
        if self._elsewhere:
            quantities |= ELSEWHERE
        return self._of_risks(id_, "operating_point", self._evidence.operating_points, quantities)

    def carry_over_table(self) -> Table:
        """How sensitivity and specificity went from validation, which chose the point, to test."""
        return self._of_risks("tab-carry-over", "carry_over", self._evidence.operating_points, CARRIED)

    def rivals_table(self) -> Table:
        """How far the recommended condition is above each rival in the areas under its curves."""
        which = 1 if len(self.study.evaluation.classes) == 2 else None
        aligned: dict[str, Align] = {"condition": "text", "roc": "number", "precision_recall": "number"}
        rivals = self.study.clinical.conditions[1:]
        areas = {
            (one.reference, one.kind): one.area
            for one in self._evidence.curve_differences
            if (one.treatment, one.positive) == (self.recommended, which)
        }
        rows: list[list[Cell]] = [
            [
                self.wording.printer.text(rival, "condition"),
                *(self._cell(areas.get((rival, kind)), "signed_number") for kind in ("roc", "precision_recall")),
            ]
            for rival in rivals
        ]
        heads = columns(self.wording, "clinical.rivals", aligned)
        return self._table("tab-rivals", "rivals", heads, rows, [[self.recommended, rival] for rival in rivals])

    def calibration_table(self) -> Table:
        return self._of_risks("tab-calibration", "calibration", self._evidence.calibrations, CALIBRATION)

    def temperature_table(self) -> Table:
        """A row for each number of the recommended condition that temperature scaling may change."""
        changes = {one.metric: one for one in self._temperature.changes}
        aligned: dict[str, Align] = {"quantity": "text", "before": "number", "after": "number", "change": "number"}
        rows: list[list[Cell]] = [
            [
                self._name("temperature", metric),
                self._cell(changes[metric].before, "decimal3"),
                self._cell(changes[metric].after, "decimal3"),
                self._cell(changes[metric].change, "signed_number"),
            ]
            for metric in SCALED
            if metric in changes
        ]
        heads = columns(self.wording, "clinical.temperature", aligned)
        return self._table("tab-temperature", "temperature", heads, rows, [[self.recommended]] * len(rows))

    def class_table(self) -> Table:
        """A row for each class of the recommended condition, and one for the average."""
        names = dict(enumerate(self.study.evaluation.classes))
        average = self.wording.text("tables.clinical.average")
        scores = {average if one.index is None else names[one.index]: one for one in self._of_classes.scores}
        return self._rows("tab-classes", "classes", scores, {"support": "count"} | CLASS)

    @property
    def confused(self) -> list[ConfusedPair]:
        """Pairs of classes that the recommended condition confuses, the most frequent first."""
        return self._of_classes.confused

    def confused_table(self) -> Table:
        """A row for each of these pairs."""
        classes, wording = self.study.evaluation.classes, self.wording
        aligned: dict[str, Align] = {"true": "text", "predicted": "text", "count": "number", "share": "number"}
        rows: list[list[Cell]] = [
            [
                classes[pair.true],
                classes[pair.predicted],
                wording.printer.printed(pair.count, "decimal1"),
                self._cell(pair.share, "percent_number"),
            ]
            for pair in self.confused
        ]
        heads = columns(wording, "clinical.confused", aligned)
        return self._table("tab-confused", "confused", heads, rows, [[self.recommended]] * len(rows))

    def _of_risks(
        self, id_: str, kind: str, members: Sequence[OperatingPoint | RiskCalibration], quantities: Mapping[str, str]
    ) -> Table:
        """Two classes: conditions against quantities. More: a row for each class of the recommended condition."""
        classes = self.study.evaluation.classes
        if len(classes) > 2:
            by_class = {classes[one.positive]: one for one in members if one.condition == self.recommended}
            return self._rows(id_, kind, by_class, {name: quantities[name] for name in BY_CLASS[kind]})
        by_condition = {one.condition: one for one in members if one.positive == 1}
        places = {key: by_condition[key] for key in self.study.clinical.conditions}
        names = [self.wording.printer.text(key, "condition") for key in places]
        if len(quantities) <= MOST_QUANTITIES:
            by_name = dict(zip(names, places.values(), strict=True))
            return self._rows(id_, kind, by_name, quantities, head="condition", about=[[key] for key in places])
        heads = [Column(self.wording.text("tables.clinical.quantity"), "text")]
        heads += [Column(name, "number") for name in names]
        rows: list[list[Cell]] = [
            [
                self._name(kind, quantity),
                *(
                    self._thresholds(key) if quantity in THRESHOLD else self._cell(_reach(where, quantity), format_)
                    for key, where in places.items()
                ),
            ]
            for quantity, format_ in quantities.items()
        ]
        return self._table(id_, kind, heads, rows, [])

    def _rows(
        self,
        id_: str,
        kind: str,
        places: Mapping[str, Record],
        quantities: Mapping[str, str],
        *,
        head: str = "class",
        about: list[list[str]] | None = None,
    ) -> Table:
        """A row for each place, a class of the recommended condition or a condition; a column for each quantity."""
        heads = [Column(self.wording.text(f"tables.clinical.{head}"), "text")]
        heads += [Column(self._name(kind, quantity), "number") for quantity in quantities]
        rows: list[list[Cell]] = [
            [name, *(self._cell(_reach(where, quantity), format_) for quantity, format_ in quantities.items())]
            for name, where in places.items()
        ]
        return self._table(id_, kind, heads, rows, about or [[self.recommended]] * len(rows))

    def _table(self, id_: str, kind: str, heads: list[Column], rows: list[list[Cell]], about: list[list[str]]) -> Table:
        several_classes = len(self.study.evaluation.classes) > 2
        by_class = several_classes or kind in OF_RECOMMENDED
        caption = self.wording.text(
            f"tables.clinical.captions.{kind}.{'by_class' if by_class else 'by_condition'}",
            condition=self.wording.printer.text(self.recommended, "condition"),
            positive=self.study.evaluation.classes[1],
            rule=self._rule(),
            unit=self.wording.text(f"tables.clinical.units.{self.unit}"),
        )
        note = self.wording.text(f"tables.clinical.notes.{kind}", **self._noted(kind)) if kind in NOTED else ""
        in_body = id_ == "tab-operating-point" or (several_classes and kind in ("classes", "confused"))
        section = "E" if in_body else APPENDIX
        return Table(id_, section, caption, heads, rows, note=note, about=about, inputs=(HERE.clinical_file(),))

    def _name(self, kind: str, quantity: str) -> str:
        return self.wording.text(f"tables.clinical.quantities.{kind}.{quantity}", elsewhere=self._elsewhere)

    @property
    def _points(self) -> list[OperatingPoint]:
        return self._evidence.operating_points

    @property
    def _evidence(self) -> ClinicalEvidence:
        found: ClinicalEvidence = getattr(self.study.clinical, self.unit)
        return found

    @property
    def _temperature(self) -> TemperatureScaling:
        return next(one for one in self._evidence.temperatures if one.condition == self.recommended)

    @property
    def _of_classes(self) -> ClassTable:
        return next(one for one in self.study.clinical.images.classes if one.condition == self.recommended)

    @property
    def _own_point(self) -> OperatingPoint | None:
        own = (self.recommended, 1)
        return next((one for one in self._points if (one.condition, one.positive) == own), None)

    @property
    def _has_thresholds(self) -> bool:
        """Whether each run has a threshold of its own, and the table room for them."""
        return len(self.study.evaluation.classes) == 2 and self._points[0].kind in CHOSEN

    @property
    def _elsewhere(self) -> float | None:
        """The prevalence of another population, where one is set."""
        elsewhere = self._own_point and self._own_point.at_prevalence
        return elsewhere.prevalence if elsewhere else None

    def _thresholds(self, condition: str) -> Cell:
        """The mean threshold of the runs above their range."""
        found = next(one.thresholds for one in self._points if one.condition == condition) or []
        mean, low, high = (
            self.wording.printer.text(one, "percent_number")
            for one in (sum(found) / len(found), min(found), max(found))
        )
        return Stacked((mean, self.wording.text("page.interval", low=low, high=high)))

    def _cell(self, value: Estimate | Leaf, format_: str) -> Cell:
        """A number, above its interval where it has one."""
        if isinstance(value, Estimate):
            return with_interval(value, format_, self.wording)
        return self.wording.printer.printed(value, format_)

    def _rule(self) -> str:
        """How the operating point was chosen."""
        if not self._points:
            return ""
        return self.wording.text(f"tables.clinical.rules.{self._points[0].kind}", point=self._points[0])

    def _noted(self, kind: str) -> dict[str, Any]:
        if kind == "temperature":
            return {"temperatures": self._temperatures()}
        if kind != "operating_point":
            return {}
        return {
            "point": self._own_point,
            "elsewhere": self._elsewhere,
            "thresholds": self._has_thresholds,
            "unit": self.wording.text(f"tables.clinical.units.{self.unit}"),
        }

    def _temperatures(self) -> str:
        """The lowest and the highest temperature of the runs."""
        own = self._temperature.temperatures
        low, high = (self.wording.printer.text(end, "decimal") for end in (min(own), max(own)))
        return low if low == high else self.wording.text("page.interval", low=low, high=high)


def _reach(record: Record, path: str) -> Any:
    """Return what stands at a path of fields below a record; None where a step has nothing."""
    node: Any = record
    for step in path.split("."):
        if isinstance(node, list):
            node = next(one for one in node if one.quantity == step)
        elif node is not None:
            node = getattr(node, step)
    return node
