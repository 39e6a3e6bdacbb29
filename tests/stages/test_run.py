"""A stage whose inputs change under its feet fails: DVC would file its result under what they are afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

STAGE = """
from pathlib import Path
from transfer_report.stages.run import run_stage
def main():
    {edit}
if __name__ == "__main__":
    run_stage(main)
"""
PIPELINE = """
stages:
  toy:
    cmd: python toy.py
    deps: [code.py, results/earlier.json]
    params: [data, analysis.seed]
  whole:
    cmd: python whole.py
    params: [params.yaml: ]
"""
PARAMS = "data: {image_px: 32}\nanalysis: {seed: 0, resamples: 999}\n"


def ran(folder, edit, stage="toy"):
    """What a stage says that makes an edit as it runs, and its exit code."""
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "params.yaml").write_text(PARAMS)
    (folder / "code.py").write_text("x = 1\n")
    (folder / f"{stage}.py").write_text(STAGE.format(edit=edit))
    done = subprocess.run(
        [sys.executable, f"{stage}.py"], cwd=folder, env=os.environ | {"PYTHONPATH": str(Path("src").resolve())},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr, done.returncode


def set_to(old, new):
    """The edit of params.yaml that puts one text for another."""
    return f'Path("params.yaml").write_text({PARAMS.replace(old, new)!r})'


@pytest.mark.parametrize(
    ("stage", "edit", "named"),
    [
        ("toy", set_to("image_px: 32", "image_px: 64"), "params.yaml: data"),
        ("toy", set_to("seed: 0", "seed: 1"), "params.yaml: analysis.seed"),
        ("toy", set_to("seed: 0, ", ""), "params.yaml: analysis.seed"),
        ("toy", 'Path("code.py").write_text("x = 22")', "code.py"),
        ("whole", set_to("999", "99"), "params.yaml: its settings"),
    ],
)
def test_an_edit_of_what_it_depends_on_is_an_error(tmp_path, stage, edit, named):
    told, code = ran(tmp_path, edit, stage)
    assert told == f"error: {named} changed while this stage ran, so its result belongs to neither state; run again\n"
    assert code == 1


@pytest.mark.parametrize("edit", ["pass", set_to("999", "99"), set_to("\n", "\n# A thought.\n")])
def test_an_edit_of_anything_else_is_none_of_its_business(tmp_path, edit):
    assert ran(tmp_path, edit) == ("", 0)
