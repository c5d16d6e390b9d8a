"""Which addresses are ordinary ones of the Internet. An explicit list, since Python's own changed between its versions.

Sources: the IANA registries of special-purpose IPv4 and IPv6 addresses, and the metadata services of clouds.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_SPECIAL_V4: Final = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carriers; one metadata service",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a cloud's own service, metadata among it",
    "169.254.0.0/16": "link-local; metadata services",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments; one metadata service",
    "192.0.2.0/24": "documentation",
    "192.31.196.0/24": "AS112",
    "192.52.193.0/24": "multicast tunnels",
    "192.88.99.0/24": "6to4 relays",
    "192.168.0.0/16": "private",
    "192.175.48.0/24": "AS112",
    "198.18.0.0/15": "measurements",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved; broadcast",
}
_ORDINARY_V6: Final = IPv6Network("2000::/3")
"""All unicast addresses of the Internet. Outside it: loopback, IPv4-mapped, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48),
discard, private (fc00::/7, metadata services among it), link-local, site-local, multicast."""

_SPECIAL_V6: Final = {
    "2001::/23": "protocol assignments, Teredo (2001::/32) and ORCHID among them",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4: an IPv4 address in disguise",
    "2620:4f:8000::/48": "AS112",
    "3fff::/20": "documentation",
}
_V4: Final = tuple(IPv4Network(each) for each in _SPECIAL_V4)
_V6: Final = tuple(IPv6Network(each) for each in _SPECIAL_V6)


def is_ordinary(address: Address) -> bool:
    """Tell whether anybody on the Internet could be meant; IPv4 in the clothes of IPv6 is not."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _V4)
    return address in _ORDINARY_V6 and address.scope_id is None and not any(address in network for network in _V6)


def lies_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether one of the networks holds the address; an IPv4 address in IPv6's clothes is no IPv4 address."""
    return any(address.version == network.version and address in network for network in networks)


def parse(text: str) -> Address | None:
    """An address in its usual form; None for anything else, such as `127.1`, `0x7f.0.0.1` or `2130706433`."""
    try:
        return ip_address(text)
    except ValueError:
        return None
