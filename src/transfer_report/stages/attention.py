"""Stage `attention`: maps of what a kept network's classes rest on, for some test images."""

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load
from torch import nn

from transfer_report import storage
from transfer_report.attention.choice import chosen_images
from transfer_report.attention.grad_cam import Layer, grad_cam, last_map_layer, likeness
from transfer_report.models.backbones import build_backbone, check_architecture
from transfer_report.models.devices import set_up
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation
from transfer_report.models.statistics import settle_statistics
from transfer_report.params import Condition
from transfer_report.records import Analysis, Attention, AttentionImage, Evaluation, StartWeights
from transfer_report.stages.run import run_stage

RANDOM_SEED = 2**32 - 5
"""Of the random weights that the maps are compared with; above what settings can name: never that of start weights."""


def main() -> None:
    """Write `results/attention`: of the condition that validation chose, the run of the first seed."""
    evaluation = storage.read_record(storage.evaluation_file(), Evaluation)
    analysis = storage.read_record(storage.analysis_file(), Analysis)
    key, seed = analysis.selection.best, evaluation.seeds[0]
    condition = storage.read_record(storage.condition_file(*key.split("/")), Condition)
    model = storage.kept_model_file(condition.group, condition.name, seed)
    nothing = Attention(condition=key, seed=seed, missing="", layer="", side=0, images=[], likeness=None)
    if not model.is_file():
        storage.write_record(storage.attention_file(), nothing.model_copy(update={"missing": "not_kept"}))
        return
    probabilities = np.asarray(storage.open_array(storage.stacked_probabilities_file(key, "test")))[0]
    chosen = chosen_images(probabilities, evaluation.test_labels, evaluation.test_ids, analysis.hard_images)
    weights = storage.read_record(storage.weights_record_file(condition.model), StartWeights)
    device = set_up(condition).device
    images = _images(chosen, weights, device)
    network = _network(weights, len(evaluation.classes), storage.read_bytes(model)).to(device)
    layer = last_map_layer(network, images)
    if layer is None:
        storage.write_record(storage.attention_file(), nothing.model_copy(update={"missing": "no_maps"}))
        return
    maps = _maps(network, layer, images, chosen)
    others = _maps(_network(weights, len(evaluation.classes)).to(device), layer, images, chosen)
    found = {"layer": layer.name, "side": layer.side, "images": chosen, "likeness": likeness(maps[:, 1], others[:, 1])}
    storage.write_array(storage.attention_maps_file(), maps)
    storage.write_record(storage.attention_file(), nothing.model_copy(update=found))


def _images(chosen: list[AttentionImage], weights: StartWeights, device: torch.device) -> torch.Tensor:
    array = cast("NDArray[np.uint8]", storage.open_array(storage.images_file("test")))
    rows = np.stack([array[image.row] for image in chosen])
    return Normalisation(weights.mean, weights.std, device)(torch.from_numpy(rows))


def _network(weights: StartWeights, class_count: int, trained: bytes = b"") -> Network:
    """The network with the weights of a run, or with random ones."""
    check_architecture(weights.architecture, str(storage.weights_record_file(weights.model)))
    backbone, feature_count = build_backbone(weights.architecture, RANDOM_SEED)
    network = Network(backbone, build_head(feature_count, class_count, 0.0, RANDOM_SEED))
    if trained:
        network.load_state_dict(load(trained))
    else:
        settle_statistics(backbone, RANDOM_SEED)
    network.eval()
    return network


def _maps(network: nn.Module, layer: Layer, images: torch.Tensor, chosen: list[AttentionImage]) -> NDArray[np.float32]:
    """(images, 2, cells, cells): for the true class, then for the predicted one."""
    by_class = [[image.label for image in chosen], [image.predicted for image in chosen]]
    return np.stack([grad_cam(network, layer, images, classes) for classes in by_class], axis=1)


if __name__ == "__main__":
    run_stage(main)
