"""Whose address a limit goes by."""

from ipaddress import ip_network

import pytest

from gateway.pipeline.addresses import UNKNOWN, client_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", [b"198.51.100.1"], "192.0.2.7"),  # an untrusted peer says nothing of itself
        ("10.0.0.1", [b"198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [b"203.0.113.9, 198.51.100.1"], "198.51.100.1"),  # forged on the left
        ("10.0.0.1", [b"198.51.100.1, 10.0.0.2"], "198.51.100.1"),  # two proxies
        ("10.0.0.1", [b"203.0.113.9", b"198.51.100.1"], "198.51.100.1"),  # two headers, in order
        ("10.0.0.1", [b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),  # nobody but proxies
        ("10.0.0.1", [b"nonsense"], "10.0.0.1"),
        ("10.0.0.1", [b"198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [b"198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", [b""], "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", [], "2001:db8:1:2::/64"),
        ("2001:db8:ffff::1", [b"[2001:db8:1:3::1]:443"], "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", [], "192.0.2.7"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("/run/socket", [], UNKNOWN),
        (None, [b"198.51.100.1"], UNKNOWN),
        ("10.0.0.1", ["198.51.100.\u0661".encode()], "10.0.0.1"),
    ],
)
def test_the_address_is_the_peers_unless_a_named_proxy_says_otherwise(
    peer: str | None, forwarded: list[bytes], address: str
) -> None:
    """Read from right to left through trusted peers; IPv6 by its /64; IPv4 in IPv6 as IPv4."""
    assert client_address(peer, forwarded, PROXIES) == address
