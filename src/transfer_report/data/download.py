"""A published file from its address, in place only after its contents were verified."""

import sys
from collections.abc import Callable
from pathlib import Path

import pooch

from transfer_report.errors import UserError


def fetch(url: str, target: Path, is_published: Callable[[Path], bool]) -> Path:
    """The file at `target`, downloaded where it is not there yet.

    Args:
        url: its address.
        target: where it is kept.
        is_published: whether a file has the published contents.

    Raises:
        UserError: the address cannot be reached, or sends other contents.
    """
    if target.exists():
        if is_published(target):
            return target
        target.unlink()

    def download(address: str, partial: str, caller: object) -> None:
        # pooch moves the partial file to its place when its downloader returns: the place for a hash it does not know.
        pooch.HTTPDownloader(progressbar=sys.stderr.isatty())(address, partial, caller)
        if not is_published(Path(partial)):
            raise UserError(f"{url}: the file there is not the published one (its hash differs); nothing was kept")

    pooch.get_logger().setLevel("WARNING")
    try:
        pooch.retrieve(url, known_hash=None, fname=target.name, path=target.parent, downloader=download)
    except OSError as error:
        raise UserError(f"{url}: cannot be downloaded ({error}); fetch it by hand, or try again later") from None
    return target
