"""A published file from its address, in place only after its contents were verified."""

from collections.abc import Callable
from pathlib import Path

from transfer_report.downloads import DownloadError, download, partial_of
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
    partial = partial_of(target)
    try:
        download(url, partial)
    except DownloadError as error:
        raise UserError(f"{url}: cannot be downloaded ({error}); fetch it by hand, or try again later") from None
    if not is_published(partial):
        partial.unlink()
        raise UserError(f"{url}: the file there is not the published one (its hash differs); nothing was kept")
    return partial.replace(target)
