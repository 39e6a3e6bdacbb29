"""How a process computes: on which device, at which precision, by how many threads."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from transfer_report.errors import UserError, first_line
from transfer_report.planning import ComputeSettings

Precision = Literal["float32", "bfloat16"]

BFLOAT16_FROM_PX = 128
"""Below this image side, converting costs a CPU more than the shorter arithmetic saves."""


@dataclass(frozen=True)
class Computing:
    """Properties that all tensors of a process share."""

    device: torch.device
    precision: Precision


def set_up(settings: ComputeSettings) -> Computing:
    """Make this process compute as planned, and deterministically.

    Raises:
        UserError: this machine lacks the device.
    """
    device = resolve_device(settings.device)
    torch.set_num_threads(1 if settings.threads == "auto" else settings.threads)
    make_deterministic()
    return Computing(device, resolve_precision(settings.precision, device, settings.image_px))


def resolve_device(name: str) -> torch.device:
    """The device of that name; `auto`: the first CUDA device where there is one, else the CPU.

    Raises:
        UserError: PyTorch does not know the name, or this machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device).cpu()  # of `meta`, which holds no numbers, there is no copy
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UserError(
            f"params.yaml: device: {name!r} cannot be used here ({first_line(error)}); "
            "take `auto`, `cpu`, or a device of this machine such as `cuda:0`"
        ) from None
    return device


def resolve_precision(
    setting: Literal["auto", "float32", "bfloat16"], device: torch.device, image_px: int
) -> Precision:
    """The precision of matrix products and convolutions; weights, losses and sums are float32 in either case.

    `auto` takes bfloat16 on CUDA devices that have it, and on CPUs with instructions of their own for it for images
    from `BFLOAT16_FROM_PX`: a CPU without them emulates it, several times slower than float32.
    """
    if setting != "auto":
        return setting
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    has_instructions = device.type == "cpu" and _cpu_has_bfloat16()
    return "bfloat16" if has_instructions and image_px >= BFLOAT16_FROM_PX else "float32"


def _cpu_has_bfloat16() -> bool:
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[None]:
    """The context in which a forward pass computes at that precision."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16")


def channels_last(network: nn.Module) -> nn.Module:
    """Return the network with its convolutions' weights in the layout that convolutions compute fastest in."""
    moved: nn.Module = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return moved


def make_deterministic() -> None:
    """Have PyTorch take deterministic algorithms, and warn where an operation has none."""
    # cuBLAS reads this when it starts; without it, matrix products differ from run to run.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    # Filling uninitialised memory would cost time, and nothing here reads it.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
