"""What an address may do to a download, played by a server of this machine."""

import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from transfer_report import downloads
from transfer_report.downloads import DownloadError, download
from transfer_report.errors import UserError
from transfer_report.models.pretrained import WeightsFile, download_weights

CONTENT = bytes(range(256)) * 400


class Server(BaseHTTPRequestHandler):
    """Behaves as the path says; counts the requests for each."""

    requests: dict[str, list[str | None]]

    def do_GET(self):
        asked = self.headers.get("Range")
        self.requests.setdefault(self.path, []).append(asked)
        getattr(self, self.path.strip("/").replace("-", "_"))(int(asked[6:-1]) if asked else 0)

    def log_message(self, *_):
        pass

    def send(self, content, code=200, length=None, **headers):
        self.send_response(code)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def whole(self, start):
        self.send(CONTENT[start:], 206 if start else 200)

    def breaks_off_twice(self, start):
        rest = CONTENT[start:]
        part = rest if len(self.requests[self.path]) == 3 else rest[:40_000]
        self.send(part, 206 if start else 200, length=len(rest))

    def breaks_off_and_cannot_resume(self, start):  # noqa: ARG002  # as a server that knows no ranges
        first = len(self.requests[self.path]) == 1
        self.send(CONTENT[:1000] if first else CONTENT, length=len(CONTENT))

    def always_breaks_off(self, start):
        self.send(CONTENT[start : start + 10], 206 if start else 200, length=len(CONTENT) - start)

    def never_answers(self, start):  # noqa: ARG002
        time.sleep(3)

    def drips(self, start):  # noqa: ARG002
        self.send(b"", length=len(CONTENT))
        try:
            for _ in range(200):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            pass  # given up, as it should be

    def never_ends(self, start):  # noqa: ARG002
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(CONTENT)
        except OSError:
            pass  # given up, as it should be

    def moved(self, start):  # noqa: ARG002
        self.send(b"", 302, Location="/whole")

    def moved_in_a_circle(self, start):  # noqa: ARG002
        self.send(b"", 302, Location="/moved-in-a-circle")

    def gone(self, start):  # noqa: ARG002
        self.send(b"<html>not here</html>", 404)

    def page(self, start):  # noqa: ARG002  # as the page of a hotel, which answers for every address
        self.send(b"<html>sign in</html>")

    def other_part(self, start):
        if start:
            self.send(b"", 416)
        else:
            self.send(CONTENT)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(downloads, "GRACE_SECONDS", 0.5)
    handler = type("Handler", (Server,), {"requests": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.daemon_threads = True
        running.block_on_close = False
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield lambda path: f"http://127.0.0.1:{running.server_port}/{path}", handler.requests
        running.shutdown()


@pytest.mark.parametrize("behaviour", ["whole", "moved", "breaks-off-twice", "breaks-off-and-cannot-resume"])
def test_the_file_comes_whole(server, tmp_path, behaviour):
    download(server[0](behaviour), tmp_path / "new" / "part")
    assert (tmp_path / "new" / "part").read_bytes() == CONTENT


def test_what_broke_off_is_not_fetched_again(server, tmp_path):
    download(server[0]("breaks-off-twice"), tmp_path / "part")
    assert server[1]["/breaks-off-twice"] == [None, "bytes=40000-", "bytes=80000-"]


def test_a_later_run_goes_on_where_an_earlier_one_ended(server, tmp_path):
    with pytest.raises(DownloadError, match=r"102,?3\d\d more expected.*; 3 attempts"):
        download(server[0]("always-breaks-off"), tmp_path / "part")
    download(server[0]("whole"), tmp_path / "part")
    assert server[1]["/whole"] == ["bytes=30-"]
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_a_part_that_the_server_does_not_know_is_thrown_away(server, tmp_path):
    (tmp_path / "part").write_bytes(b"of an older, longer file")
    download(server[0]("other-part"), tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("never-answers", "3 attempts"),
        ("drips", "gave up after"),
        ("gone", "404"),
        ("moved-in-a-circle", "redirects"),
    ],
)
def test_what_cannot_be_had_ends_soon(server, tmp_path, monkeypatch, behaviour, why):
    monkeypatch.setattr(downloads, "READ_SECONDS", 0.3)
    with pytest.raises(DownloadError, match=why):
        download(server[0](behaviour), tmp_path / "part")


def test_an_answer_without_end_does_not_fill_the_disk(server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 10 * len(CONTENT))
    with pytest.raises(DownloadError, match="no file that was asked for is so long"):
        download(server[0]("never-ends"), tmp_path / "part")
    assert (tmp_path / "part").stat().st_size == 0


def weights(url):
    return WeightsFile("weights", f"net-{sha256(CONTENT).hexdigest()[:8]}.pth", url)


def test_weights_have_their_name_when_they_are_whole_and_verified(server, tmp_path):
    path = download_weights(weights(server[0]("breaks-off-twice")), tmp_path)
    assert path.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_in_place_of_weights_is_refused_and_not_kept(server, tmp_path):
    with pytest.raises(UserError, match="not the file that its name says"):
        download_weights(weights(server[0]("page")), tmp_path)
    assert not list(tmp_path.iterdir())


def test_weights_that_cannot_be_had_are_told(server, tmp_path, caplog):
    assert download_weights(weights(server[0]("always-breaks-off")), tmp_path) is None
    assert "cannot be downloaded" in caplog.text
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".pth"]
