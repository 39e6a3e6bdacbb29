"""The recommendation's rule, set before anything is trained and read from validation alone."""

from transfer_report.records.analysis import Estimate


def best_by_validation(accuracies: dict[str, Estimate]) -> str:
    """The condition with the highest mean validation accuracy; the first of the study among equals."""
    return max(accuracies, key=lambda condition: accuracies[condition].value)


def recommended(accuracies: dict[str, Estimate], trained_parameters: dict[str, int]) -> str:
    """The condition that trains the fewest parameters among those within one standard error of the best.

    The one-standard-error rule (Breiman, Friedman, Olshen, Stone 1984, section 3.4.3): of what validation cannot
    tell from the best, the simplest is taken. Without a standard error, the best itself.

    Args:
        accuracies: validation accuracy by condition.
        trained_parameters: parameters that each condition trains.
    """
    best = accuracies[best_by_validation(accuracies)]
    bar = best.value - (best.standard_error or 0.0)
    within = [condition for condition, accuracy in accuracies.items() if accuracy.value >= bar]
    return min(within, key=lambda condition: (trained_parameters[condition], -accuracies[condition].value))
