import pytest
from tests.report.conftest import context

from transfer_report.errors import UserError
from transfer_report.report.numbering import figure_numbers, table_numbers
from transfer_report.report.tables.table import Table


def test_tables_count_within_their_section_beside_those_that_have_a_number():
    tables = [
        Table(f"t{index}", section, "", [], [], number)
        for index, (section, number) in enumerate((("A", ""), ("B", "3"), ("A", ""), ("D", "")))
    ]
    assert list(table_numbers(tables).values()) == ["A1", "3", "A2", "D1"]


def test_figures_of_the_appendix_count_on_their_own():
    assert figure_numbers(["a", "cost", "b", "pipeline"], {"cost", "pipeline"}) == {
        "a": "1", "cost": "S1", "b": "2", "pipeline": "S2"
    }  # fmt: skip


def test_a_reference_links_and_an_unknown_one_is_an_error(study):
    built = context(study, "html")
    assert built.ref("fig-cost") == '<a class="ref" href="#fig-cost">Figure\u00a0S1</a>'
    with pytest.raises(UserError, match="did you mean 'fig-cost'"):
        built.ref("fig-cots")
    assert context(study, "markdown").ref("fig-cost") == "Figure\u00a0S1"
