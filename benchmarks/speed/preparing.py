"""Reading a folder: its time beside decoding alone, and its memory as the folder grows."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from benchmarks.speed.table import Row, medians
from transfer_report.data.prepare import prepare
from transfer_report.params import load_params

BAR = 1.5
MEMORY_BAR = 1.1


def measure_time(folder: Path, scratch: Path) -> list[Row]:
    """Preparing against decoding every file once, both by all cores."""
    settings = load_params().data.model_copy(
        update={"source": "folder", "path": str(folder), "image_px": 224, "group_pattern": "", "duplicates": "fail"}
    )
    files = sorted(folder.rglob("*.jpg"))
    with Image.open(files[0]) as image:
        side_px = image.width

    def decode(path: Path) -> None:
        with Image.open(path) as image:
            image.load()

    def decode_all() -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(decode, files))

    taken = medians({"prepare": lambda: prepare(settings, scratch), "decoding": decode_all}, 3)
    ratio = taken["prepare"] / taken["decoding"]
    measured = f"{taken['prepare']:.1f} s against {taken['decoding']:.1f} s of decoding alone: {ratio:.2f} ×"
    return [Row(f"prepare, {len(files):,} JPEG files of {side_px} px, all cores", measured, f"{BAR:g} ×", ratio <= BAR)]


CHILD = """
import re, sys
from pathlib import Path
from transfer_report.data.prepare import prepare
from transfer_report.params import load_params
from transfer_report.records import SPLITS
from transfer_report import storage
folder, out = sys.argv[1], Path(sys.argv[2])
settings = load_params().data.model_copy(update={
    "source": "folder", "path": folder, "image_px": 224, "group_pattern": ""})
prepared = prepare(settings, out / "scratch")
for split in SPLITS:
    with storage.growing_array(out / f"{split}.npy", prepared.shape(split), "uint8") as target:
        prepared.copy(split, target)
    storage.write_columns(out / f"{split}.json", prepared.table(split))
# Not ru_maxrss: that begins with the size of the process that started this one.
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def measure_memory(folder: Path, part: Path, scratch: Path) -> list[Row]:
    """Peak resident memory of preparing a folder, and a part of it."""

    def peak(images: Path) -> int:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", CHILD, str(images), str(scratch)], check=True, capture_output=True, text=True
        )
        return int(done.stdout.split()[-1])

    low, high = peak(part), peak(folder)
    measured = f"{high / 1024:.0f} MiB against {low / 1024:.0f} MiB: {high / low - 1:+.0%}"
    many, few = (sum(1 for _ in place.glob("train/*/*")) for place in (folder, part))
    what = f"peak memory of prepare, {many:,} images of 224 px against {few:,}"
    return [Row(what, measured, f"{MEMORY_BAR - 1:+.0%}", high <= MEMORY_BAR * low)]


def part_of(folder: Path, part: Path, few: int) -> Path:
    """The test images and a few of the training images of a folder, as links to the same files."""
    files = [*folder.glob("test/*/*"), *sorted(folder.glob("train/*/*"), key=lambda file: file.name)[:few]]
    for file in files:
        target = part / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, target)
    return part
