"""The one place where the gateway's parts are joined: `create_app(settings)` is the ASGI application of `serve`."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any, Final

from litestar import Litestar
from litestar.di import Provide
from litestar.types import ControllerRouterHandler, Receive, Send

from gateway import metrics, openapi
from gateway.clock import Clock, SystemClock
from gateway.counters import CounterReader
from gateway.features.api_keys.routes import ApiKeys
from gateway.features.artifacts.routes import ARTIFACTS
from gateway.features.assessments.routes import Assessments
from gateway.features.auth.routes import AUTH
from gateway.features.centers.routes import ProvisionedCenters
from gateway.features.checks.routes import CHECKS
from gateway.features.collections.routes import Collections
from gateway.features.courses.routes import Courses
from gateway.features.deliveries.routes import DELIVERIES
from gateway.features.docs.routes import DOCS, SCHEMA
from gateway.features.dpus.routes import Dpus
from gateway.features.embed_origins.routes import EmbedOrigins
from gateway.features.embed_tokens.routes import EMBED_TOKENS
from gateway.features.events.routes import EVENTS
from gateway.features.health.routes import HEALTH
from gateway.features.invitations.routes import INVITATIONS
from gateway.features.launches.routes import Launches
from gateway.features.learners.routes import Learners
from gateway.features.members.routes import Members
from gateway.features.notes.routes import Notes
from gateway.features.one_shots.routes import ONE_SHOTS
from gateway.features.own_center.routes import OWN_CENTER
from gateway.features.player.routes import PLAYER
from gateway.features.presets.routes import Presets
from gateway.features.publishing.routes import Publishing
from gateway.features.record_exports.routes import RECORD_EXPORTS
from gateway.features.record_verification.routes import RECORD_VERIFICATION
from gateway.features.regrades.routes import Regrades
from gateway.features.results.routes import Results
from gateway.features.reviews.routes import Reviews
from gateway.features.sessions.routes import SESSIONS
from gateway.features.sources.routes import Sources
from gateway.features.statistics.routes import statistics
from gateway.features.submissions.routes import SUBMISSIONS
from gateway.features.submitting.routes import SUBMITTING
from gateway.features.trials.routes import TRIALS
from gateway.features.usage.routes import USAGE
from gateway.features.webhooks.routes import Webhooks
from gateway.http.bodies import BODY_BYTES_MAX, GatewayRequest
from gateway.keyring import Keyring
from gateway.log import log
from gateway.outbound.opening import open_outbound
from gateway.passwords import Passwords
from gateway.pipeline.authentication import Authentication
from gateway.pipeline.dispatch import endpoints
from gateway.pipeline.door import Door
from gateway.pipeline.gate import Gate
from gateway.pipeline.learners_in import LearnersIn
from gateway.pipeline.people import People
from gateway.pipeline.providers import PROVIDERS
from gateway.published import PublishedVersions
from gateway.redis_watch import RedisWatch
from gateway.rich_versions import RichVersions
from gateway.services import Services
from gateway.settings import Settings
from gateway.sql_batches import Batches
from gateway.stores import SqlStore
from gateway.tokens.access import AccessTokens
from gateway.tokens.ring import open_token_keys
from gateway.work.wake import Waker
from quotas.admission import Admission
from quotas.idempotency import KeyTurns
from quotas.mirror import Mirror
from quotas.transport import open_transport

FEATURES: Final[tuple[ControllerRouterHandler, ...]] = (
    *HEALTH,
    *SCHEMA,
    Presets,
    Courses,
    Sources,
    Launches,
    *ARTIFACTS,
    Notes,
    Assessments,
    Publishing,
    *TRIALS,
    Collections,
    *SUBMISSIONS,
    *SUBMITTING,
    *ONE_SHOTS,
    *CHECKS,
    *EVENTS,
    EmbedOrigins,
    *EMBED_TOKENS,
    *SESSIONS,
    *PLAYER,
    Results,
    statistics,
    Reviews,
    Regrades,
    Learners,
    *USAGE,
    *RECORD_EXPORTS,
    Webhooks,
    *DELIVERIES,
    *AUTH,
    *INVITATIONS,
    Members,
    *OWN_CENTER,
    ApiKeys,
    ProvisionedCenters,
    Dpus,
    *RECORD_VERIFICATION,
)
"""Every route there is, feature by feature."""

_FLUSH_SECONDS: Final = 1.0


class Gateway:
    """The ASGI application. Requests go through the gate into Litestar; the lifespan opens and closes the stores."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._tally = metrics.Tally()
        self._gate: Gate | None = None
        self._services: Services | None = None
        self._chores: set[asyncio.Task[Any]] = set()
        self._litestar = declared(docs=settings.docs)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """ASGI."""
        if self._gate is not None and scope["type"] == "http":
            await self._gate(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._litestar(scope, receive, send)

    @property
    def services(self) -> Services:
        """What requests use; there while the lifespan runs."""
        if self._services is None:
            raise RuntimeError("the application has not been started")
        return self._services

    def start(self, chore: Coroutine[Any, Any, None]) -> None:
        """Run something that no request waits for; it is ended with the application, and its failure is logged."""
        task = asyncio.get_running_loop().create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._chores.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("chore.failed", chore=task.get_name(), exc_info=error)

    async def _live(self, receive: Any, send: Any) -> None:
        """Open, say so, and close when told. Rule source: ASGI, "Lifespan Protocol"."""
        await receive()
        stage = "startup"
        try:
            async with self._lifespan():
                await send({"type": "lifespan.startup.complete"})
                stage = "shutdown"
                await receive()
        except BaseException as error:
            await send({"type": f"lifespan.{stage}.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def _lifespan(self) -> AsyncGenerator[None, None]:
        """Open the stores, then the gate; close them in the other order. Raises StoreUnreachable."""
        settings, clock = self.settings, self._clock
        keyring = Keyring(settings.key_peppers.by_version, settings.encryption_keys.by_version)
        tokens = AccessTokens(open_token_keys(settings.jwt_keys_file, clock.monotonic_seconds), settings.public_url)
        passwords = Passwords()
        async with AsyncExitStack() as stack:
            stack.callback(passwords.close)
            sql = SqlStore(settings.database_url, size=settings.database_pool_size, observe=metrics.SQL_SECONDS.observe)
            await stack.enter_async_context(sql)
            watch = RedisWatch(clock)
            transport = await open_transport(settings.redis_url, watch)
            stack.push_async_callback(transport.aclose)
            mirror = Mirror(transport)
            waker = Waker(sql)
            stack.push_async_callback(waker.close)
            admission = Admission(
                transport,
                expected_replicas=settings.expected_replicas,
                monotonic_seconds=clock.monotonic_seconds,
                now_ms=clock.now_ms,
                observer=watch,
            )
            batches = Batches(sql, settings.database_pool_size)
            self._services = Services(
                settings=settings,
                clock=clock,
                counters=CounterReader(sql, mirror, clock),
                keyring=keyring,
                sql=sql,
                batches=batches,
                admission=admission,
                mirror=mirror,
                outbound=await stack.enter_async_context(open_outbound(settings, clock)),
                key_turns=KeyTurns(),
                waker=waker,
                published=PublishedVersions(clock.monotonic_seconds),
                rich=RichVersions(),
                tokens=tokens,
                passwords=passwords,
            )
            authentication = Authentication(sql, keyring, clock, self.start)
            self._gate = Gate(
                self._litestar,
                endpoints(self._litestar, PROVIDERS),
                self._services,
                door=Door(
                    self._services,
                    authentication,
                    People(tokens, batches, clock),
                    LearnersIn(keyring, batches, clock),
                    self._tally,
                ),
                tally=self._tally,
            )
            self.start(self._keep_flushing())
            stack.push_async_callback(self._end_chores)
            yield

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            self._tally.flush()

    async def _end_chores(self) -> None:
        chores = list(self._chores)
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        self._tally.flush()


def create_app(settings: Settings, clock: Clock | None = None) -> Gateway:
    """The gateway as one ASGI application. Stores are opened by its lifespan, not here."""
    return Gateway(settings, clock or SystemClock())


@cache
def declared(*, docs: bool = True) -> Litestar:
    """The routes, declared; once a process, since they hold no state. `docs` adds the browsable page."""
    return Litestar(
        [*FEATURES, *(DOCS if docs else ())],
        debug=False,
        openapi_config=None,
        logging_config=None,
        request_class=GatewayRequest,
        request_max_body_size=BODY_BYTES_MAX,
        dependencies={name: Provide(make, sync_to_thread=False) for name, make in PROVIDERS.items()},
    )


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of every route; needs no store and no setting."""
    return openapi.openapi_document(declared())
