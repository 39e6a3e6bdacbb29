import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from transfer_report.data.download import fetch
from transfer_report.errors import UserError


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def address(tmp_path):
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "file").write_bytes(b"published")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=tmp_path / "public"))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def is_published(path):
    return path.read_bytes() == b"published"


def test_a_published_file_is_kept(address, tmp_path):
    assert fetch(f"{address}/file", tmp_path / "cache" / "file", is_published).read_bytes() == b"published"


def test_a_file_that_is_there_is_not_fetched_again(tmp_path):
    (tmp_path / "file").write_bytes(b"published")
    assert fetch("http://127.0.0.1:9/file", tmp_path / "file", is_published) == tmp_path / "file"


def test_a_damaged_file_is_fetched_again(address, tmp_path):
    (tmp_path / "file").write_bytes(b"publ")
    assert fetch(f"{address}/file", tmp_path / "file", is_published).read_bytes() == b"published"


def test_other_contents_are_refused_and_not_kept(address, tmp_path):
    with pytest.raises(UserError, match="not the published one"):
        fetch(f"{address}/file", tmp_path / "cache" / "file", lambda _: False)
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("path", ["missing", None])
def test_an_address_that_does_not_answer_is_named(address, tmp_path, path):
    url = f"{address}/{path}" if path else "http://127.0.0.1:9/file"
    with pytest.raises(UserError, match=f"{url}: cannot be downloaded"):
        fetch(url, tmp_path / "cache" / "file", is_published)
