"""Decision records as they are shown, and the evidence that people add."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from gateway.http import Request
from gateway.http.texts import Title

Level: TypeAlias = Literal["DRAFT", "DOCUMENTED", "AUDIT_READY"]

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="SHA-256 of the document, in lower-case hex.")]
Link = Annotated[str, Meta(min_length=9, max_length=2000, pattern=r"^https://[!-~]+\Z")]
Words = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=r"\S")]


class NewEvidence(Request, frozen=True):
    """Body of `POST /v1/dpus/{dpu_id}/evidence`: a document, kept here as `text`, or elsewhere, known by its `sha256`, with or
    without `url`. One of `text` and `sha256` must be there: a name and an address prove no document.
    The level follows from what is attached and approved; nobody declares it.
    """

    name: Title
    sha256: Digest | None = None
    url: Link | None = None
    text: Words | None = None


class NewApproval(Request, frozen=True):
    """Body of `POST /v1/dpus/{dpu_id}/approvals`: what the person has to say, if anything."""

    comment: Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")] | None = None


class Dpu(Struct, frozen=True, kw_only=True):
    """A decision record. Evidence and approvals are records too: of type `evidence.attached` and `evidence.approved`, with
    the record's id as their subject; they have no `level` of their own.

    `hash` is SHA-256 of the record in canonical form (RFC 8785), which holds `prev_hash`; `commitment` is SHA-256 of a salt
    and the inputs, which may be dropped.
    """

    object: Literal["dpu"] = "dpu"
    id: str
    seq: int
    type: str
    subject: str
    actor: str
    critical: bool
    level: Level | None
    documents: int
    approvers: tuple[str, ...]
    approvals_needed: int | None
    policy: dict[str, Any]
    outcome: dict[str, Any]
    commitment: str | None
    prev_hash: str
    hash: str
    request_id: str | None
    created_at: datetime


class WholeDpu(Dpu, frozen=True, kw_only=True):
    """A decision record with what was hashed and what it commits to. `inputs` and `salt` (hex) are null where there are none,
    where record `redacted_by` dropped them on a learner's request, and in the answer to a retry, which keeps neither.
    """

    record: str
    inputs: dict[str, Any] | None
    salt: str | None
    redacted_by: int | None


def as_body(given: NewEvidence | NewApproval) -> dict[str, Any]:
    """What the entry commits to."""
    return {name: value for name, value in msgspec.structs.asdict(given).items() if value is not None}
