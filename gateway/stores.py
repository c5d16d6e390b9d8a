"""The SQL store as the gateway uses it."""

from typing import TYPE_CHECKING, TypeAlias

import asyncpg

if TYPE_CHECKING:
    Record: TypeAlias = asyncpg.Record
    Connection: TypeAlias = asyncpg.Connection[Record] | asyncpg.pool.PoolConnectionProxy[Record]
else:
    # asyncpg's classes take no type arguments at run time.
    Record = asyncpg.Record
    Connection = asyncpg.Connection
