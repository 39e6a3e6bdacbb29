import hashlib
import json
import shutil

import pytest

from transfer_report.commands import verify as module
from transfer_report.errors import UserError

pytestmark = pytest.mark.dvc


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A finished study of one folder and one file, as DVC leaves it; returns a function that damages a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "_cache", lambda: tmp_path / "cache")

    def put(content, suffix=""):
        name = hashlib.md5(content).hexdigest() + suffix  # noqa: S324  # as DVC names its files
        path = tmp_path / "cache/files/md5" / name[:2] / name[2:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)
        return name

    (tmp_path / "results/runs").mkdir(parents=True)
    (tmp_path / "results/runs/a.npy").write_bytes(b"array")
    (tmp_path / "results/b.json").write_bytes(b"{}")
    listing = json.dumps([{"md5": put(b"array"), "relpath": "a.npy"}]).encode()
    folder, file = put(listing, ".dir"), put(b"{}")
    (tmp_path / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  train:\n    cmd: train\n    outs:\n"
        f"    - {{path: results/runs, md5: {folder}}}\n    - {{path: results/b.json, md5: {file}}}\n"
    )
    return lambda name: tmp_path / "cache/files/md5" / name[:2] / name[2:]


@pytest.mark.usefixtures("study")
def test_a_whole_study_is_said_to_be_whole(capsys):
    module.verify()
    assert capsys.readouterr().out == "Every record, every cached file and every result is what was written.\n"


def test_a_cached_file_that_changed_is_found_and_removed(study, capsys):
    damaged = study(hashlib.md5(b"array").hexdigest())  # noqa: S324
    damaged.chmod(0o644)
    damaged.write_bytes(b"axray")
    damaged.chmod(0o444)
    with pytest.raises(UserError, match=r"damaged files: 1; .* --remove"):
        module.verify()
    assert str(damaged) in capsys.readouterr().out
    module.verify(remove=True)
    assert not damaged.exists()


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("name", ["results/runs/a.npy", "results/b.json"])
def test_a_result_edited_by_hand_is_found(tmp_path, capsys, name):
    (tmp_path / name).write_bytes(b"other")
    with pytest.raises(UserError, match="damaged files: 1"):
        module.verify()
    assert f"damaged: {name}" in capsys.readouterr().out


@pytest.mark.usefixtures("study")
def test_a_missing_result_is_named(tmp_path, capsys):
    (tmp_path / "results/runs/a.npy").unlink()
    module.verify()
    told = capsys.readouterr().out
    assert "missing: results/runs/a.npy" in told
    assert "dvc checkout" in told


@pytest.mark.usefixtures("study")
def test_in_a_fresh_clone_all_results_are_missing(tmp_path, capsys):
    shutil.rmtree(tmp_path / "results")
    shutil.rmtree(tmp_path / "cache")
    module.verify()
    told = capsys.readouterr().out
    assert "missing: results/runs\nmissing: results/b.json\n" in told
    assert "dvc pull" in told


@pytest.mark.usefixtures("study")
def test_a_record_without_a_sum_is_damaged_and_its_result_is_not(tmp_path, capsys):
    lock = tmp_path / "dvc.lock"
    lock.write_text(lock.read_text().rpartition(", md5")[0] + "}\n")
    module.verify(remove=True)
    assert "removed: dvc.lock\n" in capsys.readouterr().out
    assert (tmp_path / "results/b.json").exists()


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("place", ["../thesis.txt", "/thesis.txt"])
def test_nothing_outside_of_the_project_is_removed(tmp_path, place):
    lock = tmp_path / "dvc.lock"
    lock.write_text(lock.read_text().replace("results/b.json", place))
    with pytest.raises(UserError, match="outside of the project"):
        module.verify(remove=True)


@pytest.mark.usefixtures("study")
def test_without_a_record_there_is_nothing_to_hold_them_against(tmp_path):
    (tmp_path / "dvc.lock").unlink()
    with pytest.raises(UserError, match=r"dvc\.lock: no such file"):
        module.verify()


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("cut", [0, 8, 30, 70])
def test_half_a_record_is_found_and_removed(tmp_path, capsys, cut):
    records = tmp_path / "dvc.lock", tmp_path / ".dvc/tmp/rwlock"
    records[0].write_text(records[0].read_text()[:cut])
    records[1].parent.mkdir(parents=True)
    records[1].write_text('{"write": {"a'[:cut])
    with pytest.raises(UserError, match="damaged files: 2"):
        module.verify()
    assert "damaged: dvc.lock\ndamaged: .dvc/tmp/rwlock\n" in capsys.readouterr().out
    module.verify(remove=True)
    assert not any(record.exists() for record in records)


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("content", ["{}", '{"write": {"/a": {"pid": 1, "cmd": "dvc repro"}}, "read": {}}'])
def test_a_whole_record_of_who_is_at_work_is_none_of_it(tmp_path, capsys, content):
    (tmp_path / ".dvc/tmp").mkdir(parents=True)
    record = tmp_path / ".dvc/tmp/rwlock"
    record.write_text(content)
    module.verify(remove=True)
    assert record.read_text() == content
    assert "is what was written" in capsys.readouterr().out
