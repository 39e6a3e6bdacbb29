import pytest

from transfer_report.errors import UserError
from transfer_report.report.bibliography import Citations, read_bibliography

ENTRY = "@misc{%s, author = {A & B <i>}, title = {T}, url = {%s}}"


def citations(tmp_path, url="https://example.org", markup=True):
    path = tmp_path / "references.bib"
    path.write_text("\n".join(ENTRY % (key, url) for key in ("first", "second")))
    return Citations(read_bibliography(path), markup)


def test_numbers_follow_the_text_and_the_list_holds_what_was_cited(tmp_path):
    cited = citations(tmp_path)
    assert cited.cite("second") == '<a class="cite" href="#ref-second">[1]</a>'
    assert cited.cite("second").endswith("[1]</a>")
    assert [reference.key for reference in cited.references()] == ["second"]


def test_entries_are_escaped(tmp_path):
    cited = citations(tmp_path)
    cited.cite("first")
    assert "<i>" not in cited.references()[0].html


def test_an_unknown_key_and_an_unsafe_link_are_errors(tmp_path):
    with pytest.raises(UserError, match="did you mean 'first'"):
        citations(tmp_path).cite("frist")
    cited = citations(tmp_path, "javascript:alert(1)")
    cited.cite("first")
    with pytest.raises(UserError, match="only https"):
        cited.references()


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("@article{a, year = {2000}}", "missing .* in a"),
        ("@thing{a, title = {T}}", "unknown kind @thing"),
        ("@misc{a, author = {\\ and B}, title = {T}}", "LaTeX that cannot be read"),
    ],
)
def test_an_entry_that_cannot_be_set_is_an_error(tmp_path, entry, told):
    (tmp_path / "references.bib").write_text(entry)
    citations = Citations(read_bibliography(tmp_path / "references.bib"), markup=True)
    citations.cite("a")
    with pytest.raises(UserError, match=told):
        citations.references()


def test_a_file_of_other_bytes_is_an_error(tmp_path):
    (tmp_path / "references.bib").write_bytes(b"\xff")
    with pytest.raises(UserError, match="not UTF-8"):
        read_bibliography(tmp_path / "references.bib")
