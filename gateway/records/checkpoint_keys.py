"""The public halves of the keys that sign checkpoints."""

from pathlib import Path

from gateway.records.notes import KEY_NAME, VerifierKey
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
