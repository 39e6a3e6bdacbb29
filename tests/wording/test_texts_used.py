"""Every text of the wording is asked for by something: by its whole key, or by a key that is put together."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from transfer_report.wording.wording import load_texts, wording_file

TEXTS = load_texts(wording_file("en"))
SOURCES = [file.read_text("utf-8") for file in Path("src/transfer_report").rglob("*.py")]
CODE = list(map(ast.parse, SOURCES))
TEMPLATES = [file.read_text("utf-8") for file in Path("report/templates").rglob("*.j2")]
SETTINGS = [Path(name).read_text("utf-8") for name in ("params.yaml", "dvc.yaml")]
GAP = "\0"
JOINED = re.compile(r"""['"]\s*~\s*[^'"~()]+(?:~\s*['"])?""")


def keys(tree, place=""):
    """The dotted key of each text."""
    for name, below in tree.items():
        if isinstance(below, dict):
            yield from keys(below, f"{place}{name}.")
        else:
            yield f"{place}{name}"


def texts_of(tree):
    """Each text."""
    for below in tree.values():
        yield from texts_of(below) if isinstance(below, dict) else [str(below)]


def strings():
    """Every string of the code and of the templates, with a gap where it is put together."""
    for tree in CODE:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else GAP for part in node.values)
    for text in texts_of(TEXTS):  # texts name phrases
        yield from (f"phrases.{name}" for name in re.findall(r'phrase\("(\w+)"', text))
    for text in TEMPLATES:
        for quote in "'\"":
            yield from re.findall(rf"{quote}([^{quote}\n]*){quote}", JOINED.sub(GAP, text))
            yield from re.findall(rf"{quote}([^{quote}\n]*){quote}", text)
            yield from (f"{begin}{GAP}" for begin in re.findall(rf"{quote}([^{quote}\n]*){quote} ~", text))


def words():
    """What may stand in a gap: a word of the code, of the templates or of the settings."""
    for tree in CODE:
        for node in ast.walk(tree):
            yield from (
                str(getattr(node, name)) for name in ("attr", "arg", "id", "name", "value") if hasattr(node, name)
            )
    for text in (*TEMPLATES, *SETTINGS):
        yield from re.findall(r"\w+", text)


@cache
def asked():
    """Names, whole keys, patterns of keys and words that the code and the templates have."""
    # Branches whose names are asked for all together; other keys may be made from these names.
    named = {branch for source in SOURCES for branch in re.findall(r'\bnames\("([\w.]+)"\)', source)}
    names = {key.rpartition(".")[2] for key in keys(TEXTS) if key.rpartition(".")[0] in named}
    known = {text for text in strings() if re.fullmatch(rf"[\w.\-+{GAP}]+", text)}
    patterns = [
        re.compile(re.escape(text).replace(GAP, r"([\w.\-+]+)"))
        for text in known
        if GAP in text and re.search(r"\w\w.*\.|\.\w\w", text)
    ]
    said = {word for text in (*words(), *known, *names) for word in (text, *re.split(rf"[_.+\-{GAP}]", text))}
    return named, known, patterns, said


def unused(texts):
    """Those of some keys that nothing asks for."""
    named, known, patterns, said = asked()

    def is_said(gap):
        return said.issuperset(re.split(r"[_.+]", gap)) or gap in said

    def is_used(key):
        branches = [key.rsplit(".", count)[0] for count in range(key.count("."))]
        return (
            key in known
            or key.rpartition(".")[0] in named
            or any(
                branch in known
                or any(
                    all(map(is_said, match.groups()))
                    for match in (pattern.fullmatch(branch) for pattern in patterns)
                    if match
                )
                for branch in branches
            )
        )

    return {key for key in texts if not is_used(key)}


def test_every_text_is_used():
    texts = set(keys(TEXTS))
    assert len(texts) > 300
    assert unused(texts) == set()


@pytest.mark.parametrize(
    "key",
    [
        "findings.technique.nonesuch",
        "findings.nonesuch_x.better",
        "page.nonesuch",
        "nonesuch",
        "tables.nonesuch.head",
    ],
)
def test_a_text_that_nothing_asks_for_is_found(key):
    assert unused({key}) == {key}
