import subprocess

from transfer_report.data.hashes import git_blob_id
from transfer_report.files import md5_of_file


def test_the_blob_id_is_that_of_git(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"contents\n" * 1000)
    said_by_git = subprocess.run(["git", "hash-object", path], capture_output=True, text=True, check=True).stdout
    assert git_blob_id(path) == said_by_git.strip()


def test_md5_of_nothing(tmp_path):
    (tmp_path / "empty").touch()
    assert md5_of_file(tmp_path / "empty") == "d41d8cd98f00b204e9800998ecf8427e"  # RFC 1321, A.5
