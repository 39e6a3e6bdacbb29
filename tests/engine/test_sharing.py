"""The recipes of docs/sharing.md, as they stand there."""

import pytest

pytestmark = pytest.mark.dvc

IDENTITY = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")


def commit(toy, message):
    toy.run("git", "add", "--all")
    toy.run("git", *IDENTITY, "commit", "--quiet", "--message", message)


@pytest.fixture
def shared(toy, tmp_path):
    toy.run("dvc", "remote", "add", "--default", "store", str(tmp_path / "store"))
    return toy


def test_a_colleagues_results_are_rebuilt_from_their_commit_with_nothing_run(shared, run, plain, tmp_path):
    run()
    commit(shared, "Results")
    shared.run("dvc", "push", "--run-cache")
    clone = type(shared)(tmp_path / "colleague")
    shared.run("git", "clone", "--quiet", str(shared.folder), str(clone.folder))
    clone.run("dvc", "pull")
    assert clone.run("dvc", "repro").stdout.count("Running stage") == 0
    assert clone.bytes() == plain


def test_without_a_lock_file_no_training_runs(shared, run, plain, tmp_path, monkeypatch):
    commit(shared, "Settings")
    run()
    shared.run("dvc", "push", "--run-cache")
    clone = type(shared)(tmp_path / "colleague")
    shared.run("git", "clone", "--quiet", str(shared.folder), str(clone.folder))
    monkeypatch.chdir(clone.folder)
    _, display = run(pull=True)
    # DVC keeps no run of a stage that depends on nothing, and pushes no metrics that are git's: `plan`, `time`, `sum`.
    assert display.counts == {"ran": 3, "restored": 6, "unchanged": 0}
    assert clone.bytes() == plain


def test_two_lock_files_are_merged_by_taking_one_and_restoring_the_rest(shared, run):
    run()
    commit(shared, "Results")
    shared.run("git", "branch", "--move", "main")
    shared.run("git", "checkout", "--quiet", "-b", "colleague")
    for branch, names in {"colleague": ("a", "b", "c", "x"), "main": ("a", "b", "c", "y")}.items():
        shared.run("git", "checkout", "--quiet", branch)
        shared.write_pipeline(names=names)
        run()
        commit(shared, f"Results of {branch}")
    merge = shared.run("git", *IDENTITY, "merge", "colleague", check=False)
    assert "CONFLICT" in merge.stdout
    # A person mends what people write; nobody mends dvc.lock by hand.
    shared.write_pipeline(names=("a", "b", "c", "x", "y"))
    shared.run("git", "checkout", "--ours", "dvc.lock")
    result, display = run()
    assert not result.failed
    commit(shared, "Merge")
    # `plan` names all; of the trainings none ran again.
    assert display.counts["ran"] == 1
    assert (shared.folder / "results/runs/x").read_text() == "trained plan of x\n"
    assert shared.run("dvc", "status").stdout.strip() == "Data and pipelines are up to date."
