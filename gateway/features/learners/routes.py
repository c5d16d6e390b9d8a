"""`/v1/learners/{learner_ref}`: what a learner may ask of those who keep the answers."""

from litestar import Controller, Response, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from gateway.caller import Caller
from gateway.features.learners import service
from gateway.features.learners.schemas import LearnerExport
from gateway.guards import requires
from gateway.services import Services


class Learners(Controller):
    """All that is kept of one learner."""

    path = "/v1/learners/{learner_ref:str}"
    tags = ("Learners",)

    @delete(guards=[requires("manage:center")])
    async def erase(
        self, learner_ref: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> None:
        """Erase a learner's answers, results, events, reviews and attempts under way; the totals of attempts stay.

        Where it breaks off, asking again goes on. `learner_ref` is percent-encoded.
        """
        await service.erase(services, caller, learner_ref)

    @get("/export", guards=[requires("manage:center")])
    async def export(
        self, learner_ref: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Response[LearnerExport]:
        """Hand out everything kept about a learner, without keys. `learner_ref` is percent-encoded."""
        return await service.export(services, caller, learner_ref)
