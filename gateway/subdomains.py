"""Subdomains: which words may name a center in an address. Rule source: centers, "Provisioning"."""

import re
from typing import Final

_SHAPE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

RESERVED_SUBDOMAINS: Final = frozenset(
    [
        "admin",
        "api",
        "app",
        "assets",
        "auth",
        "billing",
        "cdn",
        "console",
        "coursegate",
        "dashboard",
        "dev",
        "docs",
        "embed",
        "gateway",
        "help",
        "internal",
        "localhost",
        "login",
        "mail",
        "metrics",
        "none",
        "null",
        "root",
        "security",
        "smtp",
        "staging",
        "static",
        "status",
        "support",
        "sys",
        "system",
        "test",
        "undefined",
        "webhooks",
        "www",
    ]
)
"""Names that a visitor would take for the product's own."""


def subdomain_requirement(text: str) -> str | None:
    """Say what `text` fails to be as a subdomain; None = it is one.

    >>> subdomain_requirement("north-college"), subdomain_requirement("xn--nrth")
    (None, '3-30 of a-z, 0-9 and single inner hyphens')
    """
    if not 3 <= len(text) <= 30 or _SHAPE.fullmatch(text) is None:
        return "3-30 of a-z, 0-9 and single inner hyphens"
    return "a word that is not reserved" if text in RESERVED_SUBDOMAINS else None
