"""Stage `weights`: finds or draws the weights that each model starts from."""

import sys

from transfer_report import storage
from transfer_report.models.backbones import check_architecture
from transfer_report.models.start_weights import how_to_get, start_weights
from transfer_report.params import load_params, models
from transfer_report.stages.run import run_stage


def main() -> None:
    """Write each model's start weights, with a record of where they come from."""
    params = load_params()
    planned = models(params)
    for model in planned:
        check_architecture(model.architecture, f"params.yaml: models.{model.name}")
    notes = []
    for model in planned:
        record, content = start_weights(model, params.weights)
        storage.write_bytes(storage.weights_file(model.name), content)
        storage.write_record(storage.weights_record_file(model.name), record)
        if record.source != record.requested:
            notes.append(
                f"{model.name} starts from random weights, not from ImageNet's: {record.reason}.\n"
                f"  To have the real ones: {how_to_get(model, params.weights)}."
            )
    sys.stderr.write("".join(f"NOTE: {note}\n" for note in notes))


if __name__ == "__main__":
    run_stage(main)
