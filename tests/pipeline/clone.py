"""A copy of the project with the real settings made small, and the real `dvc` run in it."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ruamel.yaml import YAML
from tests.pipeline.warm import clients

ROOT = Path(__file__).parents[2]

# Two conditions a strategy and one of LP-FT, of the smallest architecture, on a handful of images: each stage then
# costs its imports.
SMALL = {
    "epochs": 1,
    "batch_size": 8,
    "seeds": {"fine_tuning": [0, 1], "linear_probe": [0, 1], "lp_ft": [0, 1]},
    "models": {"small": {"architecture": "shufflenet_v2_x0_5", "weights": "random"}},
    "conditions": {
        "fine_tuning": {
            "small-baseline": {"model": "small", "lr": None, "dropout": None},
            "small-lr": {"model": "small", "lr": 5.0e-4, "dropout": None},
        },
        "linear_probe": {
            "small-baseline": {"model": "small", "lr": None, "dropout": None},
            "small-lr": {"model": "small", "lr": 5.0e-4, "dropout": None},
        },
        "lp_ft": {"small-two-steps": {"model": "small", "head_epochs": 1, "lr": 5.0e-4}},
    },
}
SMALL_DATA = {"image_px": 32}
SMALL_PHANTOM = {"train": 24, "test": 24}


@dataclass
class Clone:
    """A checkout in a folder of its own."""

    folder: Path
    ran: list[str] = field(default_factory=list)
    """Stages of its first run."""
    starts_warm: ClassVar[bool] = False
    """Whether commands start as forks of one process; tests have it so, benchmarks measure what people run."""

    def run(self, *command: str, check: bool = True, warm: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in the checkout, in this environment, and by itself where it is not to start `warm`."""
        programs = ([clients()] if warm and self.starts_warm else []) + [Path(sys.executable).parent]
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
            "PYTHONPATH": "src",
        }
        # A checkout is copied with its compiled code.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def repro(self, *options: str, check: bool = True) -> list[str]:
        """`dvc repro`; the stages that ran, in their order."""
        done = self.run("dvc", "repro", *options, check=check)
        return re.findall(r"^Running stage '([^']+)'", done.stdout, re.MULTILINE)

    def reproduce(self, *options: str) -> list[str]:
        """`transfer-report reproduce`, which ends as `dvc repro` does and takes a third of its time."""
        done = self.run("transfer-report", "reproduce", *options, warm=False)
        return re.findall(r"^(\S+): runs$", done.stdout, re.MULTILINE)

    def edit(self, **settings: object) -> None:
        """Change top-level settings, given as `data__image_px=32` for nested ones; the file keeps its comments."""
        yaml = YAML()
        file = self.folder / "params.yaml"
        tree = yaml.load(file)
        for place, value in settings.items():
            *steps, last = place.split("__")
            branch = tree
            for step in steps:
                branch = branch[step]
            branch[last] = value
        yaml.dump(tree, file)

    def copy(self, folder: Path) -> "Clone":
        """The same checkout once more, results and DVC's cache included."""
        # A file of this form is there for a moment, while Python writes compiled code.
        shutil.copytree(self.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("*.pyc.*"))
        return Clone(folder)

    def anew(self, folder: Path) -> "Clone":
        """The same commit before its first run, but with the times of forward passes, which differ from run to run."""
        left_out = {self.folder / path for path in ("results", ".cache", ".dvc/cache", ".dvc/tmp", "dvc.lock")}
        shutil.copytree(
            self.folder, folder, symlinks=True,
            ignore=lambda parent, names: [name for name in names if Path(parent, name) in left_out],
        )  # fmt: skip
        for run in self.folder.glob(".dvc/cache/runs/*/*/*"):
            if "stages latency" in run.read_text():
                md5 = YAML(typ="safe").load(run)["outs"][0]["md5"]
                for path in (run.relative_to(self.folder), Path(".dvc/cache/files/md5", md5[:2], md5[2:])):
                    (folder / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(self.folder / path, folder / path)
        return Clone(folder)

    def text(self, path: str) -> str:
        """A file of the checkout."""
        return (self.folder / path).read_text(encoding="utf-8")


def small_clone(folder: Path) -> Clone:
    """A fresh checkout of the working tree, committed, with small settings and no claims about absent conditions."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, folder / name
        if source.is_file() and name not in ("dvc.lock", "metrics.json"):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    clone = Clone(folder)
    clone.edit(**SMALL)
    clone.edit(**{f"data__{key}": value for key, value in SMALL_DATA.items()})
    clone.edit(**{f"data__phantom__{key}": value for key, value in SMALL_PHANTOM.items()})
    (folder / "report/claims.yaml").write_text("claims: []\n")
    (folder / "report/reported.yaml").write_text("source: none\ntest_images: 400\ntest_accuracy: {}\n")
    clone.run("git", "init", "--quiet")
    clone.run("git", "add", "--all")
    identity = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")
    clone.run("git", *identity, "commit", "--quiet", "--message", "A study")
    return clone
