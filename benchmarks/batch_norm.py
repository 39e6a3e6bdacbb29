"""Which batch-norm statistics should a fine-tuned network be scored with? Decided on validation, test beside it.

    PYTHONPATH=src OMP_NUM_THREADS=1 python benchmarks/batch_norm.py few FOLDER    # or many

FOLDER holds radiographs, train/… and test/…. Trains in a process of one thread for each core, some hours, and goes on
where it was interrupted: each finished run is a line of `benchmarks/batch_norm_few.jsonl`. Writes
`benchmarks/BATCH_NORM_FEW.md`. Running, fitted and recomputed statistics change nothing during training, so that one
training is scored by all three.
"""

import json
import multiprocessing
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from transfer_report.data.prepare import PreparedData, prepare
from transfer_report.loading import load_params
from transfer_report.models.batch_norm import batch_norms, recompute_statistics
from transfer_report.models.devices import make_deterministic
from transfer_report.models.heads import Network, build_head
from transfer_report.models.initial_weights import initial_weights, load_backbone
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import Model
from transfer_report.settings import DataSettings, TrainingSettings, WeightsSettings
from transfer_report.training.epoch import batches, evaluate, predict, train_one_epoch
from transfer_report.training.examples import Examples, Images
from transfer_report.training.schedule import build_optimizer
from transfer_report.training.seeding import stream_seed

CACHE = Path(".cache")
BENCHMARKS = Path("benchmarks")
PATIENTS = r"(person\d+|IM-\d+|NORMAL2-IM-\d+)"
FRACTION_LEFT = 0.01
"""Weight of the statistics before an epoch after it, where the momentum is fitted to the number of updates."""
STATISTICS_IMAGES = 1000
STATISTICS_BATCH = 128
SHARED = ("running", "fitted", "recomputed")
"""Remedies that leave the training as it is."""

Statistics = dict[str, Tensor]


class Job(NamedTuple):
    """One training."""

    images: str
    model: str
    weights: str
    size: str
    lr: float
    training: str
    """`shared`, scored by three remedies, or `frozen`."""
    seed: int


class Size(NamedTuple):
    """How many images of each class train and validate together, for how many epochs, and which of these are scored."""

    per_class: int
    epochs: int
    scored_every: int


SIZES = {"few": Size(150, 3, scored_every=1), "many": Size(1000, 10, scored_every=2)}
"""Some 50 and 1,000 updates, in batches of 16."""
MODELS = (
    ("efficientnet_lite0", "imagenet", 5, 5),
    ("efficientnet_lite0", "random", 5, 5),
    ("mobilenet_v2", "random", 5, 5),
    ("resnet50", "random", 5, 2),
)
"""Architecture, weights, seeds of few and of many updates."""
RATES = {"imagenet": (1e-3, 1e-4), "random": (1e-3,)}
"""A random start does not learn in so few updates at the lower rate."""
IMAGE_PX = {
    ("phantom", "few"): 48,
    ("phantom", "many"): 32,
    ("radiographs", "few"): 96,
    ("radiographs", "many"): 32,
}
TEST_PER_CLASS = 200


def jobs(size: str) -> Iterator[Job]:
    """All trainings of few or many updates, seed by seed."""
    for seed in range(5):
        for images in ("phantom", "radiographs"):
            for architecture, weights, *seeds in MODELS:
                for lr in RATES[weights]:
                    for training in ("shared", "frozen"):
                        if seed < seeds[list(SIZES).index(size)]:
                            yield Job(images, architecture, weights, size, lr, training, seed)


def runs_file(size: str) -> Path:
    """File of the finished runs, a line each."""
    return BENCHMARKS / f"batch_norm_{size}.jsonl"


def settings_of(images: str, size: str, folder: str) -> DataSettings:
    """The images of a job, read as a study reads them."""
    data = load_params().data
    phantom = data.phantom.model_copy(
        update={"train": 2 * SIZES[size].per_class, "test": 2 * TEST_PER_CLASS, "contrast": 0.6}
    )
    changes: dict[str, Any] = {"image_px": IMAGE_PX[images, size], "phantom": phantom, "seed": 4711}
    if images == "radiographs":
        changes |= {
            "source": "folder",
            "path": folder,
            "patient_pattern": PATIENTS,
            "limit_per_class": SIZES[size].per_class,
            "duplicates": "drop_from_train",
        }
    return data.model_copy(update=changes)


@dataclass(frozen=True)
class StudyImages:
    """Prepared images of a study, as one network reads them."""

    train: Examples
    val: Examples
    test: Examples


def study_images(data: PreparedData, normalise: Normalisation) -> StudyImages:
    """The three splits of a prepared data set."""

    def examples(split: Any) -> Examples:
        rows = data.rows[split]
        pixels = np.array(data.pixels[rows])
        return Examples(Images(pixels, normalise), torch.from_numpy(data.entries.labels[rows].astype(np.int64)))

    return StudyImages(examples("train"), examples("val"), examples("test"))


def statistics(norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Mean and variance that a batch norm keeps."""
    buffers = dict(norm.named_buffers())
    return buffers["running_mean"], buffers["running_var"]


class Average:
    """Running statistics of all batch norms by another momentum, kept beside the network's own.

    While it trains, the network's momentum is 1: its buffers hold the statistics of the last batch alone.
    """

    def __init__(self, network: nn.Module, momenta: list[float]) -> None:
        self.norms = list(batch_norms(network))
        self.momenta = momenta
        self.values = [tuple(value.clone() for value in statistics(norm)) for norm in self.norms]

    def update(self) -> None:
        """Take in the statistics of the last batch."""
        for norm, momentum, values in zip(self.norms, self.momenta, self.values, strict=True):
            for value, last in zip(values, statistics(norm), strict=True):
                value.lerp_(last, momentum)

    def put_in(self) -> None:
        """Score with these."""
        for norm, (means, variances) in zip(self.norms, self.values, strict=True):
            norm.load_state_dict({"running_mean": means, "running_var": variances}, strict=False)


class Scores:
    """The best epoch by validation, and what it does on the test images."""

    def __init__(self) -> None:
        self.epochs: list[tuple[float, float]] = []
        self.best: tuple[float, float] = (-1.0, 0.0)
        self.test: dict[str, float] = {}

    def score(self, network: nn.Module, images: StudyImages) -> None:
        """Score an epoch on validation, and on the test images where it is the best so far."""
        cpu = torch.device("cpu")
        ones = torch.ones(2)
        val = evaluate(predict(network, images.val.inputs, "float32", cpu), images.val.labels, ones)
        self.epochs.append((val.accuracy, val.loss))
        if (val.accuracy, -val.loss) > self.best:
            self.best = (val.accuracy, -val.loss)
            logits = predict(network, images.test.inputs, "float32", cpu)
            test = evaluate(logits, images.test.labels, ones)
            risk = torch.softmax(logits.double(), 1)[:, 1].numpy()
            auroc = float(roc_auc_score(images.test.labels.numpy(), np.nan_to_num(risk, nan=0.5)))
            self.test = {"test_accuracy": test.accuracy, "test_loss": test.loss, "test_auroc": auroc}

    def record(self) -> dict[str, Any]:
        """What is written of a remedy."""
        return {"val_accuracy": self.best[0], "val_loss": -self.best[1], "epochs": self.epochs, **self.test}


def train(job: Job, images: StudyImages, network: Network) -> dict[str, Scores]:
    """Train a network, and score each epoch by each remedy."""
    settings = TrainingSettings.model_validate(load_params().study_settings | {"lr": job.lr})
    optimizer = build_optimizer(settings, network.parameters(), torch.device("cpu"))
    count = len(images.train.inputs)
    order = torch.Generator().manual_seed(stream_seed(job.seed, "shuffle"))
    torch.manual_seed(stream_seed(job.seed, "layers"))
    norms = list(batch_norms(network))
    updates = len(batches(count, settings.batch_size))
    own = Average(network, [float(norm.momentum or 0.1) for norm in norms])
    fitted = Average(network, [1 - FRACTION_LEFT ** (1 / updates)] * len(norms))
    for norm in norms:
        norm.momentum = 1.0
    sample = torch.randperm(count, generator=torch.Generator().manual_seed(0))[:STATISTICS_IMAGES]
    parts = -(-len(sample) // STATISTICS_BATCH)
    scores = {name: Scores() for name in (SHARED if job.training == "shared" else ("frozen",))}

    def after_batch() -> None:
        own.update()
        fitted.update()

    put_in: dict[str, Callable[[], None]] = {
        "running": own.put_in,
        "fitted": fitted.put_in,
        "recomputed": lambda: recompute_statistics(
            network, (images.train.inputs.batch(rows) for rows in torch.tensor_split(sample.sort().values, parts))
        ),
        "frozen": lambda: None,
    }
    size = SIZES[job.size]
    for epoch in range(1, size.epochs + 1):
        rows = batches(count, settings.batch_size, torch.randperm(count, generator=order))
        after = after_batch if job.training == "shared" else _nothing
        train_one_epoch(network, images.train, rows, optimizer, torch.ones(2), "float32", after)
        for name, score in scores.items() if epoch % size.scored_every == 0 else ():
            put_in[name]()
            score.score(network, images)
    return scores


def _nothing() -> None:
    """What follows a batch where no statistics are averaged."""


_PREPARED: dict[tuple[str, str], PreparedData] = {}


def run(job: Job, folder: str) -> None:
    """Do a job, and write what came of it."""
    torch.set_num_threads(1)
    make_deterministic()
    if (job.images, job.size) not in _PREPARED:
        _PREPARED[job.images, job.size] = prepare(settings_of(job.images, job.size, folder), CACHE)
    weights = WeightsSettings(source="imagenet", path="weights", if_unavailable="fail", download=False, seed=0)
    model = Model(name=job.model, architecture=job.model, weights=job.weights)
    record, content = initial_weights(model, weights)
    backbone, features = load_backbone(job.model, content)
    head = build_head(features, 2, 0.0, stream_seed(job.seed, "head"))
    network = Network(backbone, head, frozen_statistics=job.training == "frozen")
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    images = study_images(_PREPARED[job.images, job.size], Normalisation(record.mean, record.std, torch.device("cpu")))
    scores = train(job, images, network)
    line = json.dumps(job._asdict() | {"scores": {name: score.record() for name, score in scores.items()}})
    with runs_file(job.size).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def finished(size: str) -> list[dict[str, Any]]:
    """What earlier calls wrote."""
    file = runs_file(size)
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def main() -> None:
    """Do what is not done, then write the table."""
    size, folder = sys.argv[1:]
    done = {Job(*(one[field] for field in Job._fields)) for one in finished(size)}
    # Interrupted, every setting has some seeds, and those of the quicker networks as many.
    waiting = sorted(
        (job for job in jobs(size) if job not in done), key=lambda job: (job.seed > 2, job.model == "resnet50")
    )
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), multiprocessing.get_context("spawn")) as pool:
        for number, _ in enumerate(pool.map(partial(run, folder=folder), waiting), 1):
            sys.stderr.write(f"{number} of {len(waiting)}\n")
    write_table(size, finished(size))


SIZE_TEXTS = {
    "few": "300 training and validation images, 3 epochs (42 updates). Phantoms have 48 px, radiographs 96 px.",
    "many": "2,000 training and validation images, 10 epochs (940 updates), each second one scored. Images have 32 px.",
}
INTRODUCTION = """# Batch-norm statistics after {size} updates: what a fine-tuned network is scored with

Made by `PYTHONPATH=src OMP_NUM_THREADS=1 python benchmarks/batch_norm.py {size} FOLDER`, where FOLDER has chest
radiographs of children (Kermany et al. 2018).

{text}
Batches of 16, Adam; phantoms with a contrast of 0.6. Each run keeps the scored epoch with the highest validation
accuracy. Bold: the best of a setting, on validation and on 400 test images. *running*: the network's own momentum.
*fitted*: a momentum that leaves 1 % of the statistics from before an epoch after it. *recomputed*: from at most 1,000
training images before each scoring. *frozen*: the initial statistics, in training too.
"""
COLUMNS = (
    "| images | network, initial weights | updates | lr | statistics | seeds | val. accuracy (%) | val. loss "
    "| test accuracy (%) | s.d. | test AUROC |"
)


def write_table(size: str, runs: list[dict[str, Any]]) -> None:
    """Write means over seeds, a row for each setting and remedy."""
    settings: dict[tuple[Any, ...], dict[str, list[dict[str, float]]]] = defaultdict(lambda: defaultdict(list))
    for one in runs:
        key = (one["images"], f"{one['model']}, {one['weights']}", one["size"], f"{one['lr']:g}")
        for remedy, score in one["scores"].items():
            settings[key][remedy].append(score)
    lines = [COLUMNS, re.sub("[^|]+", " --- ", COLUMNS)]
    for key, remedies in settings.items():
        means = {
            measure: {remedy: mean(score[measure] for score in scores) for remedy, scores in remedies.items()}
            for measure in ("val_accuracy", "val_loss", "test_accuracy", "test_auroc")
        }
        for remedy, scores in remedies.items():
            tests = [score["test_accuracy"] for score in scores]
            spread = f"{100 * stdev(tests):.1f}" if len(tests) > 1 else "–"
            cells = [
                *key,
                remedy,
                len(scores),
                _percent(means["val_accuracy"], remedy),
                f"{means['val_loss'][remedy]:.2f}",
                _percent(means["test_accuracy"], remedy),
                spread,
                f"{means['test_auroc'][remedy]:.3f}",
            ]
            lines.append("| " + " | ".join(map(str, cells)) + " |")
    text = INTRODUCTION.format(size=size, text=SIZE_TEXTS[size]) + "\n" + "\n".join(lines) + "\n"
    (BENCHMARKS / f"BATCH_NORM_{size.upper()}.md").write_text(text, encoding="utf-8")


def _percent(means: dict[str, float], remedy: str) -> str:
    """A remedy's mean, bold where none of the setting is higher."""
    text = f"{100 * means[remedy]:.1f}"
    return f"**{text}**" if means[remedy] == max(means.values()) else text


if __name__ == "__main__":
    main()
