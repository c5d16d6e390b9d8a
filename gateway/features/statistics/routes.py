"""`GET /v1/assessments/{assessment_id}/statistics`."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from gateway.caller import Caller
from gateway.errors import AssessmentNotFound, AssessmentNotPublished
from gateway.features.statistics import service
from gateway.features.statistics.schemas import Statistics
from gateway.guards import for_all_learners, may_raise, requires
from gateway.services import Services

VersionFilter = Annotated[
    int | None,
    QueryParameter(
        ge=1, le=2_147_483_647, description="Attempts graded under this version; if not given, the published one."
    ),
]


@get(
    "/v1/assessments/{assessment_id:str}/statistics",
    guards=[requires("read:results"), for_all_learners],
    opt=may_raise(AssessmentNotFound, AssessmentNotPublished),
    tags=["Results"],
)
async def statistics(
    assessment_id: FromPath[str],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    version: VersionFilter = None,
) -> Statistics:
    """Show how each question fares: facility, discrimination, and how often each choice is picked.

    Facility is the mean share of the points. Discrimination is the point-biserial correlation of the question with the
    rest of the test. Computed every ten minutes at most, and from 5 attempts on.
    """
    return await service.of_assessment(services, caller, assessment_id, version)
