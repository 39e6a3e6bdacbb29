"""Names of conditions, which a reader must be able to tell apart."""

from transfer_report.records.analysis import StudyTable
from transfer_report.wording.names import study_printer
from transfer_report.wording.wording import load_texts, wording_file


def names(techniques):
    """The printed techniques of a table whose baseline is `fine_tuning/first`."""
    keys = ["fine_tuning/first", *techniques]
    table = StudyTable(
        number=1, strategy="fine_tuning", model="resnet50", conditions=keys, baseline=keys[0], techniques=techniques
    )
    printer = study_printer(load_texts(wording_file("en")), [table])
    return [printer.text(key, "technique") for key in keys]


def test_a_condition_is_named_by_what_it_changes():
    found = names({"fine_tuning/lr": {"lr": 5e-4}, "fine_tuning/both": {"lr": 5e-4, "dropout": 0.5}})
    assert found == ["baseline", "lr 5e-4", "lr 5e-4 + dropout 0.5"]


def test_many_changes_are_counted():
    changed = {"lr": 5e-4, "dropout": 0.5, "class_weights": "balanced", "weight_decay": 0.1}
    assert names({"fine_tuning/heavy": changed}) == ["baseline", "4 changed settings (heavy)"]


def test_two_that_change_the_same_are_told_apart_by_their_own_names():
    found = names(
        {
            "fine_tuning/step-2": {"scheduler": "StepLR"},
            "fine_tuning/again": {},
            "fine_tuning/step-4": {"scheduler": "StepLR"},
        }
    )
    assert found == ["baseline", "step schedule (step-2)", "baseline (again)", "step schedule (step-4)"]
