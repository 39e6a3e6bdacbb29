"""A file from an address: bounded in time, tried again and resumed where it broke off, never under its final name."""

from pathlib import Path
from time import monotonic

from transfer_report.errors import first_line

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
"""How long a download waits for an answer, and between two pieces of it."""
GRACE_SECONDS = 30.0
LEAST_BYTES_PER_SECOND = 2048
"""A download that is slower than this after so many seconds is given up: it would take days."""
ATTEMPTS = 3
MOST_BYTES = 32 << 30
"""An answer that is longer, or has no end, is given up before it fills the disk; all files of weights or images that a
setting can name are shorter."""

_PIECE_BYTES = 1 << 16


class DownloadError(Exception):
    """An address does not give a file; says why."""


def partial_of(target: Path) -> Path:
    """Where a file lies until it is whole and verified; a broken download goes on from there, in a later run, too."""
    return target.with_name(f".{target.name}.part")


def download(url: str, partial: Path) -> None:
    """Fetch an address into a file, from where an earlier attempt broke off.

    One attempt if no server answers, so a machine without a network goes on within seconds; several if a transfer
    breaks off. The caller verifies the contents.

    Raises:
        DownloadError: the download failed.
    """
    from requests import RequestException  # an HTTP client, which only a download needs
    from requests.exceptions import ConnectionError as NobodyAnswers
    from requests.exceptions import ConnectTimeout, HTTPError, TooManyRedirects
    from urllib3.exceptions import HTTPError as BrokenOff

    partial.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _fetch(url, partial)
        except (NobodyAnswers, ConnectTimeout, HTTPError, TooManyRedirects) as error:
            raise DownloadError(first_line(error)) from None
        except (RequestException, BrokenOff, EOFError) as error:
            if attempt == ATTEMPTS:
                raise DownloadError(f"{first_line(error)}; {ATTEMPTS} attempts") from None
    return None


def _fetch(url: str, partial: Path) -> None:
    import requests

    have = partial.stat().st_size if partial.exists() else 0
    # Compressed on the way, a file could not be resumed at a byte.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS), headers=headers) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            partial.unlink()
            raise EOFError("the part that was there belongs to another file")
        answer.raise_for_status()
        resumed = answer.status_code == requests.codes.partial_content
        expected = answer.headers.get("Content-Length")
        began, came = monotonic(), 0
        with partial.open("ab" if resumed else "wb") as file:
            while piece := answer.raw.read1(_PIECE_BYTES):
                file.write(piece)
                came += len(piece)
                if (length := file.tell()) > MOST_BYTES:
                    file.truncate(0)  # nothing to go on from
                    raise DownloadError(f"gave up after {length:,} bytes: no file that was asked for is so long")
                elapsed = monotonic() - began
                if elapsed > GRACE_SECONDS and came < LEAST_BYTES_PER_SECOND * elapsed:
                    raise DownloadError(f"gave up after {elapsed:.0f} s with {came:,} bytes")
        if expected and came < int(expected):
            raise EOFError(f"broke off after {came:,} of {int(expected):,} bytes")
