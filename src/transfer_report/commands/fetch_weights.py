"""Command `fetch-weights`: puts the ImageNet weights that the study lacks into the folder that DVC watches."""

import typer

from transfer_report.loading import load_params
from transfer_report.planning import models


def fetch_weights() -> None:
    """Download the ImageNet weights that an earlier run could not have; `dvc repro` then starts from them."""
    from transfer_report.models.initial_weights import fetch_missing  # with PyTorch, which other commands do not need

    params = load_params()
    for model in models(params):
        typer.echo(f"{model.name}: {fetch_missing(model, params.weights)}")
