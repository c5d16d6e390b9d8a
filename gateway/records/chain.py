"""Checking a chain, record by record: pure, streaming, the same for the gateway and for an export in somebody's hands.

A record is canonical JSON that holds the hash of the one before; its own hash is SHA-256 of that text. Bodies that were
dropped must be named by a later record. Memory does not grow with the chain but for one bit a record.

    chain = Chain("ctr_…", "live", checkpoints=[Checkpoint(origin, 1000, head)])
    for entry in entries:
        if (fault := chain.take(entry)) is not None: ...
    fault = chain.finish((1234, head))
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Literal, TypeAlias

from msgspec import Struct

from gateway.records.notes import Checkpoint, origin_of
from gateway.records.record import OPENINGS, REDACTED, Broken, Record, facts, hash_of, read_record, root_of

FaultCode: TypeAlias = Literal[
    "gap",
    "unreadable",
    "other_chain",
    "hash_differs",
    "link_differs",
    "first_record",
    "columns_differ",
    "body_differs",
    "body_missing",
    "body_unasked",
    "redaction_unfounded",
    "checkpoint_differs",
    "checkpoint_unordered",
    "tail_cut",
    "head_differs",
    "evidence_differs",
    "manifest_differs",
    "signature_differs",
    "not_trusted",
    "line_unreadable",
]


class Fault(Struct, frozen=True):
    """The first thing that is wrong: at which record, and what. The message holds nothing of any body."""

    seq: int
    code: FaultCode
    message: str


class Columns(Struct, frozen=True):
    """What stands beside a record in a table, to be found by: it must say what the record says."""

    id: str
    type: str
    subject: str
    actor: str
    at: str


class Entry(Struct, frozen=True):
    """One record as it is kept. `salt` and `body` are None where there is no body, or it was dropped.

    `seq` is None where nothing but the record itself says its number.
    """

    seq: int | None
    record: str
    hash: bytes
    salt: bytes | None = None
    body: str | None = None
    columns: Columns | None = None


class Coverage(Struct, frozen=True):
    """What was looked at. `adopted`: the chain was opened in a database that had decided things before."""

    records: int
    first_at: str | None
    last_at: str | None
    adopted: bool
    head: str
    bodies: int
    bodies_redacted: int
    checkpoints: int
    checkpointed_seq: int


def commitment_of(salt: bytes, body: str) -> str:
    """What a record says of a body that it does not show, in hex."""
    return sha256(salt + body.encode()).hexdigest()


class Chain:
    """One chain on its way past. `checkpoints` in rising order of `size`; after the first fault nothing more is taken.

    `record` is the one that was taken last.
    """

    def __init__(self, center_id: str, env: str, *, checkpoints: Iterable[Checkpoint] = ()) -> None:
        self.center_id = center_id
        self.env = env
        self.seq = 0
        self.head = bytes.fromhex(root_of(center_id, env))
        self.record: Record | None = None
        self._checkpoints: Iterator[Checkpoint] = iter(checkpoints)
        self._awaited = next(self._checkpoints, None)
        self._missing = _Missing()
        self._matched = 0
        self._matched_seq = 0
        self._bodies = 0
        self._redacted = 0
        self._adopted = False
        self._first_at: str | None = None
        self._last_at: str | None = None

    def take(self, entry: Entry) -> Fault | None:
        """Look at the next record; returns what is wrong with it, or with a checkpoint of it."""
        seq = self.seq + 1
        if entry.seq is not None and entry.seq != seq:
            return Fault(seq, "gap", f"record {seq} is not there: {entry.seq} stands in its place")
        try:
            record = read_record(entry.record.encode())
        except (Broken, UnicodeEncodeError) as error:
            return Fault(seq, "unreadable", str(error) if isinstance(error, Broken) else "it holds half a character")
        fault = (
            self._misplaced(seq, entry, record)
            or _unlike(seq, entry, record)
            or self._unbound(seq, entry, record)
            or self._unredacted(record)
        )
        if fault is not None:
            return fault
        self.seq, self.head, self.record = seq, entry.hash, record
        self._first_at = self._first_at or record.at
        self._last_at = record.at
        self._adopted = self._adopted or record.type == "adopted"
        return self._checkpoints_here()

    def take_checkpoint(self, checkpoint: Checkpoint) -> Fault | None:
        """Compare a head that was signed at the record taken last. Whose signature it bears is the caller's to judge."""
        if checkpoint.origin != origin_of(self.center_id, self.env):
            return Fault(max(self.seq, 1), "checkpoint_differs", "a checkpoint of another chain stands here")
        if checkpoint.size > self.seq:
            return Fault(self.seq + 1, "tail_cut", f"it is not there, but a checkpoint of record {checkpoint.size} is")
        if checkpoint.size < self.seq:
            return Fault(checkpoint.size, "checkpoint_unordered", f"its checkpoint stands behind record {self.seq}")
        if checkpoint.head != self.head:
            return Fault(max(self.seq, 1), "checkpoint_differs", "another head was signed at this record")
        self._matched += 1
        self._matched_seq = self.seq
        return None

    def finish(self, head: tuple[int, bytes] | None = None) -> Fault | None:
        """Nothing comes any more; `head` is the seq and hash kept as the head. Returns what is missing, if anything is."""
        if self._awaited is not None:
            awaited = self._awaited.size
            return Fault(self.seq + 1, "tail_cut", f"a checkpoint was signed at record {awaited}, which is not there")
        if head is not None and head[0] > self.seq:
            return Fault(self.seq + 1, "tail_cut", f"the head is at record {head[0]}, which is not there")
        if head is not None and head != (self.seq, self.head):
            return Fault(max(self.seq, 1), "head_differs", "the head is not the hash of the last record")
        if self.seq == 0:
            return Fault(1, "gap", "there is no first record")
        missing = self._missing.first()
        if missing is not None:
            return Fault(missing, "body_missing", "its body is gone, and no redaction names it")
        return None

    @property
    def coverage(self) -> Coverage:
        """What was looked at so far."""
        return Coverage(
            records=self.seq,
            first_at=self._first_at,
            last_at=self._last_at,
            adopted=self._adopted,
            head=self.head.hex(),
            bodies=self._bodies,
            bodies_redacted=self._redacted,
            checkpoints=self._matched,
            checkpointed_seq=self._matched_seq,
        )

    def _misplaced(self, seq: int, entry: Entry, record: Record) -> Fault | None:
        if hash_of(entry.record.encode()) != entry.hash.hex():
            return Fault(seq, "hash_differs", "its hash is not that of its text")
        if (record.center, record.env) != (self.center_id, self.env):
            return Fault(seq, "other_chain", f"it was sealed for another chain: {record.center} {record.env}")
        if record.seq != seq:
            return Fault(seq, "gap", f"record {seq} is not there: {record.seq} stands in its place")
        if record.prev_hash != self.head.hex():
            return Fault(seq, "link_differs", "it does not hold the hash of the record before it")
        if (record.type in OPENINGS) != (seq == 1):
            return Fault(seq, "first_record", "a chain begins with the record that opened it, and with no other")
        return None

    def _unbound(self, seq: int, entry: Entry, record: Record) -> Fault | None:
        if entry.body is None or entry.salt is None:
            if record.commitment is not None:
                self._missing.add(seq)
            return None
        if record.commitment is None:
            return Fault(seq, "body_unasked", "a body stands beside a record that has none")
        if commitment_of(entry.salt, entry.body) != record.commitment:
            return Fault(seq, "body_differs", "its body is not the one that it commits to")
        self._bodies += 1
        return None

    def _unredacted(self, record: Record) -> Fault | None:
        if record.type != REDACTED:
            return None
        named = facts(record.outcome).get("seqs")
        for seq in named if isinstance(named, list) else [0]:
            if not isinstance(seq, int) or not self._missing.remove(seq):
                return Fault(record.seq, "redaction_unfounded", "it names a body that is there, or never was")
            self._redacted += 1
        return None

    def _checkpoints_here(self) -> Fault | None:
        while (awaited := self._awaited) is not None and awaited.size <= self.seq:
            if (fault := self.take_checkpoint(awaited)) is not None:
                return fault
            self._awaited = next(self._checkpoints, None)
        return None


class _Missing:
    """Records whose body is not there, and that no redaction has named yet: one bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, seq: int) -> None:
        place = seq >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << (seq & 7)

    def remove(self, seq: int) -> bool:
        place, bit = seq >> 3, 1 << (seq & 7)
        if not (seq > 0 and place < len(self._bits) and self._bits[place] & bit):
            return False
        self._bits[place] ^= bit
        return True

    def first(self) -> int | None:
        for place, bits in enumerate(self._bits):
            if bits:
                return (place << 3) + (bits & -bits).bit_length() - 1
        return None


def _unlike(seq: int, entry: Entry, record: Record) -> Fault | None:
    beside = entry.columns
    if beside is None or beside == Columns(record.id, record.type, record.subject, record.actor, record.at):
        return None
    return Fault(seq, "columns_differ", "what stands beside it says something else")
