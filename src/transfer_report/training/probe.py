"""The first of two steps: the head learns on the frozen backbone's features, before the whole network trains.

A random head at the start of fine-tuning sends gradients that distort the features it is to learn from; a head that
fits them does less so. Source: Kumar, Raghunathan, Jones, Ma, Liang, "Fine-tuning can distort pretrained features and
underperform out-of-distribution", ICLR 2022.
"""

from transfer_report.models.devices import Precision
from transfer_report.models.heads import Network
from transfer_report.planning import Condition
from transfer_report.records.training import Epoch
from transfer_report.training.checkpoints import Checkpoint
from transfer_report.training.epoch import predict
from transfer_report.training.examples import Examples, Features
from transfer_report.training.fit import fit
from transfer_report.training.run import StudyData
from transfer_report.training.schedule import steps


def probe(
    network: Network, data: StudyData, condition: Condition, seed: int, precision: Precision, checkpoint: Checkpoint
) -> Epoch:
    """Train a network's head alone, as a linear-probe run of the same settings and seed does.

    Leaves the head with the weights of its best epoch, and the backbone as it was. Each step starts again from the
    seed, so the second sees the images in the order of a run without a first.

    Args:
        network: on the device of the labels.
        data: without augmentation, since the features are computed once.
        condition: with `head_epochs` of at least 1.
        seed: of order and dropout.
        precision: of the forward pass.
        checkpoint: of this step, not the one of the run that follows; it serves until that run is done, too.

    Returns:
        the epoch whose head was kept.
    """
    device = data.train.labels.device

    def features(examples: Examples) -> Examples:
        # What the backbone, in evaluation mode, predicts are the features.
        rows = predict(network.backbone, examples.inputs, precision, device)
        return Examples(Features(rows.numpy(), device), examples.labels)

    settings = steps(condition.training)[0]
    result = fit(
        network.head,
        features(data.train),
        features(data.val),
        settings,
        name=f"{condition.key}, seed {seed}, head alone",
        seed=seed,
        class_count=data.class_count,
        precision=precision,
        checkpoint=checkpoint,
    )
    return next(epoch for epoch in result.epochs if epoch.epoch == result.best_epoch)
