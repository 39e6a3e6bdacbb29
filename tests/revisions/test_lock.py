from pathlib import Path

import pytest

from transfer_report.errors import UserError
from transfer_report.revisions.lock import Lock, changed_inputs, edit_summary

LOCK = """schema: '2.0'
stages:
  plan:
    cmd: x
    params:
      params.yaml:
        lr: 1e-05
  train@a:
    cmd: x
    deps:
    - path: results/plan/a.json
      hash: md5
      md5: 5d41402abc4b2a76b9719d911017c592
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results/plan").mkdir(parents=True)
    (tmp_path / "dvc.lock").write_text(LOCK)
    return tmp_path


def test_what_a_stage_ran_on(checkout):
    lock = Lock(checkout / "dvc.lock")
    assert lock.settings("plan") == {"lr": 1e-5}
    assert lock.settings("absent") == {}
    assert lock.dependency("train@a", "results/plan/a.json").startswith("5d41")
    assert lock.dependency("train@a", "results/plan/b.json") == ""


def test_inputs_that_no_stage_has_run_on(checkout):
    files = [(checkout / f"results/plan/{name}.json").relative_to(checkout) for name in "ab"]
    for file in files:
        file.write_text("hello")
    assert changed_inputs(files) == [files[1]]
    files[0].write_text("hello!")
    assert changed_inputs(files) == files
    (checkout / "dvc.lock").unlink()
    assert changed_inputs(files) is None


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(("count", "end"), [(12, "a/10, a/11"), (13, "a/10, a/11 and 1 more")])
def test_of_many_conditions_the_first_are_named(count, end):
    conditions = {Path(f"results/plan/{number}.json"): f"a/{number}" for number in range(count)}
    for file in conditions:
        file.write_text("{}")
    summary = edit_summary(conditions)
    assert summary.startswith(f"{count} of {count} conditions have new settings: a/0, ")
    assert summary.endswith(end)


def test_half_of_it_is_one_message(checkout):
    """Wherever a kill cut it."""
    for end in range(len(LOCK)):
        (checkout / "dvc.lock").write_text(LOCK[:end])
        try:
            lock = Lock(checkout / "dvc.lock")
            assert set(lock.settings("plan")) <= {"lr"}
            assert lock.dependency("train@a", "results/plan/b.json") == ""
        except UserError as error:
            assert "dvc.lock" in str(error)


def test_a_record_of_a_thousand_stages_is_read(checkout):
    stages = "".join(
        f"  train@{number}:\n    cmd: {'x' * 1200}\n    outs:\n    - {{path: a, md5: b}}\n" for number in range(1000)
    )
    (checkout / "dvc.lock").write_text("schema: '2.0'\nstages:\n" + stages)
    assert Lock(checkout / "dvc.lock").output("train@999", "a") == "b"


def test_marks_of_a_merge_conflict_are_told_as_such(checkout):
    (checkout / "dvc.lock").write_text(f"<<<<<<< HEAD\n{LOCK}=======\n{LOCK}>>>>>>> other\n")
    with pytest.raises(UserError, match=r"line 1: marks of a merge conflict; `git checkout --ours dvc\.lock`"):
        Lock(checkout / "dvc.lock")
