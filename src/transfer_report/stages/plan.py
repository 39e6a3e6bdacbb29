"""Stage `plan`: resolves params.yaml into one checked file per condition and per model."""

from transfer_report.analysis.checks import check_texts
from transfer_report.files import read_record, write_record
from transfer_report.layout import HERE
from transfer_report.loading import check_data_path, check_external, load_params
from transfer_report.log import log
from transfer_report.models.devices import resolve_device
from transfer_report.planning import plan_conditions, plan_models
from transfer_report.records.models import InitialWeights, StudyOrder
from transfer_report.revisions.lock import edit_summary
from transfer_report.training.checks import check_condition, check_models


def main() -> None:
    """Write the plan."""
    params = load_params()
    check_data_path(params)
    check_external(params, fetched=False)
    resolve_device(params.device)
    weights = {name: read_record(HERE.weights_record_file(name), InitialWeights).sha256 for name in params.models}
    models = {model.name: model for model in plan_models(params, weights)}
    check_models(params, models.values())
    conditions = plan_conditions(params, weights)
    for condition in conditions:
        check_condition(params, condition, models[condition.model].architecture)
    names = [str(condition.key) for condition in conditions]
    check_texts(params, names)
    for model in models.values():
        write_record(HERE.model_plan_file(model.name), model)
    for condition in conditions:
        write_record(HERE.condition_file(condition.key), condition)
    write_record(HERE.order_file(), StudyOrder(conditions=names, models=list(models)))
    files = {HERE.condition_file(condition.key): str(condition.key) for condition in conditions}
    log.info("plan: %s", edit_summary(files))
