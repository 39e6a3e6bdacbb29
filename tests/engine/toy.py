"""A pipeline of a few small files, shaped as the study's, and run by the real DVC: its stages cost nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML
from tests import processes

TRAININGS = ("a", "b", "c", "d", "e", "f")


class Toy:
    """A checkout of such a pipeline."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls, folder: Path) -> "Toy":
        """A fresh one."""
        toy = cls(folder)
        (folder / ".dvc").mkdir(parents=True)
        (folder / ".dvc/config").write_text("[core]\n    analytics = false\n    autostage = true\n")
        (folder / ".gitignore").write_text("/results/\n/.cache/\n/running.*\n")
        (folder / "params.yaml").write_text("seed: 0\n")
        toy.write_pipeline()
        toy.run("git", "init", "--quiet")
        toy.run("git", "add", "--all")
        toy.run("git", "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "A toy")
        return toy

    def copy(self, folder: Path) -> "Toy":
        """The same checkout once more, results and cache included."""
        shutil.copytree(self.folder, folder)
        return Toy(folder)

    def write_pipeline(
        self,
        *,
        seconds: float = 0.1,
        names: tuple[str, ...] = TRAININGS,
        broken: str = "",
        silent: str = "",
        counted: bool = False,
        hanging: bool = False,
    ) -> None:
        """Write dvc.yaml; what the training of a name does when it goes well does not depend on the arguments.

        Args:
            seconds: how long each training takes.
            names: of the trainings.
            broken: the one that fails.
            silent: the one that writes nothing.
            counted: whether each notes how many run beside it.
            hanging: whether each is one process that does not end.
        """
        # Read when the command runs, so that the command itself, which DVC hashes, stays the same.
        (self.folder / "how_seconds").write_text(f"{seconds}\n")
        for name, content in {"broken": broken, "silent": silent, "counted": counted and "yes"}.items():
            (self.folder / f"how_{name}").write_text(f"{content or 'none'}\n")
        train = (
            "touch running.${item};"
            " [ $(cat how_counted) = none ] || ls running.? | wc -l >> running.log;"
            " sleep $(cat how_seconds); rm running.${item};"
            " [ $(cat how_broken) != ${item} ] || { echo 'error: ${item} diverged'; exit 1; };"
            " mkdir -p results/runs;"
            ' [ $(cat how_silent) = ${item} ] || echo "trained $(cat results/plan/${item})" > results/runs/${item}'
        )
        plan = (
            f'mkdir -p results/plan; for name in {" ".join(names)}; do echo "plan of $name" > results/plan/$name; done'
        )
        stages = {
            "plan": {"cmd": plan, "outs": ["results/plan"]},
            "train": {
                "foreach": list(names),
                "do": {
                    "cmd": f"exec {sys.executable} {processes.__file__} running.${{item}}" if hanging else train,
                    "deps": ["results/plan/${item}"],
                    "outs": ["results/runs/${item}"],
                },
            },
            "time": {
                "cmd": "mkdir -p results; echo still > results/time",
                "meta": {"alone": True},
                "outs": ["results/time"],
            },
            "sum": {
                "cmd": ["cat results/runs/* > results/sum", "echo '{\"runs\": 1}' > metrics.json"],
                "deps": ["results/runs"],
                "outs": ["results/sum"],
                "metrics": [{"metrics.json": {"cache": False}}],
            },
        }
        YAML().dump({"stages": stages}, self.folder / "dvc.yaml")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in the checkout."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=self.folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def bytes(self) -> dict[str, bytes]:
        """Results, metrics and `dvc.lock`."""
        files = [self.folder / "dvc.lock", self.folder / "metrics.json", *sorted((self.folder / "results").rglob("*"))]
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in files if file.is_file()}

    def hanging(self) -> list[Path]:
        """What says that a training of those that do not end is at work."""
        return [file for file in self.folder.glob("running.?") if processes.holder(file)]
