"""Stage `plan`: writes one file per condition, with the values of tuned settings that validation chose."""

from transfer_report.files import read_record, remove_other_folders, write_record
from transfer_report.layout import HERE
from transfer_report.loading import load_params
from transfer_report.log import log
from transfer_report.planning import Condition, condition_keys
from transfer_report.records.models import StudyOrder
from transfer_report.records.tuning import Trials, Tuning, Tunings
from transfer_report.revisions.lock import edit_summary
from transfer_report.tuning import choose


def main() -> None:
    """Remove what other settings tried, and write the plan."""
    params = load_params()
    keys, seeds = list(condition_keys(params)), params.tuning_seeds
    remove_other_folders([HERE.tried], [HERE.trials_folder(key, seed) for key in keys for seed in seeds])
    given = {key: read_record(HERE.given_condition_file(key), Condition) for key in keys}
    tunings = {
        key: choose(condition, [read_record(HERE.trials_file(key, seed), Trials) for seed in seeds])
        for key, condition in given.items()
        if condition.grid
    }
    for key, condition in given.items():
        values = tunings[key].chosen if key in tunings else {}
        write_record(HERE.condition_file(key), condition.with_values(values))
    for tuning in tunings.values():
        log.info("plan: %s", _said(tuning))
    if tunings:
        write_record(HERE.tuning_file(), Tunings(conditions=list(tunings.values())))
    write_record(HERE.order_file(), read_record(HERE.given_order_file(), StudyOrder))
    log.info("plan: %s", edit_summary({HERE.condition_file(key): str(key) for key in keys}))


def _said(tuning: Tuning) -> str:
    values = ", ".join(
        f"{name} {value:g}{' (at the edge of its grid)' if name in tuning.at_edge else ''}"
        for name, value in tuning.chosen.items()
    )
    return f"{tuning.condition}: validation chose {values}"
