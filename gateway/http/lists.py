"""Lists: pages of at most 100, and cursors that only the list which gave them understands.

A handler takes `limit: Limit = 20, cursor: Cursor = None` and says:

    listing = Listing(services.keyring, caller, "/v1/courses", {"status": status}, now_ms=services.clock.now_ms())
    rows = await store.newest(connection, …, behind=listing.position(cursor), limit=limit + 1)
    return listing.page(rows, limit, show=render, position=lambda row: (micros(row["created_at"]), row["id"]))
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Generic, Protocol, TypeVar

import msgspec
from litestar.params import QueryParameter
from msgspec import Struct

from gateway.caller import Caller
from gateway.errors import InvalidCursor
from gateway.keyring import CURSORS, Keyring

Row = TypeVar("Row")
Shown = TypeVar("Shown")

Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many to return, 1-100; 20 if not given.")]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=1024, description="The `next_cursor` of the page before, with the same filters."),
]

CURSOR_LIFE_MS: Final = 24 * 60 * 60 * 1000
_MAC_BYTES: Final = 32
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Page(Struct, Generic[Shown], frozen=True):
    """One page. `next_cursor` is there exactly where `has_more` is true."""

    data: list[Shown]
    has_more: bool
    next_cursor: str | None


class _Bookmark(Struct, frozen=True, array_like=True):
    issued_ms: int
    position: tuple[int | str, ...]


_encode: Final = msgspec.json.Encoder(order="sorted").encode
_bookmarks: Final = msgspec.json.Decoder(_Bookmark)


class Listing:
    """One list as one caller sees it. A cursor is signed over center, env, route and filters, and lives for 24 hours."""

    def __init__(
        self, keyring: Keyring, caller: Caller, route: str, filters: Mapping[str, Any] | None = None, *, now_ms: int
    ) -> None:
        self._keyring = keyring
        self._now_ms = now_ms
        self._about = _encode((caller.center.id, caller.env, route, dict(filters or {})))

    def position(self, cursor: str | None) -> tuple[int | str, ...] | None:
        """Where the page before ended, as its handler described it; None for the first page. Raises InvalidCursor."""
        if cursor is None:
            return None
        try:
            signed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            payload, signature = signed[:-_MAC_BYTES], signed[-_MAC_BYTES:]
            genuine = self._keyring.verifies(CURSORS, self._signed(payload), signature)
            bookmark = _bookmarks.decode(payload) if genuine else None
        except (UnicodeEncodeError, BinasciiError, ValueError):
            bookmark = None
        if bookmark is None or not 0 <= self._now_ms - bookmark.issued_ms + 60_000 <= CURSOR_LIFE_MS + 60_000:
            raise InvalidCursor
        return bookmark.position

    def page(
        self,
        rows: Sequence[Row],
        limit: int,
        *,
        show: Callable[[Row], Shown],
        position: Callable[[Row], tuple[int | str, ...]],
    ) -> Page[Shown]:
        """The page out of up to `limit + 1` rows: the one too many says that there is more."""
        has_more = len(rows) > limit
        kept = rows[:limit]
        return Page([show(row) for row in kept], has_more, self._cursor(position(kept[-1])) if has_more else None)

    def _cursor(self, position: tuple[int | str, ...]) -> str:
        payload = _encode(_Bookmark(self._now_ms, position))
        return urlsafe_b64encode(payload + self._keyring.sign(CURSORS, self._signed(payload))).rstrip(b"=").decode()

    def _signed(self, payload: bytes) -> bytes:
        return self._about + b"\n" + payload


def micros(instant: datetime) -> int:
    """Microseconds since 1970: an instant as a cursor keeps it, as exact as SQL has it."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def instant(micros_since_1970: int) -> datetime:
    """The way back from `micros`."""
    return _EPOCH + timedelta(microseconds=micros_since_1970)


class Columns(Protocol):
    """A row of SQL, by column name."""

    def __getitem__(self, column: str, /) -> Any:
        """One value."""
        ...


def newest_position(row: Columns) -> tuple[int | str, ...]:
    """Where a row stands in a list of the newest: its `created_at` and `id`."""
    return (micros(row["created_at"]), row["id"])


def newest_before(position: tuple[int | str, ...] | None) -> tuple[datetime, str] | None:
    """The way back from `newest_position`, as SQL takes it."""
    return None if position is None else (instant(int(position[0])), str(position[1]))
