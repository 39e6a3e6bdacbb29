from dataclasses import replace

import pytest
from tests.report.conftest import context

from transfer_report.errors import UserError
from transfer_report.records.report import Draft
from transfer_report.report.html import render_html
from transfer_report.report.markdown import render_markdown
from transfer_report.report.notes import contradictions, read_notes, refuse_contradictions, typed_numbers

CONDITION = "fine_tuning/resnet50-baseline"
ACCURACY = f"estimates.test.{CONDITION}.accuracy.value"


def noted(study, **notes):
    return replace(study, notes=notes)


def test_a_gap_is_filled_by_the_value_at_its_address(study):
    html = render_html(context(noted(study, test=f"We reached {{{{ {ACCURACY} }}}}."), "html"))
    assert f'data-source="{ACCURACY}"' in html.split('class="author-note"')[1].split("</div>")[0]


def test_a_condition_is_named_and_a_fact_that_moved_is_found(study):
    text = render_markdown(context(noted(study, test=f"Of {{{{ conditions.{CONDITION} }}}}."), "markdown"))
    assert "Of ResNet-50 · fine-tuned · baseline." in text
    with pytest.raises(UserError, match=f"renamed to 'conditions.{CONDITION}.seeds'"):
        render_markdown(context(noted(study, test=f"{{{{ facts.seeds.{CONDITION} }}}}"), "markdown"))


def test_a_column_of_numbers_is_aligned_as_the_pages_policy_allows(study):
    note = "| a | b |\n| :-- | --: |\n| x | y |\n"
    html = render_html(context(noted(study, test=note), "html")).split('class="author-note"')[1].split("</table>")[0]
    assert "<td>x</td>" in html
    assert '<td class="n">y</td>' in html
    assert "style=" not in html
    assert "| a | b |\n| --- | --: |" in render_markdown(context(noted(study, test=note), "markdown"))


def test_a_format_can_be_named(study):
    expected = f"{100 * study.analysis.estimates['test'][CONDITION]['accuracy'].value:.1f} points"
    text = render_markdown(context(noted(study, test=f"{{{{ {ACCURACY} | points }}}} points"), "markdown"))
    assert expected in text


@pytest.mark.parametrize(
    ("note", "told"),
    [
        (f"{{{{ {ACCURACY}s }}}}", rf"report/notes/test.md: .*no value at .*did you mean '{ACCURACY}'"),
        (f"{{{{ {ACCURACY} | percents }}}}", "report/notes/test.md: .*did you mean 'percent'"),
    ],
)
def test_an_unknown_address_or_format_is_named_with_the_nearest(study, note, told):
    with pytest.raises(UserError, match=told):
        render_html(context(noted(study, test=note), "html"))


VERDICT = f"comparisons.table-1.fine_tuning/resnet50-lr.{CONDITION}.accuracy.verdict"


@pytest.mark.parametrize("target", ["html", "markdown"])
def test_a_note_that_relies_on_another_verdict_is_marked(study, target):
    render = {"html": render_html, "markdown": render_markdown}[target]
    found = study.at(VERDICT)
    other = "worse" if found == "better" else "better"
    note = f"So it is. {{{{ {VERDICT} is {found} }}}} {{{{ claim.B1 is holds }}}}"
    kept = render(context(noted(study, test=note), target))
    assert "So it is." in kept
    assert "Contradicted by this study" not in kept
    assert "claim.B1" not in kept
    marked = render(context(noted(study, test=f"So it is. {{{{ {VERDICT} is {other} }}}}"), target))
    assert "Contradicted by this study" in marked
    assert "So it is." in marked


def test_a_strict_build_refuses_contradicted_notes(study):
    refuse_contradictions(noted(study, test="{{ claim.B1 is holds }}"))
    told = r"report/notes/test.md: contradicted by this study: claim.B4 is contradicted, not holds; correct the note"
    with pytest.raises(UserError, match=told):
        refuse_contradictions(noted(study, test="{{ claim.B4 is holds }}"))


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("{{ claim.B9 is holds }}", r"report/notes/test.md: .*no value at 'claim.B9'; did you mean"),
        ("{{ claim.B1 is hold }}", r"report/notes/test.md: .*no verdict is 'hold'; did you mean 'holds'"),
        (f"{{{{ {ACCURACY} is better }}}}", r"report/notes/test.md: .* is no verdict; take the address"),
    ],
)
def test_reliance_on_no_verdict_is_named(study, note, told):
    with pytest.raises(UserError, match=told):
        contradictions(noted(study, test=note))


def test_code_relies_on_nothing_and_a_draft_may_lack_verdicts(study):
    assert contradictions(noted(study, test="Write `{{ claim.B9 is holds }}`.")) == {}
    draft = Draft(conditions=[CONDITION], planned=2, runs=3, planned_runs=6, begun=[], seeds={"fine_tuning": [0]})
    assert contradictions(replace(noted(study, test="{{ claim.B9 is holds }}"), draft=draft)) == {}
    assert typed_numbers("{{ claim.B1 is holds }} and 3") == ["3"]


@pytest.mark.parametrize("note", [f"We reached {{{{ {ACCURACY} .", "{{ two words }}", "{{}}"])
def test_half_a_gap_is_named(study, note):
    with pytest.raises(UserError, match=r"report/notes/test.md: .* is no number of the study; write \{\{ and \}\}"):
        render_html(context(noted(study, test=note), "html"))


def test_headings_and_html_are_plain_text_in_markdown_too(study):
    text = render_markdown(context(noted(study, test="# Big\n\n<b>bold</b>, <https://a.b>, 1 < 2"), "markdown"))
    assert "\\# Big\n\n\\<b>bold\\</b>, <https://a.b>, 1 < 2" in text
    assert text.count("Note of the author") == 1


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("> # x", "> \\# x"),
        ("- # x", "- \\# x"),
        ("x\n===", "x\n\\==="),
        ("![x](https://a.b/c.png)", "\\![x](https://a.b/c.png)"),
        ("<me@x.org>", "<me@x.org>"),
        ("```\n# comment <b>\n{{ y\n```", "```\n# comment <b>\n{{ y\n```"),
        ("`{{` and `<b>`", "`{{` and `<b>`"),
    ],
)
def test_markdown_keeps_code_and_nothing_that_is_more_than_text(study, note, expected):
    assert f"{expected}\n" in render_markdown(context(noted(study, test=note), "markdown"))


def test_a_note_for_no_section_is_an_error(study):
    with pytest.raises(UserError, match=r"report/notes/tests.md: .*did you mean 'test'"):
        render_html(context(noted(study, tests="So."), "html"))


def test_a_draft_waits_for_what_is_not_finished(study):
    draft = Draft(conditions=[CONDITION], planned=7, seeds={"fine_tuning": [0]}, runs=1, planned_runs=21, begun=[])
    later = {"test": f"So: {{{{ {ACCURACY}s }}}}.", "fine_tuning-later": "So."}
    waiting = replace(noted(study, **later), draft=draft)
    assert "So: (not yet)." in render_html(context(waiting, "html"))
    assert "So: (not yet)." in render_markdown(context(waiting, "markdown"))


@pytest.mark.parametrize(
    "note",
    [
        '[x](https://a.b "GAP")',
        "[x](https://a.b/GAP)",
        "[x]\n\n[x]: https://a.b/GAP",
        "- [x](<https://a.b/GAP>)",
        "```GAP\n```",
    ],
)
def test_a_gap_in_a_link_is_refused(study, note):
    with pytest.raises(UserError, match="put it into the text"):
        render_html(context(noted(study, test=note.replace("GAP", f"{{{{{ACCURACY}}}}}")), "html"))


def test_a_gap_is_filled_in_a_link_and_in_a_table_and_stays_in_code(study):
    gap, in_a_table = f"{{{{ {ACCURACY} }}}}", f"{{{{ {ACCURACY} \\| percent_exact }}}}"
    note = noted(study, test=f"[{gap}](https://a.b) `{gap}`\n\n| a |\n| --: |\n| {in_a_table} |")
    page = render_html(context(note, "html")).split('class="author-note"')[1].split("</div>")[0]
    assert page.count(f'data-source="{ACCURACY}"') == 2
    assert f"<code>{gap}</code>" in page
    text = render_markdown(context(note, "markdown"))
    value = 100 * study.analysis.estimates["test"][CONDITION]["accuracy"].value
    assert f"| a |\n| --: |\n| {value:.4g}" in text


def test_numbers_typed_by_hand_are_listed(study):
    assert typed_numbers("81.25 of {{ a.2 }} [here](https://a.b/7)\n\n1. −3, 1,234") == ["81.25", "−3", "1,234"]
    html = render_html(context(noted(study, test="We reached 81.25 %."), "html"))
    assert "not checked against the study: 81.25." in html


def test_what_a_note_says_is_inert(study):
    note = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://a.b/c.png) \ue0000\ue001"
    page = render_html(context(noted(study, test=note), "html")).split('class="author-note"')[1].split("</div>")[0]
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "<img" not in page


def test_a_note_that_is_no_text_is_named(tmp_path):
    (tmp_path / "test.md").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match=r"test.md: not UTF-8"):
        read_notes(tmp_path)


def test_what_is_no_value_is_refused_and_lists_are_printed(study):
    for address in ("facts", f"estimates.test.{CONDITION}.accuracy", "conditions"):
        with pytest.raises(UserError, match=r"report/notes/test\.md: .*(no value|several)"):
            render_markdown(context(noted(study, test=f"{{{{ {address} }}}}"), "markdown"))
    note = "Of {{ facts.class_names }}, {{ facts.pretraining_models | models }}, {{ facts.missing_weights_models }}."
    assert "Of normal, consolidation, ResNet-50, ." in render_markdown(context(noted(study, test=note), "markdown"))
    assert 'data-source="facts.class_names"' in render_html(context(noted(study, test=note), "html"))
