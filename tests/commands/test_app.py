import sys

import pytest

from transfer_report.commands import app as application
from transfer_report.errors import UserError


def test_a_mistake_ends_in_one_message(monkeypatch):
    def mistaken() -> None:
        raise UserError("params.yaml: lr: is no number; write one")

    monkeypatch.setattr(application, "app", mistaken)
    with pytest.raises(SystemExit) as ended:
        application.main()
    assert ended.value.code == "error: params.yaml: lr: is no number; write one"


def test_help_lists_the_commands(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["transfer-report", "--help"])
    with pytest.raises(SystemExit) as ended:
        application.main()
    assert ended.value.code == 0
    assert "Usage" in capsys.readouterr().out
