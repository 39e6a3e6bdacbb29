"""Accuracies that were reported elsewhere, read from `report/reference.yaml`."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from transfer_report.errors import UserError
from transfer_report.yaml_files import problems, read_yaml


class Reported(BaseModel):
    """Who reported them, on how many test images, and the accuracy of each condition (0…1)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    source: str
    test_images: Annotated[int, Field(ge=1)]
    test_accuracy: dict[str, Annotated[float, Field(ge=0, le=1)]]


def load_reported(path: Path) -> Reported:
    """Read the reported accuracies.

    Raises:
        UserError: naming the key and what is allowed.
    """
    try:
        return Reported.model_validate(read_yaml(path))
    except ValidationError as error:
        raise UserError(problems(path, error)) from None
