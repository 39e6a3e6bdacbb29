"""The page that tells two revisions apart."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, get_args

from transfer_report.figures.all_figures import to_record
from transfer_report.figures.drawing import Drawing, Picture, Sheet
from transfer_report.figures.overlaid import overlaid_curves
from transfer_report.figures.pictures import thumbnail
from transfer_report.records.analysis import Metric, Verdict
from transfer_report.report.document import Block, Document, NoticeBox, Paragraph, PlacedFigure, PlacedTable, Section
from transfer_report.report.tables.table import Cell, Column, Stacked, Table, interval
from transfer_report.report.variants.sentences import changed_sentences, said
from transfer_report.variants.changes import Change, Plain
from transfer_report.variants.comparison import RevisionComparison
from transfer_report.variants.differences import ConditionDifference, DifferenceOutcome
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording

OUTCOMES: tuple[DifferenceOutcome, ...] = (*get_args(Verdict), "identical")
VALUE_FORMATS: dict[Metric, tuple[str, str]] = {
    "accuracy": ("percent_number", "signed_points"),
    "auroc": ("decimal3", "signed_number"),
}
"""How a metric and its difference are printed."""

MOST_PICTURES = 8
"""Most pictures of the images that a condition gained, or lost."""


def comparison_page(
    found: RevisionComparison, texts: Mapping[str, Any], file: str, *, shows_images: bool = True
) -> Document:
    """Page of all differences, in the order of questions: how much, why, changed sentences, where, when.

    Args:
        found: what differs.
        texts: of the report's language.
        file: they came from, for errors.
        shows_images: whether images may be shown, and named.
    """
    return _Writer(found, page_wording(texts, file), texts, shows_images).page()


def page_wording(texts: Mapping[str, Any], file: str) -> Wording:
    """Return the words of a page about variants, which names conditions by their keys."""
    words = Wording(texts, Printer(), file=file)
    return Wording(texts, Printer({"verdict": words.names("names.verdict")}, **words.names("numbers")), file=file)


def verdict_text(one: ConditionDifference, outcome: str, wording: Wording) -> str:
    """A verdict, with a mark where runs of either side failed."""
    verdict = wording.printer.text(outcome, "verdict")
    return wording.text("names.marked", text=verdict) if one.failed else verdict


class _Writer:
    """Puts one comparison into words."""

    def __init__(
        self, found: RevisionComparison, wording: Wording, texts: Mapping[str, Any], shows_images: bool
    ) -> None:
        self.found = found
        self.shows_images = shows_images
        self.wording = wording
        self.printed = wording.printer.text
        self.said = [said(side, texts) for side in (found.reference, found.treatment)]
        self.reference = found.reference.revision.name
        self.treatment = found.treatment.revision.name
        self.files: dict[str, bytes] = {}

    def page(self) -> Document:
        sides = {"reference": self.found.reference, "treatment": self.found.treatment}
        labels = {name: side.revision.label for name, side in sides.items()}
        blocks = [self._metric("accuracy"), self._metric("auroc"), self._settings(), self._data(), self._claims()]
        blocks += [self._sentences(), self._flips(), self._curves()]
        return Document(
            kicker=self._text("comparison"),
            title=self._text("title", **labels),
            description=self._text("description"),
            colophon=self._text("colophon"),
            front=[*map(NoticeBox, self._notices()), *map(Paragraph, self._lead())],
            sections=[block for block in blocks if block is not None],
            files=self.files,
            look="variants",
        )

    def _text(self, key: str, **gaps: Any) -> str:
        return self.wording.text(f"variants.{key}", **{"reference": self.reference, "treatment": self.treatment} | gaps)

    def _notices(self) -> list[str]:
        found, texts = self.found, []
        sides = (found.reference, found.treatment)
        if not found.common.same_set:
            counts = {
                "common": len(found.common.reference),
                "reference_images": len(found.reference.evaluation.test_ids),
                "treatment_images": len(found.treatment.evaluation.test_ids),
            }
            texts.append(self._text("other_images", **counts))
            texts[-1] += " " + self._text("paired_on_common" if found.common.paired else "unpaired", **counts)
        texts += [self._text("edited", revision=one.revision.name) for one in sides if one.edited]
        for one, sentences in zip(sides, self.said, strict=True):
            if sentences is None:
                key = "no_analysis" if one.analysis is None else "no_sentences"
                texts.append(self._text(key, revision=one.revision.name))
        what = self._text("no_thumbnails" if found.common.same_set else "no_matching")
        texts += [self._text("no_images", revision=one.revision.name, what=what) for one in sides if one.images is None]
        for only, label in ((found.only_reference, self.reference), (found.only_treatment, self.treatment)):
            if only:
                texts.append(self._text("only", revision=label, conditions=", ".join(only)))
        return texts

    def _lead(self) -> list[str]:
        found = self.found
        if not found.differences:
            return []
        if found.identical:
            return [self._text("identical")]
        tested = [one for one in found.differences if not one.identical]
        outcomes = outcome_counts(found.differences, self.wording)
        texts = [self._text("outcomes", conditions=len(found.differences), outcomes=outcomes)]
        if tested:
            estimates = [one.metrics["accuracy"].difference for one in tested]
            scope = "runs" if any(one.scope == "runs" for one in estimates) else "conditions"
            judged = found.judged_by
            basis = self._text(f"basis_{scope}", confidence=self.printed(judged.confidence, "percent_exact"))
            margin = self.printed(judged.equivalence_margin, "points")
            texts.append(f"{basis} {self._text('holm', count=len(tested), margin=margin)}")
        identical = [one.treatment for one in found.differences if one.identical]
        if identical:
            texts.append(self._text("some_identical", conditions=", ".join(identical)))
        doubled = [one.treatment for one in tested if one.same_runs]
        if doubled:
            texts.append(self._text("same_runs", conditions=", ".join(doubled)))
        return texts

    def _metric(self, metric: Metric) -> Section | None:
        moved = [one for one in self.found.differences if not one.identical]
        if not (moved or self.found.only_reference or self.found.only_treatment):
            return None
        change = "change" if metric == "accuracy" else "change_auroc"
        flips = metric == "accuracy" and self.found.common.paired
        numbers = ("reference", "treatment", change, "interval", "p_adjusted", *(["flips"] if flips else []))
        heads = self._columns("condition", *numbers, "verdict", numbers=numbers)
        rows = [self._row(one, metric, flips) for one in moved]
        rows += self._unmatched(metric, len(heads))
        notes = [self._text("flips_note")] if flips else []
        if any(one.failed for one in moved):
            notes.append(self.wording.text("tables.comparison.note_failed"))
        note = self.wording.joined(notes)
        return self._tabled(Table(metric, "", "", heads, rows, note=note))

    def _row(self, one: ConditionDifference, metric: Metric, flips: bool) -> list[Cell]:
        judged = one.metrics[metric]
        level, change = VALUE_FORMATS[metric]
        row: list[Cell] = [
            one.treatment,
            self.printed(judged.reference.value, level),
            self.printed(judged.treatment.value, level),
            self.printed(judged.difference.value, change),
            interval(judged.difference, change, self.wording),
            self.printed(judged.p_adjusted, "p_value"),
        ]
        if flips:
            row.append(self._text("flips", gained=len(one.gained), lost=len(one.lost)))
        return [*row, verdict_text(one, judged.outcome, self.wording)]

    def _unmatched(self, metric: Metric, columns: int) -> list[list[Cell]]:
        """The conditions of one side alone: a value, and nothing to compare it with."""
        rows: list[list[Cell]] = []
        for place, alone in ((1, self.found.only_reference), (2, self.found.only_treatment)):
            for condition, measured in alone.items():
                row: list[Cell] = [condition, *[self.wording.printer.none] * (columns - 2), self._text("not_compared")]
                row[place] = self.printed(measured[metric].value, VALUE_FORMATS[metric][0])
                rows.append(row)
        return rows

    def _settings(self) -> Section:
        changes = self.found.settings
        if not changes:
            every = not (self.found.only_reference or self.found.only_treatment)
            return self._section("settings", [Paragraph(self._text("no_change" if every else "no_change_shared"))])
        return self._tabled(self._changes("settings", changes, conditions=True))

    def _data(self) -> Section | None:
        return self._tabled(self._changes("data", self.found.data)) if self.found.data else None

    def _changes(self, id_: str, changes: Sequence[Change], *, conditions: bool = False) -> Table:
        heads = self._columns("setting", "reference", "treatment", *(["conditions"] if conditions else []))
        shared = [one.treatment for one in self.found.differences]
        rows: list[list[Cell]] = []
        for change in changes:
            row: list[Cell] = [
                change.name,
                *(plain_text(side, self.wording) for side in (change.reference, change.treatment)),
            ]
            if conditions:
                every = len(change.conditions) in (0, len(shared))
                row.append(self._text("all_conditions") if every else ", ".join(change.conditions))
            rows.append(row)
        return Table(id_, "", "", heads, rows)

    def _claims(self) -> Section | None:
        if not self.found.claims:
            return None
        heads = self._columns("id", "claim", "reference", "treatment")
        rows: list[list[Cell]] = []
        for first, second in self.found.claims:
            claim = second or first
            if claim:
                verdicts = [self.printed(side.verdict if side else None, "verdict") for side in (first, second)]
                rows.append([claim.id, claim.text, *verdicts])
        return self._tabled(Table("claims", "", "", heads, rows))

    def _sentences(self) -> Section | None:
        reference, treatment = self.said
        if reference is None or treatment is None:
            return None
        changed, numbers_only = changed_sentences(reference, treatment)
        if not changed:
            text = self._text("numbers_only", count=numbers_only)
            return self._section("sentences", [Paragraph(text)]) if numbers_only else None
        heads = self._columns("section", "reference", "treatment")
        none = self.wording.printer.none
        rows: list[list[Cell]] = [
            [
                Stacked((one.section.removeprefix("table:").replace(":", ", "), *one.about)),
                one.reference or none,
                one.treatment or none,
            ]
            for one in changed
        ]
        note = self._text("numbers_too", count=numbers_only) if numbers_only else ""
        return self._tabled(Table("sentences", "", "", heads, rows, note=note))

    def _flips(self) -> Section | None:
        images = self.found.treatment.images
        if images is None or not self.shows_images:
            return None
        sheets: list[Block] = []
        for one in self.found.differences:
            for way, rows in (("gained", one.gained), ("lost", one.lost)):
                if len(rows):
                    title = self._text(way, condition=one.treatment, count=len(rows))
                    shown = [self._picture(int(row)) for row in rows[:MOST_PICTURES]]
                    if len(shown) < len(rows):
                        title = self._text("of_shown", text=title, shown=len(shown))
                    name = f"{way}-{one.treatment.replace('/', '-')}"
                    sheets.append(self._figure(Sheet(name, "hard_images", shown, [], []), title))
        return self._section("flips", sheets) if sheets else None

    def _picture(self, row: int) -> Picture:
        evaluation, images = self.found.treatment.evaluation, self.found.treatment.images
        assert images is not None  # noqa: S101  # asked for above
        name = evaluation.classes[evaluation.test_labels[row]]
        pixels = self.printed(images.shape[1], "count")
        gaps = {"id": evaluation.test_ids[row], "name": name, "pixels": pixels}
        return thumbnail(images[row], self._text("thumbnail", **gaps), self._text("thumbnail_alt", **gaps))

    def _curves(self) -> Section | None:
        first, second = (
            {one.condition: one for one in side.evaluation.conditions}
            for side in (self.found.reference, self.found.treatment)
        )
        plots: list[Block] = []
        for one in self.found.differences:
            if not one.identical:
                sides = ((self.reference, first[one.reference]), (self.treatment, second[one.treatment]))
                id_ = f"curves-{one.treatment.replace('/', '-')}"
                caption = self._text("curves.caption", condition=one.treatment)
                plots.append(self._figure(overlaid_curves(*sides, id_, self.wording), caption))
        return self._section("curves", plots) if plots else None

    def _section(self, id_: str, blocks: Sequence[Block]) -> Section:
        return Section(id_, self._text(f"blocks.{id_}"), blocks)

    def _tabled(self, table: Table) -> Section:
        return self._section(table.id, [PlacedTable(table)])

    def _figure(self, figure: Drawing | Sheet, caption: str) -> PlacedFigure:
        record, files = to_record(figure, {}, self.wording, caption)
        self.files |= files
        return PlacedFigure(record, figure.id, caption)

    def _columns(self, *names: str, numbers: Collection[str] = ()) -> list[Column]:
        """Return columns by name; the two sides are headed by their revisions."""
        revisions = {"reference": self.reference, "treatment": self.treatment}
        return [
            Column(revisions.get(name) or self._text(f"columns.{name}"), "number" if name in numbers else "text")
            for name in names
        ]


def outcome_counts(differences: Sequence[ConditionDifference], wording: Wording) -> str:
    """`2 better, 1 inconclusive`."""
    counts = Counter(one.metrics["accuracy"].outcome for one in differences)
    return ", ".join(
        wording.text("variants.outcome", count=counts[outcome], outcome=wording.printer.text(outcome, "verdict"))
        for outcome in OUTCOMES
        if counts[outcome]
    )


def plain_text(value: Plain, wording: Wording) -> str:
    """A setting's value as params.yaml has it."""
    if value is None:
        return wording.printer.none
    return str(value).lower() if isinstance(value, bool) else str(value)
