"""What `check` warns of by looking at the settings alone."""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from gateway.settings import Settings, variable

_ENCRYPTED_SQL: Final = {"require", "verify-ca", "verify-full"}


def warnings(settings: Settings, unknown: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Name and words of each warning: cleartext off this machine, metrics in the open, no sign-ins, misspelt names."""
    for field in ("database_url", "migrate_database_url"):
        url = getattr(settings, field)
        if url is not None and _sql_leaves_in_clear(url):
            yield variable(field), "cleartext to another machine; valid: sslmode=verify-full in the URL"
    redis = urlsplit(settings.redis_url)
    if redis.scheme in {"redis", "redis+cluster"} and not is_loopback(redis.hostname or ""):
        yield (
            variable("redis_url"),
            f"cleartext to another machine; valid: {redis.scheme.replace('redis', 'rediss', 1)}://",
        )
    public = urlsplit(settings.public_url)
    if public.scheme == "http" and not is_loopback(public.hostname or ""):
        yield variable("public_url"), "keys would travel in cleartext; valid: https://"
    if not is_loopback(settings.metrics_address.host):
        yield variable("metrics_address"), "metrics can be read from other machines; they need no key"
    if settings.jwt_keys_file is None:
        yield variable("jwt_keys_file"), "is not set: nobody can sign in, API keys alone work"
    for name in unknown:
        yield name, "is no setting; misspelt?"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: a socket's folder, localhost, 127.0.0.0/8 or ::1."""
    if host in {"", "localhost"} or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _sql_leaves_in_clear(url: str) -> bool:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    named = parts.netloc.rpartition("@")[2]
    hosts = [host.rpartition(":")[0] or host for host in named.split(",") if host] or query.get("host", [""])
    encrypted = query.get("sslmode", ["prefer"])[-1] in _ENCRYPTED_SQL
    return not encrypted and not all(is_loopback(host) for host in hosts)
