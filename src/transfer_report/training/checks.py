"""Checks that conditions can be trained as planned, before any training."""

from collections.abc import Iterable

from transfer_report.errors import UserError
from transfer_report.layout import PARAMS_FILE
from transfer_report.models.backbones import check_architecture, check_batch_size, check_image_px
from transfer_report.models.blocks import check_trainable
from transfer_report.planning import Condition, Model, setting_place
from transfer_report.settings import Params
from transfer_report.training.schedule import check_schedule, steps


def check_models(params: Params, planned: Iterable[Model]) -> None:
    """Refuse an unknown architecture, and one that cannot take images of the study's size.

    Raises:
        UserError: naming the setting.
    """
    for model in planned:
        check_architecture(model.architecture, f"{PARAMS_FILE}: models.{model.name}")
        check_image_px(model.architecture, params.data.image_px, f"{PARAMS_FILE}: data.image_px")


def check_condition(params: Params, condition: Condition, architecture: str) -> None:
    """Refuse an optimizer or scheduler that does not work with its arguments, and batches that are too small.

    Args:
        params: of the study.
        condition: one of it.
        architecture: of the condition's model.

    Raises:
        UserError: naming the setting.
    """

    def where(setting: str) -> str:
        return f"{PARAMS_FILE}: {setting_place(params, condition.key, setting)}"

    for step in steps(condition.training):
        check_schedule(step, where)
    if condition.strategy != "linear_probe":  # heads have no batch norm
        training = condition.training
        count = check_trainable(architecture, training.trainable, where("trainable"))
        if training.unfreeze_every and (first := training.unfreeze_every * count + 1) > training.epochs:
            raise UserError(
                f"{where('unfreeze_every')}: {training.unfreeze_every}, so the last of {count} blocks of {architecture}"
                f" trains from epoch {first} on, but `epochs` is {training.epochs}; set more epochs, or fewer blocks "
                "by `trainable`"
            )
        check_batch_size(architecture, condition.compute.image_px, training.batch_size, where("batch_size"))
