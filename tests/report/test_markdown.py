import re
from dataclasses import replace

from tests.report.conftest import context

from transfer_report.report.document import Document, PlacedTable, Section
from transfer_report.report.markdown import escaped, markdown_grid, markdown_text, render_markdown
from transfer_report.report.passages import findings
from transfer_report.report.tables.table import Column, Table


def test_has_the_tables_the_sentences_and_the_claims(study):
    text = render_markdown(context(study, "markdown"))
    assert "**Table\u00a01.**" in text
    assert "| baseline" in text
    assert "22 conditions were trained with 3 seeds each." in text
    assert "contradicted" in text
    assert "<data" not in text


def test_says_of_the_study_what_the_page_says(study):
    text = render_markdown(context(study, "markdown"))
    for section in ("summary", "table:fine_tuning:resnet50", "comparison", "test"):
        for paragraph in findings(study, context(study, "markdown").wording, section):
            assert paragraph in text
    assert "Baselines: Adam, learning rate" in text


def test_fits_a_pull_request(study):
    assert len(render_markdown(context(study, "markdown"))) < 30_000


def test_every_heading_has_something_below_it(study):
    text = render_markdown(context(study, "markdown"))
    assert not re.search(r"^#.*\n+(#|\Z)", text, re.MULTILINE)


def test_tables_are_no_wider_than_their_text():
    columns = [Column("A", "text"), Column("B", "number")]
    assert markdown_grid(Table("tab-x", "A", "", columns, [["a----b", "1"], ["", "2|"]])) == (
        "| A | B |\n|:---|---:|\n| a----b | 1 |\n| | 2\\| |"
    )


def test_a_folded_caption_is_html_where_markdown_has_no_signs():
    section = Section("s", "S", [PlacedTable(Table("t", "S", "a|b <i>", [Column("A", "text")], []), "T", folded=True)])
    page = Document(title="a|b", kicker="", description="", colophon="", front=[], sections=[section])
    text = markdown_text(page)
    assert text.startswith("# a\\|b\n")
    assert "<details><summary>T. a|b &lt;i&gt;</summary>\n\n| A |" in text


def test_notes_stand_in_their_places(study):
    places = ["summary", "models", "images", "fine_tuning", "comparison", "test", "claims", "making"]
    noted = replace(study, notes={place: f"Written for {place}." for place in places})
    text = render_markdown(context(noted, "markdown"))
    found = [text.index(f"Written for {place}.") for place in places]
    assert found == sorted(found)


def test_what_data_say_cannot_become_a_tag_or_a_cell(study):
    data = study.data.model_copy(update={"classes": ["<script>|", "b"]})
    text = render_markdown(context(replace(study, data=data), "markdown"))
    assert "<script>" not in text
    assert escaped("a|b <i> [x](y)") == "a\\|b &lt;i> [x]\\(y)"
    assert escaped("&lt;i> </i> <!-- -->") == "&amp;lt;i> &lt;/i> &lt;!-- -->"
    assert escaped("p < 0.001 & q <1") == "p < 0.001 & q <1"
