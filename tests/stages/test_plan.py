from types import SimpleNamespace

import pytest

from transfer_report.stages import plan


@pytest.mark.parametrize(("count", "end"), [(12, "a/10, a/11"), (13, "a/10, a/11 and 1 more")])
def test_of_many_conditions_the_first_are_named(monkeypatch, count, end):
    monkeypatch.setattr(plan, "changed_inputs", list)
    conditions = [SimpleNamespace(group="a", name=str(index), key=f"a/{index}") for index in range(count)]
    told = plan.edit_told(conditions)
    assert told.startswith(f"{count} of {count} conditions have new settings: a/0, ")
    assert told.endswith(end)
