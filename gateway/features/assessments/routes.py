"""`/v1/assessments`: questions with their keys, as their authors keep them."""

from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from gateway.caller import Caller
from gateway.errors import (
    AssessmentNotFound,
    CourseNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    LimitReached,
    WrongState,
)
from gateway.features.assessments import service
from gateway.features.assessments.schemas import (
    Assessment,
    AssessmentEdit,
    AssessmentStatus,
    AssessmentSummary,
    AuthoredAssessment,
    NewAssessment,
)
from gateway.features.assessments.store import Filters
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services

Include = Annotated[
    Literal["keys"] | None,
    QueryParameter(description="`keys`: with the keys, in the authored order; needs `write:assessments` too."),
]
StatusFilter = Annotated[AssessmentStatus | None, QueryParameter(description="Assessments in this state.")]
CourseFilter = Annotated[str | None, QueryParameter(max_length=64, description="Assessments of this course.")]


class Assessments(Controller):
    """Authoring."""

    path = "/v1/assessments"
    tags = ("Assessments",)

    @post(
        guards=[requires("write:assessments")],
        opt=may_raise(CourseNotFound, LimitReached, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress),
    )
    async def create(
        self,
        data: JSONBody[NewAssessment],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Assessment]:
        """Make a draft. Items that can't be graded are refused here, with every flaw in `details.flaws`."""
        return await service.create(services, caller, once, data)

    @get(guards=[requires("read:assessments")], opt=may_raise(InvalidCursor))
    async def newest(
        self,
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        status: StatusFilter = None,
        course_id: CourseFilter = None,
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[AssessmentSummary]:
        """List assessments without their questions, newest first."""
        return await service.newest(services, caller, Filters(status=status, course_id=course_id), limit, cursor)

    @get("/{assessment_id:str}", guards=[requires("read:assessments")], opt=may_raise(AssessmentNotFound))
    async def show(
        self,
        assessment_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        include: Include = None,
    ) -> Assessment | AuthoredAssessment:
        """Show an assessment without its keys, or with them by `include=keys`.

        With `write:assessments` it is the working copy, without it the published version as soon as there is one.
        """
        return await service.show(services, caller, assessment_id, keys=include == "keys")

    @patch(
        "/{assessment_id:str}",
        guards=[requires("write:assessments")],
        opt=may_raise(AssessmentNotFound, CourseNotFound, WrongState),
    )
    async def edit(
        self,
        assessment_id: FromPath[str],
        data: JSONBody[AssessmentEdit],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Assessment:
        """Change the working copy: settings field by field, items as a whole. Learners keep the published version."""
        return await service.edit(services, caller, assessment_id, data)

    @delete(
        "/{assessment_id:str}",
        guards=[requires("write:assessments")],
        opt=may_raise(AssessmentNotFound, WrongState),
    )
    async def delete(
        self, assessment_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> None:
        """Delete an assessment that nobody has taken, in whatever state; one with submissions can only be archived."""
        await service.delete(services, caller, assessment_id)
