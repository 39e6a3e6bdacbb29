"""The study's own training loop, for the measurements."""

import torch

from transfer_report.loading import load_params
from transfer_report.models.backbones import build_backbone
from transfer_report.models.devices import Computing, channels_last
from transfer_report.models.heads import Network, build_head
from transfer_report.training.epoch import batches, train_one_epoch
from transfer_report.training.examples import Examples
from transfer_report.training.schedule import build_optimizer

BATCH = 32


class OurTraining:
    """The study's own epoch."""

    def __init__(self, architecture: str, examples: Examples, computing: Computing) -> None:
        settings = load_params().model_copy(update={"batch_size": BATCH})
        backbone, features = build_backbone(architecture)
        self.network = channels_last(Network(backbone, build_head(features, 2, 0.0, 0)).to(computing.device))
        self.optimizer = build_optimizer(settings, self.network.parameters(), computing.device)
        self.examples, self.computing = examples, computing

    def epoch(self) -> None:
        """Every image once."""
        rows = batches(len(self.examples.inputs), BATCH, torch.randperm(len(self.examples.inputs)))
        weights = torch.ones(2, device=self.computing.device)
        train_one_epoch(
            self.network, self.examples, rows, self.optimizer, weights, self.computing.precision, lambda: None
        )
