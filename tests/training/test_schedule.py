import pytest
import torch
from torch import nn

from transfer_report.errors import UserError
from transfer_report.models.heads import Network, build_head
from transfer_report.training import schedule

CPU = torch.device("cpu")
PARAMETERS = [nn.Parameter(torch.zeros(2))]


@pytest.mark.parametrize(
    ("scheduler", "expected"),
    [
        ("none", {}),
        ({"name": "CosineAnnealingLR"}, {"T_max": 4}),
        ({"name": "CosineAnnealingLR", "T_max": 9, "eta_min": 0.1}, {"T_max": 9, "eta_min": 0.1}),
        ({"name": "OneCycleLR"}, {"total_steps": 4, "max_lr": 0.01}),
        ({"name": "PolynomialLR", "power": 2}, {"total_iters": 4, "power": 2}),
        ({"name": "CosineAnnealingWarmRestarts"}, {"T_0": 4}),
        ({"name": "StepLR", "step_size": 3}, {"step_size": 3}),
    ],
)
def test_a_schedule_spans_the_run_unless_told_otherwise(settings, scheduler, expected):
    assert schedule.scheduler_arguments(settings(scheduler=scheduler)) == expected


@pytest.mark.parametrize("name", sorted(schedule.OPTIMIZERS))
def test_every_listed_optimizer_runs(settings, name):
    schedule.check_schedule(settings(optimizer={"name": name}), "here.{}".format)


ARGUMENTS = {
    "StepLR": {"step_size": 2},
    "MultiStepLR": {"milestones": [1, 2]},
    "ExponentialLR": {"gamma": 0.9},
    "CyclicLR": {"base_lr": 0.001, "max_lr": 0.1, "cycle_momentum": False},
}


@pytest.mark.parametrize("name", sorted(schedule.SCHEDULERS))
def test_every_listed_scheduler_runs(settings, name):
    schedule.check_schedule(settings(scheduler={"name": name, **ARGUMENTS.get(name, {})}), "here.{}".format)


def test_cosine_annealing_falls_to_zero_over_the_run(settings):
    cosine = settings(scheduler={"name": "CosineAnnealingLR"})
    optimizer = schedule.build_optimizer(cosine, PARAMETERS, CPU)
    scheduler = schedule.build_scheduler(cosine, optimizer)
    rates = []
    for _ in range(5):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step_scheduler(scheduler, 1.0)
    assert rates == pytest.approx([0.01, 0.0085355, 0.005, 0.0014645, 0.0], abs=1e-7)


def test_plateau_follows_the_validation_loss(settings):
    plateau = settings(scheduler={"name": "ReduceLROnPlateau", "patience": 0, "factor": 0.5})
    optimizer = schedule.build_optimizer(plateau, PARAMETERS, CPU)
    scheduler = schedule.build_scheduler(plateau, optimizer)
    for loss in (1.0, 0.9, 0.95):
        schedule.step_scheduler(scheduler, loss)
    assert optimizer.param_groups[0]["lr"] == 0.005


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scheduler": {"name": "StepRL"}}, r"here\.scheduler: 'StepRL' .* did you mean 'StepLR'"),
        (
            {"epochs": 5, "scheduler": {"name": "OneCycleLR", "total_steps": 4}},
            r"here\.scheduler: .*Tried to step 5 times",
        ),
        ({"scheduler": {"name": "StepLR"}}, r"here\.scheduler: StepLR .*allowed: step_size, gamma"),
        ({"scheduler": {"name": "StepLR", "step": 1}}, r"here\.scheduler: .*given: step: 1; allowed: step_size"),
        ({"scheduler": {"name": "LambdaLR"}}, r"here\.scheduler: 'LambdaLR' is not one"),
        ({"optimizer": {"name": "Adamm"}}, r"here\.optimizer: 'Adamm' .* did you mean"),
        ({"optimizer": {"name": "SGD", "momentun": 0.9}}, r"here\.optimizer: .*allowed: .*momentum"),
        ({"optimizer": {"name": "SGD", "maximize": "no"}}, r"here\.optimizer: .*given: maximize: 'no'"),
        ({"optimizer": {"name": "ASGD", "t0": "x"}}, r"here\.optimizer: .*given: t0: 'x'"),
        ({"optimizer": {"name": "Rprop"}, "weight_decay": 0.1}, r"here\.weight_decay: Rprop has none"),
    ],
)
def test_mistakes_name_the_key_and_what_is_allowed(settings, changes, message):
    with pytest.raises(UserError, match=message):
        schedule.check_schedule(settings(**changes), "here.{}".format)


def test_a_head_that_trains_first_has_a_schedule_of_its_own_length(settings):
    assert [step.epochs for step in schedule.steps(settings(head_epochs=7, epochs=2))] == [7, 2]
    assert [step.epochs for step in schedule.steps(settings(epochs=2))] == [2]


def test_blocks_nearer_to_the_images_learn_at_lower_rates(settings):
    backbone = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2), nn.Conv2d(2, 2, 1), nn.Flatten())
    network = Network(backbone, build_head(2, 2, 0.0, 0))
    decayed = settings(layer_decay=0.5, scheduler={"name": "ExponentialLR", "gamma": 0.1})
    optimizer = schedule.network_optimizer(network, decayed, CPU)
    scheduler = schedule.build_scheduler(decayed, optimizer)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.01, 0.005, 0.0025])
    assert [len(group["params"]) for group in optimizer.param_groups] == [2, 2, 4]
    optimizer.step()
    schedule.step_scheduler(scheduler, 1.0)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.001, 0.0005, 0.00025])


def test_without_decay_all_parameters_are_one_group(settings):
    network = Network(nn.Conv2d(3, 2, 1), build_head(2, 2, 0.0, 0))
    (group,) = schedule.network_optimizer(network, settings(), CPU).param_groups
    assert group["params"] == list(network.parameters())


def test_a_schedule_of_one_rate_for_all_refuses_a_decay(settings):
    with pytest.raises(UserError, match=r"here\.layer_decay: OneCycleLR gives all blocks one rate; set it to 1"):
        schedule.check_schedule(settings(layer_decay=0.5, scheduler={"name": "OneCycleLR"}), "here.{}".format)
