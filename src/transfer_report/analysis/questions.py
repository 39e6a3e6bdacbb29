"""The main questions of a study, and the comparisons of test accuracy that answer each."""

from collections.abc import Sequence

from transfer_report.records.analysis import Comparison, Topic

TOPICS: tuple[Topic, ...] = ("pretraining", "weights", "strategy", "technique", "network")
"""In the order of the first page."""


def main_comparisons(comparisons: Sequence[Comparison], topic: Topic) -> list[Comparison]:
    """Return the main comparisons of test accuracy on one topic, in the order of the study."""
    return [one for one in comparisons if (one.metric, one.role, one.topic) == ("accuracy", "main", topic)]
