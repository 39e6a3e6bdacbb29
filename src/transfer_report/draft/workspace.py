"""A folder in which a draft is made: the study's results linked, its settings and claims cut to what is finished."""

import json
import shutil
from pathlib import Path
from typing import Any

from transfer_report import storage
from transfer_report.analysis.claims.predicates import CLAIMS_FILE, Claim, Faster, load_claims, named_conditions
from transfer_report.analysis.reported import REPORTED_FILE
from transfer_report.models.facts import all_model_facts
from transfer_report.params import PARAMS_FILE
from transfer_report.records import Attention, Draft, ModelCosts
from transfer_report.yaml_files import read_yaml

LINKED = (storage.PLAN, storage.WEIGHTS, storage.DATA, storage.FEATURES, storage.RUNS, storage.TEST_LABELS)
TEXTS = Path("report")
PROGRESS = Path("draft.json")


def fill_workspace(folder: Path, draft: Draft) -> None:
    """Put into an empty folder what evaluation, analysis, figures and report read; nothing of the study is written to.

    Args:
        folder: Anywhere.
        draft: What is finished.
    """
    for path in LINKED:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(path.absolute())
    # `dvc repro` may measure the models after their trainings.
    costs = (
        storage.read_record(storage.LATENCY, ModelCosts)
        if storage.LATENCY.is_file()
        else ModelCosts(latencies=[], facts=all_model_facts())
    )
    storage.write_record(folder / storage.LATENCY, costs)
    shutil.copytree(TEXTS, folder / TEXTS)
    # What is claimed or reported of what has not finished cannot be judged yet.
    settings = _settings(draft)
    measured = {latency.model for latency in costs.latencies} & set(settings["models"])
    claims, listed = load_claims(CLAIMS_FILE), read_yaml(CLAIMS_FILE)
    texts = {text["id"]: text for text in listed["claims"]}
    judged = [
        claim
        for claim in claims
        if {*named_conditions(claim), *claim.given} <= set(draft.conditions) and _named_models(claim) <= measured
    ]
    reported = read_yaml(REPORTED_FILE)
    here = {key: value for key, value in reported["test_accuracy"].items() if key in draft.conditions}
    named = {name for claim in judged for name in named_conditions(claim)}
    given = {name: settings for name, settings in (listed.get("given") or {}).items() if name in named}
    storage.write_text(
        folder / CLAIMS_FILE, json.dumps({"given": given, "claims": [texts[claim.id] for claim in judged]})
    )
    storage.write_text(folder / REPORTED_FILE, json.dumps(reported | {"test_accuracy": here}))
    storage.write_text(folder / PARAMS_FILE, json.dumps(settings))
    storage.write_record(
        folder / storage.attention_file(),
        Attention(
            condition=draft.conditions[0], seed=draft.seeds[0], missing="draft", layer="", side=0, images=[],
            likeness=None,
        ),
    )  # fmt: skip
    storage.write_record(folder / PROGRESS, draft)


def _named_models(claim: Claim) -> set[str]:
    return {model for part in claim.all_of if isinstance(part, Faster) for model in (part.faster, part.slower)}


def _settings(draft: Draft) -> dict[str, Any]:
    tree = read_yaml(PARAMS_FILE, aliases=False)
    tree["seeds"] = draft.seeds
    tree["conditions"] = {
        group: {name: entry for name, entry in (members or {}).items() if f"{group}/{name}" in draft.conditions}
        for group, members in tree["conditions"].items()
    }
    used = {entry["model"] for members in tree["conditions"].values() for entry in members.values()}
    tree["models"] = {model: entry for model, entry in tree["models"].items() if model in used}
    tree["report"]["strict"] = False
    return dict(tree)
