"""Which conditions stand together in a table, and in what each departs from its baseline."""

from transfer_report.params import GROUPS, Condition, NamedWithArguments, TrainingSettings
from transfer_report.records import StudyTable


def study_tables(conditions: list[Condition]) -> list[StudyTable]:
    """One table per group and model, numbered in the order of the study.

    The baseline of a table is its first condition: the order of `params.yaml` says what is compared with what.
    """
    members: dict[tuple[str, str], list[Condition]] = {}
    for group in GROUPS:
        for condition in conditions:
            if condition.group == group:
                members.setdefault((group, condition.model), []).append(condition)
    return [
        StudyTable(
            number=number,
            group=group,
            model=model,
            conditions=[condition.key for condition in rows],
            baseline=rows[0].key,
            techniques={row.key: departures(rows[0].training, row.training) for row in rows[1:]},
        )
        for number, ((group, model), rows) in enumerate(members.items(), start=1)
    ]


def departures(baseline: TrainingSettings, settings: TrainingSettings) -> dict[str, str | float | int | None]:
    """The settings whose values differ from the baseline's, with their new values; a named thing by its name."""
    return {
        name: plain(getattr(settings, name))
        for name in TrainingSettings.model_fields
        if getattr(settings, name) != getattr(baseline, name)
    }


def plain(value: str | float | list[str] | NamedWithArguments) -> str | float | int:
    """A setting's value as a number or a name: of something with arguments, its name."""
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return value.name if isinstance(value, NamedWithArguments) else value
