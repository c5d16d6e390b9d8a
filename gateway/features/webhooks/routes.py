"""`/v1/webhooks`: where a center's events are sent."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET
from msgspec.structs import replace

from gateway.caller import Caller
from gateway.errors import (
    DuplicateWebhook,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    LimitReached,
    RotationInProgress,
    WebhookNotFound,
)
from gateway.features.webhooks import service
from gateway.features.webhooks.schemas import MadeWebhook, NewWebhook, SecretRotation, Webhook, WebhookEdit
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services


class Webhooks(Controller):
    """Endpoints for events, signed as Standard Webhooks 1.0.0 has it."""

    path = "/v1/webhooks"
    tags = ("Webhooks",)

    @post(
        guards=[requires("manage:webhooks")],
        opt=may_raise(
            DuplicateWebhook, LimitReached, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress
        ),
    )
    async def create(
        self,
        data: JSONBody[NewWebhook],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[MadeWebhook]:
        """Register an HTTPS URL for events whose objects the caller may read. Its secret is shown this once."""
        target, wish = service.new_wish(data, caller)
        refused = await service.refusal(services.outbound, target)
        return await once.run(
            lambda connection, _: service.create(
                connection, services.keyring, caller, wish, refused, services.clock.now_ms()
            ),
            body=data,
            location=lambda made: f"/v1/webhooks/{made.id}",
            seal=lambda made: replace(made, secret=None),
        )

    @get(guards=[requires("manage:webhooks")], opt=may_raise(InvalidCursor))
    async def newest(
        self,
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Webhook]:
        """List webhooks, newest first."""
        return await service.newest(services, caller, limit, cursor)

    @get("/{webhook_id:str}", guards=[requires("manage:webhooks")], opt=may_raise(WebhookNotFound))
    async def show(
        self, webhook_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Webhook:
        """Show a webhook."""
        async with services.sql.session() as connection:
            place, now_ms = service.place_of(caller, webhook_id), services.clock.now_ms()
            return service.render(await service.find(connection, place, now_ms))

    @patch("/{webhook_id:str}", guards=[requires("manage:webhooks")], opt=may_raise(WebhookNotFound, DuplicateWebhook))
    async def edit(
        self,
        webhook_id: FromPath[str],
        data: JSONBody[WebhookEdit],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[MadeWebhook]:
        """Change what is given; a new `url` brings a new secret, shown this once. `enabled` makes a disabled one deliver again."""
        target = None if data.url is UNSET else service.target_of(data.url)
        edited = await service.edit(services, caller, webhook_id, data, target)
        return Response(edited, headers={"Cache-Control": "no-store"})

    @delete("/{webhook_id:str}", guards=[requires("manage:webhooks")], opt=may_raise(WebhookNotFound))
    async def delete(
        self, webhook_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> None:
        """Delete a webhook, its secrets and its deliveries; what is under way this very moment may still arrive."""
        async with services.sql.session() as connection, connection.transaction():
            await service.delete(connection, service.place_of(caller, webhook_id), services.clock.now_ms())

    @post(
        "/{webhook_id:str}/rotate-secret",
        guards=[requires("manage:webhooks")],
        status_code=200,
        opt=may_raise(
            WebhookNotFound, RotationInProgress, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress
        ),
    )
    async def rotate_secret(
        self,
        webhook_id: FromPath[str],
        data: JSONBody[SecretRotation],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[MadeWebhook]:
        """Make a new secret, shown this once. The old one signs beside it for a day, or for `grace_seconds`."""
        place = service.place_of(caller, webhook_id)
        return await once.run(
            lambda connection, _: service.rotate(connection, services.keyring, place, data, services.clock.now_ms()),
            find=lambda connection: service.find(connection, place, services.clock.now_ms()),
            body=data,
            status=200,
            seal=lambda made: replace(made, secret=None),
        )
