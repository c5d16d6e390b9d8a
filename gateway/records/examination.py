"""The examination of an export: line by line, from its lines alone. No clock, no network, no stores.

The chain itself is judged as the gateway judges its own (`Chain`); an export adds keys, signatures, a manifest, and the
rules of evidence, which the database had enforced.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, assert_never

from msgspec import UNSET, UnsetType

from gateway.records import evidence
from gateway.records.chain import Chain, Entry, Fault, FaultCode
from gateway.records.exported import CheckpointLine, KeyLine, Line, Manifest, Opening, RecordLine
from gateway.records.findings import Findings
from gateway.records.memory import Memory
from gateway.records.notes import Checkpoint
from gateway.records.record import APPROVED, ATTACHED, KEY_MADE, Record, facts, is_hash
from gateway.records.trust import Signatures, Trust, Unsound

_SALT_BYTES: Final = 16
_WAIT_FOR_TURN: Final = timedelta(seconds=65)
"""A record's time is read before its transaction waits for the chain: none that seals waits longer than five seconds for a
connection and has it longer than sixty. So much earlier than the record before it a record may say to be, by no clock's fault.
"""
_EVIDENCE: Final = frozenset((ATTACHED, APPROVED))


class Examination:
    """Of one export. Give it each line by `take`, which returns the first fault, after which nothing more is taken.

    `lookup` reads records again that were taken before. `outside`: checkpoints of this chain that were kept elsewhere, and
    whose signatures are believed, in rising order of size.
    """

    def __init__(
        self,
        opening: Opening,
        memory: Memory,
        lookup: evidence.Lookup,
        trust: Trust | None = None,
        outside: Iterable[Checkpoint] = (),
    ) -> None:
        self.opening = opening
        self.chain = Chain(opening.center, opening.env, checkpoints=outside)
        self.fault: Fault | None = None
        self._memory = memory
        self._lookup = lookup
        self._signatures = Signatures(trust or Trust())
        self._last_at = ""
        self._checkpoints = self._documents = self._approvals = self._names_alone = self._steps_back = 0
        self._manifest: Manifest | None = None

    def take(self, line: Line) -> Fault | None:
        """Judge a line; returns what is wrong with it."""
        self.fault = self._judged(line)
        return self.fault

    def refuse(self, why: str) -> Fault:
        """Something stands where a line should, and it is none."""
        self.fault = Fault(self.chain.seq + 1, "line_unreadable", f"in its place stands what can't be read: {why}")
        return self.fault

    def finish(self) -> Findings:
        """Judge what only the end shows."""
        self.fault = self.fault or self._judged_end()
        return Findings(
            center=self.opening.center,
            env=self.opening.env,
            fault=self.fault,
            coverage=self.chain.coverage,
            documents=self._documents,
            documents_by_name_alone=self._names_alone,
            approvals=self._approvals,
            signed_to=self._signatures.signed_to,
            trust=self._signatures.trust.fingerprints or "none",
            keys=tuple(key.fingerprint for key in self._signatures.keys),
            clock_steps_back=self._steps_back,
        )

    def _judged(self, line: Line) -> Fault | None:
        if self._manifest is not None:
            return self._here("manifest_differs", "something stands behind the manifest, which is the last line")
        match line:
            case RecordLine():
                return self._judged_record(line)
            case CheckpointLine():
                return self._judged_checkpoint(line)
            case KeyLine():
                try:
                    self._signatures.add(line.key)
                except Unsound as unsound:
                    return self._here("signature_differs", str(unsound))
                return None
            case Manifest():
                self._manifest = line
                return self._judged_manifest(line)
            case Opening():
                return Fault(self.chain.seq + 1, "line_unreadable", "in its place the export begins a second time")
            case _:
                assert_never(line)

    def _judged_record(self, line: RecordLine) -> Fault | None:
        seq = self.chain.seq + 1
        salt = b"" if isinstance(line.salt, UnsetType) else _salt(line.salt)
        if salt is None or (line.salt is UNSET) != (line.body is UNSET):
            return Fault(seq, "body_differs", "its salt is none, or one of salt and body stands without the other")
        if not is_hash(line.hash):
            return Fault(seq, "hash_differs", "what stands as its hash is none")
        fault = self.chain.take(
            Entry(
                None,
                bytes(line.record).decode(),
                bytes.fromhex(line.hash),
                salt or None,
                None if isinstance(line.body, UnsetType) else line.body,
                None if isinstance(line.listed, UnsetType) else line.listed,
            )
        )
        record = self.chain.record
        if fault is not None or record is None:
            return fault
        self._steps_back += _is_step_back(record.at, self._last_at)
        self._last_at = record.at
        self._names_alone += record.type == ATTACHED and evidence.is_name_alone(record, line.body)
        return self._judged_meaning(record)

    def _judged_meaning(self, record: Record) -> Fault | None:
        if record.type in _EVIDENCE:
            self._documents += record.type == ATTACHED
            self._approvals += record.type == APPROVED
            why = evidence.judged(record, self._memory, self._lookup)
            return None if why is None else Fault(record.seq, "evidence_differs", why)
        if record.type == KEY_MADE:
            self._memory.made(record.subject, record.actor)
            rotated_from = facts(record.outcome).get("rotated_from")
            if isinstance(rotated_from, str):
                self._memory.made(record.subject, rotated_from)
        return None

    def _judged_checkpoint(self, line: CheckpointLine) -> Fault | None:
        self._checkpoints += 1
        try:
            checkpoint = self._signatures.checkpoint(line.note)
        except Unsound as unsound:
            return self._here("signature_differs", str(unsound))
        return self.chain.take_checkpoint(checkpoint)

    def _judged_manifest(self, manifest: Manifest) -> Fault | None:
        size = manifest.size
        if (manifest.center, manifest.env) != (self.opening.center, self.opening.env):
            return self._here("manifest_differs", "the manifest behind it is of another chain")
        if size < self.chain.seq:
            return Fault(
                max(size, 0) + 1, "manifest_differs", f"it is there, and the manifest says that {size} is the last"
            )
        if not is_hash(manifest.head):
            return self._here("manifest_differs", "the manifest behind it names no hash as the head")
        if size == self.chain.seq:
            counted = (self.chain.coverage.bodies, self._checkpoints)
            if (manifest.bodies, manifest.checkpoints) != counted or manifest.ranges != ((1, size),):
                return self._here(
                    "manifest_differs", "the manifest behind it counts otherwise than what stands before it"
                )
        return None

    def _judged_end(self) -> Fault | None:
        manifest, signatures = self._manifest, self._signatures
        head = None if manifest is None else (manifest.size, bytes.fromhex(manifest.head))
        fault = self.chain.finish(head)
        if fault is not None:
            return fault
        if manifest is None:
            return Fault(self.chain.seq + 1, "tail_cut", "the export breaks off before its manifest")
        if signatures.trust.fingerprints and not signatures.signed_to:
            return Fault(1, "not_trusted", "no checkpoint is signed by a trusted key: all may have been written anew")
        if signatures.ends_retired:
            return Fault(
                signatures.signed_to, "not_trusted", "the newest checkpoint is signed by a key that was replaced"
            )
        return None

    def _here(self, code: FaultCode, why: str) -> Fault:
        return Fault(max(self.chain.seq, 1), code, why)


def _is_step_back(at: str, before: str) -> bool:
    if at >= before:
        return False
    try:
        return datetime.fromisoformat(before) - datetime.fromisoformat(at) > _WAIT_FOR_TURN
    except ValueError:
        return True  # a day that no calendar has: no clock of ours said so


def _salt(text: str) -> bytes | None:
    try:
        salt = bytes.fromhex(text)
    except ValueError:
        return None
    return salt if len(salt) == _SALT_BYTES and salt.hex() == text else None
