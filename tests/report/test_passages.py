from dataclasses import replace

import pytest
from tests.report.conftest import context
from tests.report.study import texts

from transfer_report.analysis.curves import OVERFITTING_LOSS
from transfer_report.layout import HERE
from transfer_report.records.analysis import FailedRun
from transfer_report.records.report import ChangedQuestions
from transfer_report.records.training import Penalty
from transfer_report.report.passages import (
    attention_text,
    comparison_text,
    definitions,
    group_text,
    key_facts,
    model_notes,
    notices,
    selection_rule,
    sound_runs_text,
)
from transfer_report.report.tables.comparisons import comparison_tables
from transfer_report.report.tables.conditions import condition_table
from transfer_report.report.tables.image_set import source_table
from transfer_report.report.tables.model_selection import models_table
from transfer_report.report.tables.test_set import scores_table


@pytest.fixture
def with_controls(study):
    """The study with each architecture once more, from random weights; the others from ImageNet's."""
    pretrained = [weights.model_copy(update={"source": "imagenet"}) for weights in study.weights]
    controls = [weights.model_copy(update={"model": f"{weights.model}-random"}) for weights in study.weights]
    hashes = {HERE.weights_record_file(weights.model).as_posix(): "0" * 64 for weights in controls}
    return replace(study, weights=[*pretrained, *controls], hashes={**study.hashes, **hashes})


def test_an_architecture_is_described_once(with_controls):
    wording = context(with_controls, "markdown").wording
    assert [notes.name for notes in model_notes(with_controls, wording)] == ["ResNet-50", "MobileNetV2"]
    assert len(models_table(with_controls, wording).rows) == 2


def test_random_weights_beside_imagenets_are_no_notice(study, with_controls):
    wording = context(study, "markdown").wording
    told = notices(study, wording)
    assert told[0].startswith("ResNet-50, MobileNetV2: ImageNet weights are missing,")
    assert told[1] == "Random weights are one draw for each network. Intervals do not cover other draws."
    assert notices(with_controls, wording) == told[1:]


def test_random_weights_that_were_asked_for_are_not_called_missing(study):
    asked_for = replace(study, weights=[one.model_copy(update={"requested": "random"}) for one in study.weights])
    told = notices(asked_for, context(study, "markdown").wording)
    assert told[0].startswith("ResNet-50, MobileNetV2: random initial weights, as set,")
    assert "missing" not in told[0]
    assert len(told) == len(notices(study, context(study, "markdown").wording))


def test_failed_runs_are_listed_with_their_seeds(study):
    key = str(study.conditions[0].key)
    failed = [
        FailedRun(condition=key, seed=seed, reason="one_class", class_share=1.0, train_loss=0.2, test_loss=0.7)
        for seed in (0, 2)
    ]
    counts = {"failed_runs": 2, "failed_one_class": [0, 2]}
    changes = {
        "failed_runs": failed, "facts": study.analysis.facts.model_copy(update={"failed_runs": 2}),
        "conditions": [
            one.model_copy(update=counts) if one.condition == key else one for one in study.analysis.conditions
        ],
    }  # fmt: skip
    found = replace(study, analysis=study.analysis.model_copy(update=changes))
    told = notices(found, context(found, "markdown").wording)
    assert [notice for notice in told if "failed" in notice] == [
        "2 of 66 runs failed (one class for nearly every test image, or a test loss many times the training loss): "
        "ResNet-50 · fine-tuned · baseline (2 of 3, seeds 0, 2). Comparisons with these conditions are marked †. "
        "3 sound runs of 3 do not exclude that 63\u202f% of seeds fail."
    ]
    assert not [notice for notice in notices(study, context(study, "markdown").wording) if "failed" in notice]
    table = next(one for one in comparison_tables(found, context(found, "markdown").wording) if key in one.about[0])
    marked = [str(row[1]).splitlines()[0].endswith("†") for row in table.rows]
    assert marked == [key in about for about in table.about]
    assert "†" in table.note


def test_main_questions_that_were_changed_after_results_are_a_warning(study):
    changed = ChangedQuestions(commit="a1b2c3d" * 5 + "a1b2c", date="2026-03-04", before=["technique"], now=["network"])
    said = [
        notices(replace(study, changed_questions=one), context(study, "markdown").wording)
        for one in (None, changed, changed.model_copy(update={"before": []}), changed.model_copy(update={"now": []}))
    ]
    added = [[notice for notice in each if notice not in said[0]] for each in said]
    assert [len(each) for each in added] == [0, 1, 1, 1]
    assert added[1][0].startswith("The main questions were changed after the first results (2026-03-04, commit a1b2c3d")
    assert "from techniques to networks" in added[1][0]
    assert added[2][0].startswith("The main questions (networks) were named after the first results")
    assert "from techniques to none" in added[3][0]


def test_sound_runs_of_both_numbers_of_seeds_are_judged(study):
    facts = study.analysis.facts.model_copy(update={"most_seeds": 10, "failures_not_excluded_by_most": 0.259})
    found = replace(study, analysis=study.analysis.model_copy(update={"facts": facts}))
    assert sound_runs_text(found, context(found, "markdown").wording).endswith("fail, nor 10 of 10 that 26\u202f% do.")


def test_a_model_without_published_figures_is_listed_with_its_time(study):
    published = [facts for facts in study.analysis.published if facts.architecture != "mobilenet_v2"]
    found = replace(study, analysis=study.analysis.model_copy(update={"published": published}))
    rows = {str(row[0]): [str(cell) for cell in row[1:]] for row in
            models_table(found, context(found, "markdown").wording).rows}  # fmt: skip
    assert rows["MobileNetV2"] == ["–"] * 5 + ["2.4"]
    assert "–" not in rows["ResNet-50"]


def test_a_detectable_difference_beyond_the_possible_ones_is_not_printed_as_one(study):
    first = study.analysis.comparisons[0]
    accuracy = study.analysis.estimates["test"][first.reference]["accuracy"].value
    printed = {}
    for beyond in (-0.01, 0.01):
        value = max(accuracy, 1 - accuracy) + beyond
        changed = first.model_copy(update={"minimum_detectable_difference": value})
        found = replace(study, analysis=study.analysis.model_copy(update={"comparisons": [changed]}))
        (table,) = comparison_tables(found, context(found, "markdown").wording)
        printed[beyond] = str(table.rows[0][[column.head for column in table.columns].index("Detectable (points)")])
    assert printed[0.01] == f"> {100 * max(accuracy, 1 - accuracy):.1f}"
    assert not printed[-0.01].startswith(">")


@pytest.mark.parametrize(
    ("scopes", "said"),
    [
        (["conditions"], "apply to other images and other seeds."),
        (["runs"], "but to these runs only, because"),
        (["conditions", "runs"], "where both conditions have two seeds or more"),
    ],
)
def test_what_verdicts_speak_of_is_said_of_all_of_them(study, scopes, said):
    pairs = [
        one.model_copy(update={"difference": one.difference.model_copy(update={"scope": scopes[number % len(scopes)]})})
        for number, one in enumerate(study.analysis.comparisons)
    ]
    found = replace(study, analysis=study.analysis.model_copy(update={"comparisons": pairs}))
    assert said in comparison_text(found, context(found, "markdown").wording)


def test_controls_stand_below_the_conditions_of_every_table(study):
    wording = context(study, "markdown").wording
    for one in study.groups:
        shown = condition_table(study, one, wording)
        rows = [[str(cell) for cell in row] for row in shown.rows]
        assert [len(row) for row in rows] == [len(shown.columns)] * len(rows)
        added = rows[len(one.conditions) :]
        if (model := one.tables[0].model) in ("resnet50", "mobilenet_v2") and len(one.tables) == 1:
            count = {"resnet50": 5, "mobilenet_v2": 11}[model]
            assert [row[0] for row in added] == [
                "majority class", "logistic regression on image statistics",
                f"{count} nearest neighbours in frozen features",
            ]  # fmt: skip
        assert [row[1:3] for row in added] == [["–", "–"]] * len(added)
        if one.number == 1:  # the controls of this study score as its first condition does
            assert added[0][3:7] == rows[0][3:7]
        assert ("controls without training" in shown.note) is (one.number == 1)  # the columns of all are the same
    names = [str(row[0]) for row in scores_table(study, wording).rows[-2:]]
    assert names == [f"{count} nearest neighbours in frozen features of {model}"
                     for count, model in ((5, "ResNet-50"), (11, "MobileNetV2"))]  # fmt: skip


def test_the_rule_of_selection_is_told_of_the_models_that_it_chose(study):
    wording = context(study, "markdown").wording
    assert selection_rule(study, wording).startswith("We chose one network of moderate cost")
    alone = replace(study, weights=study.weights[:1])
    assert selection_rule(alone, wording).startswith("Of all models, ")


def test_code_that_was_edited_is_not_called_the_commits(study):
    edited = replace(study, provenance=study.provenance.model_copy(update={"edited": True}))
    builds = [key_facts(one, context(one, "markdown").wording)[-1].text for one in (study, edited)]
    assert builds == ["Commit 0123456789ab", "Commit 0123456789ab, edited"]


def test_what_the_source_says_of_its_images_has_a_table(study):
    said = study.data.model_copy(update={"notes": {"Licence": "CC BY 4.0", "Address": "https://example.org/a.npz"}})
    told = replace(study, data=said)
    rows = source_table(told, context(told, "markdown").wording).rows
    assert [[str(cell) for cell in row] for row in rows] == [
        ["Licence", "CC BY 4.0"], ["Address", "https://example.org/a.npz"]
    ]  # fmt: skip


def test_every_term_is_defined_and_thresholds_are_those_of_the_rules(study):
    told = {one.term: one.text for one in definitions(study, context(study, "html").wording)}
    assert set(told) == set(texts()["definitions"]["terms"].values())
    assert len(texts()["definitions"]["terms"]) == len(texts()["definitions"]["texts"])
    rising = told["Rising validation loss"]
    assert f'<data value="{OVERFITTING_LOSS}" data-source="facts.rise">' in rising
    assert 'href="#ref-prechelt1998"' in rising


def test_what_is_said_aside_is_a_footnote_on_paper_and_in_parentheses_elsewhere(study):
    said = 'before training{{ aside("of some") }}, it is'
    told = {}
    for target in ("pdf", "html", "markdown"):
        wording = context(study, target).wording
        wording.tree = {"said": said}
        told[target] = wording.text("said")
    assert told["pdf"] == 'before training<span class="footnote">Of some.</span>, it is'
    assert told["html"] == told["markdown"] == "before training (of some), it is"


def test_solved_heads_are_told_with_their_penalties(study):
    def solved(condition):
        training = condition.training.model_copy(update={"head": "solved"})
        return (
            condition.model_copy(update={"training": training}) if condition.strategy == "linear_probe" else condition
        )

    penalty = Penalty(value=0.01, tried=13, at_edge=True)

    def with_penalty(run):
        return run.model_copy(update={"history": run.history.model_copy(update={"penalty": penalty})})

    runs = [one.model_copy(update={"runs": list(map(with_penalty, one.runs))}) for one in study.evaluation.conditions]
    changed = replace(
        study,
        conditions=list(map(solved, study.conditions)),
        evaluation=study.evaluation.model_copy(update={"conditions": runs}),
    )
    group = next(group for group in changed.groups if group.strategy == "linear_probe")
    text = group_text(changed, context(changed, "markdown").wording, group)
    assert "the head is solved." in text
    assert "learning rate" not in text
    assert text.count("of 13 penalties of squared weights, validation chose 0.01, at the edge of its grid.") == len(
        group.conditions
    )


def test_maps_of_tokens_are_said_to_be_mixed(study):
    wording = context(study, "markdown").wording
    of_tokens = replace(study, attention=study.attention.model_copy(update={"tokens": True}))
    assert "The maps of this transformer are those of its tokens" in attention_text(of_tokens, wording)
    assert "transformer" not in attention_text(study, wording)


def test_gradual_unfreezing_is_told(study):
    wording = context(study, "markdown").wording
    first = study.conditions[0]
    training = first.training.model_copy(update={"unfreeze_every": 2})
    changed = replace(study, conditions=[first.model_copy(update={"training": training}), *study.conditions[1:]])
    told = [group_text(changed, wording, group) for group in changed.groups]
    assert "ResNet-50 · baseline: the head trains alone first; one more block joins it every 2 epochs" in told[0]
    assert not any("trains alone first" in text for text in told[1:])


def test_conditions_that_train_in_part_are_told_with_what_trains(study):
    wording = context(study, "markdown").wording
    assert study.trains_partly("fine_tuning") == []
    first = study.conditions[0]
    training = first.training.model_copy(update={"trainable": "last block"})
    changed = replace(study, conditions=[first.model_copy(update={"training": training}), *study.conditions[1:]])
    assert changed.trains_partly("fine_tuning") == [str(first.key)]
    told = [group_text(changed, wording, group) for group in changed.groups]
    assert "ResNet-50 · baseline: last block (23.5\u202fM trained parameters); what is before keeps" in told[0]
    assert not any("what is before" in text for text in told[1:])
