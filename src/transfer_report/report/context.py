"""Context of the templates: the study in the words of one language, for one target."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from markupsafe import Markup
from pybtex.database import BibliographyData

from transfer_report.analysis.checklists import FilledChecklist, fill_checklist
from transfer_report.conditions import STRATEGIES
from transfer_report.records.figures import FigureRecord
from transfer_report.report import passages
from transfer_report.report.bibliography import Citations
from transfer_report.report.checklists import checklist_places, checklist_tables, file_name
from transfer_report.report.notes import check_places, contradictions, notes_markup, notes_text, typed_in
from transfer_report.report.numbering import APPENDIX, Numbering, figure_numbers, table_numbers
from transfer_report.report.sources import source_text, sources
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
from transfer_report.report.tables.widths import column_widths
from transfer_report.wording.names import group_name, study_printer
from transfer_report.wording.wording import Wording

Target = Literal["html", "pdf", "markdown"]

LETTERS = {
    "models": "A", "fine_tuning": "B", "linear_probe": "C", "lp_ft": "", "comparison": "D",
    "test": "E", "claims": "F", "appendix": "", "references": "",
}  # fmt: skip
"""Sections in order, with the letters that the homework gives its tasks, which had no LP-FT."""

APPENDIX_PARTS = ("models", "checks", "pairs", "test", "claims", "definitions", "making", "checklists")
"""Parts of the appendix in order, each a template in `sections/appendix/`; one without content is left out."""
APPENDIX_FIGURES = (
    "cost", "risk_calibration", "decision_curve", "precision_recall", "risk_distribution", "reliability", "pipeline"
)  # fmt: skip
"""Kinds of figures that stand there."""

PASSAGES: dict[str, Callable[..., object]] = {
    "notices": passages.notices,
    "draft_mark": passages.draft_mark,
    "question": passages.question,
    "bullets": passages.bullets,
    "key_facts": passages.key_facts,
    "findings": passages.findings,
    "model_notes": passages.model_notes,
    "selection_rule": passages.selection_rule,
    "image_text": passages.image_text,
    "group_text": passages.group_text,
    "tuning_text": passages.tuning_text,
    "attention_text": passages.attention_text,
    "comparison_text": passages.comparison_text,
    "pairs_text": passages.pairs_text,
    "claims_text": passages.claims_text,
    "clinical_text": passages.clinical_text,
    "definitions": passages.definitions,
}
"""Passages that templates may call; written on demand, so that citations count in reading order."""


@dataclass(frozen=True)
class Section:
    """One section of the report, as its contents list it."""

    id: str
    letter: str
    title: str


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
        self.wording = Wording(texts, printer, file=file, markup=markup, functions=functions)
        self.figures: dict[str, FigureRecord] = {f"fig-{figure.id}": figure for figure in study.figures.figures}
        self.numbering = Numbering(figure_numbers(self.figures, self._appendix_figures()), {}, self.wording)
        self.tables: dict[str, Table] = {}
        self._add(self._tables())
        # Screens and paper have figures, Markdown has none.
        shown = study.figures.figures if markup else []
        self.sources = dict(sources(study, shown, self.tables.values()))
        self._add([sources_table(self.sources, self.ref, self.wording)])
        self._add(checklist_tables(self.filled_checklists(), self.wording))

    def _add(self, tables: Iterable[Table]) -> None:
        self.tables |= {table.id: table for table in tables}
        self.numbering = Numbering(self.numbering.figures, table_numbers(self.tables.values()), self.wording)

    def ref(self, id_: str) -> str:
        """A figure's or table's label, as a link where the target has links."""
        return self.numbering.ref(id_)

    def sections(self) -> list[Section]:
        """Those that have something to show, in order."""
        strategies = {table.strategy for table in self.study.analysis.tables}
        empty: set[str] = {strategy for strategy in STRATEGIES if strategy not in strategies}
        # A study of one condition compares nothing, but what was reported elsewhere stands there, too.
        analysis = self.study.analysis
        if not (analysis.comparisons or analysis.reported or analysis.size_curves or analysis.cross_validated):
            empty.add("comparison")
        if not self.study.analysis.claims:
            empty.add("claims")
        return [
            Section(id_, letter, self.wording.text(f"sections.{id_}"))
            for id_, letter in LETTERS.items()
            if id_ not in empty
        ]

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
            Section(f"appendix-{part}", f"{APPENDIX}{number}", self.wording.text(f"appendix.{part}"))
            for number, part in enumerate(parts, start=1)
        ]

    def filled_checklists(self) -> list[FilledChecklist]:
        """Reporting checklists with where this report answers their items."""
        parts = [*self.sections(), *self.appendix()]
        titles = {one.id: " ".join(filter(None, (one.letter, one.title))) for one in parts}
        places = checklist_places(self.study, titles, self.numbering, self.wording)
        return [fill_checklist(one, places, self.study.answers) for one in self.study.checklists]

    def _appendix_figures(self) -> set[str]:
        return {id_ for id_, figure in self.figures.items() if figure.kind in APPENDIX_FIGURES}

    def variables(self) -> dict[str, Any]:
        """Everything that a template may use, by name."""
        study, wording = self.study, self.wording
        return {
            "target": self.target,
            "settings": study.settings,
            "study": study,
            "t": wording.text,
            "print": wording.printer.text,
            "label": self.numbering.label,
            "ref": self.ref,
            "cite": self.citations.cite,
            "figures": self.figures,
            "tables": self.tables,
            "column_widths": column_widths,
            "date": study.settings.date or study.provenance.date[:10],
            "notes": (notes_markup if wording.markup else notes_text)(
                study, wording.printer, wording.text("draft.not_yet")
            ),
            "typed_numbers": typed_in(study.notes),
            "contradicted": self._contradicted(),
            "appendix": self.appendix(),
            "checklist_tables": [f"tab-{file_name(one.name)}" for one in self.study.checklists],
            "described": bool(study.described_models),
            "pair_tables": [table.id for table in comparison_tables(study, wording)],
            "group_name": partial(group_name, wording),
            "caption": self._caption,
            "made_of": self._made_of,
        } | {name: partial(passage, study, wording) for name, passage in PASSAGES.items()}

    def _contradicted(self) -> dict[str, list[str]]:
        """Return warnings on notes that rely on verdicts which the study does not have, by section."""
        verdict = partial(self.wording.printer.text, format="verdict")
        return {
            section: [
                self.wording.text(
                    "notes.contradicted",
                    address=one.address,
                    expected=verdict(one.expected),
                    found=verdict(one.found),
                )
                for one in members
            ]
            for section, members in contradictions(self.study).items()
        }

    def _made_of(self, id_: str) -> str:
        """Where a figure or table came from; empty where it came from no file."""
        return source_text(self.sources[id_], self.wording) if id_ in self.sources else ""

    def _caption(self, figure: FigureRecord) -> str:
        """Return a figure's caption, with the number and rule of conditions or pairs left out."""
        caption = self.wording.text(f"captions.{figure.kind}", **figure.values)
        shown, count = (figure.values[name].value if name in figure.values else None for name in ("shown", "count"))
        if shown == count or shown is None:
            return caption
        part = "captions.some_pairs" if figure.kind == "comparison" else "captions.some_conditions"
        return self.wording.joined([caption, self.wording.text(part, **figure.values)])

    def _tables(self) -> Iterator[Table]:
        study, wording, analysis = self.study, self.wording, self.study.analysis
        yield from image_tables(study, wording)
        for group in study.groups:
            yield condition_table(study, group, wording)
            if effects := effects_table(study, group, wording):
                yield effects
        if analysis.size_curves:
            yield size_table(study, wording)
        if analysis.cross_validated:
            yield folds_table(study, wording)
        yield from clinical_tables(study, wording)
        if analysis.subgroups:
            yield subgroups_table(study, wording)
        if decided := claims_summary(study, wording):
            yield decided
        for summary in analysis.external:
            yield external_table(study, summary, wording)
        yield from self._appendix_tables()

    def _appendix_tables(self) -> Iterator[Table]:
        study, wording, analysis = self.study, self.wording, self.study.analysis
        if study.described_models:
            yield models_table(study, wording)
        if passed := checks_table(study, wording, passed=True):
            yield passed
        yield from comparison_tables(study, wording)
        if study.analysis.reported:
            yield reported_table(study, wording)
        if study.analysis.plans:
            yield power_table(study, wording)
        yield scores_table(study, wording)
        if study.analysis.shifts:
            yield shift_table(study, wording)
        yield from clinical_appendix_tables(study, wording)
        if study.analysis.claims:
            yield claims_table(study, wording)
        if study.data.notes:
            yield source_table(study, wording)
        if analysis.tunings:
            yield tuning_table(study, wording)
        yield settings_table(study, wording)
        yield weights_table(study, wording)
        yield packages_table(study, wording)


def _footnote(text: str) -> str:
    """Return a footnote; screens and Markdown, which have none, keep it in parentheses."""
    return Markup('<span class="footnote">{}.</span>').format(text[:1].upper() + text[1:])
