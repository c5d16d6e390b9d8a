"""The public halves of the keys that sign checkpoints, and of those that did."""

from collections.abc import Iterable
from pathlib import Path

from gateway.records.notes import KEY_NAME, VerifierKey, WrongNote
from gateway.stores import Connection
from gateway.tokens.key_file import read_key_file


def public_keys(path: Path | None, *, begun_by_ms: int | None = None) -> tuple[VerifierKey, ...]:
    """Of the keys in the setting's file, newest first; none where nothing signs. `begun_by_ms`: those alone that sign, or
    signed, by then. Raises WrongKeyFile.
    """
    if path is None:
        return ()
    return tuple(
        VerifierKey(KEY_NAME, key.public_bytes)
        for key in read_key_file(path)
        if begun_by_ms is None or key.from_ms <= begun_by_ms
    )


async def with_former(connection: Connection, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """The keys, and behind them those that signed before and are in no file any more: to read old checkpoints with, not
    to be trusted, for whoever may write the database may have put them there.
    """
    found = list(dict.fromkeys(keys))
    for row in await connection.fetch("select key from dpu_key order by since desc, key limit 100"):
        try:
            key = VerifierKey.parse(row["key"])
        except WrongNote:
            continue
        if key not in found:
            found.append(key)
    return tuple(found[:100])
