"""What the report says, in its order: a method for each section and each part of the appendix."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from transfer_report.conditions import STRATEGIES
from transfer_report.report import passages
from transfer_report.report.checklists import file_name
from transfer_report.report.context import Context
from transfer_report.report.document import (
    PAGES,
    AuthorNote,
    Block,
    Bullets,
    Definitions,
    Document,
    Extra,
    Heading,
    ListItem,
    NoticeBox,
    Paragraph,
    PlacedFigure,
    PlacedTable,
    References,
)
from transfer_report.report.notes import contradictions, notes_markup, notes_text, typed_in
from transfer_report.report.sources import source_text
from transfer_report.report.tables.comparisons import comparison_tables
from transfer_report.wording.names import group_name

Blocks = Iterator[Block]


def report_document(context: Context) -> Document:
    """Return the report in the words and with the numbers of a context, in the form of its target."""
    return _Contents(context).document()


def on_pages(blocks: Blocks) -> Blocks:
    """Yield blocks of which Markdown has notes and what it folds."""
    for block in blocks:
        yield block if block.folded or isinstance(block, AuthorNote) else replace(block, forms=PAGES)


class _Contents:
    """Writes blocks one after the other, so that citations count in reading order."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.study = context.study
        self.wording = context.wording
        self.text = context.wording.text
        self.verdict = partial(context.wording.printer.text, format="verdict")
        self.date = context.study.settings.date or context.study.provenance.date[:10]
        self.write = (context.study, context.wording)
        """What every passage is written from."""
        self.sections: dict[str, Callable[[], Blocks]] = {
            "models": self.models,
            **{strategy: partial(self.strategy, strategy) for strategy in STRATEGIES},
            "comparison": self.comparison,
            "test": self.test,
            "claims": self.claims,
            "appendix": self.appendix,
            "references": self.references,
        }
        self.parts: dict[str, Callable[[], Blocks]] = {
            "models": self.models_chosen,
            "checks": partial(self.table, "tab-checks-passed"),
            "pairs": self.pairs,
            "test": self.test_details,
            "claims": partial(self.table, "tab-claims-evidence"),
            "definitions": self.definitions,
            "making": self.making,
            "checklists": self.checklists,
        }
        as_target = notes_markup if context.wording.markup else notes_text
        self.notes = as_target(self.study, self.wording.printer, self.text("draft.not_yet"))
        self.typed, self.contradictions = typed_in(self.study.notes), contradictions(self.study)

    def document(self) -> Document:
        """Return the whole report."""
        settings, text, built = self.study.settings, self.text, self.study.provenance.date
        student_id = text("page.student_id", student_id=settings.student_id) if settings.student_id else ""
        return Document(
            title=settings.title,
            kicker=settings.course or text("page.kicker"),
            institution=settings.institution,
            byline=" · ".join(filter(None, (settings.author, student_id, self.date))),
            author=settings.author,
            date=built,
            description=text("page.description", conditions=len(self.study.conditions)),
            keywords=text("page.keywords"),
            mark=passages.draft_mark(*self.write),
            summary=text("page.summary"),
            front=self._kept(self.front()),
            sections=[
                replace(one, blocks=self._kept(self.sections[one.id]()), folded=one.id == "references")
                for one in self.context.sections()
            ],
            colophon=text("page.colophon"),
            files=self.study.files,
        )

    def front(self) -> Blocks:
        settings = self.study.settings
        of_whom = filter(None, (settings.author, settings.course, settings.institution, self.date))
        yield Paragraph(" · ".join(of_whom), forms=("markdown",))
        yield Paragraph(passages.question(*self.write), "question")
        yield Paragraph(self._sentences("summary"), continues=True)
        for notice in passages.notices(*self.write):
            yield NoticeBox(notice)
        yield Bullets([ListItem(one.label, one.text) for one in passages.bullets(*self.write)], "answers")
        yield from self.note("summary")
        yield from self.figure("fig-overview")

    def models(self) -> Blocks:
        names = [self.text(f"models.{name}") for name in ("architecture", "performance", "computation")]
        yield Heading(self.text("models.heading"), forms=PAGES)
        notes = passages.model_notes(*self.write)
        yield Bullets([ListItem(f"{one.name}.", details=[*zip(names, one[1:], strict=True)]) for one in notes], "notes")
        yield from self.note("models")
        yield Heading(self.text("models.images_heading"), forms=PAGES)
        yield Paragraph(passages.image_text(*self.write), forms=PAGES)
        yield from self.table("tab-images")
        yield from self.figure("fig-flow")
        yield from on_pages(self.table("tab-cohort"))
        yield from self.figure("fig-samples")
        yield from self.table("tab-checks")
        yield from self.note("images")
        if self.study.analysis.tunings:
            yield Heading(self.text("tuning.heading"), forms=PAGES)
            yield Paragraph(passages.tuning_text(*self.write))

    def strategy(self, strategy: str) -> Blocks:
        yield Paragraph(self.text(f"conditions.{strategy}", partly=self.study.trains_partly(strategy)))
        groups = [group for group in self.study.groups if group.strategy == strategy]
        for group in groups:
            if len(groups) > 1:
                yield Heading(group_name(self.wording, group.tables), f"group-{group.key}", forms=PAGES)
            yield Paragraph(passages.group_text(*self.write, group))
            yield from self.table(f"tab-{group.key}")
            yield from self.figure(f"fig-curves-{group.key}")
            yield from self.table(f"tab-effects-{group.key}", folded=True)
            for one in group.tables:
                yield from self.findings(f"table:{one.strategy}:{one.model}")
                yield from self.note(f"{one.strategy}-{one.model}")
        yield from self.note(strategy)

    def comparison(self) -> Blocks:
        if "fig-comparison" in self.context.figures:
            yield Paragraph(passages.comparison_text(*self.write), forms=PAGES)
        yield Paragraph(self._sentences("comparison"), continues=True)
        yield from self.figure("fig-comparison")
        yield Paragraph(self.text("comparison.recommendation"))
        if "tab-reported" in self.context.tables:
            yield Paragraph(self.text("comparison.reported"), continues=True, forms=PAGES)
        if self.study.analysis.size_curves:
            yield Heading(self.text("comparison.training_size"))
            yield Paragraph(self.text("comparison.sizes"))
            yield Paragraph(self._sentences("training_size"), continues=True)
            yield from self.figure("fig-size-curves")
            yield from self.table("tab-size-curves")
        if "tab-folds" in self.context.tables:
            yield Heading(self.text("comparison.other_splits"))
            yield Paragraph(self.text("comparison.cross_validation"))
            yield from self.table("tab-folds")
        yield from self.note("comparison")

    def test(self) -> Blocks:
        yield Paragraph(self.text("test.intro"), forms=PAGES)
        for shown, text in (("fig-hard-images", "test.hard"), ("tab-subgroups", "test.subgroups")):
            if shown in self.context.figures or shown in self.context.tables:
                yield Paragraph(self.text(text), continues=True, forms=PAGES)
        yield from self.findings("test")
        yield Heading(self.text("clinical.heading"), forms=PAGES)
        yield Paragraph(passages.clinical_text(*self.write), forms=PAGES)
        yield from self.findings("clinical")
        yield from self.figure("fig-risks", "fig-roc")
        yield from self.table("tab-operating-point")
        if self.context.tables["tab-classes"].section == "E":
            yield from on_pages(self.table("tab-classes"))
        yield from on_pages(self.table("tab-confused"))
        yield from self.findings("subgroups")
        yield from on_pages(self.table("tab-subgroups"))
        for one in self.study.analysis.external:
            yield Heading(self.text("test.external", name=one.external))
            yield from self.findings(f"external:{one.external}")
            yield Paragraph(self.text("test.external_table", name=one.external), forms=PAGES)
            yield from self.table(f"tab-external-{one.external}", folded=True)
        yield from self.figure("fig-confusion")
        if self.study.figures.gallery:
            yield Extra("gallery.html.j2", forms=("html",))
        yield from self.figure("fig-hard-images")
        yield Paragraph(passages.attention_text(*self.write), forms=PAGES)
        yield from self.figure("fig-attention")
        yield from self.note("test")

    def claims(self) -> Blocks:
        yield Paragraph(self.text("claims_section.intro"), forms=PAGES)
        yield Paragraph(self.text("claims_section.count"), continues=True)
        yield from on_pages(self.table("tab-claims"))
        decided = [one for one in self.study.analysis.claims if one.verdict != "inconclusive"]
        if decided:
            items = [ListItem(f"{one.id}, {self.verdict(one.verdict)}.", one.text) for one in decided]
            yield Bullets(items, forms=("markdown",))
        yield from self.note("claims")

    def appendix(self) -> Blocks:
        for part in self.context.appendix():
            if blocks := self._kept(on_pages(self.parts[part.id.removeprefix("appendix-")]())):
                yield replace(part, blocks=blocks)

    def models_chosen(self) -> Blocks:
        described = bool(self.study.described_models)
        yield Paragraph(self.text("models.intro" if described else "models.unpublished"))
        if described:
            yield Paragraph(passages.selection_rule(*self.write), continues=True)
        yield from self.figure("fig-cost")
        yield from self.table("tab-models")

    def pairs(self) -> Blocks:
        tables = [table.id for table in comparison_tables(*self.write)]
        if tables:
            yield Paragraph(self.text("comparison.pairs"))
        yield from self.findings("controls")
        yield from self.table(*tables)
        yield from self.table("tab-reported", folded=True)
        yield from self.table("tab-power")

    def test_details(self) -> Blocks:
        yield from self.table("tab-scores")
        yield from self.figure("fig-reliability")
        yield from self.table("tab-shift")
        clinical, by_patient = self.study.clinical, "tab-operating-point-patients" in self.context.tables
        patients = clinical.patients.patient_score if clinical.patients and by_patient else ""
        yield Paragraph(self.text("clinical.more", rivals=len(clinical.conditions) > 1, patients=patients))
        yield from self.figure("fig-risk-calibration", "fig-decision-curve")
        yield from self.figure("fig-precision-recall", "fig-risk-distribution")
        yield from self.table("tab-rivals", "tab-carry-over", "tab-calibration", "tab-temperature")
        if self.context.tables["tab-classes"].section != "E":
            yield from self.table("tab-classes")
        yield from self.table("tab-operating-point-patients")

    def definitions(self) -> Blocks:
        yield Definitions(passages.definitions(*self.write))

    def making(self) -> Blocks:
        facts = [ListItem(one.name, one.text) for one in passages.key_facts(*self.write)]
        yield Bullets(facts, "facts")
        provenance = self.study.provenance
        kept = "edited" if provenance.edited else "commit"
        commit = self.wording.printer.text(provenance.commit, "short_hash")
        yield Paragraph(self.text("making.intro"))
        yield Paragraph(self.text("making.data"), continues=True)
        made = self.text(f"making.{kept}", commit=commit) if commit else self.text("making.no_commit")
        yield Paragraph(made, continues=True)
        yield from self.figure("fig-pipeline")
        yield from self.table("tab-source")
        yield from self.table("tab-tuning", folded=True)
        yield from self.table("tab-settings", "tab-weights", "tab-packages", "tab-sources")
        yield from self.note("making")

    def checklists(self) -> Blocks:
        yield Paragraph(self.text("checklists.appendix"))
        yield from self.table(*(f"tab-{file_name(one.name)}" for one in self.study.checklists))

    def references(self) -> Blocks:
        yield References(self.context.citations.references())

    def findings(self, section: str) -> Blocks:
        """Yield the findings of a section as paragraphs."""
        yield from map(Paragraph, passages.findings(*self.write, section))

    def table(self, *ids: str, folded: bool = False) -> Blocks:
        """Yield those of some tables that the study has."""
        for id_ in ids:
            if table := self.context.tables.get(id_):
                yield PlacedTable(table, *self._labelled(id_), folded=folded)

    def figure(self, *ids: str) -> Blocks:
        """Yield those of some figures that the study has."""
        for id_ in ids:
            if record := self.context.figures.get(id_):
                yield PlacedFigure(record, id_, self.context.caption(record), *self._labelled(id_), forms=PAGES)

    def note(self, place: str) -> Blocks:
        """Yield the author's note on a place, where there is one."""
        if place not in self.notes:
            return
        contradicted = [
            self.text("notes.contradicted", address=address, expected=self.verdict(expected), found=self.verdict(found))
            for address, expected, found in self.contradictions.get(place, ())
        ]
        typed = self.text("notes.typed", numbers=", ".join(self.typed[place])) if place in self.typed else ""
        yield AuthorNote(self.text("notes.label"), self.notes[place], contradicted, typed)

    def _sentences(self, section: str) -> str:
        return self.wording.joined(passages.findings(*self.write, section))

    def _labelled(self, id_: str) -> tuple[str, str]:
        """Return a figure's or table's label and source, which is empty where it was made from no file."""
        source = self.context.sources.get(id_)
        return self.context.numbering.label(id_), source_text(source, self.wording) if source else ""

    def _kept(self, blocks: Iterable[Block]) -> list[Block]:
        """Return the blocks that the target shows; what it leaves out cites nothing."""
        kept: list[Block] = []
        cited = self.context.citations.cited
        count = len(cited)
        for block in blocks:
            if self.context.target not in block.forms:
                del cited[count:]
            elif isinstance(block, Paragraph) and block.continues and kept and isinstance(kept[-1], Paragraph):
                kept[-1] = replace(kept[-1], text=self.wording.joined(filter(None, (kept[-1].text, block.text))))
            elif not (isinstance(block, Paragraph) and not block.text):
                kept.append(block)
            count = len(cited)
        return kept
