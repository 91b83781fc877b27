"""The address by which a request is counted."""

from types import SimpleNamespace

import pytest

from demo.serving.address import address_of, visitor_of


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:cb00:7107", "203.0.113.7"),
        ("64:ff9b::203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_all_notations_of_an_address_are_one_address(host, address):
    assert address_of(host) == address
    assert visitor_of(SimpleNamespace(client=SimpleNamespace(host=host))) == address


def test_without_a_request_there_is_no_address():
    assert visitor_of(None) == ""
    assert visitor_of(SimpleNamespace(client=None)) == ""
