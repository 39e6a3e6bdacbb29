"""Sentences that a report says at one revision and not, or otherwise, at another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transfer_report.records import Analysis, Finding
from transfer_report.revisions.results import Results
from transfer_report.wording.names import study_printer
from transfer_report.wording.wording import Wording

SUBJECTS = ("technique", "model")
"""Gaps that tell findings of one kind apart within a section."""

Key = tuple[str, ...]


@dataclass(frozen=True)
class ChangedSentence:
    """A sentence on either side; empty where it is not said."""

    section: str
    reference: str
    treatment: str


def changed_sentences(
    reference: Results, treatment: Results, texts: Mapping[str, Any]
) -> tuple[list[ChangedSentence], int]:
    """Sentences whose verdict changed, that are new or gone; and how many only have other numbers.

    Both sides are printed in today's wording, so that a sentence differs only where the evidence does.
    """
    if reference.analysis is None or treatment.analysis is None:
        return [], 0
    first, second = _said(reference, reference.analysis, texts), _said(treatment, treatment.analysis, texts)
    found: list[ChangedSentence] = []
    numbers_only = 0
    for key in dict.fromkeys((*first, *second)):
        before, after = first.get(key), second.get(key)
        if before is None or after is None or before[0].verdict != after[0].verdict:
            changed = ChangedSentence(key[0], before[1] if before else "", after[1] if after else "")
            # The summary says again what a section says.
            if (changed.reference, changed.treatment) not in ((one.reference, one.treatment) for one in found):
                found.append(changed)
        else:
            numbers_only += before[1] != after[1]
    return found, numbers_only


def _said(results: Results, analysis: Analysis, texts: Mapping[str, Any]) -> dict[Key, tuple[Finding, str]]:
    """Every finding with its sentence, by section, kind and subject."""
    wording = Wording(texts, study_printer(texts, analysis.tables, results.description.classes))
    found: dict[Key, tuple[Finding, str]] = {}
    for finding in analysis.findings:
        subjects = [str(finding.values[name].value) for name in SUBJECTS if name in finding.values]
        sentence = wording.sentence(f"findings.{finding.kind}.{finding.verdict}", **finding.values)
        found[(finding.section, finding.kind, *subjects)] = (finding, sentence)
    return found
