"""Stage `check`: checks params.yaml, and resolves it into one file per condition and per model, before any tuning."""

from transfer_report.analysis.checks import check_texts
from transfer_report.files import read_record, remove_other_folders, write_record
from transfer_report.layout import HERE
from transfer_report.loading import check_data_path, check_external, load_params
from transfer_report.log import log
from transfer_report.models.devices import resolve_device
from transfer_report.planning import plan_conditions, plan_models
from transfer_report.records.models import InitialWeights, StudyOrder
from transfer_report.training.checks import check_condition, check_models
from transfer_report.tuning import remember_trials


def main() -> None:
    """Write the settings as they are given."""
    # Before the stages that try values remove what they wrote the last time.
    remember_trials(HERE.tried.rglob("*.json"))
    params = load_params()
    check_data_path(params)
    check_external(params, fetched=False)
    resolve_device(params.device)
    weights = {name: read_record(HERE.weights_record_file(name), InitialWeights).sha256 for name in params.models}
    models = {model.name: model for model in plan_models(params, weights)}
    check_models(params, models.values())
    conditions = plan_conditions(params, weights)
    for condition in conditions:
        for values in condition.combinations():
            check_condition(params, condition.with_values(values), models[condition.model].architecture)
    names = [str(condition.key) for condition in conditions]
    check_texts(params, names)
    for model in models.values():
        write_record(HERE.model_plan_file(model.name), model)
    for condition in conditions:
        write_record(HERE.given_condition_file(condition.key), condition)
    write_record(HERE.given_order_file(), StudyOrder(conditions=names, models=list(models)))
    # Features of models that were given up would count among the inputs of the stages that try values.
    remove_other_folders([HERE.features], [HERE.features_file(model, "train").parent for model in models])
    if trials := sum(len(condition.combinations()) for condition in conditions if condition.grid):
        log.info("tuning: %d runs by seeds %s try values", trials * len(params.tuning_seeds), params.tuning_seeds)
