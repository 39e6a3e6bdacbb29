from http.client import HTTPConnection
from threading import Thread

import pytest

from transfer_report.draft.server import make_server
from transfer_report.errors import UserError


@pytest.fixture
def server(tmp_path):
    (tmp_path / "report.html").write_text("<p>first</p>")
    (tmp_path / "secret.txt").write_text("no part of the report")
    running = make_server(tmp_path, 0)
    Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def answer(server, path, host=None):
    connection = HTTPConnection("127.0.0.1", server.server_port)
    connection.request("GET", path, headers={"Host": host} if host else {})
    response = connection.getresponse()
    found = response.status, response.getheader("Content-Security-Policy"), response.read().decode()
    connection.close()
    return found


def test_the_report_and_nothing_else_is_served_to_this_machine(server, tmp_path):
    assert server.server_address[0] == "127.0.0.1"
    assert answer(server, "/report.html")[::2] == (200, "<p>first</p>")
    for path in ("/secret.txt", "/../secret.txt", "/report.html/../secret.txt", "/report.pdf"):
        assert answer(server, path)[0] == 404
    assert answer(server, "/report.html", host="elsewhere.example:80")[0] == 403
    assert "default-src 'none'" in answer(server, "/")[1]
    before = answer(server, "/state")[2]
    (tmp_path / "report.html").write_text("<p>second</p>")
    assert answer(server, "/state")[2] != before


def test_a_port_that_is_taken(server, tmp_path):
    with pytest.raises(UserError, match="take another with --port"):
        make_server(tmp_path, server.server_port)
