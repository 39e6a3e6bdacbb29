"""An address for every clinical number that a sentence or a cell may print."""

from transfer_report.analysis.clinical.records import Band, Clinical
from transfer_report.analysis.lookup import Leaf, flatten
from transfer_report.records.base import Record

IDENTITY = (
    "kind", "treatment", "reference", "condition", "positive", "quantity", "metric", "index", "true", "predicted"
)  # fmt: skip
"""Fields that tell the members of a list apart, in the order of an address; `all` stands for an average of classes."""
FIGURES_OWN = ("treat_all", "edges", "negative_share", "positive_share")
"""Fields that are drawn, not printed, such as bands; the figure's own table has their numbers."""


def clinical_leaves(clinical: Clinical) -> dict[str, Leaf]:
    """Address and value of each number and word: `clinical.images.operating_points.<condition>.1.sensitivity.value`."""
    return dict(flatten(_keyed(clinical, ()), "clinical"))


def _keyed(node: object, known: tuple[str, ...]) -> object:
    """A record as mappings; members of a list by what tells them apart, without what the list's owner says already."""
    if isinstance(node, Record):
        inner = (*known, *(name for name in IDENTITY if name in type(node).model_fields))
        fields = {name: getattr(node, name) for name in type(node).model_fields if name not in FIGURES_OWN}
        return {name: _keyed(value, inner) for name, value in fields.items() if not isinstance(value, Band)}
    if isinstance(node, list | tuple):
        return {_name(one, place, known): _keyed(one, known) for place, one in enumerate(node)}
    return node


def _name(one: object, place: int, known: tuple[str, ...]) -> str:
    """Return the name of a list's member: its fields, or its number."""
    identity = [name for name in IDENTITY if name in getattr(type(one), "model_fields", ()) and name not in known]
    if not identity:
        return str(place)
    return ".".join("all" if (value := getattr(one, name)) is None else str(value) for name in identity)
