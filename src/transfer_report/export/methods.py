"""A methods paragraph for a paper: what the study did, in the words of a template, with citations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jinja2

from transfer_report.export.latex import latex_text

METHODS_TEMPLATE = Path("report/export/methods.txt.j2")
CITE: dict[str, Callable[[str], str]] = {
    "markdown": lambda key: f"[@{key}]",
    "latex": lambda key: rf"\cite{{{key}}}",
}
"""How a reference of `references.bib` is cited, by format: Pandoc's Markdown, or LaTeX."""


@dataclass(frozen=True)
class Methods:
    """Methods of a study, as printed values."""

    classes: Sequence[str]
    counts: Mapping[str, int]
    """Images by split: `train`, `val`, `test`."""
    has_patients: bool
    patients_apart: bool
    """True if no patient has images in two splits."""
    image_px: int
    networks: Mapping[str, str]
    """Printed names, with the key of their reference; empty where there is none."""
    initial_weights: str
    """`ImageNet`, `random`, or both."""
    strategies: Sequence[Literal["fine_tuning", "linear_probe", "lp_ft"]]
    runs: str
    """`5`, or `5 to 10`: of each condition."""
    epochs: str
    select_by: Literal["accuracy", "loss"]
    tuned: Sequence[str]
    """Printed names of settings that validation chose; empty where nothing was tuned."""
    tuning_seeds: int
    confidence: str
    """Printed, such as `95 %`."""
    decision: str
    """A sentence: how an image is called positive, or put into a class."""
    software: Mapping[str, str]
    """Versions."""
    commit: str


def methods_paragraph(methods: Methods, form: Literal["markdown", "latex"], template: Path = METHODS_TEMPLATE) -> str:
    """The paragraph in one of two forms; its references are keys of `report/references.bib`."""
    environment = jinja2.Environment(  # noqa: S701  # no HTML
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if form == "markdown" or isinstance(value, _Cited) else latex_text(str(value)),
    )
    environment.filters["cite"] = lambda key: _Cited(CITE[form](key))
    text = environment.from_string(template.read_text(encoding="utf-8")).render(methods=methods)
    return " ".join(text.split()) + "\n"


class _Cited(str):
    """Text that is LaTeX already."""
