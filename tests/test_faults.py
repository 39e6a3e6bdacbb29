"""What fails outside of the code ends in one message that says what helps, and leaves no half-written file."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from transfer_report.errors import UserError
from transfer_report.faults import explain
from transfer_report.files import open_array, write_array
from transfer_report.processes import only_process
from transfer_report.stages.run import _reported
from transfer_report.training.checkpoints import Checkpoint

SOURCE = str(Path(__file__).parents[1] / "src")
FULL = OSError(errno.ENOSPC, "No space left on device", "results/data/train.npy")
OUT_OF_MEMORY = [
    MemoryError(),
    torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory: you tried …"),
]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        *((error, r"out of memory .* `batch_size` .* `precision: bfloat16`") for error in OUT_OF_MEMORY),
        (
            RuntimeError("CUDA error: device-side assert triggered\nCUDA kernel errors …"),
            "the GPU failed .*nvidia-smi",
        ),
        (FULL, r"results/data/train\.npy: no room on the disk .* `dvc repro`"),
        (PermissionError(errno.EACCES, "Permission denied", "results"), "results: Permission denied; give yourself"),
        (OSError(errno.EROFS, "Read-only file system", "results"), "results: Read-only file system"),
        (OSError(errno.EIO, "Input/output error", "data"), "data: the disk fails"),
        (RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0"), "is the disk full"),
    ],
)
def test_a_fault_is_one_message(error, said):
    with pytest.raises(SystemExit) as ended, _reported():
        raise error
    assert str(ended.value).startswith("error: ")
    assert "\n" not in str(ended.value)
    assert re.search(said, str(ended.value))


@pytest.mark.parametrize("error", [RuntimeError("shape mismatch"), KeyError("x"), FileNotFoundError(2, "none", "x")])
def test_a_mistake_in_the_code_keeps_its_traceback(error):
    assert explain(error) is None
    with pytest.raises(type(error)), _reported():
        raise error


def limited(tmp_path, code):
    """Run code in a process whose files may not exceed 64 kB, as on a full disk."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
    return subprocess.run(
        [sys.executable, "-c", limit + code], cwd=tmp_path, capture_output=True, text=True, check=False
    )


WRITERS = {
    "bytes": "write_bytes(Path('results/a'), b'x' * 100_000)",
    "array": "write_array(Path('results/a'), np.zeros(100_000))",
    "mapped": "growing_array(Path('results/a'), (100_000,), 'float64').__enter__()",
    "scratch": "scratch_array((100_000,), 'float64')",
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_full_disk_is_an_error_and_leaves_no_half_file(tmp_path, writer, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", SOURCE)
    setting = "from pathlib import Path\nimport numpy as np\nfrom transfer_report.files import *\n"
    setting += "from transfer_report.stages.run import _reported\n"
    done = limited(tmp_path, f"{setting}with _reported():\n    {WRITERS[writer]}\n")
    assert done.returncode == 1
    assert re.search(r"^error: (results/a|\.cache): no room on the disk", done.stderr, re.MULTILINE)
    assert "Traceback" not in done.stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_checkpoint_that_the_disk_does_not_take_stops_no_run(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    checkpoint = Checkpoint("tiny")
    checkpoint.path.parent.parent.mkdir(parents=True)
    checkpoint.path.parent.write_bytes(b"a file where the folder should be")
    checkpoint.save({"epochs": [1]})
    assert "not written" in caplog.text
    assert checkpoint.epochs == 0


def test_a_second_process_waits_for_the_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", SOURCE)
    code = "from transfer_report.processes import only_process\nwith only_process('fine_tune-x-0'): print('mine')"
    with only_process("fine_tune-x-0"):
        other = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert other.stderr.readline() == f"fine_tune-x-0: waits for process {os.getpid()}, which still does the same\n"
        assert other.poll() is None
    assert other.communicate(timeout=20)[0] == "mine\n"


@pytest.mark.parametrize("damage", [lambda c: c[:-9], lambda _: b"", lambda c: b"\x93NUMPY\x01\x00" + c[8:40]])
def test_a_damaged_array_is_named(tmp_path, damage):
    path = tmp_path / "a.npy"
    write_array(path, np.arange(100))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=r"a\.npy: not a readable array .*dvc checkout"):
        open_array(path)
