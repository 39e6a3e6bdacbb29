import errno
import sys

import pytest

from transfer_report.commands import app as application
from transfer_report.errors import UserError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("params.yaml: lr: is no number; write one"), "params.yaml: lr: is no number; write one"),
        (OSError(errno.ENOSPC, "No space", "a"), "a: no room on the disk (No space); make some, then `dvc repro`"),
    ],
)
def test_a_mistake_or_a_fault_ends_in_one_message(monkeypatch, error, said):
    def failing() -> None:
        raise error

    monkeypatch.setattr(application, "app", failing)
    with pytest.raises(SystemExit) as ended:
        application.main()
    assert ended.value.code == f"error: {said}"


def test_help_lists_the_commands(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["transfer-report", "--help"])
    with pytest.raises(SystemExit) as ended:
        application.main()
    assert ended.value.code == 0
    assert "Usage" in capsys.readouterr().out
