"""Detectable differences of a study by its size alone, before any training, for usual spreads over seeds."""

from typing import NamedTuple

from transfer_report.analysis.comparisons import error_rate
from transfer_report.analysis.decisions import POWER
from transfer_report.analysis.families import (
    network_pairs,
    planned_pairs,
    pretraining_pairs,
    question_of,
    weights_pairs,
)
from transfer_report.analysis.moderation import PRIOR_DF
from transfer_report.analysis.power import PairVariance
from transfer_report.analysis.tables import study_tables
from transfer_report.planning import Model, models, plan_conditions
from transfer_report.records.data import DataDescription
from transfer_report.records.models import InitialWeights
from transfer_report.settings import Params, WeightsFileSettings

SEED_SPREADS = (0.02, 0.05)
"""Standard deviations of accuracy over seeds: probes and long trainings come near the first, short trainings on few
images near the second."""
IMAGE_VARIANCE, INTERACTION_VARIANCE = 0.04, 0.08
"""Of two runs that disagree on one image in five, 0.04 + 2 · 0.08: most of that differs from seed to seed."""
HARDLY_ANYTHING = 2.0
"""Times the target difference, from which on a study that spreads little is too small for what it asks."""


class Design(NamedTuple):
    """The size of a study."""

    seeds: int
    """The fewest of a strategy that has conditions."""
    images: int
    """Test images, or patients where they are known."""
    questions: int
    error: float
    """Of all main questions together."""

    def detectable(self, seed_spread: float) -> float:
        """Return the difference that one main question detects with 80 % power, at a standard deviation over seeds."""
        variance = PairVariance(
            seeds=(seed_spread**2, seed_spread**2),
            interaction=(INTERACTION_VARIANCE, INTERACTION_VARIANCE),
            images=IMAGE_VARIANCE,
            added_df=PRIOR_DF,
        )
        return variance.detectable(self.seeds, self.images, self.error / max(self.questions, 1))


def study_design(params: Params, description: DataDescription) -> Design:
    """Return the size of a study from its settings and images, as if all weights that it requests were available."""
    counts = description.patient_counts["test"] if description.has_patients else sum(description.counts["test"])
    trained = [strategy for strategy, members in params.conditions.items() if members]
    return Design(
        seeds=min((len(params.seeds[strategy]) for strategy in trained), default=1),
        images=counts,
        questions=main_question_count(params),
        error=error_rate(params.analysis.confidence),
    )


def main_question_count(params: Params) -> int:
    """Return how many comparisons of a study are main questions."""
    conditions = plan_conditions(params, {model.name: "" for model in models(params)})
    tables = study_tables(conditions)
    weights = {model.name: _as_asked(model) for model in models(params)}
    by_key = {str(condition.key): condition for condition in conditions}
    pairs = planned_pairs(tables, {table.number: table.baseline for table in tables})
    pairs += pretraining_pairs(tables, by_key, weights)
    pairs += weights_pairs(tables, by_key, weights)
    pairs += network_pairs(tables, weights)
    return sum(pair.central and question_of(pair.topic) in params.analysis.main_questions for pair in pairs)


def _as_asked(model: Model) -> InitialWeights:
    """Return initial weights as requested, before any were looked for, to choose pairs of conditions by."""
    asked = model.weights
    source = "file" if isinstance(asked, WeightsFileSettings) else "random" if asked == "random" else "imagenet"
    name = asked.source if isinstance(asked, WeightsFileSettings) else "" if asked in ("imagenet", "random") else asked
    return InitialWeights.model_construct(
        model=model.name, architecture=model.architecture, requested=source, source=source, name=name
    )


def outlook(design: Design, target: float) -> list[str]:
    """Return what a study of this size detects, and a warning where that is far above the target."""
    if design.seeds < 2 or design.images < 2 or not design.questions:
        return [
            "warning: planned for no main question: verdicts on other seeds and images take two seeds, two test images "
            "and one of `analysis.main_questions` or more"
        ]
    found = {spread: design.detectable(spread) for spread in SEED_SPREADS}
    of_each = " or ".join(
        f"{_points(difference)} (standard deviation over seeds {100 * spread:.0f} points)"
        for spread, difference in found.items()
    )
    lines = [
        f"By its size alone ({design.seeds} seeds, {design.images:,} test images, {design.questions} main questions), "
        f"this study can detect differences of {of_each} with {100 * POWER:.0f} % power."
    ]
    if found[SEED_SPREADS[0]] > HARDLY_ANYTHING * target:
        lines.append(
            "warning: too small for an `analysis.target_difference` of "
            f"{100 * target:.3g} points. Take more seeds or test images, or fewer main questions"
        )
    return lines


def _points(difference: float) -> str:
    return f"{100 * difference:.1f} points" if difference <= 1 else "no possible difference"
