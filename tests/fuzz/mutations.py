"""Broken versions of good files, and what a reader may do with them."""

from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transfer_report.errors import UserError


@st.composite
def mutated(draw, contents, words=()):
    """One of some contents with up to four wounds: a piece changed, removed, doubled, or replaced by a word."""
    content = bytearray(draw(st.sampled_from(contents)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        kinds = [st.just(b""), st.just(bytes(content[start:end]) * 2), st.binary(max_size=8)]
        if words:
            kinds.append(st.sampled_from(words))
        content[start:end] = draw(st.one_of(kinds))
    if draw(st.integers(0, 9)) == 0:
        del content[draw(st.integers(0, len(content))) :]
    return bytes(content)


def read_or_refused(read, path: Path, content: bytes):
    """What a reader makes of a file; None where it refuses it in words. Any other error is one of ours."""
    path.write_bytes(content)
    try:
        return read(path)
    except UserError as error:
        assert str(error)
        return None


def tried(read, path: Path, contents, words, examples, check=lambda _: None):
    """How many broken versions of some contents were `read`, and how many `refused` in words; others are errors.

    Args:
        read: reads the file.
        path: where each version is put.
        contents: of good files.
        words: what wounds may put in.
        examples: how many are tried.
        check: holds what was read against what must be.
    """
    outcomes = Counter()
    # The quick part tries the same each time; the long one draws anew.
    how = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)

    @settings(how, derandomize=examples < 100)
    @given(mutated(contents, words))
    def attempt(content):
        found = read_or_refused(read, path, content)
        outcomes["refused" if found is None else "read"] += 1
        if found is not None:
            check(found)

    attempt()
    return outcomes
