"""Small rules that turn clinical numbers into findings on the recommended condition."""

from collections.abc import Sequence

from transfer_report.analysis.clinical.addresses import clinical_leaves
from transfer_report.analysis.clinical.records import Clinical, OperatingPoint, RiskCalibration
from transfer_report.analysis.lookup import Leaf
from transfer_report.records.analysis import Finding, LevelTest, Value

SECTION = "clinical"
MAY_STATE = (
    "carry_over_sensitivity", "carry_over_specificity", "cost_of_argmax", "calibration_slope", "temperature",
    "net_benefit",
)  # fmt: skip
"""Kinds of sentences that may state a direction."""
STATES_NONE = ("inconclusive", "separated", "none")
"""Their verdicts that state none."""


def clinical_findings(clinical: Clinical, classes: Sequence[str], levels: Sequence[LevelTest]) -> list[Finding]:
    """Return the sentences on the risks of the recommended condition, in reading order.

    Args:
        clinical: Numbers of images; those of patients stand in a table.
        classes: Names.
        levels: Decided tests, among them those of `clinical_levels`.
    """
    return list(_Rules(clinical, classes, levels).findings())


class _Rules:
    def __init__(self, clinical: Clinical, classes: Sequence[str], levels: Sequence[LevelTest]) -> None:
        self.clinical, self.classes = clinical, classes
        self.leaves: dict[str, Leaf] = clinical_leaves(clinical)
        self.condition = clinical.conditions[0]
        self.verdicts = {one.name: one.verdict for one in levels if one.condition == self.condition}
        self.binary = len(classes) == 2

    def findings(self) -> list[Finding]:
        images, own = self.clinical.images, self.condition
        points = [one for one in images.operating_points if one.condition == own] if self.binary else []
        calibrations = [one for one in images.calibrations if one.condition == own] if self.binary else []
        return [
            self._discrimination(),
            *(finding for point in points for finding in self._operating_point(point)),
            *(self._slope(one) for one in calibrations),
            *self._temperature(),
            *(self._net_benefit() if self.binary else self._confused()),
        ]

    def _discrimination(self) -> Finding:
        which = "1" if self.binary else "all"
        auroc, precision = (f"images.curves.{kind}.{self.condition}.{which}" for kind in ("roc", "precision_recall"))
        values = self._interval("auroc", f"{auroc}.area", "decimal3")
        values |= self._interval("precision", f"{precision}.area", "decimal3")
        values["chance"] = self._value(f"{precision}.chance", "decimal3")
        return self._finding("discrimination", "binary" if self.binary else "macro", values)

    def _operating_point(self, point: OperatingPoint) -> list[Finding]:
        place = f"images.operating_points.{point.condition}.{point.positive}"
        rates = self._interval("sensitivity", f"{place}.sensitivity", "percent")
        rates |= self._interval("specificity", f"{place}.specificity", "percent")
        found = [self._finding("operating_point", point.rule.split()[0], rates | self._target(point))]
        for carried in point.carry_over:
            if carried.target is not None:
                values = self._interval("rate", f"{place}.{carried.quantity}", "percent")
                values["target"] = self._value(f"{place}.carry_over.{carried.quantity}.target", "percent_exact")
                verdict = self._verdict(carried.quantity, above="reached", below="missed")
                found.append(self._finding(f"carry_over_{carried.quantity}", verdict, values))
        elsewhere = point.at_prevalence
        if elsewhere is not None and elsewhere.ppv is not None and elsewhere.npv is not None:
            values = self._interval("ppv", f"{place}.at_prevalence.ppv", "percent")
            values |= self._interval("npv", f"{place}.at_prevalence.npv", "percent")
            values["prevalence"] = self._value(f"{place}.at_prevalence.prevalence", "percent_exact")
            found.append(self._finding("predictive_values", "elsewhere", values))
        return found + self._cost_of_argmax(point)

    def _target(self, point: OperatingPoint) -> dict[str, Value]:
        _, _, number = point.rule.partition(" ")
        return {"target": Value(value=float(number), format="percent_exact", source="")} if number else {}

    def _cost_of_argmax(self, point: OperatingPoint) -> list[Finding]:
        """State whether calling the more probable class costs balanced accuracy, against another threshold."""
        place = f"images.operating_points.{point.condition}.{point.positive}"
        other = point
        if self.clinical.youden is not None:
            place, other = "youden", self.clinical.youden
        cost = next((one for one in other.costs if one.metric == "balanced_accuracy"), None)
        if cost is None or self.verdicts.get("cost_of_argmax") != "above":
            return []
        where = f"{place}.costs.balanced_accuracy"
        values = self._interval("difference", f"{where}.difference", "points")
        values["argmax"] = self._value(f"{where}.argmax.value", "percent")
        values["other"] = self._value(f"{where}.operating_point.value", "percent")
        return [self._finding("cost_of_argmax", "youden" if other is self.clinical.youden else "chosen", values)]

    def _slope(self, one: RiskCalibration) -> Finding:
        if one.slope is None:
            return self._finding("calibration_slope", "separated", {})
        verdict = self._verdict("calibration_slope", above="too_moderate", below="too_extreme")
        place = f"images.calibrations.{one.condition}.{one.positive}"
        return self._finding("calibration_slope", verdict, self._interval("slope", f"{place}.slope", "decimal"))

    def _temperature(self) -> list[Finding]:
        scaling = next(one for one in self.clinical.images.temperatures if one.condition == self.condition)
        loss = next((one for one in scaling.changes if one.metric == "loss"), None)
        verdict = self._verdict("temperature", above="worse", below="better")
        if loss is None or verdict == "inconclusive":
            return []
        place = f"images.temperatures.{self.condition}.changes.loss"
        values = self._interval("change", f"{place}.change", "signed_number")
        values["before"] = self._value(f"{place}.before.value", "loss")
        values["after"] = self._value(f"{place}.after.value", "loss")
        return [self._finding("temperature", verdict, values)]

    def _net_benefit(self) -> list[Finding]:
        curve = next(one for one in self.clinical.images.decision_curves if one.condition == self.condition)
        place = f"images.decision_curves.{self.condition}.{curve.positive}"
        values = {"prevalence": self._value(f"{place}.prevalence", "percent_exact")}
        if not curve.useful:
            return [self._finding("net_benefit", "none", values)]
        last = len(curve.useful) - 1
        values |= {
            "from": self._value(f"{place}.useful.0.0", "percent_exact_number"),
            "to": self._value(f"{place}.useful.{last}.1", "percent_exact"),
        }
        return [self._finding("net_benefit", "in_parts" if last else "range", values)]

    def _confused(self) -> list[Finding]:
        """The pair of classes most often confused."""
        table = next(one for one in self.clinical.images.classes if one.condition == self.condition)
        if not table.confused:
            return []
        pair = table.confused[0]
        place = f"images.classes.{self.condition}.confused.{pair.true}.{pair.predicted}"
        values = self._interval("share", f"{place}.share", "percent") | {
            "truth": Value(value=self.classes[pair.true], format="text", source=""),
            "predicted": Value(value=self.classes[pair.predicted], format="text", source=""),
        }
        return [self._finding("most_confused", "pair", values)]

    def _verdict(self, name: str, above: str, below: str) -> str:
        """Return what is said of a quantity that is shown to be above or below its level."""
        return {"above": above, "below": below}.get(self.verdicts.get(name, ""), "inconclusive")

    def _finding(self, kind: str, verdict: str, values: dict[str, Value]) -> Finding:
        shared = {
            "condition": self._value("conditions.0", "condition"),
            "confidence": self._value("images.confidence", "percent_exact"),
        }
        if self.binary:
            shared["positive"] = Value(value=self.classes[1], format="text", source="")
        return Finding(
            kind=f"clinical_{kind}",
            section=SECTION,
            about=(self.condition,),
            verdict=verdict,
            values=shared | values,
            exploratory=kind in MAY_STATE and verdict not in STATES_NONE,
        )

    def _value(self, address: str, format: str) -> Value:  # noqa: A002  # as in the record
        source = f"clinical.{address}"
        return Value(value=self.leaves[source], format=format, source=source)

    def _interval(self, name: str, address: str, format: str) -> dict[str, Value]:  # noqa: A002
        """Value and ends of an estimate; the ends of a share have no sign of their own."""
        end_format = "percent_number" if format == "percent" else format
        ends = {f"{name}_{end}": self._value(f"{address}.{end}", end_format) for end in ("low", "high")}
        return {name: self._value(f"{address}.value", format)} | ends
