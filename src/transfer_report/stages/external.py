"""Stage `external`: scores the kept networks on images from elsewhere, which nothing is trained or chosen on."""

import sys
from typing import cast

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from transfer_report.data.external import read_external
from transfer_report.files import open_array, read_record, write_array, write_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.log import log
from transfer_report.models.devices import channels_last, set_up
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import Condition, condition_keys
from transfer_report.records.base import SPLITS
from transfer_report.records.data import ExternalSet
from transfer_report.training.epoch import predict
from transfer_report.training.examples import Images
from transfer_report.training.run import probabilities
from transfer_report.training.run_files import keeps_model, read_description, read_trained


def main(name: str) -> None:
    """Write the predictions of every kept network for the external set of that name."""
    params, classes = load_params(), read_description().classes
    own = (cast("NDArray[np.uint8]", open_array(HERE.images_file(split))) for split in SPLITS)
    found = read_external(name, params.data.external[name], params.data, classes, own, HERE.cache)
    conditions = [read_record(HERE.condition_file(key), Condition) for key in condition_keys(params)]
    seeds = {one.key: [seed for seed in params.seeds[one.strategy] if keeps_model(one, seed)] for one in conditions}
    bar = tqdm(total=sum(map(len, seeds.values())), desc=name, unit="network", disable=not sys.stderr.isatty())
    with bar:
        for condition in conditions:
            computing = set_up(condition.compute)
            scored = []
            for seed in seeds[condition.key]:
                weights, network = read_trained(condition, seed, len(classes))
                channels_last(network.to(computing.device))
                images = Images(found.pixels, Normalisation(weights.mean, weights.std, computing.device))
                logits = predict(network, images, computing.precision, computing.device)
                scored.append(probabilities(logits))
                bar.update()
            write_array(HERE.external_predictions_file(name, condition.key), np.stack(scored))
    record = ExternalSet(
        labels=found.labels,
        patients=found.patients,
        left_out=found.left_out,
        seeds={str(key): of_condition for key, of_condition in seeds.items()},
    )
    write_record(HERE.external_file(name), record)
    left_out = "".join(f"; left out, {reason}: {count}" for reason, count in found.left_out.items())
    log.info("external %s: images: %d%s", name, len(found.labels), left_out)
    for check, examples in found.assumed.items():
        log.warning("external %s: assumed: %s, such as %s", name, check, examples[0])
