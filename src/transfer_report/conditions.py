"""The conditions of a study by name: which strategies there are, and the one identity of a condition."""

from typing import Literal, NamedTuple, Self

Strategy = Literal["fine_tuning", "linear_probe", "lp_ft"]
STRATEGIES: tuple[Strategy, ...] = ("fine_tuning", "linear_probe", "lp_ft")

_STAGES: dict[Strategy, str] = {
    "fine_tuning": "fine_tune@{name}-{seed}",
    "linear_probe": "linear_probe@{name}",
    "lp_ft": "lp_ft@{name}-{seed}",
}
"""DVC's names of the stages that train; a test compares them with `dvc.yaml`."""


class ConditionKey(NamedTuple):
    """A condition among all of its study; as text `fine_tuning/resnet50-baseline`."""

    strategy: Strategy
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key that a text names.

        Raises:
            ValueError: no strategy and name with a slash between them.
        """
        strategy, _, name = text.partition("/")
        if strategy not in STRATEGIES or not name:
            raise ValueError(f"{text!r} is not the name of a condition, such as fine_tuning/resnet50-baseline")
        return cls(strategy, name)

    def __str__(self) -> str:
        return f"{self.strategy}/{self.name}"

    def stage_name(self, seed: int) -> str:
        """Return DVC's name of the stage that trains this condition by a seed."""
        return _STAGES[self.strategy].format(name=self.name, seed=seed)
