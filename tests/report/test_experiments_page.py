import re
from dataclasses import replace

import numpy as np
import pytest
from tests.analysis.samples import drawn
from tests.report.study import texts

from transfer_report.loading import load_params
from transfer_report.report.document import NoticeBox
from transfer_report.report.html import html_page
from transfer_report.report.variants.experiments_page import experiments_page
from transfer_report.revisions.repository import Experiment, Revision
from transfer_report.variants.differences import condition_difference
from transfer_report.variants.images import Common
from transfer_report.variants.overview import Tried, correct_together
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording


def page(*tried, words=None):
    return experiments_page(tried, load_params().analysis, words or texts(), "wording")


def experiment(name):
    return Experiment(Revision(name, name * 40), Revision("main", "0" * 40))


def test_what_concerns_several_experiments_is_told_once():
    found = page(*(Tried(experiment(name), problem="main: nothing is known") for name in "ab"))
    notice, lead = found.front
    assert isinstance(notice, NoticeBox)
    assert notice.text == "a, b are left out: main: nothing is known"
    assert lead.text == "No experiment could be read."
    assert found.sections == []
    assert notice.text in html_page(found, Wording(texts(), Printer()))


def test_without_experiments_it_says_how_to_make_one():
    assert [block.text for block in page().front] == ["No experiments yet; `dvc exp run -S lr=5e-4` makes one."]


@pytest.mark.parametrize("failed", [False, True])
def test_what_failed_is_never_better_without_a_mark(failed):
    generator = np.random.default_rng(0)
    rows = np.arange(200)
    common = Common(rows, rows, same_set=True, paired=True, clusters=rows.astype(str))
    found = condition_difference(
        drawn(generator, 3, shift=-1.0), drawn(generator, 3, shift=2.0), common, load_params().analysis
    )
    told = page(*correct_together([Tried(experiment("a"), differences=[replace(found, failed=failed)])]))
    table = told.sections[0].blocks[0].table
    assert str(table.rows[0][-1]) == ("better †" if failed else "better")
    assert (table.note == "† Failed runs in at least one of the two conditions.") is failed
    assert ("fine_tuning/a †." in " ".join(block.text for block in told.front)) is failed
    with_commas = texts() | {"numbers": texts()["numbers"] | {"decimal": ","}}
    printed = str(page(*correct_together([Tried(experiment("a"), differences=[found])]), words=with_commas).sections[0])
    assert re.search(r"\d,\d", printed)
    assert not re.search(r"\d\.\d", printed)
