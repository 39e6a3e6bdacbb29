"""`CITATION.cff`: how to cite a study (Druskat et al., Citation File Format 1.2.0, 2021)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from transfer_report.yaml_files import yaml_text


@dataclass(frozen=True)
class Author:
    """A person: `Given Names Family`, or `Family, Given Names`."""

    name: str
    affiliation: str = ""
    orcid: str = ""
    """As an address: https://orcid.org/…"""

    def fields(self) -> dict[str, str]:
        """The fields of a person, without empty ones."""
        family, comma, given = self.name.partition(",")
        if not comma:
            given, _, family = self.name.rpartition(" ")
        found = {
            "family-names": family.strip(),
            "given-names": given.strip(),
            "affiliation": self.affiliation,
            "orcid": self.orcid,
        }
        return {name: value for name, value in found.items() if value}


def citation_cff(
    *,
    title: str,
    authors: Sequence[Author],
    version: str,
    released: date,
    kind: Literal["software", "dataset"] = "dataset",
    abstract: str = "",
    keywords: Sequence[str] = (),
    licence: str = "",
    repository: str = "",
    doi: str = "",
) -> str:
    """The file's text; what is empty is left out.

    Args:
        title: Title of the study.
        authors: One at least.
        version: Version of the study: a tag, or a commit.
        released: Date of that commit.
        kind: `dataset` for results, or the kind of the code that makes them.
        abstract: One paragraph.
        keywords: Some.
        licence: An SPDX identifier.
        repository: Address of the code.
        doi: Where there is one.

    Raises:
        ValueError: no author.
    """
    if not authors:
        raise ValueError("a citation needs an author: set report.author in params.yaml")
    fields: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use these results, please cite them as below.",
        "type": kind,
        "title": title,
        "authors": [one.fields() for one in authors],
        "version": version,
        "date-released": released,
        "abstract": abstract,
        "keywords": list(keywords),
        "license": licence,
        "repository-code": repository,
        "doi": doi,
    }
    return yaml_text({name: value for name, value in fields.items() if value})
