"""A model card: Hugging Face's fields as YAML, then what a user must know (Mitchell et al., FAT* 2019)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2

from transfer_report.yaml_files import yaml_text

_TEMPLATE = Path("report/export/model_card.md.j2")


@dataclass(frozen=True)
class CardMetric:
    """One measured number of a card."""

    kind: str
    """Hugging Face's name: `accuracy`, `roc_auc`, `f1`, …"""
    name: str
    value: float
    printed: str
    """With its interval, as the report prints it."""


@dataclass(frozen=True)
class ModelCard:
    """Contents of a model card."""

    name: str
    summary: str
    """One sentence."""
    architecture: str
    base_model: str
    """Name of the pretrained weights and their file; empty where there were none."""
    classes: Sequence[str]
    dataset: str
    simulated: bool
    test_images: int
    metrics: Sequence[CardMetric]
    selection: str
    """How and on what the network was chosen, one sentence."""
    operating_point: str
    """Threshold and its performance; empty where the most probable class is called."""
    calibration: str
    """Calibration of its probabilities, one sentence."""
    limits: Sequence[str]
    """Sentences."""
    commit: str
    requirements: Sequence[str]
    """Packages that the script needs, as pip takes them."""
    library: str = "torchvision"
    """The package that builds the network."""
    licence: str = ""
    citation: str = ""
    tags: Sequence[str] = field(default_factory=tuple)


def model_card(card: ModelCard, template: Path = _TEMPLATE) -> str:
    """The card as Markdown with its YAML header."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701  # Markdown, not HTML
    body = environment.from_string(template.read_text(encoding="utf-8")).render(card=card)
    return f"---\n{_header(card)}---\n\n{body.strip()}\n"


def _header(card: ModelCard) -> str:
    fields: dict[str, Any] = {
        "license": card.licence,
        "library_name": card.library,
        "pipeline_tag": "image-classification",
        "tags": ["image-classification", "medical-imaging", "transfer-learning", *card.tags],
        "datasets": [card.dataset],
        "base_model": card.base_model,
        "metrics": [metric.kind for metric in card.metrics],
        "model-index": [
            {
                "name": card.name,
                "results": [
                    {
                        "task": {"type": "image-classification"},
                        "dataset": {"name": card.dataset, "type": card.dataset, "split": "test"},
                        "metrics": [
                            {"type": metric.kind, "name": metric.name, "value": metric.value} for metric in card.metrics
                        ],
                    }
                ],
            }
        ],
    }
    return yaml_text({name: value for name, value in fields.items() if value})
