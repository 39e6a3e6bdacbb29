import pytest

from transfer_report.errors import UserError
from transfer_report.stages.weights import refuse_lost_files

LOCK = (
    "schema: '2.0'\nstages:\n  weights:\n    cmd: x\n    deps:\n    - {path: weights, md5: a.dir, size: 9, nfiles: 2}\n"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/README.md").touch()
    return tmp_path


def test_a_copy_without_the_weight_files_of_the_last_results_is_refused(folder):
    (folder / "dvc.lock").write_text(LOCK)
    with pytest.raises(UserError, match=r"started from 2 files, here are 1, .*dvc add weights/NAME\.pth"):
        refuse_lost_files((folder / "weights").relative_to(folder), folder / "dvc.lock")
    (folder / "weights/resnet50.pth").touch()
    refuse_lost_files((folder / "weights").relative_to(folder), folder / "dvc.lock")


def test_without_earlier_results_nothing_is_refused(folder):
    lock = folder / "dvc.lock"
    assert refuse_lost_files((folder / "weights").relative_to(folder), lock) is None
    assert not lock.exists()
