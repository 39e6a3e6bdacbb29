"""Stage `latency`: times one forward pass of each model, and collects what torchvision records of all models."""

from transfer_report.files import write_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.models.backbones import build_classifier, check_architecture
from transfer_report.models.devices import resolve_device
from transfer_report.models.facts import all_model_facts
from transfer_report.models.latency import measure_latency
from transfer_report.planning import models
from transfer_report.records.models import ModelCosts


def main() -> None:
    """Write what the models cost."""
    params = load_params()
    device = resolve_device(params.device)
    latencies = []
    for model in models(params):
        check_architecture(model.architecture, f"params.yaml: models.{model.name}")
        latencies.append(measure_latency(model, build_classifier(model.architecture), device))
    write_record(HERE.latency, ModelCosts(latencies=latencies, facts=all_model_facts()))
