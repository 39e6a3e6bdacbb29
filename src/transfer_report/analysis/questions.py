"""The main questions of a study, and the comparisons of test accuracy that answer each."""

from collections.abc import Collection, Sequence

from transfer_report.records.analysis import Comparison, Topic

TOPICS: tuple[Topic, ...] = ("pretraining", "weights", "strategy", "technique", "network")
"""In the order of the first page."""


def main_comparisons(comparisons: Sequence[Comparison], topic: Topic) -> list[Comparison]:
    """Return the main comparisons of test accuracy on one topic, in the order of the study."""
    return [one for one in comparisons if (one.metric, one.role, one.topic) == ("accuracy", "main", topic)]


def by_start(comparisons: Sequence[Comparison], topic: Topic, random: Collection[str]) -> dict[str, list[Comparison]]:
    """Return the main comparisons on one topic by the weights that their networks started from, pretrained ones first.

    What holds for networks from random weights says nothing about transfer. Questions about weights are not divided.

    Args:
        comparisons: Any.
        topic: One that the study asks.
        random: Conditions that started from random weights.

    Returns:
        comparisons by group: `network.random`; the topic alone where no condition started from random weights.
    """
    compared = main_comparisons(comparisons, topic)
    if topic in ("pretraining", "weights") or not random:
        return {topic: compared} if compared else {}
    groups = {
        f"{topic}.pretrained": [one for one in compared if one.treatment not in random],
        f"{topic}.random": [one for one in compared if one.treatment in random],
    }
    return {group: members for group, members in groups.items() if members}
