"""Writing a chain out of the database: page by page, with no connection held between two, in bounded memory.

The chain grows while it is written. Each page is read with the head of its moment; who has reached that head is done, and
has by then written every record that drops a body it found gone.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from gateway.key_format import Env
from gateway.records.chain import Columns
from gateway.records.exported import FORMAT, CheckpointLine, KeyLine, Line, Manifest, Opening, RecordLine, written
from gateway.records.notes import VerifierKey
from gateway.stores import Connection, Record, SqlStore

ROWS_MAX: Final = 500
BYTES_MAX: Final = 4 << 20
"""A page ends at so many records, or before the one that would make it so many bytes."""

STREAMED_BYTES_MAX: Final = 512 << 10
"""The same of a page that waits for somebody to read it: who takes his time costs the gateway a few megabytes."""

_PAGE: Final = """
select p.seq, p.record, p.hash, p.id, p.type, p.subject, p.actor,
       to_char(p.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, p.salt, p.body
  from (select d.*, b.salt, b.body,
               sum(octet_length(d.record) + coalesce(octet_length(b.body), 0)) over (order by d.seq) as bytes,
               row_number() over (order by d.seq) as nth
          from (select * from dpu where center_id = $1 and env = $2 and seq > $3 order by seq limit $4) d
          left join dpu_body b on b.center_id = d.center_id and b.env = d.env and b.seq = d.seq) p
 where p.bytes <= $5 or p.nth = 1
 order by p.seq
"""
_CHECKPOINTS: Final = """
select seq, note from dpu_checkpoint where center_id = $1 and env = $2 and seq > $3 and seq <= $4 order by seq, nth
"""
_HEAD: Final = "select seq, hash from dpu_head where center_id = $1 and env = $2"
_BEGIN: Final = -(2**63)
_END: Final = 2**63 - 1
"""All numbers that a row can have: what stands where no record may is written out too, and found."""


class _Page(Struct, frozen=True):
    """Records and checkpoints of one moment. `head`: the chain's last seq and its hash at that moment, if this ends it."""

    records: Sequence[Record]
    checkpoints: Sequence[Record]
    head: tuple[int, bytes] | None


class _Beside(Struct, frozen=True):
    """What a record says that columns say too."""

    id: str
    type: str
    subject: str
    actor: str
    at: str


_beside: Final = msgspec.json.Decoder(_Beside)


async def lines_of(
    sql: SqlStore, center_id: str, env: Env, keys: Iterable[VerifierKey], rows: int = ROWS_MAX
) -> AsyncGenerator[bytes, None]:
    """The lines of an export, some at a time. `keys` sign or signed checkpoints. Raises StoreDown, Overloaded."""
    async for part in parts_of(sql, center_id, env, keys, rows, STREAMED_BYTES_MAX):
        yield b"".join(map(written, part))


async def parts_of(
    sql: SqlStore,
    center_id: str,
    env: Env,
    keys: Iterable[VerifierKey],
    rows: int = ROWS_MAX,
    page_bytes: int = BYTES_MAX,
) -> AsyncGenerator[list[Line], None]:
    """The same lines as what they say: a page of at most `rows` records, or `page_bytes`, at a time."""
    yield [Opening(FORMAT, center_id, env), *(KeyLine(str(key)) for key in keys)]
    seq, bodies, checkpoints, limit = _BEGIN, 0, 0, rows
    head: tuple[int, bytes] | None = None
    while head is None:
        async with sql.session() as connection:
            page = await _page(connection, center_id, env, seq, limit, page_bytes)
        head = page.head
        bodies += sum(row["body"] is not None for row in page.records)
        checkpoints += len(page.checkpoints)
        if page.records:
            seq = page.records[-1]["seq"]
        limit = max(1, min(rows, 2 * len(page.records)))  # where records are long, fewer are looked at to fill a page
        yield list(_lines(page))
    yield [
        Manifest(
            center=center_id,
            env=env,
            size=head[0],
            head=head[1].hex(),
            ranges=((1, head[0]),),
            bodies=bodies,
            checkpoints=checkpoints,
        )
    ]


async def size_of(connection: Connection, center_id: str, env: str) -> int:
    """How many records the chain has now."""
    row = await connection.fetchrow(_HEAD, center_id, env)
    return 0 if row is None else row["seq"]


async def _page(connection: Connection, center_id: str, env: str, after: int, rows: int, page_bytes: int) -> _Page:
    """What follows the record `after`. Everything of one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        records = await connection.fetch(_PAGE, center_id, env, after, rows, page_bytes)
        head = await connection.fetchrow(_HEAD, center_id, env)
        last = records[-1]["seq"] if records else after
        kept = (0, b"") if head is None else (head["seq"], head["hash"])
        ended = not records or last >= kept[0]
        # At the end all that is left: a checkpoint of a record that is not there must not be passed over.
        checkpoints = await connection.fetch(_CHECKPOINTS, center_id, env, after, _END if ended else last)
    return _Page(records, checkpoints, kept if ended else None)


def _lines(page: _Page) -> Iterable[Line]:
    """Each checkpoint right behind its record."""
    notes = list(page.checkpoints)
    for row in page.records:
        while notes and notes[0]["seq"] < row["seq"]:
            yield CheckpointLine(notes.pop(0)["note"])
        yield RecordLine(
            record=Raw(row["record"].encode()),
            hash=row["hash"].hex(),
            salt=UNSET if row["salt"] is None else row["salt"].hex(),
            body=UNSET if row["body"] is None else row["body"],
            listed=_contradiction(row),
        )
    for left in notes:
        yield CheckpointLine(left["note"])


def _contradiction(row: Record) -> Columns | UnsetType:
    """What the columns say, where it is not what the record says."""
    columns = Columns(row["id"], row["type"], row["subject"], row["actor"], row["at"])
    try:
        said = _beside.decode(row["record"])
    except msgspec.MsgspecError:
        return UNSET  # the record itself is what is wrong
    return UNSET if said == _Beside(*msgspec.structs.astuple(columns)) else columns
