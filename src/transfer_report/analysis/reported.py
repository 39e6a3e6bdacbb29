"""Accuracies that were reported elsewhere, read from `report/reported.yaml`."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from transfer_report.before_rename import refuse_old_file, refuse_old_names
from transfer_report.errors import UserError, did_you_mean
from transfer_report.yaml_files import problems, read_yaml

REPORTED_FILE = Path("report/reported.yaml")


class Reported(BaseModel):
    """Who reported them, on how many test images, and the accuracy of each condition (0…1)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    source: Annotated[str, Field(min_length=1)]
    test_images: Annotated[int, Field(ge=2)]
    """Of one there is no interval."""
    test_accuracy: dict[str, Annotated[float, Field(ge=0, le=1)]]


def load_reported(path: Path, conditions: Collection[str]) -> Reported:
    """Read the reported accuracies.

    Args:
        path: of the file.
        conditions: keys of the study's conditions.

    Raises:
        UserError: naming each key and what is allowed.
    """
    refuse_old_file(path.with_name("reference.yaml"), path)
    tree = read_yaml(path)
    refuse_old_names(path, tree)
    if tree.get("test_accuracy") == {}:
        tree = {"source": "none", "test_images": 2} | tree
    try:
        reported = Reported.model_validate(tree)
    except ValidationError as error:
        raise UserError(problems(path, error)) from None
    unknown = [
        f"{path}: test_accuracy.{key}: the study has no such condition; {did_you_mean(key, conditions)} "
        "(or remove the line)"
        for key in reported.test_accuracy
        if key not in conditions
    ]
    if unknown:
        raise UserError("\n".join(unknown))
    return reported
