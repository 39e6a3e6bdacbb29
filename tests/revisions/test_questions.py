"""Main questions against those that the first committed results answered, in real repositories."""

import subprocess

import pytest

from transfer_report.revisions.questions import changed_questions

LOCK = """schema: '2.0'
stages:
  {stage}:
    cmd: x
    params:
      params.yaml:
        analysis:
          confidence: 0.95
          main_questions: [{questions}]
"""


def commit(folder, words, stage="analyse", *, date="2026-03-04T12:00:00+00:00"):
    """Commit a lock as it is after a stage ran with main questions, or without any."""
    lock = LOCK.format(stage=stage, questions=words or "")
    folder.joinpath("dvc.lock").write_text(lock if words is not None else lock.rpartition("          main")[0])
    run(folder, "add", ".")
    run(folder, "commit", "-qm", "Results", environment={"GIT_COMMITTER_DATE": date})


def run(folder, *words, environment=None):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, env=environment, capture_output=True)


@pytest.fixture
def folder(tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    run(study, "init", "-q")
    return study


def test_the_first_results_count(folder):
    commit(folder, "network", stage="plan")  # nothing was analysed yet
    commit(folder, "technique, strategy")
    commit(folder, "network", date="2026-05-06T12:00:00+00:00")
    found = changed_questions(["network"], folder)
    assert (found.before, found.now, found.date) == (["technique", "strategy"], ["network"], "2026-03-04")
    assert len(found.commit) == 40
    assert changed_questions(["strategy", "technique"], folder) is None


def test_results_of_an_older_version_answered_no_main_question(folder):
    commit(folder, None)
    assert changed_questions(["technique"], folder).before == []
    assert changed_questions([], folder) is None


def test_a_study_in_a_folder_of_a_repository(tmp_path):
    run(tmp_path, "init", "-q")
    inner = tmp_path / "study"
    inner.mkdir()
    commit(inner, "technique")
    assert changed_questions(["network"], inner).before == ["technique"]


def test_what_git_does_not_know_is_not_said(folder, tmp_path):
    assert changed_questions(["network"], tmp_path) is None  # no repository
    assert changed_questions(["network"], folder) is None  # no commit
    folder.joinpath("dvc.lock").write_text("stages: [")
    run(folder, "add", ".")
    run(folder, "commit", "-qm", "Damaged")
    assert changed_questions(["network"], folder) is None
    commit(folder, "technique")
    commit(folder, "network")
    run(tmp_path, "clone", "-q", "--depth", "1", f"file://{folder}", "shallow")
    assert changed_questions(["technique"], tmp_path / "shallow") is None
