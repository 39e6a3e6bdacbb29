import pytest
from tests.pipeline.clone import small_clone


@pytest.fixture(scope="session")
def finished_study(tmp_path_factory):
    """A small study, run once; tests copy it before they change it."""
    clone = small_clone(tmp_path_factory.mktemp("study") / "checkout")
    clone.ran = clone.reproduce()
    return clone


@pytest.fixture
def study(finished_study, tmp_path):
    return finished_study.copy(tmp_path / "checkout")
