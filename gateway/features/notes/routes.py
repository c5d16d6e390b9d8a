"""`/v1/artifacts/{artifact_id}/notes`: what shall be different, and what became of it."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    ArtifactNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    RegenCapReached,
    WrongState,
)
from gateway.features.notes import service
from gateway.features.notes.schemas import NewNote, Note, NoteTaken
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services


class Notes(Controller):
    """Notes on an artifact."""

    path = "/v1/artifacts/{artifact_id:str}/notes"
    tags = ("Artifacts",)

    @post(
        guards=[requires("write:courses")],
        status_code=202,
        opt=may_raise(
            ArtifactNotFound,
            WrongState,
            RegenCapReached,
            IdempotencyKeyInvalid,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def take(
        self,
        artifact_id: FromPath[str],
        data: JSONBody[NewNote],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[NoteTaken]:
        """Ask for another version. At a cap the note is kept all the same; a retry with the same key tries again."""
        return await service.take(services, caller, once, artifact_id, data)

    @get(guards=[requires("read:courses")], opt=may_raise(ArtifactNotFound, InvalidCursor))
    async def newest(
        self,
        artifact_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Note]:
        """List the notes on an artifact, newest first, each with what became of it."""
        return await service.newest(services, caller, artifact_id, limit, cursor)
