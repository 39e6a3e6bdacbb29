"""The choice of tuned values, by trials whose best is known."""

import pytest

from transfer_report.conditions import ConditionKey
from transfer_report.errors import UserError
from transfer_report.loading import load_params
from transfer_report.planning import plan_conditions
from transfer_report.records.tuning import Trial, Trials
from transfer_report.tuning import choose


@pytest.fixture
def tuned():
    """A condition with a grid, by its selection rule."""

    def make(select_by="accuracy", **grid):
        params = load_params()
        condition = plan_conditions(params, dict.fromkeys(params.models, ""))[0]
        training = condition.training.model_copy(update={"select_by": select_by})
        return condition.model_copy(update={"training": training, "grid": grid})

    return make


def trials(condition, *by_seed):
    """Trials of each seed: accuracy and loss of each combination, None where it diverged."""
    key = str(condition.key)
    return [
        Trials(
            condition=key,
            seed=seed,
            trials=[
                Trial(
                    fingerprint="", values=values, epoch=1 if one else None,
                    val_accuracy=one[0] if one else None, val_loss=one[1] if one else None,
                )
                for values, one in zip(condition.combinations(), scores, strict=True)
            ],
        )
        for seed, scores in enumerate(by_seed)
    ]  # fmt: skip


def test_the_mean_over_seeds_chooses_and_ties_go_to_the_loss_then_to_the_first(tuned):
    condition = tuned(lr=[1e-4, 1e-3, 1e-2])
    first = [(0.9, 0.5), (0.5, 0.5), (0.6, 0.5)]
    found = choose(condition, trials(condition, first, [(0.5, 0.5), (0.8, 0.5), (0.9, 0.5)]))
    assert (found.chosen, found.at_edge) == ({"lr": 1e-2}, ["lr"])
    assert [one.val_accuracy for one in found.tried] == pytest.approx([0.7, 0.65, 0.75])
    assert choose(condition, trials(condition, [(0.8, 0.5), (0.8, 0.4), (0.8, 0.5)])).chosen == {"lr": 1e-3}
    assert choose(condition, trials(condition, [(0.8, 0.4)] * 3)).chosen == {"lr": 1e-4}


def test_the_loss_chooses_where_it_chooses_epochs(tuned):
    condition = tuned("loss", lr=[1e-4, 1e-3])
    assert choose(condition, trials(condition, [(0.9, 0.5), (0.8, 0.4)])).chosen == {"lr": 1e-3}


def test_an_edge_beyond_which_there_is_nothing_is_none(tuned):
    condition = tuned(dropout=[0.0, 0.2, 0.5], weight_decay=[1e-4, 1e-2])
    scores = [(0.9, 0.5), *[(0.1, 0.5)] * 5]
    assert choose(condition, trials(condition, scores)).at_edge == ["weight_decay"]


def test_what_diverges_with_one_seed_is_not_chosen(tuned):
    condition = tuned(lr=[1e-4, 1.0])
    found = choose(condition, trials(condition, [(0.5, 0.5), (0.9, 0.1)], [(0.5, 0.5), None]))
    assert (found.chosen["lr"], found.tried[1].val_accuracy) == (1e-4, None)
    with pytest.raises(UserError, match=r"tuning: fine_tuning/resnet50-baseline: with each value .* lower"):
        choose(condition, trials(condition, [None, None]))


def test_a_grid_has_all_combinations_and_leaves_no_trace_in_the_condition(tuned):
    condition = tuned(lr=[1e-4, 1e-3], batch_size=[8, 16])
    assert [tuple(one.values()) for one in condition.combinations()] == [
        (1e-4, 8), (1e-4, 16), (1e-3, 8), (1e-3, 16)
    ]  # fmt: skip
    last = condition.with_values(condition.combinations()[-1])
    assert (last.training.batch_size, last.grid, last.key) == (16, {}, ConditionKey("fine_tuning", "resnet50-baseline"))
