"""The page that tells two revisions apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from transfer_report.figures.drawing import Picture
from transfer_report.figures.overlaid import overlaid_curves
from transfer_report.figures.pictures import thumbnail
from transfer_report.records.analysis import Estimate, Metric, Value, Verdict
from transfer_report.report.tables.table import Align, Cell, Column, Stacked, Table
from transfer_report.report.variants.page import Block, Page, PageSheet, Plot
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
) -> Page:
    """Page of all differences, in the order of questions: how much, why, changed sentences, where, when.

    Args:
        found: what differs.
        texts: of the report's language.
        file: they came from, for errors.
        shows_images: whether images may be shown, and named.
    """
    words = Wording(texts, Printer(), file=file)
    printer = Printer({"verdict": words.names("names.verdict")}, **words.names("numbers"))
    return _Writer(found, Wording(texts, printer, file=file), texts, shows_images).page()


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
        self.said = [said(side, texts) for side in (found.reference, found.treatment)]
        self.reference = found.reference.revision.name
        self.treatment = found.treatment.revision.name

    def page(self) -> Page:
        sides = {"reference": self.found.reference, "treatment": self.found.treatment}
        labels = {name: side.revision.label for name, side in sides.items()}
        blocks = [self._metric("accuracy"), self._metric("auroc"), self._settings(), self._data(), self._claims()]
        blocks += [self._sentences(), self._flips(), self._curves()]
        return Page(
            kicker=self._text("comparison"),
            title=self._text("title", **labels),
            description=self._text("description"),
            colophon=self._text("colophon"),
            notices=self._notices(),
            lead=self._lead(),
            blocks=[block for block in blocks if block is not None],
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
        texts = [self._text("outcomes", conditions=len(found.differences), outcomes=self._counts(found.differences))]
        if tested:
            estimates = [one.metrics["accuracy"].difference for one in tested]
            scope = "runs" if any(one.scope == "runs" for one in estimates) else "conditions"
            texts.append(
                self._text(f"basis_{scope}", confidence=self._printed(found.judged_by.confidence, "percent_exact"))
                + " "
                + self._text(
                    "holm",
                    count=len(tested),
                    margin=self._printed(found.judged_by.equivalence_margin, "points"),
                )
            )
        identical = [one.treatment for one in found.differences if one.identical]
        if identical:
            texts.append(self._text("some_identical", conditions=", ".join(identical)))
        doubled = [one.treatment for one in tested if one.same_runs]
        if doubled:
            texts.append(self._text("same_runs", conditions=", ".join(doubled)))
        return texts

    def _counts(self, differences: Sequence[ConditionDifference]) -> str:
        return outcome_counts(Counter(one.metrics["accuracy"].outcome for one in differences), self.wording)

    def _metric(self, metric: Metric) -> Block | None:
        moved = [one for one in self.found.differences if not one.identical]
        if not (moved or self.found.only_reference or self.found.only_treatment):
            return None
        change = "change" if metric == "accuracy" else "change_auroc"
        heads = [
            self._column("condition", "text"),
            Column(self.reference, "number"),
            Column(self.treatment, "number"),
            self._column(change, "number"),
            self._column("interval", "number"),
            self._column("p_adjusted", "number"),
        ]
        flips = metric == "accuracy" and self.found.common.paired
        if flips:
            heads.append(self._column("flips", "number"))
        heads.append(self._column("verdict", "text"))
        rows = [self._row(one, metric, flips) for one in moved]
        rows += self._unmatched(metric, len(heads))
        notes = [self._text("flips_note")] if flips else []
        if any(one.failed for one in moved):
            notes.append(self.wording.text("tables.comparison.note_failed"))
        note = self.wording.joined(notes)
        return self._block(metric, table=Table(metric, "", "", heads, rows, note=note))

    def _row(self, one: ConditionDifference, metric: Metric, flips: bool) -> list[Cell]:
        judged = one.metrics[metric]
        level, change = VALUE_FORMATS[metric]
        row: list[Cell] = [
            one.treatment,
            self._printed(judged.reference.value, level),
            self._printed(judged.treatment.value, level),
            self._printed(judged.difference.value, change),
            interval_text(judged.difference, change, self.wording),
            self._printed(judged.p_adjusted, "p_value"),
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
                row[place] = self._printed(measured[metric].value, VALUE_FORMATS[metric][0])
                rows.append(row)
        return rows

    def _settings(self) -> Block:
        changes = self.found.settings
        if not changes:
            every = not (self.found.only_reference or self.found.only_treatment)
            return self._block("settings", texts=[self._text("no_change" if every else "no_change_shared")])
        return self._block("settings", table=self._changes("settings", changes, conditions=True))

    def _data(self) -> Block | None:
        return self._block("data", table=self._changes("data", self.found.data)) if self.found.data else None

    def _changes(self, id_: str, changes: Sequence[Change], *, conditions: bool = False) -> Table:
        heads = [self._column("setting", "text"), Column(self.reference, "text"), Column(self.treatment, "text")]
        shared = [one.treatment for one in self.found.differences]
        rows: list[list[Cell]] = []
        for change in changes:
            row: list[Cell] = [change.name, self._plain(change.reference), self._plain(change.treatment)]
            if conditions:
                every = len(change.conditions) in (0, len(shared))
                row.append(self._text("all_conditions") if every else ", ".join(change.conditions))
            rows.append(row)
        return Table(id_, "", "", [*heads, self._column("conditions", "text")] if conditions else heads, rows)

    def _claims(self) -> Block | None:
        if not self.found.claims:
            return None
        heads = [self._column("id", "text"), self._column("claim", "text")]
        heads += [Column(self.reference, "text"), Column(self.treatment, "text")]
        rows: list[list[Cell]] = []
        for first, second in self.found.claims:
            claim = second or first
            if claim:
                verdicts = [self._printed(side.verdict if side else None, "verdict") for side in (first, second)]
                rows.append([claim.id, claim.text, *verdicts])
        return self._block("claims", table=Table("claims", "", "", heads, rows))

    def _sentences(self) -> Block | None:
        reference, treatment = self.said
        if reference is None or treatment is None:
            return None
        changed, numbers_only = changed_sentences(reference, treatment)
        if not changed:
            texts = [self._text("numbers_only", count=numbers_only)]
            return self._block("sentences", texts=texts) if numbers_only else None
        heads = [self._column("section", "text"), Column(self.reference, "text"), Column(self.treatment, "text")]
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
        return self._block("sentences", table=Table("sentences", "", "", heads, rows, note=note))

    def _flips(self) -> Block | None:
        images = self.found.treatment.images
        if images is None or not self.shows_images:
            return None
        sheets = []
        for one in self.found.differences:
            for way, rows in (("gained", one.gained), ("lost", one.lost)):
                if len(rows):
                    title = self._text(way, condition=one.treatment, count=len(rows))
                    shown = [self._picture(int(row)) for row in rows[:MOST_PICTURES]]
                    if len(shown) < len(rows):
                        title = self._text("of_shown", text=title, shown=len(shown))
                    sheets.append(PageSheet(title, shown))
        return self._block("flips", sheets=sheets) if sheets else None

    def _picture(self, row: int) -> Picture:
        evaluation, images = self.found.treatment.evaluation, self.found.treatment.images
        assert images is not None  # noqa: S101  # asked for above
        name = evaluation.classes[evaluation.test_labels[row]]
        pixels = self._printed(images.shape[1], "count")
        gaps = {"id": evaluation.test_ids[row], "name": name, "pixels": pixels}
        return thumbnail(images[row], self._text("thumbnail", **gaps), self._text("thumbnail_alt", **gaps))

    def _curves(self) -> Block | None:
        first, second = (
            {one.condition: one for one in side.evaluation.conditions}
            for side in (self.found.reference, self.found.treatment)
        )
        plots = []
        for one in self.found.differences:
            if not one.identical:
                sides = ((self.reference, first[one.reference]), (self.treatment, second[one.treatment]))
                id_ = f"curves-{one.treatment.replace('/', '-')}"
                caption = self._text("curves.caption", condition=one.treatment)
                plots.append(Plot(overlaid_curves(*sides, id_, self.wording), caption))
        return self._block("curves", plots=plots) if plots else None

    def _block(self, id_: str, **content: Any) -> Block:
        return Block(id_, self._text(f"blocks.{id_}"), **content)

    def _column(self, name: str, align: Align) -> Column:
        return Column(self._text(f"columns.{name}"), align)

    def _printed(self, value: float | str | None, format_: str) -> str:
        return self.wording.printer.text(value, format_)

    def _plain(self, value: Plain) -> str:
        return plain_text(value, self.wording)


def interval_text(difference: Estimate, format_: str, wording: Wording) -> str:
    """The ends of an interval, or the sign of a missing value."""
    if difference.low is None:
        return wording.printer.none
    ends = {name: Value(value=getattr(difference, name), format=format_, source="") for name in ("low", "high")}
    return wording.text("page.interval", **ends)


def outcome_counts(counts: Counter[DifferenceOutcome], wording: Wording) -> str:
    """`2 better, 1 inconclusive`."""
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
