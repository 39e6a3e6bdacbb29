from dataclasses import replace

from tests.report.conftest import context

from transfer_report.report.markdown import escaped, render_markdown


def test_has_the_tables_the_sentences_and_the_claims(study):
    text = render_markdown(context(study, "markdown"))
    assert "**Table\u00a01.**" in text
    assert "| baseline" in text
    assert "15 conditions were trained with 3 seeds each." in text
    assert "contradicted" in text
    assert "<data" not in text


def test_what_data_say_cannot_become_a_tag_or_a_cell(study):
    data = study.data.model_copy(update={"classes": ["<script>|", "b"]})
    text = render_markdown(context(replace(study, data=data), "markdown"))
    assert "<script>" not in text
    assert escaped("a|b <i> [x](y)") == "a\\|b &lt;i> [x]\\(y)"
