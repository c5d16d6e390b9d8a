"""Origins of pages that may hold the player: scheme, host and port, written as a browser writes them.

Rule source: assessments, "Embedding"; security, "Learners and answer keys".
"""

import re
from ipaddress import AddressValueError, IPv4Address
from typing import Final

from gateway.key_format import Env

LENGTH_MAX: Final = 255

REQUIREMENT: Final = (
    "an origin as browsers write it, such as `https://learn.example.com`: `https://`, host and port in lower case, no path, "
    "the usual port left out; `http://localhost` or `http://127.0.0.1`, with any port, in env test alone"
)

_SHAPE: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A host that ends in one is an IPv4 address to a browser, which writes it in four decimal parts (WHATWG URL, 3.5)."""
_USUAL: Final = {"http": 80, "https": 443}
_PORT_MAX: Final = 65_535


def is_origin(text: str, env: Env) -> bool:
    """Whether a page of this origin may hold the env's players, if the center says so.

    >>> is_origin("https://learn.example.com", "live"), is_origin("https://learn.example.com/", "live")
    (True, False)
    >>> is_origin("http://localhost:8080", "test"), is_origin("http://localhost:8080", "live")
    (True, False)
    """
    found = _SHAPE.fullmatch(text) if len(text) <= LENGTH_MAX else None
    if found is None:
        return False
    scheme, host = found["scheme"], found["host"]
    port = int(found["port"]) if found["port"] else None
    if port is not None and (port > _PORT_MAX or port == _USUAL[scheme]):
        return False
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            address = IPv4Address(host)
        except AddressValueError:
            return False
        is_here = address.is_loopback
    else:
        is_here = host == "localhost" or host.endswith(".localhost")
    return env == "test" if is_here else scheme == "https" and "." in host
