from types import SimpleNamespace

import pytest

from transfer_report.errors import UserError
from transfer_report.loading import load_params
from transfer_report.revisions.repository import Revision
from transfer_report.variants.comparison import compare_revisions


def results(name, *classes):
    return SimpleNamespace(revision=Revision(name, ""), evaluation=SimpleNamespace(classes=list(classes)))


def test_other_classes_are_not_compared():
    sides = results("a", "normal", "pneumonia"), results("b", "normal", "oedema")
    with pytest.raises(UserError, match=r"a tells normal, pneumonia apart, b normal, oedema: .* not compared"):
        compare_revisions(*sides, load_params().analysis)
