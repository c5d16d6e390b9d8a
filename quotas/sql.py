"""How quotas talk to PostgreSQL: connections are lent by the caller, times travel as aware UTC instants."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

import asyncpg

if TYPE_CHECKING:
    Record: TypeAlias = asyncpg.Record
    Connection: TypeAlias = asyncpg.Connection[Record] | asyncpg.pool.PoolConnectionProxy[Record]
else:
    # asyncpg's classes take no type arguments at run time.
    Record = asyncpg.Record
    Connection = asyncpg.Connection

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def instant(ms: int) -> datetime:
    """Turn milliseconds since 1970 into what SQL takes."""
    return _EPOCH + timedelta(milliseconds=ms)


def milliseconds(at: datetime) -> int:
    """Turn an aware instant into whole milliseconds since 1970."""
    return (at - _EPOCH) // _MILLISECOND
