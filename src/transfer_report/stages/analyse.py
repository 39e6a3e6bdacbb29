"""Stage `analyse`: computes what may be said, with its uncertainty, and holds the claims against it."""

import sys
from collections.abc import Callable
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from transfer_report import storage
from transfer_report.analysis.claims.judge import judge
from transfer_report.analysis.claims.predicates import CLAIMS_FILE, Claim, check_names, compared_conditions, load_claims
from transfer_report.analysis.findings import all_findings
from transfer_report.analysis.image_statistics import image_statistics
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.reported import REPORTED_FILE, load_reported
from transfer_report.analysis.shift import Sample, adjust_shifts, split_shift
from transfer_report.analysis.study import Study, gather_evidence
from transfer_report.errors import UserError
from transfer_report.evaluation.metrics import Floats
from transfer_report.params import Condition, Params, condition_keys, load_params
from transfer_report.records import (
    Analysis,
    ClaimResult,
    DataDescription,
    Evaluation,
    ImageTable,
    ModelCosts,
    ShiftTest,
    Split,
    StartWeights,
)
from transfer_report.stages.run import run_stage


def main() -> None:
    """Write `results/analysis`."""
    params = load_params()
    keys = [f"{group}/{name}" for group, name in condition_keys(params)]
    claims, reported = load_claims(CLAIMS_FILE), load_reported(REPORTED_FILE, keys)
    costs = storage.read_record(storage.LATENCY, ModelCosts)
    check_names(claims, keys, [facts.architecture for facts in costs.facts], list(params.models), CLAIMS_FILE)
    probabilities: dict[Split, dict[str, Floats]] = {
        split: {key: _stacked(key, split) for key in keys} for split in ("val", "test")
    }
    study = Study(
        conditions=[storage.read_record(storage.condition_file(*key), Condition) for key in condition_keys(params)],
        weights=[storage.read_record(storage.weights_record_file(model), StartWeights) for model in params.models],
        evaluation=storage.read_record(storage.evaluation_file(), Evaluation),
        probabilities=probabilities,
        description=storage.read_record(storage.data_description_file(), DataDescription),
        shifts=_shifts(params),
        published=costs.facts,
        latencies=costs.latencies,
        reported=reported,
        claimed_pairs=[pair for claim in claims for pair in compared_conditions(claim)],
        settings=params.analysis,
    )
    evidence = gather_evidence(study)
    judged = _judged(claims, Lookup(evidence), params)
    analysis = Analysis(**dict(evidence), findings=all_findings(evidence), claims=judged)
    storage.write_record(storage.analysis_file(), analysis)


def _judged(claims: list[Claim], lookup: Lookup, params: Params) -> list[ClaimResult]:
    results = [judge(claim, lookup) for claim in claims]
    contradicted = [result.id for result in results if result.verdict == "contradicted"]
    if contradicted and params.report.strict:
        raise UserError(
            f"{CLAIMS_FILE}: contradicted by this study: {', '.join(contradicted)}; correct the claims, or set "
            "`report.strict: false` in params.yaml to have the report say so"
        )
    counts = {verdict: sum(result.verdict == verdict for result in results) for verdict in ("holds", "cannot_tell")}
    print(
        f"claims: hold: {counts['holds']}, contradicted: {len(contradicted)}, cannot tell: {counts['cannot_tell']}",
        file=sys.stderr,
    )
    return results


def _stacked(key: str, split: Split) -> Floats:
    return cast(Floats, storage.open_array(storage.stacked_probabilities_file(key, split)))


def _features(model: str, split: Split) -> NDArray[np.generic]:
    return storage.open_array(storage.features_file(model, split))


def _shifts(params: Params) -> list[ShiftTest]:
    """Test images against training images, by plain statistics and by the features of every frozen backbone."""
    features: dict[str, Callable[[Split], NDArray[np.generic]]] = {
        "image_statistics": lambda split: image_statistics(storage.open_array(storage.images_file(split))),
        **{f"backbone:{model}": partial(_features, model) for model in params.models},
    }
    groups = {split: storage.read_record(storage.table_file(split), ImageTable).groups for split in ("train", "test")}
    tests = [
        split_shift(
            name,
            Sample("train", of_split("train"), groups["train"]),
            Sample("test", of_split("test"), groups["test"]),
            params.analysis.confidence,
            params.analysis.seed,
        )
        for name, of_split in features.items()
    ]
    return adjust_shifts(tests, params.analysis.confidence)


if __name__ == "__main__":
    run_stage(main)
