"""Messages of the package while it works: lines on standard error, by one logger with one handler."""

import logging
import sys
from typing import TextIO

log = logging.getLogger("transfer_report")


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes where standard error leads at that moment, which a test or a server may have changed."""

    @property
    def stream(self) -> TextIO:
        """Standard error as it is now."""
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None: ...


def set_up_log() -> None:
    """Send the package's lines to standard error, as they are; other libraries' warnings stay theirs."""
    log.handlers = [_StandardError()]
    log.setLevel(logging.INFO)
