"""Sentences that a report says at one revision and not, or otherwise, at another."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from transfer_report.analysis.clinical.findings import SECTION as CLINICAL
from transfer_report.errors import UserError
from transfer_report.records.addresses import Leaf, Records
from transfer_report.records.base import Record
from transfer_report.revisions.results import Results
from transfer_report.wording.formats import NUMBERS
from transfer_report.wording.names import study_printer
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording

Key = tuple[str, ...]
Said = dict[Key, tuple[tuple[str, ...], str]]
"""Sentences, each with its verdict and the names in it, by section, kind and what they are about."""


@dataclass(frozen=True)
class ChangedSentence:
    """A sentence on either side; empty where it is not said."""

    section: str
    about: tuple[str, ...]
    reference: str
    treatment: str


def changed_sentences(reference: Said, treatment: Said) -> tuple[list[ChangedSentence], int]:
    """Sentences that say something else, are new or gone; and how many only have other numbers."""
    found: list[ChangedSentence] = []
    numbers_only = 0
    for key in dict.fromkeys((*reference, *treatment)):
        before, after = reference.get(key), treatment.get(key)
        if before is None or after is None or before[0] != after[0]:
            changed = ChangedSentence(key[0], key[2:], before[1] if before else "", after[1] if after else "")
            # The summary says again what a section says.
            if (changed.reference, changed.treatment) not in ((one.reference, one.treatment) for one in found):
                found.append(changed)
        else:
            numbers_only += before[1] != after[1]
    return found, numbers_only


def said(results: Results, texts: Mapping[str, Any]) -> Said | None:
    """Return a report's sentences in today's wording, so that they differ only where the evidence does.

    None without an analysis, or where today's wording does not fit it, which another version wrote.
    """
    analysis = results.analysis
    if analysis is None:
        return None
    printer = _Listening(**vars(study_printer(texts, analysis.tables)))
    wording = Wording(texts, printer, records=Records(analysis.addressed | {"clinical": results.clinical}))
    found: Said = {}
    with suppress(UserError):
        for finding in analysis.findings:
            if results.clinical is not None or finding.section != CLINICAL:
                printer.heard.clear()
                sentence = wording.finding(finding)
                meaning = (finding.verdict, *printer.heard)
                found[finding.section, finding.kind, *finding.about] = meaning, sentence
        return found
    return None


@dataclass(frozen=True)
class _Listening(Printer):
    """Remembers the names that it prints."""

    heard: list[str] = field(default_factory=list)

    def text(self, value: Leaf | Sequence[Leaf] | Record, format: str) -> str:  # noqa: A002  # as in `Printer`
        text = super().text(value, format)
        if format not in NUMBERS:
            self.heard.append(text)
        return text
