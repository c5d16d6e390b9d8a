"""What never stands in a log: keys, tokens, passwords, secrets, addresses of people. Found by name and by look."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from gateway.ids import SHAPE

REDACTED: Final = "[redacted]"

_NAMES: Final = re.compile(
    r"(?i)password|secret|token|authori[sz]ation|api_?key$|credential|cookie|pepper|e_?mail|answer|content$|source_text|^text$"
)
_LOOKS: Final = re.compile(
    r"cg_(?:live|test)_[0-9A-Za-z]+"  # API keys, whole or cut
    r"|cg[esri]_[0-9A-Za-z_-]+"  # embed tokens, credentials of sessions, refresh and invitation tokens
    r"|whsec_[0-9A-Za-z+/=_-]+"  # webhook secrets
    r"|eyJ[0-9A-Za-z_-]{8,}(?:\.[0-9A-Za-z_-]*)*"  # JWT
    r"|(?i:bearer)\s+\S+"
    r"|(?<=://)[^/\s@]+@"  # user and password of a URL
    r"|[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+"  # e-mail
)


def redacted_text(text: str) -> str:
    """The text with everything blanked that looks like a secret or an e-mail address."""
    return _LOOKS.sub(REDACTED, text)


def looks_secret(text: str) -> bool:
    """Whether something in the text looks like a secret."""
    return _LOOKS.search(text) is not None


def redacted(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts, with values blanked by their name or by their look, however deep."""
    return {
        name: REDACTED if value is not None and _names_a_secret(name) else _value(value)
        for name, value in facts.items()
    }


@lru_cache(maxsize=4096)
def _names_a_secret(name: str) -> bool:
    return _NAMES.search(name) is not None


def _value(value: Any) -> Any:
    match value:
        case str():
            return value if SHAPE.fullmatch(value) is not None else redacted_text(value)
        case bytes():
            return REDACTED
        case Mapping():
            return redacted(value)
        case list() | tuple():
            return [_value(item) for item in value]
        case _:
            return value
