"""Estimate of a study's time on this machine and of its detectable differences, before it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch

from transfer_report.analysis.comparisons import error_rate
from transfer_report.analysis.cost import run_seconds
from transfer_report.analysis.design import Design, main_question_count, outlook
from transfer_report.engine.machine import automatic_jobs, graphics_cards
from transfer_report.models.backbones import build_classifier, without_classifier
from transfer_report.models.devices import Computing, resolve_device, resolve_precision
from transfer_report.models.latency import measure_step
from transfer_report.planning import models, plan_conditions
from transfer_report.records.base import Split
from transfer_report.records.models import StepTime
from transfer_report.settings import DataSettings, Params

LONG_HOURS = 2.0
"""A first study that takes longer is offered with fewer images, too."""
FEWEST_PER_CLASS = 50


@dataclass(frozen=True)
class FoundImages:
    """How many images there are, by class."""

    given: Mapping[Split | None, list[int]]
    """By the split that the source brings; None where it brings none."""
    patients_per_image: float
    """1 where patients are not known."""

    def split(self, data: DataSettings, limit: int = 0) -> dict[Split, int]:
        """Return the images of each split, as `prepare` will cut them within one or two.

        Args:
            data: fractions of what is cut.
            limit: images of each class in each split that the source brings; 0: all.
        """
        counts = {
            split: sum(min(count, limit) if limit else count for count in of_class)
            for split, of_class in self.given.items()
        }
        rest = counts.get(None, 0) + counts.get("train", 0)
        test = counts.get("test") or round(data.test_fraction * rest)
        rest -= 0 if counts.get("test") else test
        val = counts.get("val") or round(data.val_fraction * rest)
        rest -= 0 if counts.get("val") else val
        return {"train": rest, "val": val, "test": test}


def measured_steps(params: Params) -> dict[str, StepTime]:
    """Return what a training step takes here, by model; some seconds."""
    device = resolve_device(params.device)
    computing = Computing(device, resolve_precision(params.precision, device, params.data.image_px))
    torch.set_num_threads(1 if params.threads == "auto" else params.threads)
    steps: dict[str, StepTime] = {}
    found = {}
    for model in models(params):
        if model.architecture not in found:
            backbone, _ = without_classifier(build_classifier(model.architecture))
            found[model.architecture] = measure_step(backbone, params.data.image_px, params.batch_size, computing)
        steps[model.name] = found[model.architecture]
    return steps


def study_hours(params: Params, images: Mapping[Split, int], steps: Mapping[str, StepTime], jobs: int) -> float:
    """Return about how long all trainings and features take, so many side by side."""
    conditions = plan_conditions(params, dict.fromkeys(params.models, ""))
    trained = sum(
        run_seconds(condition, steps[condition.model], images) * len(params.seeds[condition.strategy])
        for condition in conditions
    )
    trained += sum(
        run_seconds(condition.with_values(values), steps[condition.model], images) * len(params.tuning_seeds)
        for condition in conditions
        if condition.grid
        for values in condition.combinations()
    )
    features = sum(step.scoring_milliseconds * sum(images.values()) / 1000 for step in steps.values())
    return (trained + features) / jobs / 3600


def fitting(params: Params, found: FoundImages, steps: Mapping[str, StepTime], jobs: int) -> Iterator[str]:
    """Yield what the study takes and detects, and the same of a shorter one where it takes long.

    Args:
        params: of the study, for its own images.
        found: its images.
        steps: what a training step takes, by model.
        jobs: trainings side by side.
    """
    images = found.split(params.data)
    hours = study_hours(params, images, steps, jobs)
    yield f"takes    {_about(hours)} on this machine, {jobs} at once: {_size(params, images)}"
    yield from _detects(params, found, images)
    if hours <= LONG_HOURS:
        return
    largest = max(max(of_class) for of_class in found.given.values())
    limit = max(_rounded(largest * LONG_HOURS / hours), FEWEST_PER_CLASS)
    if limit < largest:
        fewer = found.split(params.data, limit)
        shorter = study_hours(params, fewer, steps, jobs)
        yield f"shorter  data.limit_per_class: {limit} takes {_about(shorter)}: {_size(params, fewer)}"
        yield from _detects(params, found, fewer)


def jobs_here(params: Params) -> int:
    """Return how many trainings this machine runs side by side."""
    return automatic_jobs(params, graphics_cards(params))


def _size(params: Params, images: Mapping[Split, int]) -> str:
    counts = ", ".join(f"{split} {count:,}" for split, count in images.items())
    runs = sum(len(params.seeds[strategy]) * len(members) for strategy, members in params.conditions.items())
    return f"{runs} runs of {params.data.image_px} px, {counts}"


def _detects(params: Params, found: FoundImages, images: Mapping[Split, int]) -> Iterator[str]:
    trained = [strategy for strategy, members in params.conditions.items() if members]
    design = Design(
        seeds=min((len(params.seeds[strategy]) for strategy in trained), default=1),
        images=round(images["test"] * found.patients_per_image),
        questions=main_question_count(params),
        error=error_rate(params.analysis.confidence),
    )
    yield from (f"detects  {line}" for line in outlook(design, params.analysis.target_difference))


def _about(hours: float) -> str:
    if hours >= 1.5:
        return f"about {hours:.0f} hours"
    minutes = max(round(60 * hours), 1)
    return f"about {minutes} minutes" if minutes > 1 else "about a minute"


def _rounded(count: float) -> int:
    """Two digits, which a person would choose."""
    step = int("1".ljust(len(str(int(count))) - 1, "0"))
    return int(count) // step * step
