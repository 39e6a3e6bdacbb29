"""Stage `features`: runs one frozen backbone once over all images."""

import sys
from typing import cast

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from transfer_report.files import growing_array, open_array, read_record
from transfer_report.layout import HERE
from transfer_report.models.devices import channels_last, set_up
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import PlannedModel
from transfer_report.records.base import SPLITS
from transfer_report.training.features import extract_features
from transfer_report.training.run_files import read_backbone


def main(model: str) -> None:
    """Write the features of all splits by the model of that name."""
    planned = read_record(HERE.model_plan_file(model), PlannedModel)
    computing = set_up(planned.compute)
    weights, backbone = read_backbone(planned.name, planned.initial_weights_sha256)
    network = channels_last(backbone.to(computing.device))
    normalise = Normalisation(weights.mean, weights.std, computing.device)
    for split in SPLITS:
        images = cast("NDArray[np.uint8]", open_array(HERE.images_file(split)))
        path, shape = HERE.features_file(model, split), (len(images), weights.feature_count)
        bar = tqdm(total=len(images), desc=f"{model}, {split}", unit="image", disable=not sys.stderr.isatty())
        with bar, growing_array(path, shape, "float32") as out:
            extract_features(network, images, normalise, computing.precision, out, bar.update)
