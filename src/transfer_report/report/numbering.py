"""Numbers of figures and tables, the same in HTML, PDF and Markdown, and links to them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from transfer_report.errors import UserError, did_you_mean
from transfer_report.report.tables.table import Table
from transfer_report.wording.wording import Wording

APPENDIX = "S"
"""Section of the tables and figures that stand in the appendix."""


def table_numbers(tables: Iterable[Table]) -> dict[str, str]:
    """Tables by id: the homework's tables keep their own number, the others count within their section (`D2`)."""
    counts: Counter[str] = Counter()
    numbers = {}
    for table in tables:
        if table.number:
            numbers[table.id] = table.number
        else:
            counts[table.section] += 1
            numbers[table.id] = f"{table.section}{counts[table.section]}"
    return numbers


def figure_numbers(ids: Iterable[str], appendix: Collection[str] = ()) -> dict[str, str]:
    """Figures count through the body, and from S1 on through the appendix."""
    counts: Counter[bool] = Counter()
    numbers = {}
    for id_ in ids:
        supplementary = id_ in appendix
        counts[supplementary] += 1
        numbers[id_] = f"{APPENDIX if supplementary else ''}{counts[supplementary]}"
    return numbers


@dataclass(frozen=True)
class Numbering:
    """Numbers of figures and tables."""

    figures: Mapping[str, str]
    """Number by id."""
    tables: Mapping[str, str]
    wording: Wording

    def label(self, id_: str) -> str:
        """`Figure 3`, `Table D1`.

        Raises:
            UserError: nothing in the report has this id.
        """
        for kind, numbers in (("figure", self.figures), ("table", self.tables)):
            if id_ in numbers:
                # The number stays on the line of its word.
                return self.wording.text(f"page.{kind}", number=numbers[id_]).replace(" ", "\u00a0")
        known = [*self.figures, *self.tables]
        raise UserError(f"the report has no figure or table {id_!r}; {did_you_mean(id_, known)}")

    def ref(self, id_: str) -> str:
        """The label as a link; plain in Markdown."""
        label = self.label(id_)
        if not self.wording.markup:
            return label
        return Markup('<a class="ref" href="#{}">{}</a>').format(id_, label)
