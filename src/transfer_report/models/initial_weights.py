"""Initial weights of a model: ImageNet's where available, else a random draw that is reported."""

import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from transfer_report.errors import UserError, first_line
from transfer_report.files import replacing
from transfer_report.layout import PARAMS_FILE
from transfer_report.models.backbones import build_backbone, noise_px, without_classifier
from transfer_report.models.batch_norm import recompute_from_noise
from transfer_report.models.pretrained import (
    FIRST,
    WeightsFile,
    build_pretrained,
    check_published,
    download_weights,
    find_weights,
    imagenet_file,
    normalisation,
)
from transfer_report.models.timm_models import is_of_timm, timm_weights
from transfer_report.models.weights_files import load_weights_file
from transfer_report.planning import Model
from transfer_report.records.models import InitialWeights
from transfer_report.settings import WeightsFileSettings, WeightsSettings


def torch_cache() -> Path:
    """Where PyTorch keeps the weights that it downloads."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def initial_weights(model: Model, settings: WeightsSettings) -> tuple[InitialWeights, bytes]:
    """Find a model's weights, or draw random ones where the settings ask for them or allow them.

    Of a file that the settings name, nothing is drawn in its place. For published ImageNet weights, searched are
    `settings.path`, PyTorch's cache, the package where they come in one, and the network where `settings.download`
    allows it; what is downloaded goes into the cache. A file's contents are checked against the hash in its name, so
    that it does not matter where it was found.

    Returns:
        the record, and the backbone's weights as the bytes of a safetensors file.

    Raises:
        UserError: a file is not what its name says, or none is available and the settings do not allow a random draw.
    """
    if isinstance(model.weights, WeightsFileSettings):
        return _from_file(model, model.weights, settings)
    file = published_file(model)
    path = _find_or_download(file, settings) if file else None
    if file and path:
        backbone, feature_count = without_classifier(build_pretrained(model.architecture, path))
        origin, reason = f"{file.label}, {file.name}", ""
    else:
        reason = _why_not_imagenet(model, file, settings)
        backbone, feature_count = build_backbone(model.architecture, settings.seed)
        recompute_from_noise(backbone, settings.seed, noise_px(model.architecture))
        origin = f"random initialisation, seed {settings.seed}"
    content = save_backbone(backbone)
    mean, std = normalisation(model.architecture, _published_name(model))
    of_timm = timm_weights(model.architecture) if path and is_of_timm(model.architecture) else None
    record = InitialWeights(
        model=model.name,
        architecture=model.architecture,
        requested="random" if model.weights == "random" else "imagenet",
        source="imagenet" if path else "random",
        name=f"timm {of_timm.label}"
        if of_timm
        else _published_name(model)
        if path and model.weights != "imagenet"
        else "",
        licence=of_timm.licence if of_timm else "",
        trained_px=of_timm.image_px if of_timm else None,
        reason=reason,
        origin=origin,
        mean=mean,
        std=std,
        **_measured(backbone, feature_count, content),
    )
    return record, content


def _from_file(model: Model, file: WeightsFileSettings, settings: WeightsSettings) -> tuple[InitialWeights, bytes]:
    backbone, feature_count = build_backbone(model.architecture)
    where = f"{PARAMS_FILE}: models.{model.name}.weights"
    match = load_weights_file(backbone, file, _path_of(file, settings, where), where)
    content = save_backbone(backbone)
    mean, std = normalisation(model.architecture)
    record = InitialWeights(
        model=model.name,
        architecture=model.architecture,
        requested="file",
        source="file",
        name=file.source,
        licence=file.licence,
        match=match,
        reason="",
        origin=Path(file.path).name,
        mean=file.mean or mean,
        std=file.std or std,
        **_measured(backbone, feature_count, content),
    )
    return record, content


def _path_of(file: WeightsFileSettings, settings: WeightsSettings, where: str) -> Path:
    """Where a file of the settings lies: at its path, or where it was downloaded to."""
    published = _to_download(file)
    if published is None:
        return Path(file.path)
    if (found := _find_or_download(published, settings)) is None:
        why = "cannot be downloaded" if settings.download else "is not downloaded, since `weights.download` is false"
        raise UserError(f"{where}.url: {file.url} {why}; put the file to {file.path}")
    return found


def _to_download(file: WeightsFileSettings) -> WeightsFile | None:
    """A file of the settings, under a name that carries its hash; None where it lies at its path, or has no address."""
    path = Path(file.path)
    if path.is_file() or file.url is None:
        return None
    return WeightsFile(file.source, f"{path.stem}-{file.sha256}{path.suffix}", file.url)


def _measured(backbone: nn.Module, feature_count: int, content: bytes) -> dict[str, Any]:
    return {
        "sha256": sha256(content).hexdigest(),
        "parameters": sum(parameter.numel() for parameter in backbone.parameters()),
        "feature_count": feature_count,
    }


def _published_name(model: Model) -> str:
    """Return the name of the published weights that a model asks for; of others, that of the first ones."""
    return str(model.weights) if _asks_for_published(model) and model.weights != "imagenet" else FIRST


def _asks_for_published(model: Model) -> bool:
    return isinstance(model.weights, str) and model.weights != "random"


def published_file(model: Model) -> WeightsFile | None:
    """The file that a model asks for by name or address; None where it asks for none, or none is published."""
    if isinstance(model.weights, WeightsFileSettings):
        return _to_download(model.weights)
    return imagenet_file(model.architecture, _published_name(model)) if _asks_for_published(model) else None


def check_weights(model: Model) -> None:
    """Refuse a name of weights that torchvision or timm does not have for the model's architecture.

    Raises:
        UserError: with the names that it has, or with what to write instead.
    """
    if _published_name(model) != FIRST or (_asks_for_published(model) and is_of_timm(model.architecture)):
        check_published(model.architecture, _published_name(model), f"{PARAMS_FILE}: models.{model.name}.weights")


def how_to_get(model: Model, settings: WeightsSettings) -> str:
    """Return advice on getting ImageNet's weights: file, folder, address."""
    file = published_file(model)
    if file is None:
        return f"torchvision has no IMAGENET1K_V1 weights of {model.architecture}; take another model"
    return (
        f"put {file.name} from {file.url} into the folder {settings.path} (with a network, `transfer-report "
        "fetch-weights` does), then `dvc repro`"
    )


def fetch_missing(model: Model, settings: WeightsSettings) -> str:
    """Download a model's ImageNet weights into the folder that DVC watches, where none are found; what was done.

    A failed download leaves random weights that DVC takes for a result. DVC runs the
    stage again only once a file is in that folder.

    Raises:
        UserError: they are not available.
    """
    file = published_file(model)
    if file is None:
        return "needs no download"
    folder = Path(settings.path)
    if find_weights(file, [folder, *file.folders]):
        return f"{file.name} is there"
    if cached := find_weights(file, [torch_cache()]):
        with replacing(folder / file.name) as partial:
            shutil.copyfile(cached, partial)
        return f"{file.name}, of PyTorch's cache, is now in {folder}"
    if download_weights(file, folder) is None:
        raise UserError(
            f"{file.url}: cannot be downloaded; try where there is a network, or {how_to_get(model, settings)}"
        )
    return f"{file.name} is now in {folder}"


def _find_or_download(file: WeightsFile, settings: WeightsSettings) -> Path | None:
    found = find_weights(file, [Path(settings.path), torch_cache(), *file.folders])
    if found is None and settings.download and not file.folders:
        return download_weights(file, torch_cache())
    return found


def _why_not_imagenet(model: Model, file: WeightsFile | None, settings: WeightsSettings) -> str:
    """Empty where random weights were asked for; an error where nothing else will do."""
    if model.weights == "random":
        return ""
    if file is None:
        reason = f"torchvision publishes no IMAGENET1K_V1 weights of {model.architecture}"
    else:
        network = "its download failed" if settings.download else "downloads are off"
        reason = f"{file.name} is neither in the folder {settings.path} nor in PyTorch's cache, and {network}"
    if settings.if_unavailable == "fail":
        raise UserError(f"params.yaml: weights: {model.name}: {reason}; {how_to_get(model, settings)}")
    return reason


def save_backbone(backbone: nn.Module) -> bytes:
    """A backbone's weights and statistics as the bytes of a safetensors file; equal weights give equal bytes."""
    return save({name: tensor.contiguous() for name, tensor in backbone.state_dict().items()})


def load_backbone(architecture: str, content: bytes) -> tuple[nn.Module, int]:
    """A backbone with its initial weights.

    Returns:
        the backbone, (batch, 3, height, width) → (batch, features), and the number of features.

    Raises:
        UserError: the bytes are not this architecture's weights.
    """
    backbone, feature_count = build_backbone(architecture)
    try:
        backbone.load_state_dict(load(content))
    except (SafetensorError, RuntimeError) as error:
        raise UserError(
            f"results/weights: not the weights of {architecture} ({first_line(error)}); "
            "`dvc repro -f weights` writes them again"
        ) from None
    return backbone, feature_count
