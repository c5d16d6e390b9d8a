"""`GET /v1/usage`: cheap enough to poll."""

from litestar import get
from litestar.di import NamedDependency

from gateway.caller import Caller
from gateway.features.usage import service
from gateway.features.usage.schemas import Usage
from gateway.guards import reads_mirrors, requires
from gateway.services import Services
from quotas.admission import Admitted


@get("/v1/usage", guards=[requires("read:usage")], opt=reads_mirrors(), tags=["Usage"])
async def usage(
    caller: NamedDependency[Caller], services: NamedDependency[Services], admitted: NamedDependency[Admitted]
) -> Usage:
    """Show what was used and held of each meter in this period, the rate limit and the running generations.

    It is cheap enough to poll. What a launch may take is decided by the launch alone.
    """
    return await service.usage(services, caller, admitted)


USAGE = (usage,)
