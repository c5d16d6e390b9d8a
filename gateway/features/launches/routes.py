"""`/v1/courses/{course_id}/launch` and `/cancel`: the one thing here that costs money, and how to stop it."""

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    AlreadyLaunched,
    BriefRequired,
    ConcurrencyLimitReached,
    CourseNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    QuotaExceeded,
    SourceRequired,
    WrongState,
)
from gateway.features.courses.schemas import Course
from gateway.features.launches import service, store
from gateway.features.launches.schemas import LaunchOptions
from gateway.guards import may_raise, reads_mirrors, requires
from gateway.once import Once, answer
from gateway.services import Services
from quotas.admission import Admitted
from quotas.idempotency import Replay


class Launches(Controller):
    """Starting a course's generation, and ending it before its time."""

    path = "/v1/courses/{course_id:str}"
    tags = ("Launch",)

    @post(
        "/launch",
        guards=[requires("write:courses")],
        status_code=202,
        opt=reads_mirrors()
        | may_raise(
            CourseNotFound,
            BriefRequired,
            SourceRequired,
            AlreadyLaunched,
            QuotaExceeded,
            ConcurrencyLimitReached,
            IdempotencyKeyRequired,
            IdempotencyKeyInvalid,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def launch(
        self,
        course_id: FromPath[str],
        data: JSONBody[LaunchOptions],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        admitted: NamedDependency[Admitted],
    ) -> Response[Course]:
        """Hold a unit for each module of the brief and queue the generation, once for each `Idempotency-Key`.

        Then read the course until it is `ready`, or wait for the event `course.ready`. Modules that are not made give their
        unit back.
        """
        if once.key is None:
            raise IdempotencyKeyRequired
        done = await service.launch(services, caller, admitted, once, course_id, data)
        if isinstance(done, Replay):
            response = once.replay(done)
        else:
            response = answer(done.body, 202, store.COURSE_PATH.format(course_id))
        response.set_header("Retry-After", "2")
        return response

    @post(
        "/cancel",
        guards=[requires("write:courses")],
        status_code=200,
        opt=may_raise(CourseNotFound, WrongState, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress),
    )
    async def cancel(
        self,
        course_id: FromPath[str],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Course]:
        """Cancel at once where nothing runs; else the module in progress is finished and charged.

        Until then the course is `generating`, with `cancel_requested`. Modules that are done stay.
        """
        return await service.cancel(services, caller, once, course_id)
