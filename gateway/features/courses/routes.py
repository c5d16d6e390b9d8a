"""`/v1/courses`: what a course is called, what it shall be, and whether it is there."""

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from gateway.briefs import PartialBrief
from gateway.caller import Caller
from gateway.errors import (
    CourseNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    LimitReached,
    PresetNotFound,
    WrongState,
)
from gateway.features.courses import service
from gateway.features.courses.schemas import Course, CourseEdit, NewCourse
from gateway.features.courses.store import Filters
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services
from gateway.states import CourseStatus

ExternalRefFilter = Annotated[
    str | None, QueryParameter(max_length=128, description="Courses with this `external_ref`.")
]
StatusFilter = Annotated[CourseStatus | None, QueryParameter(description="Courses in this state.")]
LaunchKeyFilter = Annotated[
    str | None, QueryParameter(max_length=255, description="The course that this `Idempotency-Key` launched.")
]


class Courses(Controller):
    """Courses and their briefs."""

    path = "/v1/courses"
    tags = ("Courses",)

    @post(
        guards=[requires("write:courses")],
        opt=may_raise(PresetNotFound, LimitReached, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress),
    )
    async def create(
        self,
        data: JSONBody[NewCourse],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Course]:
        """Make a course. Its brief is the preset's, overlaid by the fields given; without a topic it awaits one."""
        return await service.create(services, caller, once, data)

    @get(guards=[requires("read:courses")], opt=may_raise(InvalidCursor))
    async def newest(
        self,
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        external_ref: ExternalRefFilter = None,
        status: StatusFilter = None,
        launch_key: LaunchKeyFilter = None,
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Course]:
        """List courses, newest first."""
        filters = Filters(external_ref=external_ref, status=status, launch_key=launch_key)
        return await service.newest(services, caller, "/v1/courses", filters, limit, cursor)

    @get("/{course_id:str}", guards=[requires("read:courses")], opt=may_raise(CourseNotFound))
    async def show(
        self, course_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Course:
        """Show a course with its generation; poll this, or better its status, while it is being made."""
        async with services.sql.session() as connection:
            return service.render(await service.get(connection, caller, course_id))

    @patch("/{course_id:str}", guards=[requires("write:courses")], opt=may_raise(CourseNotFound, WrongState))
    async def edit(
        self,
        course_id: FromPath[str],
        data: JSONBody[CourseEdit],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Course:
        """Change title and external_ref at any time, and the brief, field by field, until the launch."""
        async with services.sql.session() as connection, connection.transaction():
            return await service.edit(connection, caller, course_id, data, services.clock.now_ms())

    @put("/{course_id:str}/brief", guards=[requires("write:courses")], opt=may_raise(CourseNotFound, WrongState))
    async def put_brief(
        self,
        course_id: FromPath[str],
        data: JSONBody[PartialBrief],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Course:
        """Replace the brief, until the launch; what is not given falls back to the preset and the defaults."""
        async with services.sql.session() as connection, connection.transaction():
            return await service.put_brief(connection, caller, course_id, data, services.clock.now_ms())

    @delete("/{course_id:str}", guards=[requires("write:courses")], opt=may_raise(CourseNotFound, WrongState))
    async def delete(
        self, course_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> None:
        """Delete a course and all made of it. What it cost stays in the ledger."""
        await service.delete(services, caller, course_id)
