"""Small rules that turn clinical numbers into findings on the recommended condition."""

from collections.abc import Iterator, Sequence

from transfer_report.analysis.clinical.records import Clinical, OperatingPoint, RiskCalibration
from transfer_report.records.addresses import with_addresses
from transfer_report.records.analysis import Finding, LevelTest

SECTION = "clinical"
MAY_STATE = (
    "carry_over_sensitivity", "carry_over_specificity", "cost_of_argmax", "calibration_slope", "temperature",
    "net_benefit",
)  # fmt: skip
"""Kinds of sentences that may state a direction."""
STATES_NONE = ("inconclusive", "separated", "none")
"""Their verdicts that state none."""


def clinical_findings(clinical: Clinical, classes: int, levels: Sequence[LevelTest]) -> list[Finding]:
    """Return the sentences on the risks of the recommended condition, in reading order.

    Args:
        clinical: Numbers of images; those of patients stand in a table.
        classes: Number of classes.
        levels: Decided tests, among them those of `clinical_levels`.
    """
    return list(_Rules(with_addresses(clinical, "clinical"), classes, levels).findings())


class _Rules:
    def __init__(self, clinical: Clinical, classes: int, levels: Sequence[LevelTest]) -> None:
        self.clinical = clinical
        self.condition = clinical.conditions[0]
        self.verdicts = {one.name: one.verdict for one in levels if one.condition == self.condition}
        self.binary = classes == 2

    def findings(self) -> Iterator[Finding]:
        images, own = self.clinical.images, self.condition
        yield self._discrimination()
        if self.binary:
            for point in images.operating_points:
                if point.condition == own:
                    yield from self._operating_point(point)
            for calibration in images.calibrations:
                if calibration.condition == own:
                    yield self._slope(calibration)
        yield from self._temperature()
        yield from self._net_benefit() if self.binary else self._confused()

    def _discrimination(self) -> Finding:
        which = 1 if self.binary else None
        curves = {one.kind: one for one in self.clinical.images.curves if one.condition == self.condition
                  and one.positive == which}  # fmt: skip
        refs = {"roc": curves["roc"].address, "precision": curves["precision_recall"].address}
        return self._finding("discrimination", "binary" if self.binary else "macro", refs)

    def _operating_point(self, point: OperatingPoint) -> Iterator[Finding]:
        refs = {"point": point.address}
        yield self._finding("operating_point", point.kind, refs)
        for carried in point.carry_over:
            if carried.target is not None:
                verdict = self._verdict(carried.quantity, above="reached", below="missed")
                yield self._finding(f"carry_over_{carried.quantity}", verdict, {"carried": carried.address})
        elsewhere = point.at_prevalence
        if elsewhere is not None and elsewhere.ppv is not None and elsewhere.npv is not None:
            yield self._finding("predictive_values", "elsewhere", refs)
        yield from self._cost_of_argmax(point)

    def _cost_of_argmax(self, point: OperatingPoint) -> Iterator[Finding]:
        """State whether calling the more probable class costs balanced accuracy, against another threshold."""
        other = self.clinical.youden or point
        cost = next((one for one in other.costs if one.metric == "balanced_accuracy"), None)
        if cost is not None and self.verdicts.get("cost_of_argmax") == "above":
            yield self._finding("cost_of_argmax", "chosen" if other is point else "youden", {"cost": cost.address})

    def _slope(self, one: RiskCalibration) -> Finding:
        verdict = self._verdict("calibration_slope", above="too_moderate", below="too_extreme")
        refs = {"calibration": one.address}
        return self._finding("calibration_slope", "separated" if one.slope is None else verdict, refs)

    def _temperature(self) -> Iterator[Finding]:
        scaling = next(one for one in self.clinical.images.temperatures if one.condition == self.condition)
        loss = next((one for one in scaling.changes if one.metric == "loss"), None)
        verdict = self._verdict("temperature", above="worse", below="better")
        if loss is not None and verdict != "inconclusive":
            yield self._finding("temperature", verdict, {"loss": loss.address})

    def _net_benefit(self) -> Iterator[Finding]:
        curve = next(one for one in self.clinical.images.decision_curves if one.condition == self.condition)
        verdict = "none" if not curve.useful else "range" if len(curve.useful) == 1 else "in_parts"
        yield self._finding("net_benefit", verdict, {"curve": curve.address})

    def _confused(self) -> Iterator[Finding]:
        """The pair of classes most often confused."""
        table = next(one for one in self.clinical.images.classes if one.condition == self.condition)
        if table.confused:
            yield self._finding("most_confused", "pair", {"confused": table.confused[0].address})

    def _verdict(self, name: str, above: str, below: str) -> str:
        """Return what is said of a quantity that is shown to be above or below its level."""
        return {"above": above, "below": below}.get(self.verdicts.get(name, ""), "inconclusive")

    def _finding(self, kind: str, verdict: str, refs: dict[str, str]) -> Finding:
        return Finding(
            kind=f"clinical_{kind}",
            section=SECTION,
            about=(self.condition,),
            verdict=verdict,
            refs=refs,
            exploratory=kind in MAY_STATE and verdict not in STATES_NONE,
        )
