"""The one error that a user is meant to see."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class UserError(Exception):
    """Something outside the code is wrong: the message names the file or key, what is wrong and what to do."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint naming the known words nearest to `word`, or all of them where none is near (at most ten)."""
    known = sorted(known)
    near = get_close_matches(word, known, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(repr(name) for name in near)}?"
    listed = ", ".join(known[:10]) + (", …" if len(known) > 10 else "")
    return f"known: {listed}"


def first_few(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are: `a, b and 3 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message; its type where the message is empty."""
    return (str(error).splitlines() or [type(error).__name__])[0]
