"""Origins of pages that may hold the player: scheme, host and port, written as a browser writes them.

Rule source: assessments, "Embedding"; security, "Learners and answer keys".
"""

import re
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
_HERE: Final = frozenset({"localhost", "127.0.0.1"})
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
    if host in _HERE or host.endswith(".localhost"):
        return env == "test"
    return scheme == "https" and "." in host
