"""Stage `analyse`: computes what may be said, with its uncertainty, and holds the claims against it."""

from collections.abc import Mapping, Sequence
from typing import cast

from transfer_report.analysis.claims.judge import judge
from transfer_report.analysis.claims.predicates import CLAIMS_FILE, Claim, check_names, load_claims
from transfer_report.analysis.clinical.findings import clinical_findings
from transfer_report.analysis.clinical.study import clinical_of_study
from transfer_report.analysis.controls import SplitFeatures
from transfer_report.analysis.findings import all_findings
from transfer_report.analysis.image_statistics import image_statistics
from transfer_report.analysis.inputs import AnalysisInputs
from transfer_report.analysis.lookup import Lookup
from transfer_report.analysis.reported import REPORTED_FILE, load_reported
from transfer_report.analysis.shift import Sample, class_shift, split_shift
from transfer_report.analysis.study import gather_evidence
from transfer_report.conditions import ConditionKey
from transfer_report.errors import UserError
from transfer_report.evaluation.metrics import Floats
from transfer_report.files import open_array, read_record, write_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.log import log
from transfer_report.planning import Condition, condition_keys
from transfer_report.records.analysis import IMAGE_STATISTICS, Analysis, ClaimResult, ShiftTest
from transfer_report.records.base import SPLITS, Split
from transfer_report.records.data import DataDescription, ImageTable, TestCharacteristics
from transfer_report.records.evaluation import Evaluation
from transfer_report.records.models import InitialWeights, ModelCosts
from transfer_report.records.tuning import Tuning, Tunings
from transfer_report.settings import Params


def main() -> None:
    """Write `results/analysis`."""
    params = load_params()
    keys = list(map(str, condition_keys(params)))
    claims, reported = load_claims(CLAIMS_FILE), load_reported(REPORTED_FILE, keys)
    costs = read_record(HERE.latency, ModelCosts)
    check_names(claims, keys, [facts.architecture for facts in costs.facts], list(params.models), CLAIMS_FILE)
    probabilities: dict[Split, dict[str, Floats]] = {
        split: {str(key): _stacked(key, split) for key in condition_keys(params)} for split in ("val", "test")
    }
    statistics = {split: image_statistics(open_array(HERE.images_file(split))) for split in SPLITS}
    features = {
        model: {split: open_array(HERE.features_file(model, split)) for split in SPLITS} for model in params.models
    }
    by_backbone = {f"backbone:{model}": of_model for model, of_model in features.items()}
    evaluation = read_record(HERE.evaluation_file(), Evaluation)
    train_labels = read_record(HERE.table_file("train"), ImageTable).labels or []
    labels: dict[Split, Sequence[int]] = {"train": train_labels, "test": evaluation.test_labels}
    study = AnalysisInputs(
        conditions=[read_record(HERE.condition_file(key), Condition) for key in condition_keys(params)],
        weights=[read_record(HERE.weights_record_file(model), InitialWeights) for model in params.models],
        evaluation=evaluation,
        probabilities=probabilities,
        description=read_record(HERE.data_description_file(), DataDescription),
        train_labels=train_labels,
        statistics=statistics,
        features=features,
        shifts=_shifts(params, {IMAGE_STATISTICS: statistics, **by_backbone}, labels),
        published=costs.facts,
        latencies=costs.latencies,
        reported=reported,
        claims=claims,
        settings=params.analysis,
        characteristics=read_record(HERE.test_characteristics_file(), TestCharacteristics).columns,
        external={
            name: {
                str(key): cast(Floats, open_array(HERE.external_probabilities_file(name, key)))
                for key in condition_keys(params)
            }
            for name in evaluation.external
        },
        given=[read_record(HERE.given_condition_file(key), Condition) for key in condition_keys(params)],
        tunings=_tunings(keys),
        folds={
            key: cast(Floats, open_array(HERE.folds_file(ConditionKey.parse(key))))
            for key in (evaluation.folds.conditions if evaluation.folds else ())
        },
        fractions={
            (one.condition, one.fraction): cast(
                Floats, open_array(HERE.fraction_probabilities_file(ConditionKey.parse(one.condition), one.fraction))
            )
            for one in evaluation.fractions
        },
    )
    evidence = gather_evidence(study)
    judged = _judged(claims, Lookup(evidence), params)
    clinical = clinical_of_study(
        study.predictions,
        evidence.selection,
        {key: metrics["accuracy"] for key, metrics in evidence.estimates["val"].items()},
        params.analysis,
        study.description.has_patients,
        evidence.failed_conditions,
        study.spreads["auroc"],
        evidence.levels,
    )
    said = [*all_findings(evidence), *clinical_findings(clinical, len(study.description.classes), evidence.levels)]
    write_record(HERE.clinical_file(), clinical)
    write_record(HERE.analysis_file(), Analysis(**dict(evidence), findings=said, claims=judged))


def _judged(claims: list[Claim], lookup: Lookup, params: Params) -> list[ClaimResult]:
    results = [judge(claim, lookup) for claim in claims]
    contradicted = [result.id for result in results if result.verdict == "contradicted"]
    if contradicted and params.report.strict:
        raise UserError(
            f"{CLAIMS_FILE}: contradicted by this study: {', '.join(contradicted)}; correct the claims, or set "
            "`report.strict: false` in params.yaml to have the report mark it"
        )
    if not results:
        return []
    counts = {verdict: sum(result.verdict == verdict for result in results) for verdict in ("holds", "inconclusive")}
    log.info(
        "claims: hold: %d, contradicted: %d, inconclusive: %d",
        counts["holds"],
        len(contradicted),
        counts["inconclusive"],
    )
    return results


def _tunings(keys: Sequence[str]) -> list[Tuning]:
    path = HERE.tuning_file()
    found = read_record(path, Tunings).conditions if path.is_file() else []
    return [tuning for tuning in found if tuning.condition in keys]  # a draft has a part of them


def _stacked(key: ConditionKey, split: Split) -> Floats:
    return cast(Floats, open_array(HERE.stacked_probabilities_file(key, split)))


def _shifts(
    params: Params, features: Mapping[str, SplitFeatures], labels: Mapping[Split, Sequence[int]]
) -> list[ShiftTest]:
    """Test images against training images: by the shares of the classes, and within classes by each set of features."""
    patients = {split: read_record(HERE.table_file(split), ImageTable).patients for split in labels}

    def sample(split: Split, of_split: SplitFeatures) -> Sample:
        return Sample(split, of_split[split], patients[split], labels[split])

    pairs = {name: (sample("train", one), sample("test", one)) for name, one in features.items()}
    settings = params.analysis
    tests = [class_shift(*pairs[IMAGE_STATISTICS], settings.confidence, settings.seed)]
    tests += [split_shift(name, *pair, settings.confidence, settings.seed) for name, pair in pairs.items()]
    return tests
