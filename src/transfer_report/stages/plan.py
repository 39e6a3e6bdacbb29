"""Stage `plan`: resolves params.yaml into one checked file per condition and per model."""

import sys

from transfer_report import storage
from transfer_report.analysis.claims.predicates import CLAIMS_FILE, check_names, load_claims
from transfer_report.analysis.reported import REPORTED_FILE, load_reported
from transfer_report.errors import UserError
from transfer_report.models.backbones import check_architecture, check_batch_size, check_image_px
from transfer_report.models.devices import resolve_device
from transfer_report.models.facts import all_model_facts
from transfer_report.params import (
    PARAMS_FILE,
    Condition,
    Group,
    Params,
    PlannedModel,
    check_data_path,
    condition_keys,
    load_params,
    models,
    setting_key,
    training_settings,
)
from transfer_report.records import StartWeights, StudyOrder
from transfer_report.revisions.lock import changed_inputs
from transfer_report.stages.run import run_stage
from transfer_report.training.schedule import check_schedule, steps
from transfer_report.wording.wording import check_language

NAMED = 12
"""Conditions that are named, before the rest is counted."""


def main() -> None:
    """Write the plan."""
    params = load_params()
    check_data_path(params)
    resolve_device(params.device)
    planned = plan_models(params)
    conditions = [plan_condition(params, group, name, planned) for group, name in condition_keys(params)]
    keys = [condition.key for condition in conditions]
    check_texts(params, keys)
    for model in planned.values():
        storage.write_record(storage.model_plan_file(model.name), model)
    for condition in conditions:
        storage.write_record(storage.condition_file(condition.group, condition.name), condition)
    storage.write_record(storage.order_file(), StudyOrder(conditions=keys, models=list(planned)))
    print(f"plan: {edit_told(conditions)}", file=sys.stderr)


def check_texts(params: Params, keys: list[str]) -> None:
    """Refuse here what analysis and report, which read it, would refuse after hours of training.

    Raises:
        UserError: naming everything that the study does not have.
    """
    published = [facts.architecture for facts in all_model_facts()]
    unknown = []
    for check in (
        lambda: check_language(params.report.language),
        lambda: check_names(load_claims(CLAIMS_FILE), keys, published, list(params.models), CLAIMS_FILE),
        lambda: load_reported(REPORTED_FILE, keys),
    ):
        try:
            check()
        except UserError as error:
            unknown.append(str(error))
    if unknown:
        raise UserError("\n".join(unknown))


def edit_told(conditions: list[Condition]) -> str:
    """What an edit of params.yaml comes to: the conditions whose settings are others than those that last ran."""
    files = {storage.condition_file(condition.group, condition.name): condition.key for condition in conditions}
    changed = changed_inputs(files)
    if changed is None:
        return f"{len(files)} conditions"
    if not changed:
        return "this edit changes the settings of no condition"
    names = [files[file] for file in changed]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{len(names)} of {len(files)} conditions have new settings: {', '.join(names[:NAMED])}{more}"


def plan_models(params: Params) -> dict[str, PlannedModel]:
    """The study's models by name, with all that decides their features.

    Raises:
        UserError: an unknown architecture, or one that cannot take images of the study's size.
    """
    planned = {}
    for model in models(params):
        check_architecture(model.architecture, f"{PARAMS_FILE}: models.{model.name}")
        check_image_px(model.architecture, params.data.image_px, f"{PARAMS_FILE}: data.image_px")
        planned[model.name] = PlannedModel(
            **model.model_dump(),
            image_px=params.data.image_px,
            precision=params.precision,
            device=params.device,
            threads=params.threads,
            start_weights_sha256=storage.read_record(storage.weights_record_file(model.name), StartWeights).sha256,
        )
    return planned


def plan_condition(params: Params, group: Group, name: str, planned: dict[str, PlannedModel]) -> Condition:
    """One condition, with all that decides its runs.

    Raises:
        UserError: its optimizer or scheduler does not work with the arguments given, or its batches are too small.
    """
    settings = training_settings(params, group, name)

    def where(setting: str) -> str:
        return f"{PARAMS_FILE}: {setting_key(params, group, name, setting)}"

    for step in steps(settings):
        check_schedule(step, where)
    model = planned[params.conditions[group][name].model]
    if group != "fixed_features":  # heads have no batch norm
        check_batch_size(model.architecture, model.image_px, settings.batch_size, where("batch_size"))
    return Condition(
        group=group,
        name=name,
        model=model.name,
        training=settings,
        image_px=params.data.image_px,
        precision=params.precision,
        device=params.device,
        threads=params.threads,
        keep_models=params.keep_models,
        first_seed=params.seeds[0] if params.keep_models == "first_seed" else None,
        start_weights_sha256=model.start_weights_sha256,
    )


if __name__ == "__main__":
    run_stage(main)
