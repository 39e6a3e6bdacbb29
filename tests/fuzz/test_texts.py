"""Files that people write, broken: each is read, or refused in words; never a traceback."""

from pathlib import Path

import pytest
from tests.fuzz.mutations import tried

from transfer_report.analysis.claims.predicates import load_claims
from transfer_report.analysis.reported import load_reported
from transfer_report.loading import load_params
from transfer_report.planning import condition_keys
from transfer_report.report.bibliography import Citations, read_bibliography

ROOT = Path(__file__).parents[2]
YAML_WORDS = (
    b"&a", b"*a", b"<<: *a", b"!!python/object/apply:os.system [true]", b"[", b"{", b"- ", b": ", b"\t", b"2001-99-99",
    b"0x", b".nan", b".inf", b"1e999", b"!!binary x", b"!!timestamp x", b"? ", b"|", b"%YAML 9.9\n---\n", b"\x00",
    b"\xff", b"\n---\n", b"[" * 3000, b"9" * 5000, b"null", b"''", b"{}", b"[]", b"-1", b"true", b"\xef\xbb\xbf",
)  # fmt: skip
BIB_WORDS = (
    b"@",
    b"{",
    b"}",
    b"\\",
    b"$",
    b"@string{a = b}",
    b"#",
    b'"',
    b" and ",
    b"{" * 2000,
    b"\\input{/etc/passwd}",
)
CONDITIONS = list(map(str, condition_keys(load_params())))
READERS = {
    "params.yaml": (load_params, YAML_WORDS),
    "report/claims.yaml": (load_claims, YAML_WORDS),
    "report/reported.yaml": (lambda path: load_reported(path, CONDITIONS), YAML_WORDS),
    "report/references.bib": (lambda path: cite_all(read_bibliography(path)), BIB_WORDS),
}


def cite_all(bibliography):
    citations = Citations(bibliography, markup=True)
    for key in bibliography.entries:
        citations.cite(key)
    return citations.references()


def tried_as(name, folder, examples):
    read, words = READERS[name]
    return tried(read, folder / Path(name).name, [(ROOT / name).read_bytes()], words, examples)


@pytest.mark.parametrize("name", READERS)
def test_a_broken_text_is_read_or_refused(name, tmp_path):
    assert tried_as(name, tmp_path, 25)["refused"]


@pytest.mark.soak
@pytest.mark.parametrize("name", READERS)
def test_many_broken_texts(name, tmp_path):
    assert tried_as(name, tmp_path, 500)["refused"]
