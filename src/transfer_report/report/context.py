"""Context of the report: the study in the words of one language, its tables and numbers, for one target."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from markupsafe import Markup
from pybtex.database import BibliographyData

from transfer_report.analysis.checklists import FilledChecklist, fill_checklist
from transfer_report.conditions import STRATEGIES
from transfer_report.records.figures import FigureRecord
from transfer_report.report.bibliography import Citations
from transfer_report.report.checklists import checklist_places, checklist_tables
from transfer_report.report.document import Section, Target
from transfer_report.report.notes import check_places
from transfer_report.report.numbering import APPENDIX, Numbering, figure_numbers, table_numbers
from transfer_report.report.sources import sources
from transfer_report.report.study import Study
from transfer_report.report.tables.audit import claims_summary, claims_table
from transfer_report.report.tables.clinical import clinical_appendix_tables, clinical_tables
from transfer_report.report.tables.comparisons import comparison_tables
from transfer_report.report.tables.conditions import condition_table
from transfer_report.report.tables.cross_validation import folds_table
from transfer_report.report.tables.effects import effects_table
from transfer_report.report.tables.image_set import checks_table, image_tables, source_table
from transfer_report.report.tables.making import packages_table, settings_table, sources_table, weights_table
from transfer_report.report.tables.model_selection import models_table
from transfer_report.report.tables.power import power_table
from transfer_report.report.tables.reported import reported_table
from transfer_report.report.tables.size_curves import size_table
from transfer_report.report.tables.table import Table
from transfer_report.report.tables.test_set import external_table, scores_table, shift_table, subgroups_table
from transfer_report.report.tables.tuning import tuning_table
from transfer_report.wording.names import study_printer
from transfer_report.wording.wording import Wording

LETTERS = {
    "models": "A", "fine_tuning": "B", "linear_probe": "C", "lp_ft": "", "comparison": "D",
    "test": "E", "claims": "F", "appendix": "", "references": "",
}  # fmt: skip
"""Sections in order, with the letters that the homework gives its tasks, which had no LP-FT."""

APPENDIX_PARTS = ("models", "checks", "pairs", "test", "claims", "definitions", "making", "checklists")
"""Parts of the appendix in order, one without content is left out."""
APPENDIX_FIGURES = (
    "cost", "risk_calibration", "decision_curve", "precision_recall", "risk_distribution", "reliability", "pipeline"
)  # fmt: skip
"""Kinds of figures that stand there."""


class Context:
    """Words, tables and numbers of a study for one target."""

    def __init__(
        self, study: Study, texts: Mapping[str, Any], bibliography: BibliographyData, target: Target, file: str
    ) -> None:
        markup = target != "markdown"
        check_places(study.notes, study)
        self.study = study
        self.target = target
        self.citations = Citations(bibliography, markup)
        printer = study_printer(texts, study.analysis.tables, file)
        functions = {"ref": self.ref, "cite": self.citations.cite}
        if target == "pdf":
            functions["aside"] = _footnote
        self.wording = Wording(texts, printer, file=file, markup=markup, functions=functions, records=study.records)
        self.figures: dict[str, FigureRecord] = {f"fig-{figure.id}": figure for figure in study.figures.figures}
        appendix = {id_ for id_, figure in self.figures.items() if figure.kind in APPENDIX_FIGURES}
        self.numbering = Numbering(figure_numbers(self.figures, appendix), {}, self.wording)
        self.tables: dict[str, Table] = {}
        self._add(self._tables())
        # Screens and paper have figures, Markdown has none.
        shown = study.figures.figures if markup else []
        self.sources = dict(sources(study, shown, self.tables.values()))
        self._add([sources_table(self.sources, self.ref, self.wording)])
        self._add(checklist_tables(self.filled_checklists(), self.wording))

    def _add(self, tables: Iterable[Table | None]) -> None:
        self.tables |= {table.id: table for table in tables if table}
        self.numbering = Numbering(self.numbering.figures, table_numbers(self.tables.values()), self.wording)

    def ref(self, id_: str) -> str:
        """A figure's or table's label, as a link where the target has links."""
        return self.numbering.ref(id_)

    def sections(self) -> list[Section]:
        """Those that have something to show, in order."""
        analysis = self.study.analysis
        empty = {str(strategy) for strategy in STRATEGIES} - {table.strategy for table in analysis.tables}
        # A study of one condition compares nothing, but what was reported elsewhere stands there, too.
        if not (analysis.comparisons or analysis.reported or analysis.size_curves or analysis.cross_validated):
            empty.add("comparison")
        if not analysis.claims:
            empty.add("claims")
        present = ((id_, letter) for id_, letter in LETTERS.items() if id_ not in empty)
        return [Section(id_, self.wording.text(f"sections.{id_}"), letter=letter) for id_, letter in present]

    def appendix(self) -> list[Section]:
        """Parts of the appendix that have something to show, numbered by their order."""
        empty = {
            "models": not self.study.analysis.published,
            "checks": "tab-checks-passed" not in self.tables,
            "pairs": not (self.study.analysis.comparisons or self.study.analysis.reported),
            "claims": not self.study.analysis.claims,
            "checklists": not self.study.checklists,
        }
        parts = [part for part in APPENDIX_PARTS if not empty.get(part)]
        return [
            Section(f"appendix-{part}", self.wording.text(f"appendix.{part}"), letter=f"{APPENDIX}{number}")
            for number, part in enumerate(parts, start=1)
        ]

    def filled_checklists(self) -> list[FilledChecklist]:
        """Reporting checklists with where this report answers their items."""
        parts = [*self.sections(), *self.appendix()]
        titles = {one.id: " ".join(filter(None, (one.letter, one.title))) for one in parts}
        places = checklist_places(self.study, titles, self.numbering, self.wording)
        return [fill_checklist(one, places, self.study.answers) for one in self.study.checklists]

    def caption(self, figure: FigureRecord) -> str:
        """Return a figure's caption, with the number and rule of conditions or pairs left out."""
        values = self.study.records.roots["figures"][figure.id].values
        caption = self.wording.text(f"captions.{figure.kind}", **values)
        shown, count = (values.get(name) for name in ("shown", "count"))
        if shown == count or shown is None:
            return caption
        part = "captions.some_pairs" if figure.kind == "comparison" else "captions.some_conditions"
        return self.wording.joined([caption, self.wording.text(part, **values)])

    def _tables(self) -> Iterator[Table | None]:
        study, wording, analysis = self.study, self.wording, self.study.analysis
        yield from image_tables(study, wording)
        for group in study.groups:
            yield condition_table(study, group, wording)
            yield effects_table(study, group, wording)
        yield size_table(study, wording) if analysis.size_curves else None
        yield folds_table(study, wording) if analysis.cross_validated else None
        yield from clinical_tables(study, wording)
        yield subgroups_table(study, wording) if analysis.subgroups else None
        yield claims_summary(study, wording)
        for summary in analysis.external:
            yield external_table(study, summary, wording)
        # From here on, in the appendix.
        yield models_table(study, wording) if study.described_models else None
        yield checks_table(study, wording, passed=True)
        yield from comparison_tables(study, wording)
        yield reported_table(study, wording) if analysis.reported else None
        yield power_table(study, wording) if analysis.plans else None
        yield scores_table(study, wording)
        yield shift_table(study, wording) if analysis.shifts else None
        yield from clinical_appendix_tables(study, wording)
        yield claims_table(study, wording) if analysis.claims else None
        yield source_table(study, wording) if study.data.notes else None
        yield tuning_table(study, wording) if analysis.tunings else None
        yield settings_table(study, wording)
        yield weights_table(study, wording)
        yield packages_table(study, wording)


def _footnote(text: str) -> str:
    """Return a footnote; screens and Markdown, which have none, keep it in parentheses."""
    return Markup('<span class="footnote">{}.</span>').format(text[:1].upper() + text[1:])
