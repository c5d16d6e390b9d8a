"""Every scope there is. A route declares exactly those it needs; a key holds some of them. Rule source: conventions."""

from typing import Final, Literal, get_args

Scope = Literal[
    "read:courses",
    "write:courses",
    "read:assessments",
    "write:assessments",
    "write:submissions",
    "read:results",
    "write:grades",
    "mint:embed_tokens",
    "manage:webhooks",
    "read:usage",
    "read:dpus",
    "write:dpus",
    "manage:center",
    "provision:centers",
]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
CENTER_SCOPES: Final[tuple[Scope, ...]] = tuple(scope for scope in SCOPES if scope != "provision:centers")
"""What a center's own keys may hold; only a partner's key provisions."""
