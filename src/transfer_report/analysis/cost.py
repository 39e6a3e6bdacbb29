"""Time that a run takes, from the step that stage `latency` measured: runs store no times, which would differ."""

from collections.abc import Mapping

from transfer_report.planning import Condition
from transfer_report.records.base import Split
from transfer_report.records.models import StepTime


def run_seconds(condition: Condition, step: StepTime, images: Mapping[Split, int]) -> float:
    """Return how long a run of all its epochs takes on the machine that was measured.

    A linear probe on stored features counts as nothing: it costs little compared with training the whole network.
    """
    if condition.strategy == "linear_probe":
        return 0.0
    epochs = condition.training.epochs
    training = epochs * images["train"] * step.training_milliseconds
    scoring = (epochs * images["val"] + images["test"]) * step.scoring_milliseconds
    return (training + scoring) / 1000
