"""Serves a draft to this machine alone; an open page takes up a new draft and keeps the reader's place."""

from base64 import b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from transfer_report.errors import UserError
from transfer_report.files import sha256_of_file

HOST = "127.0.0.1"
_FILES = {
    "report.html": "text/html; charset=utf-8",
    "report.pdf": "application/pdf",
    "report.md": "text/plain; charset=utf-8",
}
SCRIPT = Path(__file__).with_name("page.js")
STYLE = (
    "html,body,iframe{margin:0;padding:0;border:0;width:100%;height:100%;display:block}"
    "p{font:1rem sans-serif;padding:2rem}[hidden]{display:none}"
)


def make_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of a folder's report; `serve_forever` runs it.

    Args:
        folder: Has `report.html` and what else there is of the report, now or later.
        port: 0 takes a free one.

    Raises:
        UserError: the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the base class calls it so
            # Another site may point its own name at this machine; its pages are not to read the report.
            if self.headers.get("Host", "").partition(":")[0] not in (HOST, "localhost"):
                self.send_error(403)
                return
            name = self.path.partition("?")[0].lstrip("/")
            if name == "":
                self._answer(_page().encode(), "text/html; charset=utf-8", {"Content-Security-Policy": _policy()})
            elif name == "state":
                file = folder / "report.html"
                state = sha256_of_file(file) if file.is_file() else ""
                self._answer(state.encode(), "text/plain; charset=utf-8", {})
            elif name in _FILES and (folder / name).is_file():
                self._answer((folder / name).read_bytes(), _FILES[name], {})
            else:
                self.send_error(404)

        def _answer(self, content: bytes, kind: str, headers: dict[str, str]) -> None:
            self.send_response(200)
            for key, value in {"Content-Type": kind, "Cache-Control": "no-store", **headers}.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
            """Say nothing: the page asks every few seconds."""

    try:
        return ThreadingHTTPServer((HOST, port), Handler)
    except OSError as error:
        raise UserError(f"port {port} cannot be used ({error.strerror}); take another with --port") from None


def _page() -> str:
    """The report in a frame, so that its own file and its own policy stay as they are."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Draft</title><style>{STYLE}</style></head>'
        '<body><p id="waiting" role="status">Waiting for the first condition to finish.</p>'
        f'<iframe id="report" title="Draft of the report" hidden></iframe><script>{_script()}</script></body></html>'
    )


def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def _policy() -> str:
    script, style = (b64encode(sha256(text.encode()).digest()).decode() for text in (_script(), STYLE))
    return (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; connect-src 'self'; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
