"""Broken versions of good files, and what a reader may do with them."""

from pathlib import Path

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
