"""Whose address a request comes from: the peer's, unless the peer is a proxy that the settings name."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

UNKNOWN: Final = "unknown"
"""A peer without an address, such as one behind a Unix socket, shares one window with its like."""

_IPV6_PREFIX: Final = 64
_LENGTH_MAX: Final = 64
"""Characters that an address can have, port and zone included; what is longer is none."""


def client_address(peer: str | None, forwarded: Sequence[bytes], trusted: Sequence[Network]) -> str:
    """The address that a limit goes by, an IPv6 one as its /64.

    `forwarded` are the values of `X-Forwarded-For` as they came. They are read from right to left, as long as whoever
    added a value is a trusted proxy; what an untrusted peer says of itself is never read.
    """
    here = _address(peer or "")
    if here is None:
        return UNKNOWN
    hops = [hop.strip() for value in forwarded for hop in value.decode("latin-1").split(",")]
    while hops and any(here in network for network in trusted):
        named = _address(hops.pop()[:_LENGTH_MAX])
        if named is None:
            break
        here = named
    return _limited_by(here)


def _limited_by(address: Address) -> str:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _IPV6_PREFIX), strict=False))
    return str(address)


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """The address in `192.0.2.7`, `192.0.2.7:443`, `2001:db8::7` or `[2001:db8::7]:443`; an IPv4-mapped one as IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if mapped is None else mapped
