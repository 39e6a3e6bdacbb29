"""Stage `latency`: times a forward pass and a training step of each model, and collects what is published."""

import torch

from transfer_report.files import write_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.models.backbones import (
    build_classifier,
    check_architecture,
    check_image_px,
    without_classifier,
)
from transfer_report.models.devices import Computing, resolve_device, resolve_precision
from transfer_report.models.facts import all_model_facts
from transfer_report.models.latency import measure_latency, measure_step
from transfer_report.planning import models
from transfer_report.records.models import ModelCosts


def main() -> None:
    """Write what the models cost."""
    params = load_params()
    device = resolve_device(params.device)
    image_px = params.data.image_px
    computing = Computing(device, resolve_precision(params.precision, device, image_px))
    latencies = []
    for model in models(params):
        check_architecture(model.architecture, f"params.yaml: models.{model.name}")
        check_image_px(model.architecture, image_px, f"params.yaml: models.{model.name}")
        latency = measure_latency(model, build_classifier(model.architecture), device)
        torch.set_num_threads(1 if params.threads == "auto" else params.threads)
        backbone, _ = without_classifier(build_classifier(model.architecture))
        step = measure_step(backbone, image_px, params.batch_size, computing)
        latencies.append(latency.model_copy(update={"step": step}))
    write_record(HERE.latency, ModelCosts(latencies=latencies, facts=all_model_facts()))
