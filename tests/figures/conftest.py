import pytest
from tests.report import study as made


@pytest.fixture(scope="session")
def plan():
    return made.conditions()


@pytest.fixture(scope="session")
def runs(plan):
    return made.evaluation(plan)


@pytest.fixture(scope="session")
def evidence(plan, runs):
    return made.analysis(plan, runs)


@pytest.fixture(scope="session")
def wording(evidence):
    return made.wording(evidence)
