"""Facts: sizes, thresholds and counts that sentences name, of the study, of a condition, of what is compared."""

from typing import ClassVar, Literal

from transfer_report.records.base import Record

Start = Literal["all", "pretrained", "random"]
"""Kind of weights that compared networks started from."""


class TuningFacts(Record):
    """How much was tried, and where conditions were not tuned alike."""

    conditions: int
    fewest: int
    most: int
    """Combinations that were tried for a condition."""
    seeds: int
    runs: int
    diverged: int
    edge_count: int
    edge: list[str]
    """Conditions whose chosen value is the smallest or largest tried."""
    unlike_count: int
    unlike: list[str]
    """Conditions that had other values to choose from than most, or none."""


class StudyFacts(Record):
    """The size of the study, the thresholds of its rules, and counts over all conditions."""

    conditions: int
    runs: int
    seeds: int
    """The fewest of a condition."""
    most_seeds: int
    epochs: int
    train_images: int
    val_images: int
    test_images: int
    classes: int
    class_names: list[str]
    confidence: float
    margin: float
    target_difference: float
    power: float
    failed_loss: float
    rise: float
    level_share: float
    negligible_auroc: float
    ranks_well: float
    plan_limit: float
    more_seeds: int
    """Times the seeds of a study that its next step could take."""
    strategy_settings: list[str]
    """Settings in which conditions compared between strategies differ besides."""
    network_settings: list[str]
    """The same of networks."""
    uncompared_models: list[str]
    pretraining_models: list[str]
    pretraining_unavailable: list[str]
    missing_weights: int
    missing_weights_models: list[str]
    """Models that did not start from the weights asked for."""
    failed_runs: int
    failed_conditions: int
    failures_not_excluded: float
    """Rate of failures that the runs of a condition with the fewest seeds do not exclude, where all are sound."""
    failures_not_excluded_by_most: float
    dropped: int
    """Conditions whose accuracy is shown to drop from validation to test."""
    undetected_shifts: list[str]
    undetected_shift_count: int
    plans: int
    plans_able: int
    """Main questions that can detect the target difference."""
    plans_within_reach: int
    """With `more_seeds` times the seeds."""
    not_above_majority: int
    not_above_statistics: int
    not_above_controls: dict[str, list[str]]
    """Conditions that are not shown to beat a control, by what they do: `ranks`, `weak`, `nothing`, `statistics`."""
    hard_images: int
    worst_class: str
    """Of the recommended condition in validation."""
    best_class: str
    worst_class_index: int
    best_class_index: int
    worst_class_validated: float
    best_class_validated: float
    reported_source: str
    tuning: TuningFacts | None = None
    """None where nothing was tuned."""


class ConditionFacts(Record):
    """Counts of a condition's runs, and its settings."""

    KEY: ClassVar[tuple[str, ...]] = ("condition",)

    condition: str
    seeds: int
    epochs: int
    """The fewest of a run."""
    rising_runs: int
    """Runs whose validation loss ends well above its lowest."""
    failed_runs: int
    failed_one_class_runs: int
    """Runs that failed for this reason."""
    failed_one_class: list[int]
    """Their seeds."""
    failed_loss_runs: int
    failed_loss: list[int]
    random_weights: bool
    missing_weights: bool
    """True if its model did not start from the weights asked for."""
    settings: dict[str, float | int | str]


class RunCounts(Record):
    """Counts of the runs of a table, or of a strategy."""

    KEY: ClassVar[tuple[str, ...]] = ("of",)

    of: str
    """The family of comparisons within a table, or a strategy."""
    runs: int
    last_epoch_runs: int
    """Runs that were best in their last epoch."""
    probe_runs: int
    """Runs of LP-FT in which no epoch was better than the probe."""


class ComparedGroup(Record):
    """Counts of the comparisons of test accuracy on a topic, from one kind of weights, or within a table."""

    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    start: Start
    compared: int
    differ: int
    equivalent: int
    equivalent_weak: int
    """Equivalences of two conditions that are not shown to beat a control."""
    undecided: int
    undecided_techniques: list[str]
    decided_failed: int
    """Decided comparisons with failed runs."""
    detectable_smallest: float
    detectable_largest: float
    undetectable: int
    """Undecided comparisons that could detect no possible difference."""


class ChangedCurves(Record):
    """Techniques of a table that are shown to change a measure of the learning curves in one direction."""

    KEY: ClassVar[tuple[str, ...]] = ("family", "measure", "verdict")

    family: str
    measure: str
    verdict: str
    treatments: list[str]
    count: int
    decided_failed: int
    """Those with failed runs in themselves or in the baseline."""
