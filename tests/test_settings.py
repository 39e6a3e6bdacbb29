"""Every setting is read by something that acts on it, as the type checker sees it."""

import ast
import re
import shutil
from pathlib import Path

import pytest
from mypy import api

from transfer_report import planning, settings
from transfer_report.settings import Settings

SOURCE = Path("src")
DEFINED_IN = ("transfer_report/settings.py", "transfer_report/planning.py")
ONLY_CHECKS = (DEFINED_IN[0], "transfer_report/loading.py")
"""Where a setting may be read without any effect but an error."""
NAMED_AS_TEXT = {("TableSettings", name) for name in ("image", "label", "split", "patient")}
"""Read by `TableSettings.columns`, by their names."""
NAMED_AS_TEXT |= {("TuningSettings", name) for name in settings.TuningSettings.model_fields}
"""Read by `TuningSettings.grid`, by theirs."""
KINDS = [
    kind
    for module in (settings, planning)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Settings) and kind.__module__ == module.__name__
]
READ = re.compile(r'^(?P<file>[^:]+):.*"(?P<kind>\w+)"(?: of "[^"]*")? has no attribute "(?P<name>\w+)"', re.MULTILINE)


def is_section(annotation):
    """Whether a setting holds others, such as `data: DataSettings`: these are looked for."""
    return any(kind.__name__ in annotation for kind in KINDS if kind.__name__ != "NamedWithArguments")


def renamed(source):
    """A module whose settings have other names, so that whoever reads one is an error of types."""
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and node.col_offset and isinstance(node.target, ast.Name):
            if is_section(ast.unparse(node.annotation)):
                continue
            row, column = node.target.lineno - 1, node.target.end_col_offset
            lines[row] = f"{lines[row][:column]}_renamed{lines[row][column:]}"
    return "".join(lines)


def fields():
    """Each setting by the class that defines it and its name."""
    return {
        (kind.__name__, name)
        for kind in KINDS
        for name in kind.model_fields
        if name in kind.__annotations__
        and not is_section(str(kind.__annotations__[name]))
        and (kind.__name__, name) not in NAMED_AS_TEXT
    }


@pytest.mark.dvc
def test_every_setting_is_read(tmp_path, monkeypatch):
    shutil.copytree(SOURCE, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy("pyproject.toml", tmp_path)
    # What an earlier check learned of libraries, which takes most of the time.
    if Path(".mypy_cache").is_dir():
        shutil.copytree(".mypy_cache", tmp_path / ".mypy_cache")
    for name in DEFINED_IN:
        file = tmp_path / "src" / name
        file.write_text(renamed(file.read_text("utf-8")), "utf-8")
    monkeypatch.chdir(tmp_path)
    told, _, _ = api.run(["src/transfer_report"])
    parents = {kind.__name__: [base.__name__ for base in kind.__mro__] for kind in KINDS}
    read = {
        (base, found["name"])
        for found in READ.finditer(told)
        if not found["file"].endswith(ONLY_CHECKS)
        for base in parents.get(found["kind"], ())
    }
    assert len(read & fields()) > 50
    assert fields() - read == set()
