import pytest
import torch

from transfer_report.errors import UserError
from transfer_report.models import devices
from transfer_report.planning import ComputeSettings

CPU = torch.device("cpu")
PLANNED = ComputeSettings(image_px=64, precision="float32", device="cpu", threads="auto")


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
    torch.set_deterministic_debug_mode("default")


@pytest.mark.parametrize(("threads", "expected"), [("auto", 1), (3, 3)])
@pytest.mark.usefixtures("two_threads")
def test_one_thread_unless_set(threads, expected):
    devices.set_up(PLANNED.model_copy(update={"threads": threads}))
    assert torch.get_num_threads() == expected
    assert torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize(
    ("has_bfloat16", "image_px", "expected"),
    [(False, 224, "float32"), (True, 127, "float32"), (True, 128, "bfloat16")],
)
def test_auto_precision_on_a_cpu(monkeypatch, has_bfloat16, image_px, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": has_bfloat16})
    assert devices.resolve_precision("auto", CPU, image_px) == expected


def test_a_chosen_precision_holds():
    assert devices.resolve_precision("bfloat16", CPU, 8) == "bfloat16"
    with devices.autocast(CPU, "bfloat16"):
        assert torch.nn.Linear(2, 2)(torch.ones(1, 2)).dtype == torch.bfloat16


@pytest.mark.parametrize("name", ["gpu", "cuda:99"])
def test_a_device_that_is_not_here_is_one_clear_error(name):
    with pytest.raises(UserError, match=f"device: '{name}' cannot be used here"):
        devices.resolve_device(name)
