"""Command `init`: the first study of one's own images."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML

from transfer_report.commands.proposal import Proposal, propose
from transfer_report.errors import UserError
from transfer_report.files import write_bytes, write_text
from transfer_report.git import git
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.loading import load_params

_ASIDE = {
    "claims.yaml": "# Claims about this study; for examples, see claims.example.yaml.\nclaims: []\n",
    "reported.yaml": "# Accuracies reported elsewhere; for examples, see reported.example.yaml.\ntest_accuracy: {}\n",
}
"""Texts of a study about other images, and what stands in their place."""
_PX_ON_A_PROCESSOR, _PX_ON_A_GPU = 64, 224


def init(
    path: Annotated[
        Path, typer.Argument(help="Folder of images, table next to its images, or .npz of MedMNIST's form.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Set the study up for your own images: look at them, write `data` into params.yaml, put them under DVC."""
    if not PARAMS_FILE.is_file():
        raise UserError(f"{PARAMS_FILE}: no such file; run from the root of the project")
    path = _relative(path)
    proposal = propose(path)
    proposal.settings["image_px"] = _side(proposal)
    for line in _findings(proposal):
        typer.echo(line)
    images = path if path.is_dir() or path.suffix.lower() == ".npz" else path.parent
    addable = _is_addable(images)
    typer.echo(f"run      dvc add {images}" if addable else f"note     {_about_dvc(images)}")
    aside = [name for name, text in _ASIDE.items() if _of_another_study(HERE.texts / name, text)]
    for name in aside:
        typer.echo(f"move     report/{name} to report/{_example(name)}: it is about other images")
    for line in _outlook(proposal):
        typer.echo(line)
    if dry_run:
        return
    if not yes and sys.stdin.isatty() and not typer.confirm("Do this?", default=True):
        raise typer.Exit(1)
    _write_settings(proposal, images.stem)
    for name in aside:
        file = HERE.texts / name
        write_bytes(file.with_name(_example(name)), file.read_bytes())
        write_text(file, _ASIDE[name])
    command = [sys.executable, "-m", "dvc", "add", "--quiet", str(images)]
    if addable and subprocess.run(command, check=False).returncode:  # noqa: S603
        raise UserError(f"`dvc add {images}` failed; its message is above. The settings are written")
    typer.echo("next     transfer-report reproduce && git add --all && git commit --message 'First results'")


def _findings(proposal: Proposal) -> Iterator[str]:
    """Yield lines on the images found and on the settings to be written."""
    yield from (f"found    {line}" for line in proposal.found)
    yield from (f"look at  {line}" for line in proposal.odd)
    yield from (f"write    data.{name}: {value}" for name, value in proposal.settings.items())


def _outlook(proposal: Proposal) -> Iterator[str]:
    """Yield lines on the time and detectable differences of a study of these images with present settings."""
    from transfer_report.commands.fitting import FoundImages, fitting, jobs_here, measured_steps  # loads PyTorch

    params = load_params()
    size = {"image_px": proposal.settings["image_px"], "limit_per_class": 0}
    params = params.model_copy(update={"data": params.data.model_copy(update=size)})
    images = FoundImages(proposal.given, proposal.patients_per_image)
    yield from fitting(params, images, measured_steps(params), jobs_here(params))


def _relative(path: Path) -> Path:
    """The path as the settings name it: relative, where it is inside of the project."""
    full = Path(os.path.abspath(path))  # noqa: PTH100  # a link stays the link that DVC would follow
    return full.relative_to(Path.cwd()) if full.is_relative_to(Path.cwd()) else full


def _side(proposal: Proposal) -> int:
    """Side of the study's images: what pretrained networks are used to, where this machine is fast enough for it."""
    import torch  # which other commands do not need

    usual = _PX_ON_A_GPU if torch.cuda.is_available() else _PX_ON_A_PROCESSOR
    return max(min(usual, proposal.smallest_px), 32)


def _is_addable(images: Path) -> bool:
    """Return whether `dvc add` is the way to keep these images: inside of the project, and not DVC's or git's yet."""
    known = any(Path(f"{place}.dvc").exists() for place in (images, *images.parents) if place.name)
    return not (images.is_absolute() or images == Path("data") or known or git(Path(), "ls-files", "--", str(images)))


def _about_dvc(images: Path) -> str:
    """Why images that are not addable are not added."""
    if images.is_absolute():
        return f"{images} is outside of the project: neither git nor DVC keeps a copy; put it into data/ for that"
    if images == Path("data"):
        return "the images lie in data/ itself, which DVC cannot add; put them into data/NAME for that"
    return f"{images} is already in git or DVC"


def _of_another_study(file: Path, empty: str) -> bool:
    return file.is_file() and not file.with_name(_example(file.name)).exists() and file.read_text("utf-8") != empty


def _example(name: str) -> str:
    return name.replace(".yaml", ".example.yaml")


def _write_settings(proposal: Proposal, subject: str) -> None:
    """Write settings into params.yaml, where its comments stay; put the old file back where they are refused."""
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 4096, True
    before = PARAMS_FILE.read_bytes()
    tree = yaml.load(before)
    _merge(tree["data"], proposal.settings)
    tree["report"]["title"] = f"Transfer learning on {subject.replace('_', ' ')}"
    with PARAMS_FILE.open("w", encoding="utf-8") as file:
        yaml.dump(tree, file)
    try:
        load_params()
    except UserError:
        write_bytes(PARAMS_FILE, before)
        raise


def _merge(section: Any, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        if isinstance(value, dict) and isinstance(section.get(name), dict):
            _merge(section[name], value)
        else:
            section[name] = value
