"""An author's notes, broken: set, or refused in words, and never with a link or a tag that the page must not have."""

import re
from dataclasses import replace

import pytest
from tests.fuzz.mutations import tried
from tests.report.study import make_study, wording

from transfer_report.report.notes import notes_markup, notes_text, read_notes, typed_in

NOTE = b"""\
Fine-tuning reached {{ estimates.test.fine_tuning/resnet50-baseline.accuracy.value }}, *not* **81.25**.

| of | [which](https://example.org/1) |
| --- | --- |
| {{ facts.margin | points }} | `so` <b>it</b> |

1. first
   > - [mail](mailto:a@example.org "b")
"""
WORDS = (
    b"{{", b"}}", b"{{ facts }}", b"{{ facts.margin | }}", b"{{ . }}", b"<script>", b"](javascript:alert(1))",
    b"](data:text/html,x)", b"<a href='x'>", b"![x](y)", b"\n# x\n", b"&lt;", b"&#0;", b"\x00", b"\xff", b"\r",
    b"\xee\x80\x80" b"0" b"\xee\x80\x81", b"[" * 3000, b"> " * 3000, b"*a_ " * 2000, b"`" * 3000, b"|" * 3000,
    b"![" * 2000, b"](" * 2000, b"{{ a" * 2000,
)  # fmt: skip
OPENED = re.compile(r"<([a-z]\w*)")
HREF = re.compile(r'href="([^"]*)"')
SET = {
    "p", "em", "strong", "code", "pre", "a", "data", "ul", "ol", "li", "blockquote", "hr", "br",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@pytest.fixture(scope="module")
def study():
    return make_study()


def tried_as_notes(study, folder, examples):
    printer = wording(study.analysis).printer

    def read(_):
        noted = replace(study, notes=read_notes(folder))
        typed_in(noted.notes)
        notes_text(noted, printer)
        return notes_markup(noted, printer)["test"]

    def check(html):
        assert set(OPENED.findall(html)) <= SET
        assert all(link.startswith(("https://", "mailto:", "#")) for link in HREF.findall(html))

    return tried(read, folder / "test.md", [NOTE], WORDS, examples, check)


def test_a_broken_note_is_set_or_refused(study, tmp_path):
    outcomes = tried_as_notes(study, tmp_path, 40)
    assert outcomes["read"]
    assert outcomes["refused"]


@pytest.mark.soak
def test_many_broken_notes(study, tmp_path):
    outcomes = tried_as_notes(study, tmp_path, 1000)
    assert outcomes["read"]
    assert outcomes["refused"]
