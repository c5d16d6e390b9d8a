"""What a customer may name as the target of requests, and whether an address that it stands for may be connected to.

Rule source: security, "Webhooks": HTTPS on 443 and 8443, no user, no special address; what lies in the networks that the
operator allows may be plain HTTP and listen on any port.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from gateway.outbound.networks import Address, Network, is_ordinary, lies_within, parse

URL_LENGTH_MAX: Final = 2048
PORTS: Final = (443, 8443)

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_REST: Final = re.compile(r"(?:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", re.ASCII)
_NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)


class Target(Struct, frozen=True):
    """A URL taken apart. `url` is its one spelling: host in lower case, the scheme's own port left out.

    `address`: the host, where it is one and not a name.
    """

    url: str
    scheme: str
    host: str
    port: int
    address: Address | None


class WrongTarget(ValueError):
    """No URL that requests could go to; the text is what is valid, to be said to a customer."""


class ForbiddenAddress(OSError):
    """A target that stands for an address that is nobody's business; the text names neither."""

    def __init__(self) -> None:
        super().__init__("the target's address is not allowed")


def parse_target(url: str) -> Target:
    """Take a customer's URL apart. Raises WrongTarget; whether its address is allowed is for `may_connect`."""
    if not url.isascii() or len(url) > URL_LENGTH_MAX:
        raise WrongTarget(f"an ASCII URL of at most {URL_LENGTH_MAX} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongTarget("a URL such as https://example.com/hooks") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise WrongTarget("a URL that begins with https://")
    if "@" in parts.netloc:
        raise WrongTarget("a URL without user and password")
    if "#" in url or _REST.fullmatch(parts.path + parts.query) is None or any(mark in url for mark in "\\ \t\r\n"):
        raise WrongTarget("a URL without fragment, spaces and characters that need percent-encoding")
    host = parts.hostname.lower().removesuffix(".")
    address = parse(host)
    if address is None and not _is_name(host):
        raise WrongTarget("a URL with a host name or an address in its usual form")
    if port == 0:
        raise WrongTarget("a port between 1 and 65535")
    default = 443 if parts.scheme == "https" else 80
    return Target(_spelled(parts, host, port, default), parts.scheme, host, port or default, address)


def may_connect(target: Target, addresses: Sequence[Address], allowed: Iterable[Network]) -> bool:
    """Whether all addresses that the target stands for may be connected to: one that may not forbids the others too."""
    inside = tuple(allowed)
    usual = target.scheme == "https" and target.port in PORTS
    return bool(addresses) and all(
        lies_within(address, inside) or (usual and is_ordinary(address)) for address in addresses
    )


def _is_name(host: str) -> bool:
    """Whether resolvers take it for a name: one whose last part is a number, many take for an address."""
    labels = host.split(".")
    return (
        len(host) <= 253
        and all(_LABEL.fullmatch(label) is not None for label in labels)
        and _NUMERIC.fullmatch(labels[-1]) is None
    )


def _spelled(parts: SplitResult, host: str, port: int | None, default: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    place = shown if port in {None, default} else f"{shown}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{place}{parts.path or '/'}{query}"
