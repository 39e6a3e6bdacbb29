"""The continuous-integration example: every command and path that it names is there."""

import re
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

WORKFLOW = Path(".github/workflows/report.yml")
STEPS = YAML(typ="safe").load(WORKFLOW)["jobs"]["report"]["steps"]
SCRIPTS = [step["run"] for step in STEPS if "run" in step]


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_shell(script):
    plain = re.sub(r"\$\{\{.*?\}\}", "x", script)
    assert subprocess.run(["bash", "-n", "-c", plain], capture_output=True, check=False).stderr == b""


@pytest.mark.dvc
def test_what_it_calls_is_there():
    text = WORKFLOW.read_text(encoding="utf-8")
    makefile = Path("Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"run: make (\w+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    for command, option in re.findall(r"\bdvc ((?:params|metrics) diff|pull|push) (--[\w-]+)", text):
        shown = subprocess.run(["dvc", *command.split(), "--help"], capture_output=True, text=True, check=True)
        assert option in shown.stdout
    for path in re.findall(r"'(dvc\.lock|params\.yaml|dvc\.yaml)'", text):
        assert Path(path).is_file() or path == "dvc.lock"


def test_expressions_stand_outside_of_scripts():
    # What a pull request names would otherwise run as shell.
    assert not [script for script in SCRIPTS if "${{" in script]
