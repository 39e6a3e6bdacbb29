import pytest
from tests.report import study as made


@pytest.fixture(scope="session")
def plan():
    return made.records()[0]


@pytest.fixture(scope="session")
def runs():
    return made.records()[1]


@pytest.fixture(scope="session")
def evidence():
    return made.records()[2]


@pytest.fixture(scope="session")
def wording(evidence):
    return made.wording(evidence)
