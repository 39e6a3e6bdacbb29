import os

import pytest
from joblib import cpu_count

from transfer_report.engine.machine import automatic_jobs, graphics_cards
from transfer_report.loading import load_params


@pytest.fixture
def params():
    return load_params()


@pytest.fixture(autouse=True)
def no_cards(monkeypatch, tmp_path):
    """A machine without graphics cards, whatever this one has."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_trainings_get_a_core_each_or_as_many_as_were_set(params):
    assert automatic_jobs(params, []) == cpu_count()
    assert automatic_jobs(params.model_copy(update={"threads": cpu_count() + 1}), []) == 1


def test_one_training_a_card(params):
    assert automatic_jobs(params, ["0", "1", "2"]) == 3


def test_a_device_by_name_is_one_for_all(params, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    named = params.model_copy(update={"device": "cuda:1"})
    assert graphics_cards(named) == []
    assert automatic_jobs(named, []) == 1


@pytest.mark.parametrize(
    ("told", "cards"), [("0,1", ["0", "1"]), ("", []), ("-1", []), ("GPU-a, GPU-b", ["GPU-a", "GPU-b"])]
)
def test_cards_as_the_environment_has_them(params, monkeypatch, told, cards):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", told)
    assert graphics_cards(params) == cards


def test_cards_as_the_driver_lists_them(params, no_cards):
    assert graphics_cards(params) == []
    program = no_cards / "nvidia-smi"
    program.write_text("#!/bin/sh\necho GPU-a\necho GPU-b\n")
    program.chmod(0o755)
    assert graphics_cards(params) == ["GPU-a", "GPU-b"]
    program.write_text("#!/bin/sh\necho no driver\nexit 9\n")
    assert graphics_cards(params) == []
    assert os.environ["PATH"] == str(no_cards)
