import pytest
from tests.analysis.evidence import TABLES

from transfer_report.analysis.families import (
    CLAIMS,
    PRETRAINING,
    claimed_pairs,
    is_within_table,
    pretraining_pairs,
    within_table,
)
from transfer_report.params import Condition, condition_keys, load_params, training_settings
from transfer_report.records import StartWeights, StudyTable


def table(number, group, model):
    key = f"{group}/{model}"
    return StudyTable(number=number, group=group, model=model, conditions=[key], baseline=key, techniques={})


def weights(model, architecture, source):
    return StartWeights(
        model=model, architecture=architecture, requested=source, source=source, reason="", origin="", sha256="",
        mean=[0.5], std=[0.5], parameters=1, head_parameters=1, feature_count=1,
    )  # fmt: skip


@pytest.fixture
def pairs():
    """Pairs of a study of two models; some settings of the second's baselines may differ."""
    params = load_params()
    first = next(condition_keys(params))
    tables = [table(*row) for row in ((1, "fine_tuning", "net"), (2, "fine_tuning", "other"),
                                      (3, "fixed_features", "net"), (4, "fixed_features", "other"))]  # fmt: skip

    def build(architecture="net", sources=("imagenet", "random"), **changes):
        conditions = {
            one.baseline: Condition(
                group=one.group, name=one.model, model=one.model, image_px=8, precision="float32", device="cpu",
                threads=1, keep_models="none", start_weights_sha256="0",
                training=training_settings(params, *first).model_copy(update=changes if one.model == "other" else {}),
            )
            for one in tables
        }  # fmt: skip
        started = {"net": weights("net", "net", sources[0]), "other": weights("other", architecture, sources[1])}
        return pretraining_pairs(tables, conditions, started)

    return build


def test_baselines_of_one_architecture_are_paired_in_each_group_whichever_is_listed_first(pairs):
    groups = ("fine_tuning", "fixed_features")
    assert pairs() == [(PRETRAINING, f"{group}/net", f"{group}/other") for group in groups]
    assert pairs(sources=("random", "imagenet")) == [
        (PRETRAINING, f"{group}/other", f"{group}/net") for group in groups
    ]


@pytest.mark.parametrize(
    "changes", [{"architecture": "another"}, {"sources": ("random", "random")}, {"lr": 0.5}, {"epochs": 77}]
)
def test_what_differs_in_more_or_in_nothing_is_not_paired(pairs, changes):
    assert pairs(**changes) == []


def test_families_within_tables_are_known():
    assert all(is_within_table(within_table(one)) for one in TABLES)
    assert not is_within_table(PRETRAINING)


def test_a_claimed_pair_is_compared_once_whichever_way_it_is_claimed():
    planned = [("table-1", "b", "a")]
    assert claimed_pairs([("a", "b"), ("c", "a"), ("a", "c"), ("c", "a")], planned) == [(CLAIMS, "c", "a")]
