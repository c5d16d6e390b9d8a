"""What a browser would like best: a language, an encoding. Nothing is refused for it."""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

_RANGE: Final = re.compile(r"\s*([A-Za-z0-9*/+.-]{1,64})\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?\Z")
_RANGES_MAX: Final = 20


class Preferences(Struct, frozen=True):
    """The headers as they came; an absent one is empty."""

    accept: str
    accept_language: str
    accept_encoding: str

    @property
    def takes_gzip(self) -> bool:
        """Whether an answer may be compressed."""
        return any(name in {"gzip", "*"} and weight > 0 for name, weight in _ranges(self.accept_encoding))


def preferences_of(headers: Mapping[bytes, bytes]) -> Preferences:
    """Read them off the headers by name."""
    accept, language, encoding = (
        headers.get(name, b"").decode("latin-1") for name in (b"accept", b"accept-language", b"accept-encoding")
    )
    return Preferences(accept, language, encoding)


def wants_page(accept: str) -> bool:
    """Whether somebody looks at the answer: HTML is named, and JSON is not liked better."""
    weights = dict(_ranges(accept))
    page = weights.get("text/html", 0.0)
    return page > 0 and page >= max(weights.get("application/json", 0.0), weights.get("application/problem+json", 0.0))


def _ranges(text: str) -> list[tuple[str, float]]:
    """What is named, in its order, with its weight; what can't be read is passed over."""
    found = (_RANGE.match(part) for part in text.split(",")[:_RANGES_MAX])
    return [(match[1].lower(), float(match[2] or 1)) for match in found if match is not None]
