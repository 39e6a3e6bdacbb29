"""What a measurement says, and the file that holds all of them."""

import os
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import torch

OUTPUT = Path("benchmarks/RESULTS.md")


@dataclass(frozen=True)
class Row:
    """One line: what was measured, the figures, and the bar where there is one."""

    what: str
    measured: str
    bar: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        verdict = {None: "", True: "yes", False: "**no**"}[self.met]
        return f"| {self.what} | {self.measured} | {self.bar} | {verdict} |"


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = perf_counter()
    action()
    return perf_counter() - start


def medians(actions: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each action; they take turns, so that a slow minute of the machine meets all alike."""
    timed: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(repeats):
        for name, action in actions.items():
            timed[name].append(seconds(action))
    return {name: median(values) for name, values in timed.items()}


def machine() -> str:
    """The machine in one line."""
    capabilities = torch.cpu.get_capabilities()
    known = [name for name in ("avx2", "avx512_f", "avx512_bf16", "amx_bf16") if capabilities.get(name)]
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no accelerator"
    return (
        f"{capabilities['cpu_name']}, {os.cpu_count()} cores ({', '.join(known)}), {memory_gib:.0f} GiB, {device}; "
        f"Python {platform.python_version()}, PyTorch {torch.__version__.split('+')[0]}"
    )


def write(measured: Mapping[str, list[Row]], order: Iterable[str]) -> None:
    """Write the tables that were measured, with their machine; others stay as they are."""
    text = OUTPUT.read_text(encoding="utf-8") if OUTPUT.exists() else ""
    tables = dict(section.split("\n", 1) for section in text.split("\n## ")[1:])
    for title, rows in measured.items():
        heads = ["| what | measured | bar | met |", "| --- | --- | --- | --- |"]
        tables[title] = "\n".join(["", f"On {machine()}.", "", *heads, *map(str, rows), ""])
    intro = "# What the study costs\n\n`make benchmark` measured this, each table in one run.\n"
    sections = [f"## {title}\n{tables[title].rstrip()}\n" for title in order if title in tables]
    OUTPUT.write_text("\n".join([intro, *sections]), encoding="utf-8")
