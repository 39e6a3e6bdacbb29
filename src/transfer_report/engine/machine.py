"""Capacity of this machine: processors, graphics cards, and trainings at once."""

import os
import shutil
import subprocess

from joblib import cpu_count

from transfer_report.settings import Params


def graphics_cards(params: Params) -> list[str]:
    """The CUDA devices that trainings may share out, by the names that CUDA_VISIBLE_DEVICES takes.

    Empty where the settings name one device, which all trainings then use.
    """
    if params.device not in ("auto", "cuda"):
        return []
    devices = os.environ.get("CUDA_VISIBLE_DEVICES")
    if devices is not None:
        return [name.strip() for name in devices.split(",") if name.strip() not in ("", "-1")]
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    listed = subprocess.run(  # noqa: S603  # found in PATH
        [program, "--query-gpu=uuid", "--format=csv,noheader"], capture_output=True, text=True, check=False, timeout=60
    )
    return listed.stdout.split() if listed.returncode == 0 else []


def automatic_jobs(params: Params, cards: list[str]) -> int:
    """How many trainings at once make good use of the machine: one per card, or as many as its cores feed."""
    if cards:
        return len(cards)
    if params.device not in ("auto", "cpu"):
        return 1
    return max(1, int(cpu_count()) // (1 if params.threads == "auto" else params.threads))
