"""A checkout whose results are made by hand, so that what its revisions differ in is known by construction.

Git and DVC are the real ones; only training is left out.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from dvc.repo import Repo
from ruamel.yaml import YAML
from tests.analysis.evidence import evidence

from transfer_report.analysis.findings import all_findings
from transfer_report.evaluation.conditions import evaluate_condition
from transfer_report.files import write_array, write_record
from transfer_report.layout import Layout
from transfer_report.loading import load_params
from transfer_report.planning import condition_keys, training_settings
from transfer_report.records.analysis import Analysis, ClaimResult
from transfer_report.records.data import DataDescription
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.training import Epoch, History
from transfer_report.revisions.results import KeptCondition

ROOT = Path(__file__).parents[2]
STAGES = {
    "prepare": {"params": ["data"], "outs": ["results/data"]},
    "plan": {"params": [{"params.yaml": None}], "outs": ["results/plan"]},
    "evaluate": {"deps": ["results/plan"], "outs": ["results/evaluation"]},
    "analyse": {"outs": ["results/analysis"]},
}
CONDITIONS = {
    "fine_tuning": {name: {"model": "resnet50"} for name in ("baseline", "lr", "dropout")},
    "linear_probe": {"baseline": {"model": "resnet50"}},
    "lp_ft": {},
}
IMAGES = 200


@dataclass
class Made:
    """What the next results are drawn from."""

    folder: Path
    seeds: list[int] = field(default_factory=lambda: [0, 1, 2, 3, 4])
    shift: dict[str, float] = field(default_factory=dict)
    """By condition: what is added to the logit of the true class."""
    image_seeds: list[int] = field(default_factory=lambda: list(range(IMAGES)))
    """One for each test image, which its pixels, its ease and its name are drawn from."""
    claim: str = "holds"

    def edit(self, **settings):
        """Change settings of params.yaml, nested ones given as `data__seed=1`."""
        yaml = YAML()
        tree = yaml.load(self.folder / "params.yaml")
        for place, value in settings.items():
            *steps, last = place.split("__")
            branch = tree
            for step in steps:
                branch = branch[step]
            branch[last] = value
        yaml.dump(tree, self.folder / "params.yaml")

    def run(self, *command):
        """Run a command in the checkout."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=self.folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def write(self):
        """Draw the results and have DVC keep them."""
        shutil.rmtree(self.folder / "results", ignore_errors=True)
        params = load_params(self.folder / "params.yaml")
        labels = np.array([seed % 2 for seed in self.image_seeds])
        ease = np.array([np.random.default_rng(seed).normal(1.2, 1.5) for seed in self.image_seeds])
        patients = [f"patient-{seed}" for seed in self.image_seeds]
        evaluated = []
        layout = Layout(self.folder)
        for key in condition_keys(params):
            runs = [self._run(str(key), seed, labels, ease) for seed in self.seeds]
            test = np.stack(runs).astype(np.float32)
            write_array(layout.stacked_probabilities_file(key, "test"), test)
            histories = [history(str(key), seed) for seed in self.seeds]
            evaluated.append(evaluate_condition(str(key), histories, test, test, labels, labels, 10))
            settings = training_settings(params, key)
            condition = KeptCondition(**key._asdict(), model="resnet50", training=settings.model_dump())
            write_record(layout.condition_file(key), condition)
        ids = [f"image-{row}.png" for row in range(len(labels))]
        evaluation = Evaluation(
            classes=["normal", "pneumonia"], val_labels=[], val_patients=[],
            test_labels=labels.tolist(), test_patients=patients, test_ids=ids, conditions=evaluated,
        )  # fmt: skip
        write_record(layout.evaluation_file(), evaluation)
        images = [np.random.default_rng(seed).integers(0, 256, (8, 8, 1), np.uint8) for seed in self.image_seeds]
        write_array(layout.images_file("test"), np.stack(images))
        write_record(layout.data_description_file(), self._description())
        claims = [ClaimResult(id="c1", text="Dropout helps.", reads_as="", verdict=self.claim, evidence=[])]
        known = evidence()
        analysis = Analysis(**dict(known), findings=all_findings(known), claims=claims)
        write_record(layout.analysis_file(), analysis)
        with contextlib.chdir(self.folder), Repo() as repository:
            repository.commit(force=True)

    def commit(self, tag):
        """Draw results and commit them under a tag."""
        self.write()
        self.tag(tag)

    def tag(self, tag):
        """Commit the checkout as it is under a tag."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", tag)
        self.run("git", "tag", tag)

    def experiment(self, name):
        """Draw results and keep them as an experiment; the checkout then is that of the last commit again."""
        self.write()
        with contextlib.chdir(self.folder), Repo() as repository:
            repository.experiments.save(name=name)
        self.run("git", "checkout", "--quiet", ".")

    def _run(self, key, seed, labels, ease):
        """(images, classes): logits of the true class are the image's ease, the condition's shift and noise."""
        generator = np.random.default_rng([seed, len(key)])
        logits = generator.logistic(size=(len(labels), 2))
        logits[np.arange(len(labels)), labels] += ease + self.shift.get(key, 0.0) + generator.normal(0, 0.1)
        return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

    def _description(self):
        counts = {split: [0, 0] for split in ("train", "val")} | {
            "test": [sum(seed % 2 == label for seed in self.image_seeds) for label in (0, 1)]
        }
        return DataDescription(
            source="phantom", simulated=True, verified=None, classes=["normal", "pneumonia"], counts=counts,
            patient_counts={"train": 0, "val": 0, "test": len(self.image_seeds)}, has_patients=False,
            limit_per_class=0, image_px=8, channels=1,
            original_sizes=[], content_sha256=f"{hash(tuple(self.image_seeds)) % 16**12:064x}", checks=[], notes={},
        )  # fmt: skip


def history(key, seed):
    """Two epochs, the second better."""
    epochs = [
        Epoch(epoch=epoch, lr=0.1, train_loss=1 / epoch, train_accuracy=0.5, val_loss=1 / epoch, val_accuracy=epoch / 4)
        for epoch in (1, 2)
    ]
    return History(
        condition=key, seed=seed, epochs=epochs, best_epoch=2, stopped_early=False, trained_parameters=1,
        precision="float32",
    )  # fmt: skip


def made_study(folder):
    """A checkout with a git and a DVC repository, and nothing run yet."""
    folder.mkdir(parents=True)
    study = Made(folder)
    shutil.copy2(ROOT / "params.yaml", folder)
    shutil.copytree(ROOT / "report", folder / "report")
    shutil.copytree(ROOT / ".dvc", folder / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp", "config.local"))
    (folder / ".gitignore").write_text("/results/\n")
    stages = {name: {"cmd": "false", **stage} for name, stage in STAGES.items()}
    with (folder / "dvc.yaml").open("w") as file:
        YAML().dump({"stages": stages}, file)
    study.edit(models={"resnet50": None}, conditions=CONDITIONS)
    study.run("git", "init", "--quiet", "--initial-branch", "main")
    study.run("git", "config", "user.name", "A Tester")
    study.run("git", "config", "user.email", "tester@example.org")
    return study
