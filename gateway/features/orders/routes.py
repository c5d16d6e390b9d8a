"""`POST /v1/provisioning/centers`: a partner orders a center. Live keys alone come here."""

from typing import Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec.structs import replace

from gateway.caller import Caller
from gateway.errors import (
    DuplicateProvisioning,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidSubdomain,
    Problem,
    ProvisioningFailed,
    SubdomainTaken,
)
from gateway.features.api_keys.service import maker_of
from gateway.features.orders import service
from gateway.features.orders.schemas import NewCenter, Provisioned
from gateway.guards import in_live, may_raise, requires
from gateway.log import log
from gateway.once import Once
from gateway.services import Services
from gateway.stores import Overloaded, StoreDown


@post(
    "/v1/provisioning/centers",
    tags=("Provisioning",),
    guards=[requires("provision:centers"), in_live("provision:centers")],
    opt=may_raise(
        InvalidSubdomain,
        DuplicateProvisioning,
        SubdomainTaken,
        ProvisioningFailed,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
        IdempotencyInProgress,
    ),
    responses={200: ResponseSpec(Provisioned, description="The order was carried out before; no key.")},
)
async def provision(
    data: JSONBody[NewCenter],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Provisioned]:
    """Make a center with its first live key.

    The key is shown this once. The same order again is answered with 200, the center as it is now and no key.
    """
    service.check_center(data.subdomain, data.time_zone)
    try:
        return await once.run(
            lambda connection, _: service.provision(
                connection, services.keyring, maker_of(caller), data, services.clock.now_ms()
            ),
            body=data,
            location=lambda made: f"/v1/provisioning/centers/{made.center.id}",
            seal=without_key,
        )
    except service.OrderKnown as known:
        caller.facts["idempotent_replay"] = True
        return Response(Provisioned(known.center, None), status_code=200, headers={"Idempotent-Replayed": "true"})
    except (Problem, StoreDown, Overloaded):
        raise
    except Exception as error:
        log.error("provisioning.failed", request_id=caller.request_id, exc_info=error)
        raise ProvisioningFailed from error


def without_key(made: Provisioned) -> Provisioned:
    """What is kept of an answer for replays: all but the key itself."""
    return replace(made, api_key=None if made.api_key is None else replace(made.api_key, key=None))


ORDERS: Final = (provision,)
