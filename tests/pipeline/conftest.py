import fcntl
import json
import os

import pytest
from tests.pipeline.clone import Clone, small_clone

Clone.starts_warm = True


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Has a folder filled by one worker for all; what filled it returns is the same for all."""
    base = tmp_path_factory.getbasetemp()
    everyones = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name, fill):
        folder, noted = everyones / name, everyones / f"{name}.json"
        with (everyones / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not noted.exists():
                folder.mkdir()
                noted.write_text(json.dumps(fill(folder)))
        return folder, json.loads(noted.read_text())

    return made


@pytest.fixture(scope="session")
def finished_study(made_once):
    """A small study, run once; tests copy it before they change it."""
    folder, ran = made_once("finished-study", lambda folder: small_clone(folder / "checkout").reproduce())
    return Clone(folder / "checkout", ran)


@pytest.fixture
def study(finished_study, tmp_path):
    return finished_study.copy(tmp_path / "checkout")
