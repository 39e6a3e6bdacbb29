import pytest

from transfer_report.engine.session import Session, run_session
from transfer_report.errors import UserError


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5"])
def test_a_number_of_jobs_that_cannot_be_is_told(jobs):
    with pytest.raises(UserError, match=f"--jobs {jobs}: give a number of stages from 1 on, or auto"):
        run_session(Session(jobs=jobs))


def test_an_address_and_a_kind_of_cluster_exclude_each_other():
    with pytest.raises(UserError, match="--scheduler and --cluster: give one of them"):
        run_session(Session(scheduler="tcp://head:8786", cluster="local"))
