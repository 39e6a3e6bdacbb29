"""Reads the files that people write, and says in one line each what is wrong with them; writes fields as YAML."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from transfer_report.errors import UserError, did_you_mean, first_line

LARGEST_BYTES = 1 << 20
DEEPEST = 100
"""Levels of nesting that are read; the parser in C would crash on some ten thousand."""


def read_yaml(path: Path, *, aliases: bool = False, largest: int | None = LARGEST_BYTES) -> dict[str, Any]:
    """A YAML file as plain values; YAML 1.2, so that `1e-05`, as DVC writes it, is a number.

    Args:
        path: the file.
        aliases: whether `*name` may stand for a value that is written elsewhere: a few lines of them can name more
            values than a machine can count.
        largest: bytes that are read; None for a file that people do not write.

    Raises:
        UserError: the file is missing, larger than people write, not UTF-8, not YAML, or no mapping.
    """
    try:
        if largest is not None and path.stat().st_size > largest:
            raise UserError(f"{path}: has more than {largest:,} bytes, which no file of this kind needs")
        text = path.read_text(encoding="utf-8")
        _refuse_conflict_marks(path, text)
        try:
            tree = _checked(YAML(typ="safe"), path, text, aliases)
        except YAMLError:  # the parser in Python is slower, and names the line where a mistake begins
            tree = _checked(YAML(typ="safe", pure=True), path, text, aliases)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; run from the root of the project") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    except MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UserError(f"{path}{line}: not valid YAML: {error.problem}") from None
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        # A control character; a date or a number that is none; ruamel.yaml's parser lost in what it cannot make out.
        raise UserError(f"{path}: not valid YAML: {first_line(error)}") from None
    if not isinstance(tree, dict):
        raise UserError(f"{path}: `name: value` lines are expected")
    return tree


def _checked(yaml: YAML, path: Path, text: str, aliases: bool) -> object:
    """The values of a text, after a look at its form."""
    depth = 0
    for event in yaml.parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise UserError(f"{path}: brackets or lists stand within each other too often to be read")
        if not aliases and isinstance(event, AliasEvent):
            raise UserError(
                f"{path}: YAML aliases (*name) are not allowed: `dvc exp run -S` writes the values from before the "
                "edit into every place that uses one, and nothing reruns. Write the value out."
            )
    return yaml.load(text)


def _refuse_conflict_marks(path: Path, text: str) -> None:
    """Refuse what git leaves in a file where two sides of a merge differ."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("<<<<<<< "):
            help_ = (
                "`git checkout --ours dvc.lock` takes one side, and `transfer-report reproduce --pull` completes it"
                if path.name == "dvc.lock"
                else "keep one side of each, and remove the marks"
            )
            raise UserError(f"{path}, line {number}: marks of a merge conflict; {help_}")


def problems(
    path: Path,
    error: ValidationError,
    keys_at: Callable[[list[str]], list[str]] | None = None,
    prefix: tuple[str, ...] = (),
    named: Callable[[tuple[int | str, ...]], str] | None = None,
) -> str:
    """One line for each thing that pydantic found: the file, the key, what is wrong, what was given.

    Args:
        path: the file that was read.
        error: what pydantic found.
        keys_at: the keys that exist at a place in the file, to suggest one for an unknown key.
        prefix: the place in the file of what was checked.
        named: turns a place, as pydantic's steps, into a name; None: the steps with dots between.
    """
    return "\n".join(_problem(path, detail, keys_at, prefix, named) for detail in error.errors())


def _problem(
    path: Path,
    detail: ErrorDetails,
    keys_at: Callable[[list[str]], list[str]] | None,
    prefix: tuple[str, ...],
    named: Callable[[tuple[int | str, ...]], str] | None,
) -> str:
    # Unions and key checks add steps to the location that are no keys of the file.
    steps = [str(step) for step in detail["loc"] if step != "[key]" and not str(step).startswith("literal[")]
    steps = [step for step in steps if step not in ("NamedWithArguments", "WeightsFileSettings")]
    key = named(detail["loc"]) if named else ".".join((*prefix, *steps))
    if detail["type"] == "extra_forbidden":
        hint = f"; {did_you_mean(steps[-1], keys_at(steps[:-1]))}" if keys_at else ""
        return f"{path}: {key}: unknown key{hint}"
    if detail["type"] == "missing":
        return f"{path}: {key}: missing"
    if detail["type"] == "union_tag_invalid":
        tags = [tag.strip("'") for tag in detail["ctx"]["expected_tags"].split(", ")]
        return f"{path}: {key}: unknown kind {detail['ctx']['tag']!r}; {did_you_mean(detail['ctx']['tag'], tags)}"
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "string_type" and detail["input"] is not None:
        message = "is read as a date, a number or a list, where a text is expected: put it into quotes"
    given = "" if isinstance(detail["input"], dict | list) else f" (given: {detail['input']!r})"
    return f"{path}: {key}: {message}{given}"


def yaml_text(fields: Mapping[str, Any]) -> str:
    """Return fields as YAML; numbers and words that know their address are written like others."""
    text = io.StringIO()
    yaml = YAML()
    yaml.width = 120
    yaml.dump(_plain(fields), text)
    return text.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return next((kind(value) for kind in (bool, str, int, float) if isinstance(value, kind)), value)
