"""Published figures of ImageNet weights: size, cost and accuracy."""

from transfer_report.models import vision
from transfer_report.models.backbones import architectures
from transfer_report.models.packaged import PACKAGED
from transfer_report.records.models import ModelFacts


def model_facts(architecture: str) -> ModelFacts | None:
    """The record that torchvision keeps of an architecture's `IMAGENET1K_V1` weights; None where there are none.

    Of packaged networks, what their authors publish.

    Source: https://pytorch.org/vision/stable/models.html, "Table of all available classification weights".
    """
    if packaged := PACKAGED.get(architecture):
        return packaged.facts
    weights = getattr(vision.models.get_model_weights(architecture), "IMAGENET1K_V1", None)
    if weights is None:
        return None
    accuracies = weights.meta["_metrics"]["ImageNet-1K"]
    return ModelFacts(
        architecture=architecture,
        weights=str(weights),
        parameters=weights.meta["num_params"],
        gflops=weights.meta["_ops"],
        file_mb=weights.meta["_file_size"],
        top1=accuracies["acc@1"],
        top5=accuracies["acc@5"],
        source=weights.meta.get("recipe", weights.url),
    )


def all_model_facts() -> list[ModelFacts]:
    """The records of all classification networks that have ImageNet weights."""
    return [facts for architecture in architectures() if (facts := model_facts(architecture))]
