"""`/v1/assessments/{assessment_id}/publish`, `/archive` and `/validate`."""

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    AssessmentNotFound,
    CourseNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    WrongState,
)
from gateway.features.assessments.schemas import Assessment, AssessmentEdit
from gateway.features.publishing import service
from gateway.features.publishing.schemas import Validation
from gateway.guards import may_raise, requires
from gateway.once import Once
from gateway.services import Services


class Publishing(Controller):
    """What becomes of a working copy."""

    path = "/v1/assessments/{assessment_id:str}"
    tags = ("Assessments",)

    @post(
        "/publish",
        guards=[requires("write:assessments")],
        status_code=200,
        opt=may_raise(
            AssessmentNotFound, WrongState, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress
        ),
    )
    async def publish(
        self,
        assessment_id: FromPath[str],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Assessment]:
        """Freeze the working copy as a version, which learners get from now on; attempts under way keep theirs.

        Without an edit since the last time nothing changes: two at once make one version.
        """
        return await service.publish(services, caller, once, assessment_id)

    @post(
        "/archive",
        guards=[requires("write:assessments")],
        status_code=200,
        opt=may_raise(AssessmentNotFound, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress),
    )
    async def archive(
        self,
        assessment_id: FromPath[str],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Assessment]:
        """End an assessment for good: nobody starts it again, its results stay."""
        return await service.archive(services, caller, once, assessment_id)

    @post(
        "/validate",
        guards=[requires("write:assessments")],
        status_code=200,
        opt=may_raise(AssessmentNotFound, CourseNotFound, WrongState),
    )
    async def validate(
        self,
        assessment_id: FromPath[str],
        data: JSONBody[AssessmentEdit],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Validation:
        """Try an edit (`{}`: the working copy as it is) and say all that would keep it from being published.

        Nothing is changed; an `Idempotency-Key` is ignored.
        """
        return await service.validate(services, caller, assessment_id, data)
