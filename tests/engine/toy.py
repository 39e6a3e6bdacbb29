"""A pipeline of a few small files, shaped as the study's, and run by the real DVC: its stages cost nothing."""

import os
import subprocess
import sys
from pathlib import Path

TRAININGS = ("a", "b", "c", "d", "e", "f", "g", "h")
PIPELINE = """\
stages:
  plan:
    cmd: mkdir -p results/plan && for name in {names}; do echo "plan of $name" > results/plan/$name; done
    outs: [results/plan]
  train:
    foreach: {list}
    do:
      cmd: sleep {seconds}; mkdir -p results/runs; echo "trained $(cat results/plan/${{item}})" > results/runs/${{item}}
      deps: ['results/plan/${{item}}']
      outs: ['results/runs/${{item}}']
  time:
    cmd: mkdir -p results; echo still > results/time
    meta: {{alone: true}}
    outs: [results/time]
  sum:
    cmd: |-
      cat results/runs/* > results/sum
      echo '{{"runs": 1}}' > metrics.json
    deps: [results/runs]
    outs: [results/sum]
    metrics: [{{metrics.json: {{cache: false}}}}]
"""


class Toy:
    """A checkout of such a pipeline."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls, folder: Path, seconds: float = 0.3) -> "Toy":
        toy = cls(folder)
        (folder / ".dvc").mkdir(parents=True)
        (folder / ".dvc/config").write_text("[core]\n    analytics = false\n    autostage = true\n")
        (folder / ".gitignore").write_text("/results/\n/.cache/\n")
        toy.write_pipeline(seconds=seconds)
        toy.run("git", "init", "--quiet")
        toy.run("git", "add", "--all")
        return toy

    def write_pipeline(self, *, seconds: float = 0.3, names: tuple[str, ...] = TRAININGS) -> None:
        text = PIPELINE.format(names=" ".join(names), list=list(names), seconds=seconds)
        (self.folder / "dvc.yaml").write_text(text)

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=self.folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def bytes(self) -> dict[str, bytes]:
        files = [self.folder / "dvc.lock", self.folder / "metrics.json", *sorted((self.folder / "results").rglob("*"))]
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in files if file.is_file()}
