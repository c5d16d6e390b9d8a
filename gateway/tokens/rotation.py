"""How keys that sign tokens or checkpoints follow each other: shown before they sign, kept until nothing they signed can live."""

from typing import Final

from gateway.tokens.access import LEEWAY_SECONDS, LIFE_SECONDS
from gateway.tokens.key_file import TokenKeyFile, new_key

SHOWN_BEFORE_MS: Final = 600_000
"""A new key is in every gateway's ring and in the JWKS, which others keep for 5 minutes, before it signs."""

TOKEN_LIFE_MS: Final = (LIFE_SECONDS + LEEWAY_SECONDS) * 1000


def with_new(keys: TokenKeyFile, now_ms: int) -> TokenKeyFile:
    """The ring with a fresh key in front; the first of all signs at once."""
    version, start = (keys[0].version + 1, now_ms + SHOWN_BEFORE_MS) if keys else (1, now_ms)
    return (new_key(version, start), *keys)


def without(keys: TokenKeyFile, version: int) -> TokenKeyFile:
    """The ring without one key; KeyError where it is not held."""
    rest = tuple(key for key in keys if key.version != version)
    if len(rest) == len(keys):
        raise KeyError(version)
    return rest


def needed_until_ms(keys: TokenKeyFile, version: int, life_ms: int = TOKEN_LIFE_MS) -> int | None:
    """When the last token that this key may have signed is over; None for the newest, which goes on signing. `life_ms`: how
    long what was signed needs the key itself.
    """
    newer = [key.from_ms for key in keys if key.version > version]
    return min(newer) + life_ms if newer else None
