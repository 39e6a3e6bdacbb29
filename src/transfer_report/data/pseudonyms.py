"""Pseudonyms of patients whose names or numbers must not be written in clear."""

import hmac
import os
import secrets
from functools import cache
from pathlib import Path

KEY_VARIABLE = "TRANSFER_REPORT_KEY"
"""Environment variable that names another file of the key."""
_HEX_DIGITS = 16
"""64 bits: among a million patients, two share a pseudonym with a probability of 1 in 37 million."""


def pseudonym(patient: str) -> str:
    """Return the pseudonym of a patient: an HMAC by the key of this user.

    Whoever has the key can find out whether a known number is in a data set; whoever has it not cannot.
    """
    return hmac.digest(_key(), patient.encode(), "sha256").hex()[:_HEX_DIGITS]


def key_file() -> Path:
    """Return where the key lies: outside of the project, so that neither git nor DVC ever stores or sends it."""
    if named := os.environ.get(KEY_VARIABLE):
        return Path(named)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "transfer-report" / "patient-key"


@cache
def _key() -> bytes:
    """The key, made at its first use."""
    path = key_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with open(descriptor, "wb") as file:  # noqa: PTH123  # of a descriptor, whose rights are set from the beginning
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
