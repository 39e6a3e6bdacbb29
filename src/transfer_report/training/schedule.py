"""Optimizers and learning-rate schedulers by PyTorch's own names, with what follows from the other settings."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer, lr_scheduler
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from transfer_report.errors import UserError, did_you_mean, first_line
from transfer_report.models.blocks import blocks
from transfer_report.models.heads import Network
from transfer_report.settings import TrainingSettings

# Not for this loop: LBFGS evaluates its loss several times a step, SparseAdam wants sparse gradients, and Muon
# trains matrices alone.
OPTIMIZERS: dict[str, type[Optimizer]] = {
    name: kind
    for name, kind in vars(torch.optim).items()
    if inspect.isclass(kind)
    and issubclass(kind, Optimizer)
    and name not in ("Optimizer", "LBFGS", "SparseAdam", "Muon")
}
# Not from a settings file: those whose arguments are functions or other schedulers.
SCHEDULERS: dict[str, type[LRScheduler]] = {
    name: kind
    for name, kind in vars(lr_scheduler).items()
    if inspect.isclass(kind)
    and issubclass(kind, LRScheduler)
    and not name.startswith("_")
    and name not in ("LRScheduler", "LambdaLR", "MultiplicativeLR", "SequentialLR", "ChainedScheduler")
}


SET_ELSEWHERE = {"self", "params", "optimizer", "last_epoch"}
OWN_SETTINGS = ("lr", "weight_decay")
"""Arguments of optimizers that have settings of their own, which distinguish conditions."""


def steps(settings: TrainingSettings) -> list[TrainingSettings]:
    """The settings of each step of a run: of the head alone where it trains first, then of the whole."""
    head = settings.model_copy(update={"epochs": settings.head_epochs, "lr": settings.head_lr})
    return [head, settings] if settings.head_epochs else [settings]


def scheduler_arguments(settings: TrainingSettings) -> dict[str, Any]:
    """A scheduler's arguments: what the settings say, over what follows from number of epochs and learning rate.

    A schedule with a length of its own spans the whole run, since it is stepped once an epoch.
    """
    if settings.scheduler == "none":
        return {}
    implied: dict[str, dict[str, Any]] = {
        "CosineAnnealingLR": {"T_max": settings.epochs},
        "CosineAnnealingWarmRestarts": {"T_0": settings.epochs},
        "OneCycleLR": {"total_steps": settings.epochs, "max_lr": settings.lr},
        "PolynomialLR": {"total_iters": settings.epochs},
    }
    return implied.get(settings.scheduler.name, {}) | settings.scheduler.arguments


def optimizer_arguments(settings: TrainingSettings, device: torch.device) -> dict[str, Any]:
    """An optimizer's arguments: what the settings say, over PyTorch's fused kernels where the optimizer has them."""
    known = _arguments_of(OPTIMIZERS[settings.optimizer.name])
    arguments: dict[str, Any] = {"lr": settings.lr}
    if settings.weight_decay or "weight_decay" in known:
        arguments["weight_decay"] = settings.weight_decay
    if "fused" in known and device.type in ("cpu", "cuda") and "foreach" not in settings.optimizer.arguments:
        arguments["fused"] = True
    return arguments | settings.optimizer.arguments


def build_optimizer(settings: TrainingSettings, parameters: Iterable[nn.Parameter], device: torch.device) -> Optimizer:
    """The optimizer of the settings over those of the parameters that take gradients."""
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    kind: Any = OPTIMIZERS[settings.optimizer.name]
    optimizer: Optimizer = kind(trained, **optimizer_arguments(settings, device))
    return optimizer


def network_optimizer(network: nn.Module, settings: TrainingSettings, device: torch.device) -> Optimizer:
    """The optimizer over what trains of a network: its first group is the head, the last block follows it, and so on.

    With a decay, each block learns at a lower rate than the one behind it, as those near the images are the most
    general ones. Source: Clark, Luong, Le, Manning, "ELECTRA", ICLR 2020.
    """
    if settings.layer_decay == 1 or not isinstance(network, Network):
        return build_optimizer(settings, network.parameters(), device)
    optimizer = build_optimizer(settings, network.head.parameters(), device)
    for depth, block in enumerate(reversed(blocks(network.backbone)), start=1):
        if trained := [parameter for parameter in block.parameters if parameter.requires_grad]:
            optimizer.add_param_group({"params": trained, "lr": settings.lr * settings.layer_decay**depth})
    return optimizer


def build_scheduler(settings: TrainingSettings, optimizer: Optimizer) -> LRScheduler | None:
    """The scheduler of the settings, to be stepped once an epoch; None for a constant learning rate."""
    if settings.scheduler == "none":
        return None
    kind: Any = SCHEDULERS[settings.scheduler.name]
    scheduler: LRScheduler = kind(optimizer, **scheduler_arguments(settings))
    return scheduler


def step_scheduler(scheduler: LRScheduler | None, val_loss: float) -> None:
    """Set the learning rate of the next epoch; `ReduceLROnPlateau` does so by the validation loss."""
    if isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step(val_loss)
    elif scheduler is not None:
        scheduler.step()


def check_schedule(settings: TrainingSettings, where: Callable[[str], str]) -> None:
    """Build optimizer and scheduler for nothing and run through the schedule, so that a mistake shows before training.

    Args:
        settings: of a condition.
        where: file and key of a setting, for the message.

    Raises:
        UserError: a name that PyTorch does not have, or arguments that it does not take.
    """
    name = settings.optimizer.name
    _check_name(name, OPTIMIZERS, where("optimizer"))
    for argument in OWN_SETTINGS:
        if argument in settings.optimizer.arguments:
            raise UserError(
                f"{where('optimizer')}.{argument}: is a setting of its own, `{argument}`; take it out of the braces"
            )
    if settings.weight_decay and "weight_decay" not in _arguments_of(OPTIMIZERS[name]):
        raise UserError(f"{where('weight_decay')}: {name} has none; set it to 0, or take another optimizer")
    if settings.scheduler != "none":
        _check_name(settings.scheduler.name, SCHEDULERS, where("scheduler"))
        if settings.layer_decay < 1 and settings.scheduler.name in ("OneCycleLR", "CyclicLR"):
            raise UserError(
                f"{where('layer_decay')}: {settings.scheduler.name} gives all blocks one rate; set it to 1, or take "
                "another scheduler"
            )
    part, kind = where("optimizer"), OPTIMIZERS[name]
    given: Mapping[str, Any] = settings.optimizer.arguments
    try:
        parameter = nn.Parameter(torch.zeros(1))
        parameter.grad = torch.ones(1)  # without which a step does nothing
        optimizer = build_optimizer(settings, [parameter], torch.device("cpu"))
        optimizer.step()
        if settings.scheduler == "none":
            return
        part, kind = where("scheduler"), SCHEDULERS[settings.scheduler.name]  # type: ignore[assignment]
        given = settings.scheduler.arguments
        if settings.scheduler.name == "ReduceLROnPlateau" and given.get("mode", "min") != "min":
            raise ValueError("it is stepped by the validation loss, so its mode is `min`")
        scheduler = build_scheduler(settings, optimizer)
        for _ in range(settings.epochs):  # as often as training does: once after each epoch
            optimizer.step()
            step_scheduler(scheduler, 1.0)
    except Exception as error:  # the library reads the arguments, and what it says of wrong ones is manifold
        reason = first_line(error).partition(", but expected one of")[0]
        allowed = ", ".join(name for name in _arguments_of(kind) if name not in OWN_SETTINGS)
        shown = ", ".join(f"{key}: {value!r}" for key, value in given.items()) or "none"
        raise UserError(
            f"{part}: {kind.__name__} does not work with these arguments ({reason}); given: {shown}; allowed: {allowed}"
        ) from None


def _check_name(name: str, known: Mapping[str, type], where: str) -> None:
    if name not in known:
        raise UserError(f"{where}: {name!r} is not one of PyTorch's that can be set here; {did_you_mean(name, known)}")


def _arguments_of(kind: type) -> list[str]:
    return [name for name in inspect.signature(kind).parameters if name not in SET_ELSEWHERE]
