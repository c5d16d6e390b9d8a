"""`/v1/dpus`: what was decided, by whom and why, and that nobody changed it since."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from gateway.caller import Caller
from gateway.errors import (
    ChainBroken,
    DpuNotFound,
    DpuSealed,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InsufficientRole,
    InvalidCursor,
    InvalidEvidenceLevel,
)
from gateway.features.dpus import service
from gateway.features.dpus.schemas import Dpu, NewApproval, NewEvidence, WholeDpu
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services

Subject = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[a-z]{2,5}_[a-z2-7]{26}\Z", description="The id of what was decided on, such as a course's."
    ),
]
Kind = Annotated[
    str | None, QueryParameter(pattern=r"^[a-z]{1,20}(\.[a-z]{1,20})?\Z", description="Such as `launch.admitted`.")
]

_ONCE = (IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress)


class Dpus(Controller):
    """Decision records."""

    path = "/v1/dpus"
    tags = ("Decision records",)

    @get(guards=[requires("read:dpus")], opt=may_raise(InvalidCursor, ChainBroken))
    async def in_order(
        self,
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        subject: Subject = None,
        type: Kind = None,  # ruff: ignore[builtin-argument-shadowing] - the parameter's name in the address
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Dpu]:
        """List the chain of this center and env in its own order, all of it or what concerns one subject or type."""
        return await service.in_order(services, caller, subject, type, limit, cursor)

    @get("/{dpu_id:str}", guards=[requires("read:dpus")], opt=may_raise(DpuNotFound, ChainBroken))
    async def show(
        self, dpu_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> WholeDpu:
        """Show a record, its text as it was hashed, and what it commits to."""
        return await service.show(services, caller, dpu_id)

    @post(
        "/{dpu_id:str}/evidence",
        guards=[requires("write:dpus")],
        opt=may_raise(DpuNotFound, DpuSealed, InvalidEvidenceLevel, ChainBroken, *_ONCE),
    )
    async def attach(
        self,
        dpu_id: FromPath[str],
        data: JSONBody[NewEvidence],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[WholeDpu]:
        """Attach a document. A DRAFT becomes DOCUMENTED; from the first approval on nothing is added."""
        return await service.attach(services, caller, once, dpu_id, data)

    @post(
        "/{dpu_id:str}/approvals",
        guards=[requires("write:dpus")],
        opt=may_raise(DpuNotFound, DpuSealed, InvalidEvidenceLevel, ChainBroken, InsufficientRole, *_ONCE),
    )
    async def approve(
        self,
        dpu_id: FromPath[str],
        data: JSONBody[NewApproval],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[WholeDpu]:
        """Approve what is documented, as a person: neither who decided nor who made the key that did. With the last one
        (the second for what is critical) the record is AUDIT_READY.
        """
        return await service.approve(services, caller, once, dpu_id, data)
