"""How the text of a setting becomes its value. Each parser raises ValueError for what is not valid."""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from msgspec import Struct

from gateway.tokens.key_file import read_key_file

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

REDIS_SCHEMES: Final = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster")
SHOWN_CHARACTERS: Final = 64

_CREDENTIALS: Final = {"user", "username", "password", "passfile", "sslpassword", "token"}


class Address(Struct, frozen=True):
    """Where to listen; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number within bounds, plain digits."""

    def parse(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) is None or not lowest <= int(text) <= highest:
            raise ValueError(text)
        return int(text)

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """One of some words."""

    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return parse


def switch(text: str) -> bool:
    """`on` or `off`."""
    return {"on": True, "off": False}[one_of("on", "off")(text)]


def file_path(text: str) -> Path:
    """A path; whether it is there is for its reader to say."""
    if "\0" in text:
        raise ValueError(text)
    return Path(text)


def existing_file(text: str) -> Path:
    """A file that is there."""
    path = file_path(text)
    if not path.is_file():
        raise ValueError(text)
    return path


def token_keys_file(text: str) -> Path:
    """A file of keys that sign access tokens, whole and closed to others."""
    path = file_path(text)
    read_key_file(path)
    return path


def database_url(text: str) -> str:
    """`postgresql://user:password@host:port/database`, the socket's folder as `?host=/path`."""
    parts = urlsplit(text)
    _ = parts.port if "," not in parts.netloc else None  # raises ValueError where it is no number
    query = parse_qs(parts.query)
    user = parts.username or query.get("user")
    database = parts.path.strip("/") or query.get("database") or query.get("dbname")
    if parts.scheme not in {"postgresql", "postgres"} or not user or not database:
        raise ValueError(text)
    return text


def redis_url(text: str) -> str:
    """One of the forms that redis-py takes, and `redis+cluster://` for a cluster."""
    parts = urlsplit(text)
    _ = parts.port
    database = parse_qs(parts.query).get("db", ["0"])[-1]
    named = parts.path.startswith("/") and len(parts.path) > 1 if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in REDIS_SCHEMES or not named or re.fullmatch(r"[0-9]{1,4}", database) is None:
        raise ValueError(text)
    return text


def public_url(text: str) -> str:
    """`http(s)://host[:port][/path]`, without a slash at the end."""
    parts = urlsplit(text)
    _ = parts.port
    extra = parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in {"http", "https"} or not parts.hostname or extra or not text.isprintable() or " " in text:
        raise ValueError(text)
    return text.rstrip("/")


def address(text: str) -> Address:
    """`host:port`, IPv6 in brackets."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port is None or set("/?#@") & set(text):
        raise ValueError(text)
    return Address(parts.hostname, parts.port)


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks separated by commas."""
    return tuple(ipaddress.ip_network(entry.strip()) for entry in text.split(","))


def without_credentials(url: str) -> str:
    """A URL as it may be shown: no user, no password, neither in the query; only its length where that is not sure."""
    hidden = f"set, {len(url)} characters"
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query)
    except ValueError:
        return hidden
    # An `@` further right: some part of a password was taken for the path, the query or the fragment.
    if not parts.scheme or not url.isprintable() or "@" in parts.path + parts.query + parts.fragment:
        return hidden
    if not parts.netloc and not parts.path.startswith("/"):
        return hidden
    query = urlencode([pair for pair in pairs if pair[0].lower() not in _CREDENTIALS], safe="/:")
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" + (f"?{query}" if query else "")


def shown(text: str) -> str:
    """At most 64 printable characters of what was given."""
    printable = "".join(character for character in text if character.isprintable())[:SHOWN_CHARACTERS]
    return f"'{printable}'"
