"""Reading images: time beside decoding alone, memory as a folder grows, a table against a folder of the same."""

import csv
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.speed.table import Row, medians
from transfer_report.data.image_file import LEAST_REDUCTION
from transfer_report.data.prepare import prepare
from transfer_report.files import growing_array
from transfer_report.loading import load_params

BAR = 1.5
MEMORY_BAR = 1.1
TABLE_BAR = 1.1
SIDE_PX = 224
"""Of the squares that are prepared."""


def measure_time(folder: Path, scratch: Path) -> list[Row]:
    """Preparing against decoding every file once at the same scale, both by all cores."""
    changes = {"source": "folder", "path": str(folder), "image_px": SIDE_PX, "patient_pattern": ""}
    settings = load_params().data.model_copy(update=changes | {"duplicates": "fail"})
    files = sorted(folder.rglob("*.jpg"))
    with Image.open(files[0]) as image:
        side_px = image.width

    def decode(path: Path) -> None:
        with Image.open(path) as image:
            image.draft(None, (LEAST_REDUCTION * SIDE_PX,) * 2)
            image.load()

    def decode_all() -> None:
        # In threads: processes of a pool were no faster at this, since what they do is Pillow's alone.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(decode, files))

    processors: dict[str, list[float]] = {"prepare": [], "decoding": []}

    def timed(name: str, action: Callable[[], object]) -> None:
        before = _processor_seconds()
        action()
        processors[name].append(_processor_seconds() - before)

    taken = medians(
        {
            "prepare": lambda: timed("prepare", lambda: prepare(settings, scratch)),
            "decoding": lambda: timed("decoding", decode_all),
        },
        5,
    )
    ratio = taken["prepare"] / taken["decoding"]
    by_processor = median(processors["prepare"]) / median(processors["decoding"])
    measured = (
        f"{taken['prepare']:.1f} s against {taken['decoding']:.1f} s of decoding alone: {ratio:.2f} × "
        f"({by_processor:.2f} × by processor time)"
    )
    what = f"prepare, {len(files):,} JPEG files of {side_px:,} px, all cores"
    return [Row(what, measured, f"{BAR:g} ×", ratio <= BAR)]


def _processor_seconds() -> float:
    """Processor time of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


CHILD = """
import json, re, sys
from pathlib import Path
from time import perf_counter
from transfer_report.data.prepare import prepare
from transfer_report.loading import load_params
from transfer_report.files import growing_array, write_columns
from transfer_report.records.base import SPLITS
changes, out = json.loads(sys.argv[1]), Path(sys.argv[2])
data = load_params().data
settings = type(data).model_validate(data.model_dump() | {"image_px": 224, "patient_pattern": ""} | changes)
started = perf_counter()
prepared = prepare(settings, out / "scratch")
for split in SPLITS:
    with growing_array(out / f"{split}.npy", prepared.shape(split), "uint8") as target:
        prepared.copy(split, target)
    write_columns(out / f"{split}.json", prepared.table(split))
# Not ru_maxrss: that begins with the size of the process that started this one.
print(perf_counter() - started, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def measure_memory(folder: Path, part: Path, scratch: Path) -> list[Row]:
    """Peak memory of preparing a folder, and a part of it: of the stage's process alone, and with its workers.

    With them it is the sum of their proportional set sizes, where a shared page counts once, sampled twenty times a
    second; the process alone keeps its own record, so that nothing between two samples is missed of it.
    """
    (_, low), (_, high) = (_prepared({"source": "folder", "path": str(one)}, scratch) for one in (part, folder))
    measured = f"{high / 1024:.0f} MiB against {low / 1024:.0f} MiB: {high / low - 1:+.0%}"
    many, few = (sum(1 for _ in place.glob("train/*/*")) for place in (folder, part))
    what = f"peak memory of prepare with its processes, {many:,} images of 224 px against {few:,}"
    return [Row(what, measured, f"{MEMORY_BAR - 1:+.0%}", high <= MEMORY_BAR * low)]


def measure_table(folder: Path, scratch: Path) -> list[Row]:
    """Time and peak memory of preparing images that a table lists, against the same images as a folder."""
    with (folder / "images.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "label", "split", "sex", "age"])
        for number, path in enumerate(sorted(folder.glob("*/*/*.jpg"))):
            name = path.relative_to(folder)
            writer.writerow([name.as_posix(), name.parts[1], name.parts[0], "FM"[number % 2], 20 + number % 60])
    columns = {
        "file": "images.csv", "folder": "", "ending": "", "image": "image", "label": "label", "split": "split",
        "patient": "", "characteristics": ["sex", "age"],
    }  # fmt: skip
    ways: dict[str, dict[str, object]] = {
        "folder": {"source": "folder", "path": str(folder)},
        "table": {"source": "table", "path": str(folder), "table": columns},
    }
    found = {name: [_prepared(changes, scratch) for _ in range(3)] for name, changes in ways.items()}
    time_, memory = ({name: median(run[part] for run in runs) for name, runs in found.items()} for part in (0, 1))
    count = f"{sum(1 for _ in folder.glob('*/*/*.jpg')):,} images"
    return [
        Row(
            f"{what} of prepare, {count} in a table against a folder",
            f"{shown['table'] / unit:.1f} {name} against {shown['folder'] / unit:.1f} {name}: "
            f"{shown['table'] / shown['folder'] - 1:+.0%}",
            f"{TABLE_BAR - 1:+.0%}",
            shown["table"] <= TABLE_BAR * shown["folder"],
        )
        for what, shown, unit, name in (("time", time_, 1, "s"), ("peak memory", memory, 1024, "MiB"))
    ]


def _prepared(changes: Mapping[str, object], scratch: Path) -> tuple[float, int]:
    """Seconds of preparing with some settings, and the peak memory of its processes together in KiB."""
    command = [sys.executable, "-c", CHILD, json.dumps(changes), str(scratch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603
        together = 0
        while child.poll() is None:
            together = max(together, _tree_kib(child.pid))
            time.sleep(0.05)
        if child.returncode or child.stdout is None:
            raise subprocess.CalledProcessError(child.returncode, CHILD)
        seconds, alone = child.stdout.read().split()[-2:]
        return float(seconds), max(together, int(alone))


TRAINING = """
import re, sys
from pathlib import Path
import numpy as np
import torch
from torch import nn
from transfer_report.files import open_array
from transfer_report.models.inputs import Normalisation
from transfer_report.training.epoch import batches, train_one_epoch
from transfer_report.training.examples import Examples, Images
images = open_array(Path(sys.argv[1]))
normalise = Normalisation([0.5] * 3, [0.25] * 3, torch.device("cpu"))
examples = Examples(Images(images, normalise), torch.arange(len(images)) % 2)
network = nn.Sequential(nn.AvgPool2d(32), nn.Flatten(), nn.Linear(3 * 7 * 7, 2))
order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
train_one_epoch(network, examples, batches(len(images), 16, order), optimizer, torch.ones(2), "float32", lambda: None)
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def measure_training_memory(scratch: Path, shape: tuple[int, ...], few: int) -> list[Row]:
    """Peak resident memory of one epoch over mapped images, and over a few; mapped pages of the file count.

    The network is a mean and a linear layer, so that the images, not the activations, are what there is to see.
    """

    def peak(count: int) -> int:
        path = scratch / "mapped.npy"
        with growing_array(path, (count, *shape[1:]), "uint8"):
            pass  # zeros, which a disk stores as it does other bytes
        command = [sys.executable, "-c", TRAINING, str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        path.unlink()
        return int(done.stdout.split()[-1])

    low, high = peak(few), peak(shape[0])
    measured = f"{high / 1024:.0f} MiB against {low / 1024:.0f} MiB: {high / low - 1:+.0%}"
    what = f"peak memory of an epoch, {shape[0]:,} images of {shape[1]} px against {few:,}"
    return [Row(what, measured, f"{MEMORY_BAR - 1:+.0%}", high <= MEMORY_BAR * low)]


def _tree_kib(pid: int) -> int:
    """Proportional set size of a process and of those that it started, in KiB; 0 where it has just ended."""
    try:
        own = int(re.findall(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0
    return own + sum(_tree_kib(int(child)) for child in children)


def part_of(folder: Path, part: Path, few: int) -> Path:
    """The test images and a few of the training images of a folder, as links to the same files."""
    files = [*folder.glob("test/*/*"), *sorted(folder.glob("train/*/*"), key=lambda file: file.name)[:few]]
    for file in files:
        target = part / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, target)
    return part
