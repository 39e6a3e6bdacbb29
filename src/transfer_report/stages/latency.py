"""Stage `latency`: times one forward pass of each model, and collects what torchvision records of all models."""

from transfer_report import storage
from transfer_report.models.backbones import build_classifier, check_architecture
from transfer_report.models.devices import resolve_device
from transfer_report.models.facts import all_model_facts
from transfer_report.models.latency import measure_latency
from transfer_report.params import load_params, models
from transfer_report.records import ModelCosts
from transfer_report.stages.run import run_stage


def main() -> None:
    """Write what the models cost."""
    params = load_params()
    device = resolve_device(params.device)
    latencies = []
    for model in models(params):
        check_architecture(model.architecture, f"params.yaml: models.{model.name}")
        latencies.append(measure_latency(model, build_classifier(model.architecture), device))
    storage.write_record(storage.LATENCY, ModelCosts(latencies=latencies, facts=all_model_facts()))


if __name__ == "__main__":
    run_stage(main)
