"""Which stages and trainings a tuned study runs: 15 conditions of small networks with four values, then with a fifth.

`PYTHONPATH=src:. python benchmarks/tuning.py FOLDER`; the study, on 48 simulated images of 32 pixels, is made there.
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from tests.pipeline import clone as pipeline

NETWORKS = {"a": "shufflenet_v2_x0_5", "b": "squeezenet1_1", "c": "mobilenet_v3_small"}
RATES = [1e-4, 3e-4, 1e-3, 3e-3]
ADDED = 3e-2


def settings() -> dict[str, object]:
    """Return six fine-tuned conditions, six probes and three of LP-FT, by two seeds."""
    pairs = {
        f"{name}-{technique}": {"model": name, **own}
        for name in NETWORKS
        for technique, own in (("baseline", {}), ("dropout", {"dropout": 0.5}))
    }
    return {
        "epochs": 2,
        "batch_size": 8,
        "seeds": {"fine_tuning": [0, 1], "linear_probe": [0, 1], "lp_ft": [0, 1]},
        "models": {
            name: {"architecture": architecture, "weights": "random"} for name, architecture in NETWORKS.items()
        },
        "conditions": {
            "fine_tuning": pairs,
            "linear_probe": pairs,
            "lp_ft": {f"{name}-two": {"model": name, "head_epochs": 1} for name in NETWORKS},
        },
    }


def trials(study: pipeline.Clone) -> set[tuple[str, int]]:
    """Return the trials that are known, as what tells a repeated one apart."""
    return {(file.name, file.stat().st_mtime_ns) for file in study.folder.glob(".cache/trials/*.json")}


def contents(study: pipeline.Clone) -> dict[str, bytes]:
    """Return the plan, runs, scores and documents, by path."""
    files = (file for name in ("plan", "runs", "report") for file in (study.folder / "results" / name).rglob("*"))
    return {file.relative_to(study.folder).as_posix(): file.read_bytes() for file in files if file.is_file()}


def measure(what: str, study: pipeline.Clone, run: Callable[[], list[str]]) -> None:
    """Print the stages that ran by kind, and how many trials were trained."""
    known, begun = trials(study), monotonic()
    kinds = Counter(stage.partition("@")[0] for stage in run())
    ran = ", ".join(f"{kind} {count}" for kind, count in kinds.items()) or "nothing"
    print(f"{what}: {len(trials(study) - known)} trials trained, {monotonic() - begun:.0f} s; {ran}", flush=True)


def main(folder: Path) -> None:
    """Run the study untuned, tuned, with a value more, and once more from nothing."""
    pipeline.SMALL.update(settings())
    pipeline.SMALL_PHANTOM.update(train=48, test=40)
    study = pipeline.small_clone(folder / "study")
    measure("not tuned", study, study.reproduce)
    study.edit(tuning__lr=RATES, tuning_seeds=[100, 101])
    measure(f"tuned, {len(RATES)} values", study, study.reproduce)
    measure("again, dvc repro", study, study.repro)
    study.edit(tuning__lr=[*RATES, ADDED])
    measure("one value added", study, study.reproduce)
    measure("again, dvc repro", study, study.repro)
    fresh = study.anew(folder / "fresh")
    measure("all from nothing", fresh, fresh.reproduce)
    print("the same bytes:", contents(study) == contents(fresh))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
