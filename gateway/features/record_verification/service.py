"""A center verifies its own chain: from the database, by the same examination that judges an export.

Record by record, in memory that does not grow with the chain, in a thread of its own: other requests go on meanwhile.
"""

import asyncio
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import ChainBroken, Overloaded
from gateway.features.record_verification import store
from gateway.features.record_verification.schemas import Covered, Verified
from gateway.records.chain import Fault
from gateway.records.checkpoint_file import CheckpointFile
from gateway.records.checkpoint_keys import public_keys, with_former
from gateway.records.examination import Examination
from gateway.records.exported import CheckpointLine, Line, Opening, RecordLine
from gateway.records.exporting import parts_of
from gateway.records.findings import Findings
from gateway.records.memory import Memory
from gateway.records.notes import Checkpoint, VerifierKey, WrongNote, origin_of
from gateway.records.record import Broken, Record, facts, hash_of, read_record
from gateway.records.trust import Trust
from gateway.services import Services

CHECKS: Final = (
    "numbers without a gap",
    "canonical form (RFC 8785)",
    "hash of every record",
    "hash of the record before it",
    "center and env of every record",
    "columns beside the record",
    "bodies against commitments",
    "missing bodies against redactions",
    "levels of evidence, documents and approvers",
    "head",
)
_SIGNED: Final = ("signature of every checkpoint", "head at every checkpoint")
_OUTSIDE: Final = ("checkpoints kept outside of the database",)


class _Stranger(Exception):
    """A checkpoint in the file is not signed by a key of ours."""


async def verify(services: Services, caller: Caller) -> Verified:
    """Judge the caller's chain. Raises ChainBroken with the first bad record, Overloaded while others are verified."""
    if services.verifying.locked():
        raise Overloaded
    async with services.verifying:
        keys = public_keys(services.settings.checkpoint_keys_file)
        findings, outside = await _examined(services, caller, keys)
    # A key that was replaced just now has signed nothing yet: that is told, and breaks no chain.
    if findings.fault is not None and findings.fault.code != "not_trusted":
        raise ChainBroken(findings.fault.seq, findings.fault.code, findings.fault.message)
    coverage = findings.coverage
    return Verified(
        checks=(*CHECKS, *(_SIGNED if keys else ()), *(_OUTSIDE if outside.known else ())),
        coverage=Covered(
            records=coverage.records,
            first_at=coverage.first_at,
            last_at=coverage.last_at,
            adopted=coverage.adopted,
            head=coverage.head,
            bodies=coverage.bodies,
            bodies_redacted=coverage.bodies_redacted,
            documents=findings.documents,
            approvals=findings.approvals,
            checkpoints=coverage.checkpoints - outside.read,
            checkpointed_seq=findings.signed_to,
            outside_checkpoints=outside.read,
        ),
        limits=(*_limits(findings, keys), *(() if outside.known else (_NO_FILE,))),
        created_at=as_datetime(services.clock.now_ms()),
    )


_NO_FILE: Final = "checkpoints kept outside of the database were not at hand here: compare an export with them"


def _limits(findings: Findings, keys: tuple[VerifierKey, ...]) -> Iterator[str]:
    if not keys:
        yield "no key signs checkpoints here: who writes to the database could write the whole chain anew"
    if findings.fault is not None:
        yield findings.fault.message
    for limit in findings.limits:
        if not limit.startswith("trust: none"):
            yield limit


class _Outside:
    """The checkpoints of the chain in the file outside of the database, as it is now: of no head that is yet to be read."""

    def __init__(self, services: Services, caller: Caller, keys: tuple[VerifierKey, ...]) -> None:
        path = services.settings.checkpoint_file
        self._file: CheckpointFile | None = None
        if path is not None:
            with suppress(OSError):  # the worker may keep it on another machine
                self._file = CheckpointFile(path)
        self._origin = origin_of(caller.center.id, caller.env)
        self._keys = keys
        self.read = 0

    @property
    def known(self) -> bool:
        """Whether there is such a file here."""
        return self._file is not None

    def __iter__(self) -> Iterator[Checkpoint]:
        if self._file is None:
            return
        last: Checkpoint | None = None
        for checkpoint, note in self._file.checkpoints(self._origin):
            if not any(note.is_signed_by(key) for key in self._keys):
                raise _Stranger(f"the file of checkpoints holds one of record {checkpoint.size} without our signature")
            if checkpoint != last:  # two workers may have written the same one
                self.read += 1
                yield checkpoint
            last = checkpoint


async def _examined(services: Services, caller: Caller, keys: tuple[VerifierKey, ...]) -> tuple[Findings, _Outside]:
    place = caller.center.id, caller.env
    async with services.sql.session() as connection:
        signed = await store.is_checkpointed(connection, *place)
        known = await with_former(connection, keys)
    outside = _Outside(services, caller, known)
    trust = Trust(tuple(key.fingerprint for key in keys)) if signed and keys else Trust()
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "dpus-verify") as thread:
        judge = _Judge(trust, outside, with_checkpoints=bool(known))
        try:
            async for part in parts_of(services.sql, *place, known):
                judge.earlier = await _earlier(services, place, part)
                if await loop.run_in_executor(thread, judge.take, part) is not None:
                    break
            return await loop.run_in_executor(thread, judge.finish), outside
        finally:
            await loop.run_in_executor(thread, judge.close)


async def _earlier(services: Services, place: tuple[str, str], part: list[Line]) -> dict[int, tuple[Record, str]]:
    """Read the records that evidence in this part is about; one that is none is left out, it is found in its own place."""
    about = {seq for line in part if isinstance(line, RecordLine) and (seq := _about(line)) is not None}
    if not about:
        return {}
    async with services.sql.session() as connection:
        rows = await store.records_at(connection, *place, sorted(about))
    found = ((row["seq"], row["record"].encode()) for row in rows)
    return {seq: (record, hash_of(text)) for seq, text in found if (record := _record(text)) is not None}


def _record(text: bytes) -> Record | None:
    try:
        return read_record(text)
    except Broken:
        return None


def _about(line: RecordLine) -> int | None:
    if b'"type":"evidence.' not in bytes(line.record):
        return None
    entry = _record(bytes(line.record))
    about = None if entry is None else facts(entry.outcome).get("about_seq")
    return about if isinstance(about, int) and abs(about) < 2**62 else None


class _Judge:
    """The examination, in its thread: what remembers for it may be used there alone."""

    def __init__(self, trust: Trust, outside: Iterable[Checkpoint], *, with_checkpoints: bool) -> None:
        self.earlier: dict[int, tuple[Record, str]] = {}
        self._trust = trust
        self._outside = outside
        self._with_checkpoints = with_checkpoints
        self._memory: Memory | None = None
        self._examination: Examination | None = None
        self._fault: Fault | None = None

    def take(self, part: list[Line]) -> Fault | None:
        """Judge a part, the opening being in the first; returns the first fault."""
        try:
            self._fault = self._judged(part)
        except (_Stranger, WrongNote, UnicodeDecodeError) as error:
            self._refuse(str(error))
        return self._fault

    def _judged(self, part: list[Line]) -> Fault | None:
        for line in part:
            if isinstance(line, Opening):
                self._memory = Memory()
                self._examination = Examination(line, self._memory, self._lookup, self._trust)
                # The file's first checkpoint is read at once, and may be no checkpoint of ours.
                self._examination = Examination(line, self._memory, self._lookup, self._trust, self._outside)
                continue
            if isinstance(line, CheckpointLine) and not self._with_checkpoints:
                continue
            assert self._examination is not None  # ruff: ignore[assert] - the opening comes first
            if (fault := self._examination.take(line)) is not None:
                return fault
        return None

    def _lookup(self, seq: int) -> tuple[Record, str] | None:
        return self.earlier.get(seq)

    def _refuse(self, why: str) -> None:
        assert self._examination is not None  # ruff: ignore[assert] - as above
        self._fault = self._examination.fault = Fault(max(self._examination.chain.seq, 1), "signature_differs", why)

    def finish(self) -> Findings:
        """Judge what only the end shows."""
        assert self._examination is not None  # ruff: ignore[assert] - as above
        return self._examination.finish()

    def close(self) -> None:
        """Forget what was remembered."""
        if self._memory is not None:
            self._memory.__exit__(None, None, None)
