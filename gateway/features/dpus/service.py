"""Decision records: read, documented and approved. Rule sources: centers, "Decision records"; security, "Records".

Evidence only rises: documents first, then approvals by people, two for what is critical. A level follows from the entries
and is never declared.
"""

from datetime import datetime
from typing import Any, assert_never

import msgspec
from asyncpg import Record
from litestar import Response
from msgspec import structs

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import (
    ChainBroken,
    DpuNotFound,
    DpuSealed,
    InsufficientRole,
    InvalidEvidenceLevel,
    InvalidField,
    MissingScope,
)
from gateway.features.dpus import store
from gateway.features.dpus.schemas import Dpu, NewApproval, NewEvidence, WholeDpu, as_body
from gateway.http import Listing, Page
from gateway.ids import is_id
from gateway.once import Once
from gateway.records import record as records
from gateway.records.chain import commitment_of
from gateway.services import Services
from gateway.stores import Connection


async def in_order(
    services: Services, caller: Caller, subject: str | None, kind: str | None, limit: int, cursor: str | None
) -> Page[Dpu]:
    """Return a page of the chain, in its own order. Raises InvalidCursor, ChainBroken."""
    filters = {"subject": subject, "type": kind}
    listing = Listing(services.keyring, caller, "/v1/dpus", filters, now_ms=services.clock.now_ms())
    position = listing.position(cursor)
    behind = 0 if position is None else int(position[0])
    async with services.sql.session() as connection:
        rows = await store.in_order(
            connection, caller.center.id, caller.env, subject=subject, kind=kind, behind=behind, limit=limit + 1
        )
    return listing.page(rows, limit, show=render, position=lambda row: (row["seq"],))


async def show(services: Services, caller: Caller, dpu_id: str) -> WholeDpu:
    """Return a record with what it commits to. Raises DpuNotFound, ChainBroken."""
    async with services.sql.session() as connection:
        return _whole(await _find(connection, caller, dpu_id))


async def attach(services: Services, caller: Caller, once: Once, dpu_id: str, data: NewEvidence) -> Response[WholeDpu]:
    """Attach a document, once for its key. Raises InvalidField, DpuNotFound, DpuSealed, InvalidEvidenceLevel,
    ChainBroken.
    """
    if data.text is None and data.sha256 is None:
        raise InvalidField(
            "text", "the document's text, or `sha256` in its place: a name or an address alone proves nothing"
        )

    async def effect(connection: Connection, _: Record) -> WholeDpu:
        outcome = await store.attach(
            connection,
            caller.center.id,
            caller.env,
            dpu_id,
            actor=caller.actor,
            facts={"sha256": data.sha256},
            body=as_body(data),
            request_id=caller.request_id,
            now=as_datetime(services.clock.now_ms()),
        )
        match outcome:
            case "attached":
                return _whole(await _find(connection, caller, dpu_id))
            case "sealed":
                raise DpuSealed
            case "late":
                raise InvalidEvidenceLevel("DOCUMENTED", "It is being approved as it is documented.")
            case None:
                raise DpuNotFound
            case _:
                assert_never(outcome)

    return await once.run(
        effect, find=lambda connection: _find(connection, caller, dpu_id), body=data, seal=_without_body
    )


async def approve(services: Services, caller: Caller, once: Once, dpu_id: str, data: NewApproval) -> Response[WholeDpu]:
    """Approve, as a person, once for its key. Raises MissingScope, InsufficientRole, DpuNotFound, DpuSealed, InvalidEvidenceLevel,
    ChainBroken.
    """
    person_id = caller.person_id
    if person_id is None:
        raise MissingScope(["write:dpus"], "No API key does this: a person who is signed in approves records.")

    async def effect(connection: Connection, _: Record) -> WholeDpu:
        outcome = await store.approve(
            connection,
            caller.center.id,
            caller.env,
            dpu_id,
            person_id=person_id,
            body=as_body(data),
            request_id=caller.request_id,
            now=as_datetime(services.clock.now_ms()),
        )
        match outcome:
            case "approved":
                return _whole(await _find(connection, caller, dpu_id))
            case "sealed":
                raise DpuSealed
            case "undocumented":
                raise InvalidEvidenceLevel("DRAFT", "Attach a document first: a DRAFT can't be approved.")
            case "own":
                raise _may_not(caller, "Whoever decided, or made the key that did, can't approve it.")
            case "twice":
                raise _may_not(caller, "This person has approved it; another one must.")
            case None:
                raise DpuNotFound
            case _:
                assert_never(outcome)

    return await once.run(
        effect, find=lambda connection: _find(connection, caller, dpu_id), body=data, seal=_without_body
    )


def render(row: Record) -> Dpu:
    """Show a row of `store.in_order`."""
    return Dpu(**_facts(row))


def _whole(row: Record) -> WholeDpu:
    shown = _facts(row)
    if row["body"] is not None and commitment_of(row["salt"], row["body"]) != shown["commitment"]:
        raise ChainBroken(row["seq"], "body_differs", "its body is not the one that it commits to")
    return WholeDpu(
        **shown,
        record=row["record"],
        inputs=None if row["body"] is None else msgspec.json.decode(row["body"]),
        salt=None if row["salt"] is None else row["salt"].hex(),
        redacted_by=row["by_seq"],
    )


def _without_body(shown: WholeDpu) -> WholeDpu:
    """What is kept of an answer for replays: a learner who is erased is in none of it."""
    return structs.replace(shown, inputs=None, salt=None)


def _facts(row: Record) -> dict[str, Any]:
    """What the record says, not what stands beside it. Raises ChainBroken where it is none, or is not what was hashed."""
    text = row["record"].encode()
    try:
        sealed = records.read_record(text)
        created_at = datetime.fromisoformat(sealed.at)
    except (records.Broken, ValueError) as error:
        raise ChainBroken(row["seq"], "unreadable", str(error)) from None
    if records.hash_of(text) != row["hash"].hex():
        raise ChainBroken(row["seq"], "hash_differs", "its hash is not that of its text")
    return {
        "id": sealed.id,
        "seq": sealed.seq,
        "type": sealed.type,
        "subject": sealed.subject,
        "actor": sealed.actor,
        "critical": sealed.critical,
        "level": row["level"],
        "documents": row["documents"],
        "approvers": tuple(row["approvers"]),
        "approvals_needed": None if row["level"] is None else 2 if sealed.critical else 1,
        "policy": records.facts(sealed.policy),
        "outcome": records.facts(sealed.outcome),
        "commitment": sealed.commitment,
        "prev_hash": sealed.prev_hash,
        "hash": row["hash"].hex(),
        "request_id": sealed.request_id,
        "created_at": created_at,
    }


async def _find(connection: Connection, caller: Caller, dpu_id: str) -> Record:
    found = is_id("dpu", dpu_id)
    row = await store.find(connection, caller.center.id, caller.env, dpu_id) if found else None
    if row is None:
        raise DpuNotFound
    return row


def _may_not(caller: Caller, why: str) -> InsufficientRole:
    return InsufficientRole(["write:dpus"], caller.role, why)
