"""Variants as people who know DVC try them: which conditions run, what is printed, how one goes on with them.

Experiments run up to `analyse`: figures and report are made from it alone, and take their time.
"""

import json
import re

import pytest

NEW = "+conditions.fixed_features.small-new={model: small, dropout: 0.5}"


@pytest.fixture(scope="module")
def study(finished_study, tmp_path_factory):
    """A finished study whose results are committed, and the experiments of the tests below, one after the other."""
    clone = finished_study.copy(tmp_path_factory.mktemp("variants") / "checkout")
    clone.run("git", "config", "user.name", "A Tester")
    clone.run("git", "config", "user.email", "tester@example.org")
    clone.run("git", "add", "--all")
    clone.run("git", "commit", "--quiet", "--message", "Results")
    return clone


def experiment(study, name, *settings):
    """Run an experiment; the stages that ran, and all that was printed."""
    options = [word for setting in settings for word in ("-S", setting)]
    done = study.run("dvc", "exp", "run", "--name", name, *options, "analyse")
    return re.findall(r"^Running stage '([^']+)'", done.stdout, re.MULTILINE), done.stdout + done.stderr


def back(study):
    study.run("git", "reset", "--quiet", "--hard")
    study.run("dvc", "checkout", "--quiet")


@pytest.fixture(scope="module")
def low_rate(study):
    found = experiment(study, "low-rate", "lr=5e-4")
    found += (study.run("git", "diff", "--unified=0", "params.yaml").stdout,)
    found += tuple(study.run("dvc", kind, "diff", *more).stdout for kind, *more in DIFFS)
    back(study)
    return found


DIFFS = (("metrics", "--md"), ("params", "--md"), ("plots", "--no-html"))


def test_a_study_setting_reruns_the_conditions_without_their_own(low_rate):
    ran, printed, difference, metrics, params, _ = low_rate
    assert set(ran) == {"plan", "fine_tune@small-baseline-0", "fine_tune@small-baseline-1",
                        "train_head@small-baseline", "evaluate", "analyse"}  # fmt: skip
    assert (
        "plan: 2 of 5 conditions have new settings: fine_tuning/small-baseline, fixed_features/small-baseline"
        in printed
    )
    changed = [line for line in difference.splitlines() if re.match(r"[-+][^-+]", line)]
    assert changed == ["-lr: 1.0e-3", "+lr: 0.0005"]
    assert re.search(
        r"\| metrics\.json \| test_auroc\.fine_tuning\.small-baseline +\| [\d.]+ +\| [\d.]+ +\| -?[\d.]+", metrics
    )
    assert "small-lr" not in metrics
    assert re.search(r"\| params\.yaml \| lr +\| 0\.001 +\| 0\.0005", params)


@pytest.fixture(scope="module")
def one_and_new(study):
    found = experiment(study, "one-and-new", "conditions.fine_tuning.small-lr.dropout=0.3", NEW)
    back(study)
    return found


def test_a_condition_and_a_new_one_run_alone(one_and_new, study):
    ran, printed = one_and_new
    assert set(ran) == {"plan", "fine_tune@small-lr-0", "fine_tune@small-lr-1", "train_head@small-new",
                        "evaluate", "analyse"}  # fmt: skip
    assert "2 of 6 conditions have new settings: fine_tuning/small-lr, fixed_features/small-new" in printed
    kept = study.run("git", "show", "one-and-new:params.yaml" if branch(study, "one-and-new") else "").stdout
    assert "# --- Conditions: an empty value inherits" in kept
    assert json.loads(study.run("git", "show", "one-and-new:metrics.json").stdout)["test_accuracy"]["fixed_features"][
        "small-new"
    ]


def branch(study, name):
    """Make an experiment a branch, as `dvc exp branch` does."""
    return f"Git branch '{name}' has been created" in study.run("dvc", "exp", "branch", name, name).stdout


def test_what_changes_nothing_says_so(study):
    ran, printed = experiment(study, "same", "lr=1e-3")
    assert ran == []
    assert "Stage 'fine_tune@small-baseline-0' didn't change, skipping" in printed
    back(study)
    ran, printed = experiment(study, "author", "report.author=A. Student")
    assert ran == ["plan"]
    assert "plan: this edit changes the settings of no condition" in printed
    back(study)


def test_a_queue_of_several_values(study):
    study.run("dvc", "exp", "run", "--queue", "-S", "conditions.fixed_features.small-lr.lr=1e-4,1e-2", "analyse")
    done = study.run("dvc", "exp", "run", "--run-all")
    assert "Ran experiment(s)" in done.stdout + done.stderr or done.returncode == 0
    shown = study.run("dvc", "exp", "show", "--drop", ".*", "--keep", "Experiment|small-lr.lr$", "--md").stdout
    assert re.search(r"\| 0\.0001 ", shown)
    assert re.search(r"\| 0\.01 ", shown)
