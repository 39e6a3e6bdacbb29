"""Gets what DVC kept at a revision into a folder of its own, from the cache, else from the remote."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc_data.index import DataIndexDirError
from dvc_objects.errors import ObjectFormatError

from transfer_report.errors import UserError
from transfer_report.layout import HERE, PARAMS_FILE
from transfer_report.revisions.repository import Repository, Revision

# It lists the hashes of what is missing, which `place_outputs` tells of by name.
logging.getLogger("dvc_data").setLevel(logging.ERROR)

FROM_GIT = (HERE.lock, PARAMS_FILE)


def place_outputs(
    repository: Repository, revision: Revision, wanted: Sequence[Path], optional: Sequence[Path], folder: Path
) -> None:
    """Link outputs of a revision into a folder, as they would lie in a checkout; `dvc.lock` and settings with them.

    Nothing is copied: the links lead into DVC's cache, which gets from the remote what it lacks.

    Args:
        repository: of the current folder.
        revision: any but the workspace.
        wanted: files and folders that must be there.
        optional: files and folders that are left out where they do not exist.
        folder: empty.

    Raises:
        UserError: nothing was run at the revision, or its objects are neither in the cache nor on the remote.
    """
    # A remote that was set up after the revision serves it, too.
    remotes = {section: repository.dvc.config[section] for section in ("core", "remote")}
    problem = ""
    with repository.dvc.switch(revision.commit):
        _place_from_git(repository, revision, folder)
        lacking = [path for path in (*wanted, *optional) if not _all_cached(_objects(repository, path))]
        if lacking:
            problem = _fetch(repository, lacking, remotes)
    with repository.dvc.switch(revision.commit):  # DVC reads what it knows of folders once for each switch
        for path in (*wanted, *optional):
            objects = _objects(repository, path)
            if _all_cached(objects):
                for name, source in objects.items():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).symlink_to(source)
            elif path in wanted:
                raise UserError(_nowhere(repository, revision, path, problem))


def _place_from_git(repository: Repository, revision: Revision, folder: Path) -> None:
    files = repository.dvc.dvcfs
    for path in FROM_GIT:
        if not files.exists(str(path)):
            raise UserError(
                f"{revision.label}: {path} was not committed, so nothing is known of its results. Where they were just "
                "made: `git add --all && git commit --message Results`, and compare with what follows; else "
                f"`git checkout {revision.name}`, `dvc repro`, and then the same"
            )
        (folder / path).write_bytes(files.read_bytes(str(path)))


def _objects(repository: Repository, path: Path) -> dict[str, Path]:
    """Each file of an output with the object of DVC's cache that holds it; empty where nothing is known of it."""
    files = repository.dvc.dvcfs
    try:
        hashes = {name: files.info(name).get("md5") for name in sorted(files.find(str(path)))}
    except (OSError, DvcException, DataIndexDirError, ObjectFormatError):
        return {}
    return {name: Path(repository.dvc.cache.local.oid_to_path(md5)) for name, md5 in hashes.items() if md5}


def _all_cached(objects: dict[str, Path]) -> bool:
    return bool(objects) and all(source.is_file() for source in objects.values())


def _fetch(repository: Repository, paths: Sequence[Path], remotes: dict[str, Any]) -> str:
    """Get objects from the remote into the cache; what went wrong, empty where nothing did."""
    try:
        repository.dvc.fetch(targets=[str(path) for path in paths], config=remotes)
    except (DvcException, OSError) as error:
        return str(error) or type(error).__name__
    return ""


def _nowhere(repository: Repository, revision: Revision, path: Path, problem: str) -> str:
    why = f" ({problem})" if problem else ""
    send, take = "dvc push", f"git checkout {revision.name}"
    if any(one.revision.commit == revision.commit for one in repository.experiments()):
        send, take = f"dvc exp push origin {revision.name}", f"dvc exp apply {revision.name}"
    return (
        f"{revision.label}: {path} is neither in DVC's cache nor on a remote{why}. Where it was made, `{send}` "
        f"sends it; to make it again here: `{take} && dvc repro`"
    )
