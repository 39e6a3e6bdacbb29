"""Variants as people who know DVC try them: which conditions run, what is printed, how one goes on with them.

Experiments run up to `analyse`: figures and report are made from it alone, and take their time.
"""

import json
import re

import pytest

pytestmark = pytest.mark.dvc

NEW = "+conditions.linear_probe.small-new={model: small, dropout: 0.5}"
AFTER_TRAINING = {"evaluate", "analyse"}


@pytest.fixture(scope="module")
def study(finished_study, tmp_path_factory):
    """A finished study whose results are committed."""
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
    return set(re.findall(r"^Running stage '([^']+)'", done.stdout, re.MULTILINE)), done.stdout + done.stderr


def back(study):
    """To the committed results, as the README has it."""
    study.run("git", "reset", "--quiet", "--hard")
    study.run("dvc", "checkout", "--quiet")


@pytest.fixture(scope="module")
def one_and_new(study):
    """An experiment that changes one condition and adds another."""
    found = experiment(study, "one-and-new", "conditions.fine_tuning.small-lr.dropout=0.3", NEW)
    back(study)
    return found


def test_all_that_variants_need_is_there(study):
    assert "missing" not in study.run("transfer-report", "doctor", warm=False).stdout


def test_a_study_setting_reruns_the_conditions_without_their_own(study):
    ran, printed = experiment(study, "low-rate", "lr=5e-4")
    trained = {"fine_tune@small-baseline-0", "fine_tune@small-baseline-1", "linear_probe@small-baseline"}
    assert ran == {"check", "plan", *trained, *AFTER_TRAINING}
    told = "plan: 2 of 5 conditions have new settings: fine_tuning/small-baseline, linear_probe/small-baseline"
    assert told in printed
    difference = study.run("git", "diff", "--unified=0", "params.yaml").stdout
    changed = [line for line in difference.splitlines() if re.match(r"[-+][^-+]", line)]
    assert changed == ["-lr: 1.0e-3", "+lr: 0.0005"]
    metrics = study.run("dvc", "metrics", "diff", "--md").stdout
    row = r"\| metrics\.json +\| test_\w+\.fine_tuning\.small-baseline +\| [\d.]+ +\| [\d.]+ +\| -?[\d.e-]+"
    assert re.search(row, metrics)
    assert "small-lr" not in metrics
    assert re.search(
        r"\| params\.yaml +\| lr +\| 0\.001 +\| 0\.0005", study.run("dvc", "params", "diff", "--md").stdout
    )
    assert "dvc_plots/index.html" in study.run("dvc", "plots", "diff").stdout
    assert "small-baseline" in study.text("dvc_plots/index.html")
    back(study)


def test_a_condition_and_a_new_one_run_alone(one_and_new):
    ran, printed = one_and_new
    trained = {"fine_tune@small-lr-0", "fine_tune@small-lr-1", "linear_probe@small-new"}
    assert ran == {"check", "plan", *trained, *AFTER_TRAINING}
    assert "plan: 2 of 6 conditions have new settings: fine_tuning/small-lr, linear_probe/small-new" in printed


@pytest.mark.usefixtures("one_and_new")
def test_an_experiment_becomes_a_branch_and_is_taken_up_again(study):
    done = study.run("dvc", "exp", "branch", "one-and-new", "kept")
    assert "Git branch 'kept' has been created from experiment 'one-and-new'" in done.stdout + done.stderr
    assert "# --- Images ---" in study.run("git", "show", "kept:params.yaml").stdout
    metrics = json.loads(study.run("git", "show", "kept:metrics.json").stdout)
    assert "small-new" in metrics["test_accuracy"]["linear_probe"]
    study.run("dvc", "exp", "apply", "one-and-new")
    assert study.repro("analyse") == []
    back(study)


@pytest.mark.usefixtures("one_and_new")
def test_what_changed_is_compared(study):
    text = study.run("transfer-report", "compare", "HEAD", "one-and-new", "--markdown", "-").stdout
    assert "Only at one-and-new, and so not compared: linear_probe/small-new." in text
    assert "Of 5 conditions that both have" in text
    assert "4 identical" in text, text
    assert re.search(r"^\| fine_tuning/small-lr \|.*\| (better|worse|equivalent|inconclusive) +\|$", text, re.MULTILINE)
    assert re.search(r"\| dropout +\| 0\.0 +\| 0\.3 +\| fine_tuning/small-lr", text)


def test_what_changes_nothing_says_so(study):
    ran, printed = experiment(study, "same", "lr=1e-3")
    assert ran == {"check", "plan"}
    assert "plan: this edit changes the settings of no condition" in printed
    assert "Stage 'fine_tune@small-baseline-0' didn't change, skipping" in printed
    back(study)
    ran, printed = experiment(study, "author", "report.author=A. Student")
    assert ran == {"check", "plan"}
    assert "plan: this edit changes the settings of no condition" in printed
    back(study)
    assert "All predictions are identical" in study.run("transfer-report", "compare", "HEAD", "author").stdout


def test_a_queue_of_several_values(study):
    study.run("dvc", "exp", "run", "--queue", "-S", "conditions.linear_probe.small-lr.lr=1e-4,1e-2", "analyse")
    study.run("dvc", "exp", "run", "--run-all")
    keep = r"Experiment|^conditions\.linear_probe\.small-lr\.lr$"
    shown = study.run("dvc", "exp", "show", "--drop", ".*", "--keep", keep, "--md").stdout
    assert len(re.findall(r"\| 0\.0001 +\||\| 0\.01 +\|", shown)) == 2
    text = study.run("transfer-report", "experiments", "--markdown", "-").stdout
    assert re.search(r"<br>lr = 0\.0001 +\| (linear_probe/small-lr|every condition) ", text)
    assert re.search(r"<br>lr = 0\.01 +\| (linear_probe/small-lr|every condition) ", text)
