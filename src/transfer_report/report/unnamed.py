"""A study for readers outside: without images and without anything that names an image or a patient."""

from dataclasses import replace

from transfer_report.report.study import Study

NAMES_CLASSES = frozenset(
    {"few_test_images", "few_val_images", "class_imbalance", "told_by_size", "told_by_format", "positive_class"}
)
"""Checks whose examples are classes; those of all others may be files or patients."""


def without_names(study: Study) -> Study:
    """Return the study with no file name and no patient in what a report prints, and no attention map.

    Counts stay. Figures of images are left out where they are drawn.
    """
    checks = [
        check if check.check in NAMES_CLASSES else check.model_copy(update={"examples": []})
        for check in study.data.checks
    ]
    attention = study.attention.model_copy(update={"missing": "not_shown", "images": []})
    return replace(study, data=study.data.model_copy(update={"checks": checks}), attention=attention)
