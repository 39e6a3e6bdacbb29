"""The rules of the house that a machine can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from transfer_report.params import GROUPS, Params, Settings, load_params

SOURCE = Path("src/transfer_report")
MODULES = sorted(SOURCE.rglob("*.py"))

# Each may import from those before it and from the plain modules at the top of the package.
ORDER = [
    "wording",
    "data",
    "models",
    "training",
    "evaluation",
    "attention",
    "analysis",
    "revisions",
    "variants",
    "fonts",
    "figures",
    "report",
    "stages",
    "engine",
    "draft",
    "commands",
]


def package_of(module: Path) -> str:
    return module.relative_to(SOURCE).parts[0]


def imported_packages(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return {name.split(".")[1] for name in names if name.startswith("transfer_report.")}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_go_one_way(module):
    own = package_of(module)
    allowed = ORDER[: ORDER.index(own) + 1] if own in ORDER else []
    assert not {name for name in imported_packages(module) if name in ORDER} - set(allowed)


def test_only_one_module_imports_torchvision():
    importers = {
        module.relative_to(SOURCE).as_posix()
        for module in MODULES
        if re.search(r"^\s*(from|import) torchvision", module.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert importers == {"models/vision.py"}


def test_the_report_is_written_without_libraries_that_draw_or_compute():
    heavy = "{'matplotlib', 'scipy', 'sklearn', 'torch'}"
    code = f"import sys, transfer_report.stages.report; sys.exit(str(({heavy} & set(sys.modules)) or ''))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.strip() == ""


def test_every_stage_has_its_file_and_every_file_its_stage():
    stages = YAML(typ="safe").load(Path("dvc.yaml"))["stages"]
    helpers = {"__init__", "run", "training_files"}
    assert {file.stem for file in (SOURCE / "stages").glob("*.py")} - helpers == set(stages)


STAGES = YAML(typ="safe").load(Path("dvc.yaml"))["stages"]
DECIDES_NO_RESULT = {
    "plan": {"revisions"},  # what it tells of the last run
    "features": {"training"},  # but for the one module that it names: the others are those of the files it shares
}
"""Packages that a stage imports and does not depend on."""


def imported_modules(module: Path, found: set[Path]) -> set[Path]:
    """The project's modules that one imports, directly or not."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("transfer_report"):
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                file = SOURCE.parent / f"{name.replace('.', '/')}.py"
                if file.is_file() and file not in found:
                    found.add(file)
                    imported_modules(file, found)
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_the_code_that_it_runs(stage):
    deps = [Path(dep) for dep in STAGES[stage].get("do", STAGES[stage])["deps"]]
    runs = imported_modules(SOURCE / "stages" / f"{stage}.py", set())
    assert runs
    # Modules at the top know the forms of files and errors, `stages/run.py` how a stage begins and ends.
    decides = {file for file in runs if file.parent != SOURCE and file != SOURCE / "stages/run.py"}
    decides = {file for file in decides if package_of(file) not in DECIDES_NO_RESULT.get(stage, ())}
    assert not {str(file) for file in decides if not {file, *file.parents} & set(deps)}


def settings_of(kind: type[Settings], place: str = "") -> list[str]:
    found = []
    for name, field in kind.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Settings) and name != "optimizer":
            found += settings_of(inner, f"{place}{name}.")
        else:
            found.append(name)
    return found


READERS = [file for file in (*MODULES, *Path("report/templates").rglob("*.j2")) if file.name != "params.py"]


@pytest.mark.parametrize("setting", sorted(set(settings_of(Params))))
def test_no_setting_is_dead(setting):
    pattern = re.compile(rf"\.{setting}\b")
    # Not where it is a dependency, which alone reads nothing.
    in_pipeline = re.search(rf"\$\{{[\w.]*\b{setting}\}}", Path("dvc.yaml").read_text(encoding="utf-8"))
    own = re.compile(rf"params\.(data\.|weights\.)?{setting}\b|entry\.{setting}\b")
    assert (
        in_pipeline
        or own.search((SOURCE / "params.py").read_text(encoding="utf-8"))
        or any(pattern.search(file.read_text(encoding="utf-8")) for file in READERS)
    )


def test_default_settings_hold_the_whole_study():
    params = load_params()
    assert [len(params.conditions[group]) for group in GROUPS] == [7, 6, 2]
    assert len(params.seeds) >= 3


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_nothing_unsafe_is_called(module):
    text = module.read_text(encoding="utf-8")
    assert "allow_pickle=True" not in text
    assert not re.search(r"\bimport (pickle|marshal|shelve)\b|(?<![.\w])(eval|exec)\(", text)
    for call in re.findall(r"torch\.load\([^)]*\)", text):
        assert "weights_only=True" in call
