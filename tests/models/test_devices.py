import pytest
import torch

from transfer_report.errors import UserError
from transfer_report.models import devices
from transfer_report.params import PlannedModel

CPU = torch.device("cpu")
PLANNED = PlannedModel(
    name="small", architecture="small", weights="random", image_px=64, precision="float32", device="cpu",
    threads="auto", start_weights_sha256="0",
)  # fmt: skip


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
    torch.set_deterministic_debug_mode("default")


@pytest.mark.parametrize(
    ("threads", "image_px", "expected"),
    [
        ("auto", 63, (1, torch.contiguous_format)),
        ("auto", 64, (2, torch.channels_last)),
        (3, 63, (3, torch.contiguous_format)),
        (1, 64, (1, torch.channels_last)),
    ],
)
@pytest.mark.usefixtures("two_threads")
def test_small_images_have_one_thread_and_plain_layout(threads, image_px, expected):
    computing = devices.set_up(PLANNED.model_copy(update={"threads": threads, "image_px": image_px}))
    assert (torch.get_num_threads(), computing.layout) == expected
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
