import subprocess

import pytest
from typer.testing import CliRunner

from transfer_report.commands.app import app
from transfer_report.errors import UserError
from transfer_report.git import refuse_other_owner
from transfer_report.revisions.doctor import checks


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, and a git that knows nobody."""
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def missing(folder):
    return [check.remedy for check in checks(folder) if not check.well and "dvc is that" not in check.what]


def test_each_line_that_is_told_mends_what_it_is_told_for(folder):
    assert missing(folder) == ["cd to where dvc.yaml is"]
    told = []
    (folder / "dvc.yaml").write_text("stages: {}\n")
    (folder / "params.yaml").write_text("lr: 1\n")
    for _ in range(6):
        line = missing(folder)[0]
        if line == "dvc repro":
            for name in ("dvc.lock", "metrics.json"):
                (folder / name).write_text("{}")
        else:
            subprocess.run(["bash", "-c", line], cwd=folder, check=True, capture_output=True)
        told.append(line)
    assert missing(folder) == []
    (folder / "params.yaml").unlink()
    assert missing(folder)[0] == "git checkout params.yaml"
    assert told[1:4] == [
        "git config user.name 'Your Name'",
        "git config user.email 'you@example.org'",
        "git add --all && git commit --message 'A study'",
    ]


def test_below_the_root_the_root_is_named(folder):
    subprocess.run(["git", "init", "--quiet"], check=True)
    (folder / "dvc.yaml").write_text("stages: {}\n")
    (folder / "results").mkdir()
    assert missing(folder / "results") == [f"cd {folder.resolve()}"]


def test_the_command_fails_where_something_is_missing(folder):
    for name in ("dvc.yaml", "params.yaml"):
        (folder / name).touch()
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert "missing  a git repository: git init && git add --all" in done.output


def test_a_merge_under_way_is_told_before_anything_is_committed(folder):
    for line in ("git init -q", "git config user.name a", "git config user.email a@b", "touch dvc.yaml params.yaml",
                 "git add .", "git commit -qm first", "git rev-parse HEAD > .git/MERGE_HEAD"):  # fmt: skip
        subprocess.run(["bash", "-c", line], check=True)
    assert missing(folder)[0].startswith("settle the conflicts of params.yaml")


def test_a_checkout_of_another_user_is_not_made_a_repository_again(folder, monkeypatch):
    (folder / "dvc.yaml").touch()
    subprocess.run(["git", "init", "-q"], check=True)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert missing(folder) == [f"git config --global --add safe.directory {folder.resolve()}"]
    with pytest.raises(UserError, match="git refuses this checkout, which belongs to another user"):
        refuse_other_owner()
