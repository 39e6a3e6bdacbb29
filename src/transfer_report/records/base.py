"""Record: the base of everything that crosses a border between stages."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


class Record(BaseModel):
    """Base of all records: frozen, unknown fields refused, never NaN or infinite (JSON knows neither)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
