"""The rules of the house that a machine can check."""

import ast
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from transfer_report.conditions import STRATEGIES, ConditionKey
from transfer_report.engine.dvc_adapter import DVC_VERSION
from transfer_report.loading import load_params
from transfer_report.report.weasyprint_adapter import WEASYPRINT_VERSION
from transfer_report.stages.figures import INPUTS

SOURCE = Path("src/transfer_report")
STAGES = YAML(typ="safe").load(Path("dvc.yaml"))["stages"]
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
    "export",
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


def imports_from_later(module: Path) -> set[str]:
    """The packages that a module imports and that come after its own."""
    own = package_of(module)
    allowed = ORDER[: ORDER.index(own) + 1] if own in ORDER else []
    return {name for name in imported_packages(module) if name in ORDER} - set(allowed)


def test_imports_go_one_way():
    assert len(MODULES) > 200
    assert {str(module): later for module in MODULES if (later := imports_from_later(module))} == {}


def public_names(module: Path) -> set[str]:
    """What a module defines at its top for others."""
    names = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def test_a_public_name_means_one_thing():
    owners = {}
    for module in MODULES:
        for name in public_names(module) - {"main"}:  # of every stage
            owners.setdefault(name, []).append(module.relative_to(SOURCE).as_posix())
    assert len(owners) > 500
    shared = {name: found for name, found in owners.items() if len(found) > 1}
    assert shared == {}


def test_conditions_know_the_stages_that_train_them():
    for strategy in STRATEGIES:
        key = ConditionKey(strategy, "net")
        kind, _, member = key.stage_name(7).partition("@")
        stage = STAGES[kind]
        entries = stage.get("foreach", stage.get("matrix", {}).get("condition"))
        assert entries == f"${{conditions.{strategy}}}"
        assert member == ("net" if "foreach" in stage else "net-7")


def test_figures_are_made_from_what_their_stage_depends_on():
    deps = {Path(dep) for dep in STAGES["figures"]["deps"]}
    inputs = {path for paths in INPUTS.values() for path in paths}
    assert inputs
    assert not {path for path in inputs if deps.isdisjoint({path, *path.parents})}


ADAPTERS = {
    "dvc": (
        "engine/dvc_adapter.py",
        DVC_VERSION,
        r"from dvc[\w.]* import (\([^)]*|[^(\n]*)\b_\w|\b_wait_for_lock\b|\._get_\w+",
    ),
    "weasyprint": (
        "report/weasyprint_adapter.py",
        WEASYPRINT_VERSION,
        r"(from|import) weasyprint\.(?!urls)|weasyprint\.(layout|svg|css|draw|text|matrix)\b|remake_page|page_maker",
    ),
}
"""Where another library's private parts are used, of which version they are, and how one knows them."""


@pytest.mark.parametrize("library", ADAPTERS)
def test_private_parts_of_a_library_stay_in_its_adapter_and_are_of_its_version(library):
    adapter, known, private = ADAPTERS[library]
    users = {
        module.relative_to(SOURCE).as_posix()
        for module in MODULES
        if re.search(private, module.read_text(encoding="utf-8"))
    }
    assert users == {adapter}
    installed = version(library)
    assert installed == known, (
        f"{library} is {installed}, and src/transfer_report/{adapter} uses private parts of {known}: "
        "compare these with the new source, run the tests of its folder, then change the version there"
    )


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
    helpers = {"__init__", "__main__", "run"}
    assert {file.stem for file in (SOURCE / "stages").glob("*.py")} - helpers == set(stages)


DECIDES_NO_RESULT = {
    "plan": {"revisions"},  # what it tells of the last run
    "prepare": {"analysis", "evaluation"},  # what the study can detect by its size, printed at its end
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
    # Modules at the top and records know the forms of files and errors, `stages/run.py` how a stage begins and ends.
    plain = (SOURCE, SOURCE / "records")
    decides = {file for file in runs if file.parent not in plain and file != SOURCE / "stages/run.py"}
    decides = {file for file in decides if package_of(file) not in DECIDES_NO_RESULT.get(stage, ())}
    assert not {str(file) for file in decides if not {file, *file.parents} & set(deps)}


def test_default_settings_hold_the_whole_study():
    params = load_params()
    assert [len(params.conditions[strategy]) for strategy in STRATEGIES] == [11, 8, 3]
    assert min(map(len, params.seeds.values())) >= 3


UNSAFE = re.compile(
    r"allow_pickle=True|\bimport (pickle|marshal|shelve)\b|(?<![.\w])(eval|exec)\("
    r"|torch\.load\((?![^)]*weights_only=True)"
)


def test_nothing_unsafe_is_called():
    called = {str(module): found[0] for module in MODULES if (found := UNSAFE.search(module.read_text("utf-8")))}
    assert called == {}


@pytest.mark.parametrize(
    ("line", "is_unsafe"),
    [
        ("numpy.load(file, allow_pickle=True)", True),
        ("import pickle", True),
        ("eval(text)", True),
        ("model.eval()", False),
        ("torch.load(file)", True),
        ("torch.load(file, weights_only=True)", False),
    ],
)
def test_what_is_unsafe_is_recognised(line, is_unsafe):
    assert bool(UNSAFE.search(line)) is is_unsafe


def test_contributing_names_what_is_there():
    text = Path("CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w./]+\.(?:py|yaml|js|in|md)|[\w/]+/)`", text))
    assert len(named) > 40
    made = {name for name in named if name.startswith("results/")}
    assert {name for name in named - made if not any((root / name).exists() for root in (Path(), SOURCE))} == set()
