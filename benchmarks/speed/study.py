"""The whole default study in a checkout of its own, what follows on an edit, and where the time goes."""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from time import sleep

from ruamel.yaml import YAML

from benchmarks.speed.table import Row, seconds

BAR_MINUTES, CONDITIONS_OF_THE_BAR = 5.0, 13
ARITHMETIC_BAR = 0.6
NO_OP_BAR, TEMPLATE_BAR, RENDER_BAR = 2.0, 10.0, 6.0
TRAINING = ("fine_tune", "lp_ft", "linear_probe", "features")
# Stands before Python on the path of the pipeline's commands, and notes what each process cost.
SHIM = """#!{python}
import json, os, resource, subprocess, sys, time
start = time.time()
code = subprocess.run([{python!r}, *sys.argv[1:]]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open({log!r}, "a") as log:
    log.write(json.dumps([sys.argv[1:], time.time() - start, used.ru_utime + used.ru_stime]) + "\\n")
sys.exit(code)
"""
# Read by every Python that starts: trainings are forks of one process, which notes what each of them and itself cost.
CUSTOMIZE = """
import atexit, json, multiprocessing.util, os.path, resource, sys, time

def note(name, start):
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open({log!r}, "a") as log:
        log.write(json.dumps([["-m", name], time.time() - start, used.ru_utime + used.ru_stime]) + "\\n")

def note_fork(start):
    note("transfer_report.stages." + os.path.basename(sys.argv[0]).removesuffix(".py"), start)

def begin_fork(_):
    multiprocessing.util.Finalize(None, note_fork, args=(time.time(),), exitpriority=0)

multiprocessing.util.register_after_fork(note_fork, begin_fork)
if any("multiprocessing.forkserver" in word for word in sys.orig_argv):
    atexit.register(note, "transfer_report.stages." + {preload!r}, time.time())
"""
PRELOAD = "preload"


class Checkout:
    """A clone of the commit at hand, and what its processes cost."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.log = folder / "processes.jsonl"
        subprocess.run(["git", "clone", "--quiet", ".", str(self.folder)], check=True)  # noqa: S603, S607
        # A second name for this environment, so that the engine, which runs the pipeline's commands by the Python that
        # stands next to its own, finds one that takes notes.
        programs = folder / "environment/bin"
        programs.mkdir(parents=True)
        shutil.copy(Path(sys.prefix) / "pyvenv.cfg", programs.parent)
        (programs.parent / "lib").symlink_to(Path(sys.prefix) / "lib")
        self.python = programs / "python3"
        self.python.symlink_to(Path(sys.executable).resolve())
        shim = programs / "python"
        shim.write_text(SHIM.format(python=sys.executable, log=str(self.log)))
        shim.chmod(0o755)
        customize = folder / "customize"
        customize.mkdir()
        (customize / "sitecustomize.py").write_text(CUSTOMIZE.format(log=str(self.log), preload=PRELOAD))
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join(["src", str(customize)]),
        }

    def reproduce(self) -> float:
        """Seconds of `transfer-report reproduce`."""
        taken = self.run(str(self.python), str(Path(sys.prefix) / "bin/transfer-report"), "reproduce")
        # The process that the forks came from ends, and takes its note, a moment after the run.
        for _ in range(100):
            if PRELOAD in self.log.read_text():
                break
            sleep(0.1)
        return taken

    def run(self, *command: str) -> float:
        """Seconds of a command in the checkout."""
        log = self.folder.parent / "output.txt"

        def run() -> None:
            with log.open("w") as output:
                code = subprocess.call(command, cwd=self.folder, env=self.environment, stdout=output, stderr=output)  # noqa: S603
            if code:
                raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text()[-3000:]}")

        return seconds(run)

    def processes(self) -> list[tuple[str, float, float]]:
        """Stage, wall-clock and processor seconds of each process since the last call."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        found = []
        for arguments, wall, used in map(json.loads, lines):
            if arguments[:1] == ["-m"] and arguments[1].startswith("transfer_report.stages."):
                found.append((arguments[1].rpartition(".")[2], wall, used))
        return found

    def add_seed(self) -> None:
        """One seed more."""
        yaml, file = YAML(), self.folder / "params.yaml"
        tree = yaml.load(file)
        tree["seeds"]["fine_tuning"].append(max(tree["seeds"]["fine_tuning"]) + 1)
        yaml.dump(tree, file)

    def edit_template(self) -> None:
        """A word more on the page."""
        page = self.folder / "report/templates/page.html.j2"
        text = page.read_text(encoding="utf-8").replace("<footer", "<p>One more line.</p>\n<footer", 1)
        page.write_text(text, encoding="utf-8")

    def without_two_steps(self) -> None:
        """The homework's own 13 conditions."""
        yaml, file = YAML(), self.folder / "params.yaml"
        tree = yaml.load(file)
        tree["conditions"]["lp_ft"] = {}
        yaml.dump(tree, file)
        claims = self.folder / "report/claims.yaml"
        tree = yaml.load(claims)
        tree["claims"] = [claim for claim in tree["claims"] if "lp_ft" not in str(claim)]
        yaml.dump(tree, claims)


def measure(folder: Path) -> tuple[list[Row], list[Row]]:
    """Rows of the study and its edits, and rows of where its time goes."""
    checkout = Checkout(folder)
    checkout.without_two_steps()
    whole = checkout.reproduce()
    processes = checkout.processes()
    rest = [
        Row(
            f"whole default study, {CONDITIONS_OF_THE_BAR} conditions, 3 seeds, `transfer-report reproduce`",
            f"{whole / 60:.1f} min",
            f"{BAR_MINUTES:g} min",
            whole <= 60 * BAR_MINUTES,
        )
    ]
    shutil.copy(checkout.folder / "params.yaml", folder / "params.yaml")
    no_op = min(checkout.run("dvc", "repro") for _ in range(3))
    rest.append(Row("`dvc repro` with nothing to do", f"{no_op:.1f} s", f"{NO_OP_BAR:g} s", no_op <= NO_OP_BAR))
    template, render = min(_edited(checkout) for _ in range(3))
    rest.append(
        Row("a changed template, `dvc repro`", f"{template:.1f} s", f"{TEMPLATE_BAR:g} s", template <= TEMPLATE_BAR)
    )
    what = "the report in all its forms: the process of its stage in that `dvc repro`, from its start to its end"
    rest.append(Row(what, f"{render:.1f} s", f"{RENDER_BAR:g} s", render <= RENDER_BAR))
    checkout.add_seed()
    seed = checkout.reproduce()
    again = [stage for stage, _, _ in checkout.processes()]
    tuned = sum(stage in ("fine_tune", "lp_ft") for stage in again)
    before = sum(stage == "fine_tune" for stage, _, _ in processes)
    rest.append(
        Row(
            "one more seed",
            f"{seed / 60:.1f} min; {tuned} runs of fine-tuning, {before} had been run",
            "that seed alone",
            before > 0 and tuned == before / 3,
        )
    )
    return rest, _account(whole, processes)


def _edited(checkout: Checkout) -> tuple[float, float]:
    """Seconds of `dvc repro` with a changed template, and of the report's own process in it."""
    checkout.edit_template()
    whole = checkout.run("dvc", "repro")
    ((stage, render, _),) = checkout.processes()
    if stage != "report":
        raise RuntimeError(f"a changed template ran {stage}, not report")
    return whole, render


def _account(whole: float, processes: list[tuple[str, float, float]]) -> list[Row]:
    """Processor time by what it was spent on, as a share of what the cores could have given."""
    by_stage: dict[str, list[float]] = defaultdict(list)
    for stage, _, used in processes:
        by_stage[stage].append(used)
    available = whole * (os.cpu_count() or 1)
    training = [used for stage in TRAINING for used in by_stage[stage]]
    arithmetic = sum(training)
    parts = {
        f"{len(training)} trainings and features": arithmetic,
        "imports of the process that they are forks of": sum(by_stage.pop(PRELOAD)),
        **{stage: sum(used) for stage, used in by_stage.items() if stage not in TRAINING},
    }
    rows = [Row(what, f"{used:.0f} s of the processors: {used / available:.0%}") for what, used in parts.items()]
    rows[0] = Row(rows[0].what, rows[0].measured, f"{ARITHMETIC_BAR:.0%}", arithmetic >= ARITHMETIC_BAR * available)
    left = available - sum(parts.values())
    return [*rows, Row("DVC, and cores that wait", f"{left:.0f} s of the processors: {left / available:.0%}")]
