"""Stage `attention`: maps of what a kept network's classes rest on, for some test images."""

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load
from torch import nn

from transfer_report.attention.choice import chosen_images
from transfer_report.attention.grad_cam import Layer, grad_cam, last_map_layer, likeness
from transfer_report.conditions import ConditionKey
from transfer_report.files import open_array, read_bytes, read_record, write_array, write_record
from transfer_report.layout import HERE
from transfer_report.models.backbones import build_backbone, check_architecture, noise_px
from transfer_report.models.batch_norm import recompute_from_noise
from transfer_report.models.devices import set_up
from transfer_report.models.heads import Network, build_head
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import Condition
from transfer_report.records.analysis import Analysis
from transfer_report.records.attention import Attention, AttentionImage
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.models import InitialWeights

RANDOM_SEED = 2**32 - 5
"""Seed of the random weights that maps are compared with; above those of settings, so never of initial weights."""


def main() -> None:
    """Write `results/attention`: of the condition that validation chose, the run of the first seed."""
    evaluation = read_record(HERE.evaluation_file(), Evaluation)
    analysis = read_record(HERE.analysis_file(), Analysis)
    key = analysis.selection.best
    seed = next(one.seeds[0] for one in evaluation.conditions if one.condition == key)
    condition = read_record(HERE.condition_file(ConditionKey.parse(key)), Condition)
    model = HERE.kept_model_file(condition.key, seed)
    nothing = Attention(condition=key, seed=seed, missing="", layer="", side=0, images=[], likeness=None)
    if not model.is_file():
        write_record(HERE.attention_file(), nothing.model_copy(update={"missing": "not_kept"}))
        return
    probabilities = np.asarray(open_array(HERE.stacked_probabilities_file(condition.key, "test")))[0]
    chosen = chosen_images(probabilities, evaluation.test_labels, evaluation.test_ids, analysis.hard_images)
    weights = read_record(HERE.weights_record_file(condition.model), InitialWeights)
    device = set_up(condition.compute).device
    images = _images(chosen, weights, device)
    network = _network(weights, len(evaluation.classes), read_bytes(model)).to(device)
    layer = last_map_layer(network, images)
    if layer is None:
        write_record(HERE.attention_file(), nothing.model_copy(update={"missing": "no_maps"}))
        return
    maps = _maps(network, layer, images, chosen)
    others = _maps(_network(weights, len(evaluation.classes)).to(device), layer, images, chosen)
    found = {
        "layer": layer.name,
        "tokens": layer.layout == "tokens",
        "side": layer.side,
        "images": chosen,
        "likeness": likeness(maps[:, 1], others[:, 1]),
    }
    write_array(HERE.attention_maps_file(), maps)
    write_record(HERE.attention_file(), nothing.model_copy(update=found))


def _images(chosen: list[AttentionImage], weights: InitialWeights, device: torch.device) -> torch.Tensor:
    array = cast("NDArray[np.uint8]", open_array(HERE.images_file("test")))
    rows = np.stack([array[image.row] for image in chosen])
    return Normalisation(weights.mean, weights.std, device)(torch.from_numpy(rows))


def _network(weights: InitialWeights, class_count: int, trained: bytes = b"") -> Network:
    """The network with the weights of a run, or with random ones."""
    check_architecture(weights.architecture, str(HERE.weights_record_file(weights.model)))
    backbone, feature_count = build_backbone(weights.architecture, RANDOM_SEED)
    network = Network(backbone, build_head(feature_count, class_count, 0.0, RANDOM_SEED))
    if trained:
        network.load_state_dict(load(trained))
    else:
        recompute_from_noise(backbone, RANDOM_SEED, noise_px(weights.architecture))
    network.eval()
    return network


def _maps(network: nn.Module, layer: Layer, images: torch.Tensor, chosen: list[AttentionImage]) -> NDArray[np.float32]:
    """(images, 2, cells, cells): for the true class, then for the predicted one."""
    by_class = [[image.label for image in chosen], [image.predicted for image in chosen]]
    return np.stack([grad_cam(network, layer, images, classes) for classes in by_class], axis=1)
