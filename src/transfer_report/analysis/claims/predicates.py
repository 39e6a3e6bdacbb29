"""Predicates of claims, typed and read from `report/claims.yaml`."""

from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from transfer_report.analysis.bounds import CURVE_BOUNDS
from transfer_report.before_rename import refuse_old_names
from transfer_report.errors import UserError, did_you_mean
from transfer_report.records.analysis import CurveMeasure, Tested
from transfer_report.settings import TrainingSettings
from transfer_report.yaml_files import problems, read_yaml

CLAIMS_FILE = Path("report/claims.yaml")

PublishedFigure = Literal["top1", "top5", "parameters", "gflops", "file_mb"]


class Strict(BaseModel):
    """Frozen; unknown keys and other types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Predicate = TypeVar("Predicate", bound=Strict)


def _checked_different(predicate: Predicate, *names: str) -> Predicate:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} is held against itself; name another one")
    return predicate


class Published(Strict):
    """A published figure of an architecture is `value`, as rounded as the claim states it."""

    kind: Literal["published"]
    architecture: str
    figure: PublishedFigure
    value: float
    decimals: Annotated[int, Field(ge=0)]


class PublishedRatio(Strict):
    """A published figure of one architecture is at least `factor` times another's."""

    kind: Literal["published_ratio"]
    figure: PublishedFigure
    larger: str
    smaller: str
    factor: Annotated[float, Field(ge=1)]

    @model_validator(mode="after")
    def _of_two(self) -> "PublishedRatio":
        return _checked_different(self, self.larger, self.smaller)


class Faster(Strict):
    """A forward pass of one model takes less time than another's, on this machine."""

    kind: Literal["faster"]
    faster: str
    slower: str

    @model_validator(mode="after")
    def _of_two(self) -> "Faster":
        return _checked_different(self, self.faster, self.slower)


class Difference(Strict):
    """A test metric of one condition is better than, worse than or equivalent to another's."""

    kind: Literal["difference"]
    metric: Tested = "accuracy"
    treatment: str
    reference: str
    expect: Literal["better", "worse", "equivalent"]

    @model_validator(mode="after")
    def _of_two(self) -> "Difference":
        return _checked_different(self, self.treatment, self.reference)


class CurveDifference(Strict):
    """A measure of the learning curves of one condition is higher or lower than another's."""

    kind: Literal["curve_difference"]
    measure: CurveMeasure
    treatment: str
    reference: str
    expect: Literal["higher", "lower"]

    @model_validator(mode="after")
    def _of_two(self) -> "CurveDifference":
        return _checked_different(self, self.treatment, self.reference)


class CurveLevel(Strict):
    """A measure of a condition's learning curves lies above or below a level."""

    kind: Literal["curve_level"]
    measure: CurveMeasure
    condition: str
    expect: Literal["above", "below"]
    level: float
    min_epochs: Annotated[int, Field(ge=1)] = 1
    """Shorter runs are inconclusive."""

    @model_validator(mode="after")
    def _level_can_be(self) -> "CurveLevel":
        low, high = CURVE_BOUNDS[self.measure]
        if not low <= self.level <= high:
            reach = f"{low:g} or more" if high == inf else f"between {low:g} and {high:g}, as a share of 1"
            raise ValueError(f"level {self.level:g}: {self.measure} is {reach}")
        return self


class RisingLoss(Strict):
    """The validation loss of a condition ends well above its lowest in every run, or in none."""

    kind: Literal["rising_loss"]
    condition: str
    expect: bool


class LargestEffect(Strict):
    """One condition departs further from the baseline than each of the others does, in test accuracy."""

    kind: Literal["largest_effect"]
    condition: str
    baseline: str
    others: Annotated[list[str], Field(min_length=1)]

    @model_validator(mode="after")
    def _of_several(self) -> "LargestEffect":
        return _checked_different(self, self.condition, self.baseline, *self.others)


class Dropped(Strict):
    """Test accuracy of a condition lies below its validation accuracy."""

    kind: Literal["dropped"]
    condition: str


class NotTested(Strict):
    """Something that the study does not test; the reason stands in the report."""

    kind: Literal["not_tested"]
    reason: str


Simple = Annotated[
    Published
    | PublishedRatio
    | Faster
    | Difference
    | CurveDifference
    | CurveLevel
    | RisingLoss
    | LargestEffect
    | Dropped
    | NotTested,
    Field(discriminator="kind"),
]


def _known_settings(settings: dict[str, float | str]) -> dict[str, float | str]:
    for name in settings:
        if name not in TrainingSettings.model_fields:
            raise ValueError(f"no setting {name!r}; {did_you_mean(name, TrainingSettings.model_fields)}")
    return settings


Given = dict[str, Annotated[dict[str, float | str], AfterValidator(_known_settings)]]
"""By condition, settings of its training, as numbers or names; `none` for no scheduler."""


class Claim(Strict):
    """A claim: the sentence, how it is read so that it can be tested, and what must hold together."""

    id: str
    text: str
    reads_as: str = ""
    """How the sentence was made testable, where that is not plain."""
    given: Given = {}
    """Settings that the claim assumes of the conditions it names."""
    all_of: Annotated[list[Simple], Field(min_length=1)]


class Claims(Strict):
    """All of `report/claims.yaml`."""

    given: Given = {}
    """The same for every claim that names these conditions and does not say it itself."""
    claims: list[Claim]


def load_claims(path: Path) -> list[Claim]:
    """Read the claims.

    Raises:
        UserError: naming the claim, the key and what is allowed.
    """
    tree = read_yaml(path)
    refuse_old_names(path, tree)
    try:
        parsed = Claims.model_validate(tree)
    except ValidationError as error:
        raise UserError(problems(path, error, named=lambda steps: _place(steps, tree))) from None
    claims = [_with_given(claim, parsed.given) for claim in parsed.claims]
    named = {name for claim in claims for name in named_conditions(claim)}
    if unnamed := [name for name in parsed.given if name not in named]:
        raise UserError(f"{path}: given: no claim names {unnamed[0]!r}; {did_you_mean(unnamed[0], named)}")
    ids = [claim.id for claim in claims]
    for repeated in sorted({name for name in ids if ids.count(name) > 1}):
        raise UserError(f"{path}: two claims are called {repeated!r}; give one of them another id")
    return claims


def _with_given(claim: Claim, given: Given) -> Claim:
    own = {name: given[name] for name in named_conditions(claim) if name in given}
    return claim.model_copy(update={"given": own | claim.given})


def _place(steps: tuple[int | str, ...], tree: dict[str, Any]) -> str:
    """`claim B2: all_of.0.expect`, for pydantic's `claims`, 6, `all_of`, 0, `difference`, `expect`."""
    match steps:
        case ("claims", int(number), *rest):
            claim = tree["claims"][number]
            id_ = claim.get("id") if isinstance(claim, dict) else None
            name = f"claim {id_}" if isinstance(id_, str) else f"claim number {number + 1}"
            # The kind, by which pydantic chose among the predicates, is no key.
            keys = [str(step) for place, step in enumerate(rest) if (place, rest[0]) != (2, "all_of")]
            return ": ".join(filter(None, (name, ".".join(keys))))
        case _:
            return ".".join(map(str, steps))


def compared_conditions(claim: Claim) -> list[tuple[str, str]]:
    """Every (treatment, reference) that judging a claim needs compared in a test metric."""
    others = [predicate for predicate in claim.all_of if not isinstance(predicate, CurveDifference)]
    return [pair for predicate in others for pair in compared_by(predicate)]


def compared_curves(claim: Claim) -> list[tuple[str, str, CurveMeasure]]:
    """Every (treatment, reference, measure) that judging a claim needs compared."""
    return [(one.treatment, one.reference, one.measure) for one in claim.all_of if isinstance(one, CurveDifference)]


def levels_claimed(claim: Claim) -> list[tuple[str, CurveMeasure, float]]:
    """Every (condition, measure, level) that judging a claim needs tested."""
    return [(one.condition, one.measure, one.level) for one in claim.all_of if isinstance(one, CurveLevel)]


def compared_by(predicate: Simple) -> list[tuple[str, str]]:
    """Every (treatment, reference) that judging one predicate needs compared."""
    if isinstance(predicate, Difference | CurveDifference):
        return [(predicate.treatment, predicate.reference)]
    if isinstance(predicate, LargestEffect):
        return [
            *((predicate.condition, other) for other in (predicate.baseline, *predicate.others)),
            *((other, predicate.baseline) for other in predicate.others),
        ]
    return []


def named_conditions(claim: Claim) -> list[str]:
    """Every condition that a claim names."""
    return [name for predicate in claim.all_of for name in named_by(predicate)]


def named_by(predicate: Simple) -> list[str]:
    """Every condition that one predicate names."""
    if isinstance(predicate, CurveLevel | RisingLoss | Dropped):
        return [predicate.condition]
    return [name for pair in compared_by(predicate) for name in pair]


def check_names(
    claims: list[Claim], conditions: list[str], architectures: list[str], models: list[str], path: Path
) -> None:
    """Refuse claims about what the study does not have.

    Raises:
        UserError: naming each such claim, the unknown name and the nearest ones.
    """
    there_are = {"condition": conditions, "architecture": architectures, "model": models}
    unknown = []
    for claim in claims:
        named = [(name, "condition") for name in (*named_conditions(claim), *claim.given)]
        for predicate in claim.all_of:
            if isinstance(predicate, Published):
                named.append((predicate.architecture, "architecture"))
            elif isinstance(predicate, PublishedRatio):
                named += [(name, "architecture") for name in (predicate.larger, predicate.smaller)]
            elif isinstance(predicate, Faster):
                named += [(name, "model") for name in (predicate.faster, predicate.slower)]
        unknown += [
            f"{path}: claim {claim.id}: the study has no {kind} {name!r}; {did_you_mean(name, there_are[kind])} "
            "(correct the claim, or remove it)"
            for name, kind in dict.fromkeys(named)
            if name not in there_are[kind]
        ]
    if unknown:
        raise UserError("\n".join(unknown))
