from tests.report.study import texts

from transfer_report.params import load_params
from transfer_report.report.variants.experiments_page import experiments_page
from transfer_report.revisions.repository import Experiment, Revision
from transfer_report.variants.overview import Tried


def page(*tried):
    return experiments_page(tried, load_params().analysis, texts(), "wording")


def experiment(name):
    return Experiment(Revision(name, name * 40), Revision("main", "0" * 40))


def test_what_concerns_several_experiments_is_told_once():
    found = page(*(Tried(experiment(name), problem="main: nothing is known") for name in "ab"))
    assert found.notices == ["a, b are left out: main: nothing is known"]
    assert found.lead == ["No experiment could be read."]
    assert found.blocks == []


def test_without_experiments_it_says_how_to_make_one():
    assert page().lead == ["No experiments yet; `dvc exp run -S lr=5e-4` makes one."]
