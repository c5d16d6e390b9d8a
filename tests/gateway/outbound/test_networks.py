"""Which addresses are ordinary. Rule source: webhooks; security, "Webhooks"."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.outbound.networks import is_ordinary, lies_within, parse
from gateway.outbound.targets import WrongTarget, may_connect, parse_target


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:2800:21f::1", "2a00:1450:4001::200e"])
def test_ordinary_addresses_are_ordinary(text: str) -> None:
    """What stands on the Internet may be written to."""
    assert is_ordinary(ip_address(text))


@given(some.ip_addresses(v=4))
def test_nothing_is_ordinary_that_python_calls_special(address: IPv4Address) -> None:
    """Our list is no shorter than the standard library's."""
    if not address.is_global or address.is_multicast:
        assert not is_ordinary(address)


@given(some.ip_addresses(v=6))
def test_no_ipv6_is_ordinary_that_python_calls_special(address: IPv6Address) -> None:
    """Our list is no shorter than the standard library's."""
    if not address.is_global or address.is_multicast or address.ipv4_mapped or address.sixtofour or address.teredo:
        assert not is_ordinary(address)


@given(some.ip_addresses(v=4))
def test_no_disguise_makes_an_ipv4_address_ordinary(address: IPv4Address) -> None:
    """IPv4-mapped, IPv4-compatible, NAT64, 6to4 and Teredo forms of any address are refused, of public ones too."""
    number = int(address)
    for disguised in (
        0xFFFF << 32 | number,
        number,
        0x0064_FF9B << 96 | number,
        0x0064_FF9B_0001 << 80 | number,
        0x2002 << 112 | number << 80,
        0x2001_0000 << 96 | number << 64 | (number ^ 0xFFFF_FFFF),
    ):
        assert not is_ordinary(IPv6Address(disguised))


@given(some.sampled_from(["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "224.0.0.0/4"]), some.data())
def test_every_address_of_a_special_network_is_special(network: str, data: some.DataObject) -> None:
    """From the first to the last."""
    assert not is_ordinary(data.draw(some.ip_addresses(network=network)))


@pytest.mark.parametrize("text", ["127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.0.0.01", "", "a.b"])
def test_other_spellings_are_no_addresses(text: str) -> None:
    """One address has one spelling."""
    assert parse(text) is None


def test_what_the_operator_allows_is_meant_as_it_is_said() -> None:
    """An allowed IPv4 network holds no IPv6 address, not even one that looks like it; http and any port go there."""
    loopback = (ip_network("127.0.0.0/8"),)
    assert lies_within(ip_address("127.0.0.1"), loopback)
    assert not lies_within(ip_address("::ffff:127.0.0.1"), loopback)
    target = parse_target("http://hooks.test:4711/")
    assert may_connect(target, [ip_address("127.0.0.1")], loopback)
    assert not may_connect(target, [ip_address("127.0.0.1")], ())
    assert not may_connect(target, [ip_address("127.0.0.1"), ip_address("8.8.8.8")], loopback)
    assert not may_connect(target, [], loopback)


@given(some.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_url(text: str) -> None:
    """It is a target or it is not: nothing else is raised, and what is taken is spelt the same a second time."""
    for url in (text, f"https://{text}", f"https://receiver.test/{text}"):
        try:
            target = parse_target(url)
        except WrongTarget:
            continue
        assert parse_target(target.url) == target
