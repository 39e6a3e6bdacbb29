"""ImageNet's weights as their publishers name them: found or fetched, verified by the hash in their name, loaded."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from transfer_report.downloads import DownloadError, download, partial_of
from transfer_report.errors import UserError
from transfer_report.files import sha256_of_file
from transfer_report.log import log
from transfer_report.models import vision
from transfer_report.models.backbones import build_classifier
from transfer_report.models.packaged import PACKAGED
from transfer_report.models.timm_models import is_of_timm, load_timm, timm_weights

# DenseNet's files were written before its layers had names of their own (torchvision/models/densenet.py).
_DENSENET_KEY = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..*)")
# Further classifiers of GoogLeNet and Inception, which serve training on ImageNet alone.
_AUXILIARY = ("AuxLogits.", "aux1.", "aux2.")


@dataclass(frozen=True)
class WeightsFile:
    """A published file of weights."""

    label: str
    """The publisher's name of the weights."""
    name: str
    url: str
    folders: tuple[Path, ...] = ()
    """Where an installed package has it, which is then not to be fetched."""

    @property
    def hash_prefix(self) -> str:
        """First digits of the contents' SHA-256, as the name carries them."""
        return self.name.rpartition("-")[2].partition(".")[0]


FIRST = "IMAGENET1K_V1"
"""torchvision's name of the weights that `imagenet` stands for."""


def imagenet_file(architecture: str, name: str = FIRST) -> WeightsFile | None:
    """An architecture's file in its package, or torchvision's of that name; None where none is published."""
    if is_of_timm(architecture):
        return _timm_file(architecture)
    if (packaged := PACKAGED.get(architecture)) and name == FIRST:
        path = packaged.weights_file()
        return WeightsFile(packaged.label, path.name, packaged.url, (path.parent,))
    weights = None if packaged else getattr(vision.models.get_model_weights(architecture), name, None)
    if weights is None:
        return None
    return WeightsFile(label=str(weights), name=weights.url.rpartition("/")[2], url=weights.url)


def _timm_file(architecture: str) -> WeightsFile | None:
    found = timm_weights(architecture)
    return WeightsFile(f"timm {found.label}", found.url.rpartition("/")[2], found.url) if found.url else None


def check_published(architecture: str, name: str, where: str) -> None:
    """Refuse a name of weights that torchvision does not have for an architecture, or timm not with a hash.

    Raises:
        UserError: with the names that there are, or the address and the setting for a file.
    """
    if is_of_timm(architecture):
        _check_published_by_timm(architecture, name, where)
        return
    known = [] if architecture in PACKAGED else [one.name for one in vision.models.get_model_weights(architecture)]
    if name not in known:
        has = f"it has {', '.join(known)}" if known else "it has none; write `imagenet`"
        raise UserError(f"{where}: torchvision has no weights {name} of {architecture}; {has}")


def _check_published_by_timm(architecture: str, name: str, where: str) -> None:
    found = timm_weights(architecture)
    if name != FIRST:
        raise UserError(
            f"{where}: timm has no weights {name} of {found.label}; write `imagenet`, and another tag at the end of "
            "`architecture`"
        )
    if not found.url:
        address = (
            f"nothing is downloaded unverified; write {{path: weights/{found.label}.safetensors, url: {found.hub_url}, "
            f"sha256: …, source: …, licence: {found.licence or '…'}}} with the SHA-256 that its page shows"
            if found.hub_url
            else "write `random`, or a file of yours"
        )
        raise UserError(f"{where}: timm publishes no weights of {found.label} with their hash: {address}")


def normalisation(architecture: str, name: str = FIRST) -> tuple[list[float], list[float]]:
    """Mean and standard deviation per channel, of images scaled to 0…1, that an architecture's weights want."""
    if packaged := PACKAGED.get(architecture):
        return list(packaged.mean), list(packaged.std)
    if is_of_timm(architecture):
        return list(timm_weights(architecture).mean), list(timm_weights(architecture).std)
    published = vision.models.get_model_weights(architecture)
    transform = getattr(published, name, published.DEFAULT).transforms()
    return list(transform.mean), list(transform.std)


def find_weights(file: WeightsFile, folders: Sequence[Path]) -> Path | None:
    """The first of the folders' files of that name, verified; None where there is none.

    Raises:
        UserError: a file of that name has other contents than its name says.
    """
    for folder in folders:
        path = folder / file.name
        if path.is_file():
            verify_weights(path, file)
            return path
    return None


def verify_weights(path: Path, file: WeightsFile) -> None:
    """Hold a file's contents against the hash in its name.

    Raises:
        UserError: naming both hashes.
    """
    found = sha256_of_file(path)
    if not found.startswith(file.hash_prefix):
        raise UserError(
            f"{path}: not the file that its name says: its SHA-256 begins with {found[: len(file.hash_prefix)]}, "
            f"expected {file.hash_prefix}; remove it, or put the file from {file.url} in its place"
        )


def download_weights(file: WeightsFile, folder: Path) -> Path | None:
    """Fetch a file of weights into a folder and verify it; None, with a warning, where it is not available.

    Raises:
        UserError: what came has other contents than the name says; it is not kept.
    """
    target = folder / file.name
    partial = partial_of(target)
    try:
        download(file.url, partial)
        verify_weights(partial, file)
    except (DownloadError, OSError) as error:
        log.warning("%s: cannot be downloaded (%s)", file.url, error)
        return None
    except UserError:
        partial.unlink()
        raise
    return partial.replace(target)


def build_pretrained(architecture: str, path: Path) -> nn.Module:
    """The whole network with the weights of its published file.

    Raises:
        UserError: the file holds something else than tensors, or tensors of other names or shapes.
    """
    try:
        if is_of_timm(architecture):
            return load_timm(architecture, path)
        network = build_classifier(architecture)
        state: Mapping[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        wanted = OrderedDict(
            (current_key(key), value) for key, value in state.items() if not key.startswith(_AUXILIARY)
        )
        # Versions by which modules know how to read old files.
        wanted._metadata = getattr(state, "_metadata", None)  # type: ignore[attr-defined]
        network.load_state_dict(wanted)
        return network
    except Exception as error:  # what a damaged file brings the unpickler to is not foreseeable
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise UserError(
            f"{path}: its weights do not fit the network ({' '.join(lines[:2])[:300]}); remove it, or put the "
            "published file in its place"
        ) from None


def current_key(key: str) -> str:
    """The name that torchvision has now for a tensor of an old file; other names as they are."""
    match = _DENSENET_KEY.fullmatch(key)
    return f"{match[1]}{match[2]}" if match else key
