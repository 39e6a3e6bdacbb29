"""Stage `features`: runs one frozen backbone once over all images."""

import sys
from typing import cast

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from transfer_report import storage
from transfer_report.models.devices import lay_out, set_up
from transfer_report.models.inputs import Normalisation
from transfer_report.params import PlannedModel
from transfer_report.records import SPLITS
from transfer_report.stages.run import run_stage
from transfer_report.stages.training_files import read_backbone
from transfer_report.training.features import extract_features


def main(model: str) -> None:
    """Write the features of all splits by the model of that name."""
    planned = storage.read_record(storage.model_plan_file(model), PlannedModel)
    computing = set_up(planned)
    weights, backbone = read_backbone(planned.name, planned.start_weights_sha256)
    network = lay_out(backbone.to(computing.device), computing.layout)
    normalise = Normalisation(weights.mean, weights.std, computing.device, computing.layout)
    for split in SPLITS:
        images = cast("NDArray[np.uint8]", storage.open_array(storage.images_file(split)))
        path, shape = storage.features_file(model, split), (len(images), weights.feature_count)
        bar = tqdm(total=len(images), desc=f"{model}, {split}", unit="image", disable=not sys.stderr.isatty())
        with bar, storage.growing_array(path, shape, "float32") as out:
            extract_features(network, images, normalise, computing.precision, out, bar.update)


if __name__ == "__main__":
    run_stage(main)
