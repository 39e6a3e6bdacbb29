"""A folder in which a draft is made: the study's results linked, its settings and claims cut to what is finished."""

import json
import shutil
from pathlib import Path
from typing import Any

from transfer_report.analysis.claims.predicates import CLAIMS_FILE, Claim, Faster, load_claims, named_conditions
from transfer_report.analysis.reported import REPORTED_FILE
from transfer_report.conditions import ConditionKey
from transfer_report.files import read_record, write_record, write_text
from transfer_report.layout import HERE, PARAMS_FILE, Layout
from transfer_report.models.facts import all_model_facts
from transfer_report.records.attention import Attention
from transfer_report.records.models import ModelCosts
from transfer_report.records.report import Draft
from transfer_report.yaml_files import read_yaml

LINKED = (HERE.settings, HERE.plan, HERE.weights, HERE.data, HERE.features, HERE.runs, HERE.test_labels, HERE.pipeline)
PROGRESS = Path("draft.json")


def fill_workspace(folder: Path, draft: Draft) -> None:
    """Put into an empty folder what evaluation, analysis, figures and report read; nothing of the study is written to.

    Args:
        folder: Anywhere.
        draft: The finished part.
    """
    draft_of = Layout(folder)
    for path in LINKED:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(path.absolute())
    # `dvc repro` may measure the models after their trainings.
    costs = (
        read_record(HERE.latency, ModelCosts)
        if HERE.latency.is_file()
        else ModelCosts(latencies=[], facts=all_model_facts())
    )
    write_record(draft_of.latency, costs)
    shutil.copytree(HERE.texts, draft_of.texts)
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
    write_text(folder / CLAIMS_FILE, json.dumps({"given": given, "claims": [texts[claim.id] for claim in judged]}))
    write_text(folder / REPORTED_FILE, json.dumps(reported | {"test_accuracy": here}))
    write_text(draft_of.params, json.dumps(settings))
    write_record(
        draft_of.attention_file(),
        Attention(
            condition=draft.conditions[0], seed=0, missing="draft", layer="", side=0, images=[],
            likeness=None,
        ),
    )  # fmt: skip
    write_record(folder / PROGRESS, draft)


def _named_models(claim: Claim) -> set[str]:
    return {model for part in claim.all_of if isinstance(part, Faster) for model in (part.faster, part.slower)}


def _settings(draft: Draft) -> dict[str, Any]:
    tree = read_yaml(PARAMS_FILE, aliases=False)
    tree["seeds"] = draft.seeds
    tree["conditions"] = {
        strategy: {
            name: {setting: value for setting, value in entry.items() if setting != "tuning"}
            for name, entry in (members or {}).items()
            if str(ConditionKey(strategy, name)) in draft.conditions
        }
        for strategy, members in tree["conditions"].items()
    }
    used = {entry["model"] for members in tree["conditions"].values() for entry in members.values()}
    tree["models"] = {model: entry for model, entry in tree["models"].items() if model in used}
    tree["tuning"], tree["tuning_seeds"] = {}, []  # whatever was to be tuned, the plan has it
    tree["report"]["strict"] = False
    tree["data"]["external"] = {}  # scored last, by what is trained
    tree["train_fractions"] = {}
    tree["cross_validation"] = {}
    return dict(tree)
