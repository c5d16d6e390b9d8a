"""`/healthz` and `/readyz`: one word each, for whoever restarts processes and sends traffic."""

from typing import Literal

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from msgspec import Struct

from gateway.drain import DRAIN
from gateway.features.health import service
from gateway.guards import needs_no_key
from gateway.services import Services


class Health(Struct, frozen=True):
    """`ok` or `unavailable`, and no more."""

    status: Literal["ok", "unavailable"]


@get("/healthz", guards=[needs_no_key], sync_to_thread=False, tags=["Health"])
def healthz() -> Health:
    """Tell that the process is up."""
    return Health("ok")


@get(
    "/readyz",
    guards=[needs_no_key],
    tags=["Health"],
    responses={503: ResponseSpec(Health, description="PostgreSQL does not answer, or a migration is missing.")},
)
async def readyz(services: NamedDependency[Services]) -> Response[Health]:
    """Tell whether requests can be served: PostgreSQL answers, its schema is current, and nobody asked us to stop.

    Redis may be away.
    """
    if not DRAIN.asked and await service.is_ready(services):
        return Response(Health("ok"))
    return Response(Health("unavailable"), status_code=503)


HEALTH = (healthz, readyz)
