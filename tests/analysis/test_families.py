import pytest
from tests.analysis.evidence import TABLES

from transfer_report.analysis.families import (
    CLAIMS,
    NETWORKS,
    PRETRAINING,
    Pair,
    claimed_pairs,
    is_within_table,
    network_pairs,
    planned_pairs,
    pretraining_pairs,
    pretraining_unavailable,
    uncompared_models,
    weights_pairs,
    within_table,
)
from transfer_report.loading import load_params
from transfer_report.planning import ComputeSettings, Condition, condition_keys, training_settings
from transfer_report.records.analysis import StudyTable
from transfer_report.records.models import InitialWeights


def table(number, strategy, model):
    key = f"{strategy}/{model}"
    return StudyTable(number=number, strategy=strategy, model=model, conditions=[key], baseline=key, techniques={})


def weights(model, architecture, source, requested=None):
    return InitialWeights(
        model=model, architecture=architecture, requested=requested or source, source=source, reason="",
        origin="", sha256="",
        mean=[0.5], std=[0.5], parameters=1, feature_count=1,
    )  # fmt: skip


@pytest.fixture
def pairs():
    """Pairs of a study of two models; some settings of the second's baselines may differ."""
    params = load_params()
    first = next(condition_keys(params))
    tables = [table(*row) for row in ((1, "fine_tuning", "net"), (2, "fine_tuning", "other"),
                                      (3, "linear_probe", "net"), (4, "linear_probe", "other"))]  # fmt: skip

    def build(architecture="net", sources=("imagenet", "random"), asked=pretraining_pairs, requested=None, **changes):
        conditions = {
            one.baseline: Condition(
                strategy=one.strategy, name=one.model, model=one.model, keep_models="none", initial_weights_sha256="0",
                compute=ComputeSettings(image_px=8, precision="float32", device="cpu", threads=1),
                training=training_settings(params, first).model_copy(update=changes if one.model == "other" else {}),
            )
            for one in tables
        }  # fmt: skip
        started = {
            "net": weights("net", "net", sources[0], requested), "other": weights("other", architecture, sources[1])
        }  # fmt: skip
        return asked(tables, conditions, started)

    return build


def test_baselines_of_one_architecture_are_paired_in_each_strategy_whichever_is_listed_first(pairs):
    strategies = ("fine_tuning", "linear_probe")
    assert pairs() == [
        Pair(PRETRAINING, f"{strategy}/net", f"{strategy}/other", "pretraining", central=True)
        for strategy in strategies
    ]
    assert pairs(sources=("random", "imagenet")) == [
        Pair(PRETRAINING, f"{strategy}/other", f"{strategy}/net", "pretraining", central=True)
        for strategy in strategies
    ]


@pytest.mark.parametrize(
    "changes", [{"architecture": "another"}, {"sources": ("random", "random")}, {"lr": 0.5}, {"epochs": 77}]
)
def test_what_differs_in_more_or_in_nothing_is_not_paired(pairs, changes):
    assert pairs(**changes) == []


def test_models_without_the_weights_that_their_comparison_needs_are_named(pairs):
    missing = {"sources": ("random", "random"), "requested": "imagenet"}
    assert pairs(**missing) == []
    assert pairs(**missing, asked=pretraining_unavailable) == ["net"]
    assert pairs(asked=pretraining_unavailable) == []
    # Without a model to compare it with, nothing was to be tested.
    assert pairs(**missing, asked=pretraining_unavailable, architecture="another") == []
    assert pairs(**missing, asked=pretraining_unavailable, lr=0.5) == []


def test_families_within_tables_are_known():
    assert all(is_within_table(within_table(one)) for one in TABLES)
    assert not is_within_table(PRETRAINING)


def test_a_claimed_pair_is_compared_once_whichever_way_it_is_claimed():
    planned = [Pair("table-1", "b", "a", "technique")]
    assert claimed_pairs([("a", "b"), ("c", "a"), ("a", "c"), ("c", "a")], planned) == [Pair(CLAIMS, "c", "a", "other")]


def networks(*started):
    """Tables of models (model, architecture, source) in every strategy, and what each model started from."""
    rows = [(strategy, model) for strategy in ("fine_tuning", "linear_probe", "lp_ft") for model, *_ in started]
    tables = [table(number, *row) for number, row in enumerate(rows, start=1)]
    return tables, {model: weights(model, architecture, source) for model, architecture, source in started}


def test_networks_are_compared_that_started_from_the_same_kind_of_weights():
    study = networks(("a", "a", "random"), ("b", "b", "imagenet"), ("c", "c", "random"), ("b-random", "b", "random"))
    expected = [("c", "a"), ("b-random", "a"), ("b-random", "c")]
    assert network_pairs(*study) == [
        Pair(NETWORKS, f"{strategy}/{later}", f"{strategy}/{earlier}", "network", central=strategy == "fine_tuning")
        for strategy in ("fine_tuning", "linear_probe")
        for later, earlier in expected
    ]
    assert uncompared_models(*study) == ["b"]


@pytest.mark.parametrize(
    ("started", "alone"),
    [
        ([("a", "a", "random"), ("b", "b", "imagenet")], ["a", "b"]),
        ([("a", "a", "random"), ("a-imagenet", "a", "imagenet")], []),
        ([("a", "a", "random"), ("b", "b", "random")], []),
        ([("a", "a", "imagenet")], []),
    ],
)
def test_models_without_an_equal_are_named_where_there_is_another_network(started, alone):
    assert uncompared_models(*networks(*started)) == alone


def test_central_are_techniques_against_baselines_and_strategies_against_fine_tuning():
    third = table(3, "lp_ft", "resnet50")
    planned = planned_pairs([*TABLES, third], {1: "fine_tuning/lr", 2: "linear_probe/lr", 3: third.baseline})
    central = {(one.treatment, one.reference) for one in planned if one.central}
    assert central == {
        ("fine_tuning/lr", "fine_tuning/baseline"),
        ("fine_tuning/dropout", "fine_tuning/baseline"),
        ("linear_probe/lr", "linear_probe/baseline"),
        ("linear_probe/dropout", "linear_probe/baseline"),
        ("linear_probe/baseline", "fine_tuning/baseline"),
        (third.baseline, "fine_tuning/baseline"),
    }
    assert {(one.treatment, one.topic) for one in planned if one.reference == "linear_probe/baseline"} >= {
        (third.baseline, "strategy"),
        ("linear_probe/lr", "technique"),
    }


def origins(pairs, **started):
    """Tables of one network that differ in their initial weights: (source, name) by model."""
    changed = {
        model: weights(model, "net", source, requested).model_copy(update={"name": name})
        for model, (source, name, requested) in started.items()
    }
    tables = [table(number, "fine_tuning", model) for number, model in enumerate(changed, start=1)]
    training = training_settings(load_params(), next(condition_keys(load_params())))
    conditions = {one.baseline: Condition.model_construct(training=training) for one in tables}
    return [
        (one.treatment.partition("/")[2], one.reference.partition("/")[2]) for one in pairs(tables, conditions, changed)
    ]


def test_weights_of_several_origins_are_compared_with_each_other_and_with_random_ones():
    started = {
        "plain": ("random", "", None), "first": ("imagenet", "", None),
        "second": ("imagenet", "IMAGENET1K_V2", None), "medical": ("file", "RadImageNet", None),
    }  # fmt: skip
    assert origins(weights_pairs, **started) == [
        ("second", "plain"), ("medical", "plain"), ("second", "first"), ("medical", "first"), ("medical", "second")
    ]  # fmt: skip
    assert origins(pretraining_pairs, **started) == [("first", "plain")]


def test_weights_that_were_not_had_are_compared_with_none():
    missing = {"first": ("random", "", "imagenet"), "medical": ("file", "RadImageNet", None)}
    assert origins(weights_pairs, **missing) == []
