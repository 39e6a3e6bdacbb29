"""A study made by forks at once, and a `dvc repro` elsewhere that is stopped on its way, end with the same bytes."""

import random

import pytest
from tests.pipeline.killing import results_of, stopped_within

pytestmark = pytest.mark.dvc

AT_FIRST = 0.3
"""Seconds; the shortest of the stages takes more than one, its imports most of it."""


def test_a_second_run_from_scratch_that_is_stopped_in_five_stages_agrees(finished_study, tmp_path):
    again = finished_study.anew(tmp_path / "elsewhere" / "again")
    rng = random.Random(0)  # noqa: S311  # moments, no secrets
    stages = ("evaluate", "analyse", "attention", "figures", "report")
    # A stage that ended before its moment is no fault of the study's: a busy machine may look away that long.
    assert sum(stopped_within(again, stage, 1, AT_FIRST, rng) for stage in stages) >= len(stages) - 2
    again.repro()
    first, second = results_of(finished_study), results_of(again)
    assert any(name.endswith("test_probabilities.npy") for name in first)
    assert first == second
    assert not list(again.folder.rglob("*.part"))
