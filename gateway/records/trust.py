"""Whose checkpoints are believed, and how far they reach. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from gateway.records.notes import Checkpoint, Note, VerifierKey, WrongNote

KEYS_MAX: Final = 100
_FINGERPRINT: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE | re.ASCII)


class WrongTrust(ValueError):
    """What is no key and no fingerprint; the text says why."""


class Trust(Struct, frozen=True):
    """Fingerprints of the keys that are believed, the one that signs today first; the others are retired."""

    fingerprints: tuple[str, ...] = ()

    def rank(self, key: VerifierKey) -> int | None:
        """Return 0 for the current key, more for older ones, None for a stranger's."""
        try:
            return self.fingerprints.index(key.fingerprint)
        except ValueError:
            return None

    @classmethod
    def in_text(cls, text: str) -> "Trust":
        """Return the trust in the keys or fingerprints of a file, one a line, the current one first; `#` begins a remark.

        Raises WrongTrust.
        """
        found: list[str] = []
        for number, line in enumerate(text.splitlines(), 1):
            word = line.partition("#")[0].strip()
            if not word:
                continue
            try:
                found.append(fingerprint(word) or VerifierKey.parse(word).fingerprint)
            except WrongNote as error:
                raise WrongTrust(f"line {number}: {error}, nor is it a fingerprint") from None
        if not found or len(found) > KEYS_MAX:
            raise WrongTrust(f"it has to hold 1 to {KEYS_MAX} keys, one a line")
        return cls(tuple(found))


def fingerprint(text: str) -> str | None:
    """The fingerprint that a text is, in the form in which they are compared; None where it is none."""
    found = _FINGERPRINT.fullmatch(text)
    return None if found is None else found[1].lower()


def checkpoints_in(text: Iterable[str], origin: str) -> Iterator[tuple[Checkpoint, Note]]:
    """The checkpoints of one chain in a file of notes, one behind the other, each closed by a blank line or by the next.

    Raises WrongNote where it holds anything else.
    """
    for written in _notes(text):
        note = Note.parse(written)
        checkpoint = Checkpoint.parse(note.text)
        if checkpoint.origin == origin:
            yield checkpoint, note


def _notes(lines: Iterable[str]) -> Iterator[str]:
    """A note's end is where, behind signatures, anything else comes."""
    note = ""
    signed = False
    for line in lines:
        if signed and not line.startswith("— "):
            yield note
            note, signed = "", False
        if not note and not line.strip():
            continue
        note += line
        if len(note) > 1 << 16:
            raise WrongNote("it is too long for a note")
        signed = signed or line.startswith("— ")
    if note:
        yield note


class Unsound(Exception):
    """A key or a checkpoint that proves nothing; what it says completes `record 7: ...`."""


class Signatures:
    """The checkpoints of one export, judged as they come. `signed_to`: the newest record under one that is believed."""

    def __init__(self, trust: Trust) -> None:
        self.trust = trust
        self.keys: list[VerifierKey] = []
        self.signed_to = 0
        self._rank: int | None = None

    def add(self, text: str) -> None:
        """Know a public key of the export. Raises Unsound."""
        try:
            found = VerifierKey.parse(text)
        except WrongNote as error:
            raise Unsound(f"a public key can't be read: {error}") from None
        if found in self.keys or len(self.keys) >= KEYS_MAX:
            raise Unsound(f"a public key stands twice, or there are more than {KEYS_MAX}")
        self.keys.append(found)

    def checkpoint(self, written: str) -> Checkpoint:
        """The checkpoint of a note that a key of the export signed. Raises Unsound.

        Without trust any key of the export is believed. With it, a key that has been replaced signs no more: whoever
        finds it later could write history anew.
        """
        try:
            note = Note.parse(written)
            checkpoint = Checkpoint.parse(note.text)
        except WrongNote as error:
            raise Unsound(f"the checkpoint behind it can't be read: {error}") from None
        signers = [key for key in self.keys if note.is_signed_by(key)]
        if not signers:
            raise Unsound("the checkpoint behind it bears no signature of a key in the export that holds")
        if not self.trust.fingerprints:
            self.signed_to = checkpoint.size
            return checkpoint
        ranks = [rank for rank in map(self.trust.rank, signers) if rank is not None]
        if ranks:
            if self._rank is not None and min(ranks) > self._rank:
                raise Unsound("the checkpoint behind it is signed by a key that had been replaced by then")
            self._rank, self.signed_to = min(ranks), checkpoint.size
        return checkpoint

    @property
    def ends_retired(self) -> bool:
        """Whether the newest believed checkpoint is by a key that is no longer the current one."""
        return bool(self._rank)
