"""Stage `prepare`: the images that `data` names, read, checked and split, as arrays of bytes."""

from transfer_report.analysis.design import outlook, study_design
from transfer_report.data.checks import ADVICE
from transfer_report.data.external import check_external_classes
from transfer_report.data.prepare import prepare
from transfer_report.files import growing_array, write_columns, write_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.log import log
from transfer_report.records.base import SPLITS


def main() -> None:
    """Read, check and split the images, and write them as arrays of bytes."""
    params = load_params()
    data = prepare(params.data, HERE.cache)
    for name, entry in params.data.external.items():
        check_external_classes(name, entry, params.data, data.description.classes, HERE.cache)
    for split in SPLITS:
        with growing_array(HERE.images_file(split), data.shape(split), "uint8") as images:
            data.copy(split, images)
        write_columns(HERE.table_file(split), data.table(split))
    write_record(HERE.test_labels, data.test_labels)
    write_record(HERE.test_characteristics_file(), data.test_characteristics)
    write_record(HERE.data_description_file(), data.description)
    for check in data.description.checks:
        if not check.passed:
            advice = f"; {ADVICE[check.check]}" if check.check in ADVICE else ""
            log.warning("found: %s (%d), such as %s%s", check.check, check.count, check.examples[0], advice)
    # Printed, and no part of any result: other settings than those of the images do not run this stage again.
    for line in outlook(study_design(params, data.description), params.analysis.target_difference):
        log.info("%s", line)
