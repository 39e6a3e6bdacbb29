import pytest

from transfer_report.records.addresses import with_addresses
from transfer_report.yaml_files import yaml_text


@pytest.mark.parametrize("fields", [{"name": "a", "share": 0.5, "count": 3, "classes": ["x", "y"], "is": True}])
def test_what_knows_its_address_is_written_as_plain_yaml(fields):
    assert (
        yaml_text(with_addresses(fields))
        == yaml_text(fields)
        == ("name: a\nshare: 0.5\ncount: 3\nclasses:\n- x\n- y\nis: true\n")
    )
