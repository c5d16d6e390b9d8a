"""What an examination must remember of a chain, in a private file of SQLite's that goes with it.

Evidence under way and who made which key grow with the chain, so none of it is held in memory. Nobody else can open the
file; it has no name.
"""

import sqlite3
from typing import Final, Self

from msgspec import Struct

_CACHE_KIB: Final = 2048
_TABLES: Final = """
create table standing (
    seq integer primary key, hash text not null, id text not null, actor text not null, critical integer not null,
    documents integer not null, approvers text not null) strict;
create table maker (made text not null, by text not null, primary key (made, by)) strict, without rowid;
"""


class Standing(Struct, frozen=True):
    """How far the evidence of a record has come. `approvers`: in the order in which they approved."""

    seq: int
    hash: str
    id: str
    actor: str
    critical: bool
    documents: int
    approvers: tuple[str, ...]

    @property
    def approvals_needed(self) -> int:
        """Two people for what is critical, else one."""
        return 2 if self.critical else 1

    @property
    def level(self) -> str:
        """DRAFT, DOCUMENTED or AUDIT_READY."""
        if len(self.approvers) >= self.approvals_needed:
            return "AUDIT_READY"
        return "DOCUMENTED" if self.documents else "DRAFT"


class Memory:
    """Of one examination; `close` forgets it."""

    def __init__(self) -> None:
        self._sql = sqlite3.connect("", isolation_level=None)
        self._sql.execute(f"pragma cache_size = -{_CACHE_KIB}")
        self._sql.execute("pragma journal_mode = off")
        self._sql.execute("pragma synchronous = off")
        self._sql.executescript(_TABLES)
        self._sql.execute("begin")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sql.close()

    def standing(self, seq: int) -> Standing | None:
        """How far a record's evidence has come; None where it has none yet."""
        row = self._sql.execute("select * from standing where seq = ?", (seq,)).fetchone()
        if row is None:
            return None
        return Standing(
            row[0], row[1], row[2], row[3], bool(row[4]), row[5], tuple(row[6].split("\n")) if row[6] else ()
        )

    def stands(self, standing: Standing) -> None:
        """Remember how far it has come now."""
        approvers = "\n".join(standing.approvers)
        self._sql.execute(
            "insert or replace into standing values (?, ?, ?, ?, ?, ?, ?)",
            (
                standing.seq,
                standing.hash,
                standing.id,
                standing.actor,
                standing.critical,
                standing.documents,
                approvers,
            ),
        )

    def made(self, key_id: str, by: str) -> None:
        """A key was made by a person or another key."""
        self._sql.execute("insert or ignore into maker values (?, ?)", (key_id, by))

    def has_part(self, person: str, actor: str) -> bool:
        """Whether a person is the actor, or made the key that is, or the key that made that one."""
        found = self._sql.execute(
            "with recursive part (id) as (select ? union select m.by from part join maker m on m.made = part.id)"
            " select 1 from part where id = ?",
            (actor, person),
        ).fetchone()
        return found is not None
