"""A course's outline and artifacts, their versions, and the notes that ask for another one."""

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from gateway.caller import Caller
from gateway.errors import (
    ArtifactNotFound,
    CourseNotFound,
    InvalidCursor,
    WrongState,
)
from gateway.features.artifacts import service
from gateway.features.artifacts.schemas import Artifact, ArtifactVersion, Outline
from gateway.generation.model import ArtifactKind
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.services import Services

ModuleFilter = Annotated[
    int | None, QueryParameter(ge=0, le=2_147_483_647, description="Artifacts of this module, counted from 0.")
]
KindFilter = Annotated[ArtifactKind | None, QueryParameter(description="Artifacts of this kind.")]


class CourseContents(Controller):
    """What a course consists of."""

    path = "/v1/courses/{course_id:str}"
    tags = ("Artifacts",)

    @get("/outline", guards=[requires("read:courses")], opt=may_raise(CourseNotFound, WrongState))
    async def outline(
        self, course_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Outline:
        """Show the outline: modules in order, each with the spans of the sources it is made of."""
        async with services.sql.session() as connection:
            return await service.outline(connection, caller, course_id)

    @get("/artifacts", guards=[requires("read:courses")], opt=may_raise(CourseNotFound, InvalidCursor))
    async def artifacts(
        self,
        course_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        module_index: ModuleFilter = None,
        kind: KindFilter = None,
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Artifact]:
        """List the course's artifacts module by module, without their content; while it is made, those that are done."""
        return await service.in_order(
            services, caller, course_id, module_index=module_index, kind=kind, limit=limit, cursor=cursor
        )


class Artifacts(Controller):
    """Artifacts, their versions and notes."""

    path = "/v1/artifacts/{artifact_id:str}"
    tags = ("Artifacts",)

    @get(guards=[requires("read:courses")], opt=may_raise(ArtifactNotFound))
    async def show(
        self, artifact_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Artifact:
        """Show an artifact in its newest version, with its content; a quiz without its items."""
        async with services.sql.session() as connection:
            return await service.get(connection, caller, artifact_id)

    @get("/versions", guards=[requires("read:courses")], opt=may_raise(ArtifactNotFound, InvalidCursor))
    async def versions(
        self,
        artifact_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[ArtifactVersion]:
        """List every version of an artifact, newest first, without content."""
        return await service.versions(services, caller, artifact_id, limit, cursor)

    @get("/versions/{version:str}", guards=[requires("read:courses")], opt=may_raise(ArtifactNotFound))
    async def version(
        self,
        artifact_id: FromPath[str],
        version: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> ArtifactVersion:
        """Show one version of an artifact, counted from 1, with its content."""
        async with services.sql.session() as connection:
            return await service.version(connection, caller, artifact_id, version)


ARTIFACTS = (CourseContents, Artifacts)
