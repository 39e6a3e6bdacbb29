"""Record: the base of everything that crosses a border between stages."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, PrivateAttr

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


class Record(BaseModel):
    """Base of all records: frozen, unknown fields refused, never NaN or infinite (JSON knows neither)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    KEY: ClassVar[tuple[str, ...]] = ()
    """Fields that tell the members of a list apart in an address; without any, they are numbered."""
    WITHOUT_ADDRESS: ClassVar[tuple[str, ...]] = ()
    """Fields that nothing prints, such as curves that are drawn, or that name images."""
    _address: str = PrivateAttr("")

    @property
    def address(self) -> str:
        """Where the record stands in its study; empty outside of `Records`."""
        return self._address
