"""What evidence may do, judged from the records alone: it only rises, by documents, then by approvals of others."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UnsetType

from gateway.records.memory import Memory, Standing
from gateway.records.record import APPROVED, ATTACHED, Record, facts

_PERSON: Final = re.compile(r"usr_[a-z2-7]{1,26}")

Lookup: TypeAlias = Callable[[int], tuple[Record, str] | None]
"""The record of an earlier number and its hash; None where it can't be read."""


def judged(entry: Record, memory: Memory, lookup: Lookup) -> str | None:
    """The first thing that is wrong with an entry of evidence; remembers what it changes."""
    return next(_faults(entry, memory, lookup), None)


def is_name_alone(entry: Record, body: str | UnsetType) -> bool:
    """Whether an attached document has neither digest nor text: such were taken once. One whose body is gone is not judged."""
    if isinstance(body, UnsetType) or facts(entry.outcome).get("sha256") is not None:
        return False
    try:
        given = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return isinstance(given, dict) and given.get("text") is None and given.get("sha256") is None


def _faults(entry: Record, memory: Memory, lookup: Lookup) -> Iterator[str]:
    outcome = facts(entry.outcome)
    about = outcome.get("about_seq")
    if not isinstance(about, int) or not 0 < about < entry.seq:
        yield "it is evidence of no earlier record"
        return
    standing = memory.standing(about) or _first_standing(about, lookup)
    if standing is None:
        yield f"it is evidence of record {about}, which is none that takes evidence"
        return
    if (standing.hash, standing.id) != (outcome.get("about_hash"), entry.subject):
        yield f"it was given for another record than {about}: hash or id differ"
    if standing.level == "AUDIT_READY":
        yield f"record {about} was AUDIT_READY: it takes no more evidence"
    if entry.type == ATTACHED:
        yield from _judge_document(entry, outcome, standing, memory)
    else:
        yield from _judge_approval(entry, outcome, standing, memory)


def _judge_document(entry: Record, outcome: dict[str, Any], standing: Standing, memory: Memory) -> Iterator[str]:
    after = msgspec.structs.replace(standing, documents=standing.documents + 1)
    if standing.approvers:
        yield f"it adds a document to record {standing.seq}, which is being approved as it is"
    if outcome.get("document") != after.documents:
        yield f"it is not document {after.documents} of record {standing.seq}, as it should be"
    if outcome.get("level") != "DOCUMENTED":
        yield f"it leaves record {standing.seq} at another level than DOCUMENTED"
    if entry.commitment is None:
        yield "it commits to no document"
    memory.stands(after)


def _judge_approval(entry: Record, outcome: dict[str, Any], standing: Standing, memory: Memory) -> Iterator[str]:
    after = msgspec.structs.replace(standing, approvers=(*standing.approvers, entry.actor))
    if not standing.documents:
        yield f"it approves record {standing.seq}, which has no document"
    if not _PERSON.fullmatch(entry.actor):
        yield f"record {standing.seq} is approved by what is no person"
    if memory.has_part(entry.actor, standing.actor):
        yield f"record {standing.seq} is approved by its own actor, or by the maker of the key that acted"
    if entry.actor in standing.approvers:
        yield f"record {standing.seq} is approved twice by one person"
    if outcome.get("documents") != standing.documents:
        yield f"it approves another number of documents than record {standing.seq} has"
    if outcome.get("approval") != len(after.approvers):
        yield f"it is not approval {len(after.approvers)} of record {standing.seq}, as it should be"
    if facts(entry.policy).get("approvals_needed") != standing.approvals_needed:
        yield f"record {standing.seq} needs {standing.approvals_needed} approvals, which its policy does not say"
    if outcome.get("level") != after.level:
        yield f"it says another level than {after.level}, which record {standing.seq} has by it"
    memory.stands(after)


def _first_standing(seq: int, lookup: Lookup) -> Standing | None:
    found = lookup(seq)
    if found is None or found[0].type in {ATTACHED, APPROVED}:
        return None
    record, digest = found
    return Standing(seq, digest, record.id, record.actor, record.critical, 0, ())
