"""Trainings side by side, as a study runs them: processes of one thread each."""

import multiprocessing
import os
from multiprocessing.synchronize import Barrier
from time import perf_counter
from typing import NamedTuple

import torch

from benchmarks.speed.own_training import OurTraining
from transfer_report.models.devices import set_up
from transfer_report.models.inputs import Normalisation
from transfer_report.planning import ComputeSettings
from transfer_report.training.examples import Examples, Images

CORES = os.cpu_count() or 1
CONTEXT = multiprocessing.get_context("spawn")


class Case(NamedTuple):
    """A network at a size, with images enough for some seconds of training."""

    architecture: str
    image_px: int
    images: int


def _train(case: Case, threads: int, ready: Barrier) -> None:
    """Warm up, wait for the other runs, train one epoch."""
    settings = ComputeSettings(image_px=case.image_px, precision="auto", device="cpu", threads=threads)
    computing = set_up(settings)
    torch.manual_seed(0)
    pixels = torch.randint(0, 256, (case.images, case.image_px, case.image_px, 1), dtype=torch.uint8).numpy()
    images = Images(pixels, Normalisation([0.5] * 3, [0.25] * 3, computing.device))
    training = OurTraining(case.architecture, Examples(images, torch.arange(case.images) % 2), computing)
    training.epoch()
    ready.wait()
    training.epoch()
    ready.wait()


def seconds_per_image(case: Case, runs: int, threads: int) -> float:
    """Wall-clock seconds for each image that the runs trained on together, the slowest included."""
    ready = CONTEXT.Barrier(runs + 1)
    processes = [CONTEXT.Process(target=_train, args=(case, threads, ready)) for _ in range(runs)]
    for process in processes:
        process.start()
    ready.wait()
    start = perf_counter()
    ready.wait()
    taken = perf_counter() - start
    for process in processes:
        process.join()
    return taken / (runs * case.images)
