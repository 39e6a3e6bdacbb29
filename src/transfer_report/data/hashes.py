"""Check of a file against the hash that git published."""

import hashlib
from pathlib import Path

CHUNK_BYTES = 1 << 20


def git_blob_id(path: Path) -> str:
    """The name that git gives to the contents of a file: SHA-1 over a header with its length, and the contents.

    Source: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
    """
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
