"""What became of deliveries, and sending again: `/v1/webhooks/{webhook_id}/…` and `/v1/deliveries`."""

from typing import Annotated, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from gateway.caller import Caller
from gateway.errors import (
    DeliveryNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    WebhookNotFound,
    WrongState,
)
from gateway.features.deliveries import service
from gateway.features.deliveries.schemas import Delivery, DeliveryStatus, NewRecovery, Recovery, WebhookTest
from gateway.features.webhooks import service as webhooks
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services
from gateway.spending import Spending
from gateway.stores import Connection, Record

Status = Annotated[DeliveryStatus | None, QueryParameter(description="Only deliveries that stand so.")]


@get(
    "/v1/webhooks/{webhook_id:str}/deliveries",
    guards=[requires("manage:webhooks")],
    opt=may_raise(WebhookNotFound, InvalidCursor),
    tags=["Webhooks"],
)
async def newest(
    webhook_id: FromPath[str],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    status: Status = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[Delivery]:
    """List a webhook's deliveries, newest first, with what the receiver said. They are kept for 30 days."""
    return await service.newest(services, caller, webhook_id, status, limit, cursor)


@post(
    "/v1/webhooks/{webhook_id:str}/test",
    guards=[requires("manage:webhooks")],
    status_code=200,
    opt=may_raise(WebhookNotFound),
    tags=["Webhooks"],
)
async def test(
    webhook_id: FromPath[str],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    spending: NamedDependency[Spending],
) -> WebhookTest:
    """Send a `webhook.ping` now and show what came of it: 10 a minute. `Idempotency-Key` makes no difference here."""
    return await service.test(services, caller, spending, webhook_id)


@post(
    "/v1/webhooks/{webhook_id:str}/recover",
    guards=[requires("manage:webhooks")],
    status_code=202,
    opt=may_raise(WebhookNotFound, WrongState, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress),
    tags=["Webhooks"],
)
async def recover(
    webhook_id: FromPath[str],
    data: JSONBody[NewRecovery],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Recovery]:
    """Send what the webhook missed, of at most 7 days and 1000 events; one recovery at a time."""
    place = webhooks.place_of(caller, webhook_id)
    return await once.run(
        lambda connection, _: service.recover(connection, place, data.since, services.clock.now_ms()),
        find=lambda connection: webhooks.find(connection, place, services.clock.now_ms()),
        body=data,
        status=202,
    )


@post(
    "/v1/deliveries/{delivery_id:str}/redeliver",
    guards=[requires("manage:webhooks")],
    status_code=202,
    opt=may_raise(DeliveryNotFound, WrongState, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress),
    tags=["Webhooks"],
)
async def redeliver(
    delivery_id: FromPath[str],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    spending: NamedDependency[Spending],
) -> Response[Delivery]:
    """Send an event once more, under the same `webhook-id`, whatever came of it before: 60 a minute."""
    place = caller.center.id, caller.env, delivery_id

    async def effect(connection: Connection, found: Record) -> Delivery:
        await service.count_redelivery(spending, caller)
        return await service.redeliver(connection, caller, found, services.clock.now_ms())

    return await once.run(effect, find=lambda connection: service.find(connection, place), status=202)


DELIVERIES: Final[tuple[ControllerRouterHandler, ...]] = (newest, test, recover, redeliver)
