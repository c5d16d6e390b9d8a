"""What every request passes, in order: size, headers, authentication, rate, the center's state; then its route.

One ASGI layer around Litestar, whose own middleware does not run for 404 and 405. Everything that is raised behind it
is named and rendered here. Rule source: security, "Order of checks"; conventions, "Rate limits".
"""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Litestar
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import Receive, Send
from litestar.utils import normalize_path

from gateway.caller import Caller
from gateway.counters import mirror_keys
from gateway.errors import (
    BodyTooLarge,
    CenterSuspended,
    InvalidParameter,
    MethodNotAllowed,
    MissingApiKey,
    Problem,
    RouteNotFound,
    ServiceUnavailable,
)
from gateway.errors.render import named
from gateway.guards import CALLER, DECISION, SERVICES, SPENDING, needs_no_key
from gateway.http.bodies import BODY_BYTES_MAX
from gateway.ids import SHAPE, RequestIds
from gateway.metrics import Tally
from gateway.periods import current_period
from gateway.pipeline import head, rates
from gateway.pipeline.addresses import client_address
from gateway.pipeline.answers import Exchange, without_body
from gateway.pipeline.authentication import Authentication, Known, Refusal
from gateway.pipeline.dispatch import Endpoint
from gateway.services import Services
from gateway.spending import Spending, refusal
from gateway.stores import Overloaded, StoreDown
from quotas.admission import Decision, Refused

API: Final = "/v1/"
METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
PATH_LENGTH_MAX: Final = 1_024
"""Characters of a path that are looked at; no route's is a quarter as long. The router remembers paths."""
UNROUTED: Final = "unrouted"
_NONE: Final[Mapping[str, Any]] = {}
_USAGE: Final = "/v1/usage"

_BEFORE_FOUND: Final = frozenset({400, 403, 404, 413, 415})
"""Statuses of refusals that say nothing of what the path names: it was not looked for yet, or is not there."""


class Gate:
    """One a process; called once a request."""

    def __init__(
        self,
        litestar: Litestar,
        endpoints: Mapping[BaseRouteHandler, Endpoint],
        services: Services,
        *,
        authentication: Authentication,
        tally: Tally,
    ) -> None:
        self._litestar = litestar
        self._endpoints = endpoints
        self._route_of = litestar.asgi_router.handle_routing
        routes = [route for route in litestar.routes if isinstance(route, HTTPRoute)]
        self._methods = {route.path_format: set(route.methods) for route in routes}
        self._plain = {
            (route.path, method): endpoints[handler]
            for route in routes
            if not route.path_parameters
            for handler in route.route_handlers
            for method in handler.http_methods
            if handler in endpoints
        }
        for (path, _), endpoint in list(self._plain.items()):
            if needs_no_key in endpoint.handler.resolve_guards() and "GET" in self._methods[path]:
                self._plain[path, "HEAD"] = endpoint  # what monitors ask
                self._methods[path].add("HEAD")
        self._services = services
        self._clock = services.clock
        self._admission = services.admission
        self._trusted_proxies = services.settings.trusted_proxies
        self._public_url = services.settings.public_url
        self._authentication = authentication
        self._tally = tally
        self._ids = RequestIds()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one HTTP request. Whatever is raised on the way is answered too; only cancellation passes on."""
        by_name = dict(scope["headers"])
        clock = self._clock
        started, now_ms = clock.monotonic_seconds(), clock.now_ms()
        if scope["method"] == "HEAD":
            send = without_body(send)
        exchange = Exchange(send, self._ids.next(now_ms), head.own_request_id(by_name), now_ms, started)
        try:
            await self._pass(exchange, scope, by_name, receive)
        except Exception as error:  # ruff: ignore[blind-except] - the one place that names them all
            await exchange.fail(error, by_name.get(b"accept"), self._public_url)
        finally:
            seconds = clock.monotonic_seconds() - started
            route = scope.get("path_template") or UNROUTED
            # A method is the client's own word: those that no route has are one label, and one word in the log.
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            for name, value in (scope.get("path_params") or _NONE).items():
                if SHAPE.fullmatch(value) is not None:
                    exchange.facts.setdefault(name, value)
            exchange.log(method, route, seconds)
            self._tally.request(route, method, exchange.status, seconds)

    async def _pass(self, exchange: Exchange, scope: Any, by_name: dict[bytes, bytes], receive: Receive) -> None:
        """Judge, admit, and hand over to the route; raises the first thing that stands against it."""
        path = head.path_of(scope)
        if "//" in path or path[-1:] == "/":
            path = normalize_path(path)
        endpoint = self._endpoint(scope, path)
        problem = self._wrong_size(scope, by_name, endpoint) if b"content-length" in by_name else None
        if problem is None:
            problem = head.judge(scope["headers"], by_name, scope)
        uncounted = None
        if path.startswith(API) or path == API[:-1]:
            uncounted = await self._admit(exchange, scope, by_name, endpoint, problem)
        elif problem is not None:
            raise problem
        if isinstance(endpoint, Problem):
            raise endpoint
        try:
            await endpoint(scope, receive, exchange.send)
        except Problem as problem:
            if uncounted is not None and problem.status in _BEFORE_FOUND:
                await self._count(exchange, uncounted)
            raise

    def _endpoint(self, scope: Any, path: str) -> Endpoint | Problem:
        """Where the request goes, or the 404 or 405 that is due once its caller has been let in."""
        scope["litestar_app"] = self._litestar
        scope[SERVICES] = self._services
        method = scope["method"]
        plain = self._plain.get((path, method))
        if plain is not None:
            scope["path"] = scope["path_template"] = path
            scope["path_params"] = _NONE
            scope["route_handler"] = plain.handler
            return plain
        if len(path) > PATH_LENGTH_MAX:
            return RouteNotFound()
        try:
            _, handler, scope["path"], scope["path_params"], template = self._route_of(path=path, method=method)
        except MethodNotAllowedException:
            # There is such a path: the line in the log names its route, as it does for the methods that are answered.
            _, _, _, scope["path_params"], template = self._route_of(path=path, method="OPTIONS")
            scope["path_template"] = template
            return MethodNotAllowed(self._methods[template])
        except HTTPException as error:
            return named(error)
        scope["path_template"] = template
        if head.SLASH in path and head.holds_slashes(scope):
            scope["path_params"] = {name: text.replace(head.SLASH, "/") for name, text in scope["path_params"].items()}
        if method == "OPTIONS":
            return MethodNotAllowed(self._methods[template])
        scope["route_handler"] = handler
        return self._endpoints[handler]

    def _wrong_size(self, scope: Any, by_name: dict[bytes, bytes], endpoint: Endpoint | Problem) -> Problem | None:
        """A body that says itself that it is too large is refused before any of it is read."""
        declared = by_name[b"content-length"]
        if not declared.isdigit():
            return InvalidParameter("Content-Length", "a number of bytes")
        size = int(declared[:20])
        if size <= BODY_BYTES_MAX:
            return None
        limit = BODY_BYTES_MAX
        if not isinstance(endpoint, Problem):
            limit = scope["route_handler"].resolve_request_max_body_size() or size
        return BodyTooLarge(limit) if size > limit else None

    async def _admit(
        self,
        exchange: Exchange,
        scope: Any,
        by_name: dict[bytes, bytes],
        endpoint: Endpoint | Problem,
        problem: Problem | None,
    ) -> Known | None:
        """Let the caller in, or raise why not. Leaves rate headers on the exchange whatever happens.

        Returns the caller where the request was counted by a window of what its path names, in place of the caller's own:
        should there be no such thing, it is a request as any other.
        """
        sent = None if problem is not None else head.credential(by_name)
        if problem is None and sent is head.AMBIGUOUS:
            problem = InvalidParameter("Authorization", "the same key as `X-API-Key`, or one of the two alone")
        if problem is not None:
            # Nobody was asked who they are, so nothing is counted: the headers show how things stand.
            exchange.decided(await self._decide_for_address(scope, cost=0))
            raise problem
        if sent is None:
            await self._count_address(exchange, scope)
            raise MissingApiKey
        now = exchange.started
        known = self._authentication.remembered(sent, now)
        is_stale = False
        if known is None:
            known, is_stale = await self._judge(exchange, scope, sent)
        wants_mirrors = type(endpoint) is Endpoint and endpoint.wants_mirrors
        read = self._mirrors(known, exchange.now_ms) if wants_mirrors else ()
        own = None
        if type(endpoint) is Endpoint and endpoint.is_save:
            own = rates.save_policies(known.env, known.center.id, scope["path_params"].get("submission_id"))
        policies = known.policies if own is None else own
        decision = await self._admission.decide(policies, read)
        ended = self._clock.monotonic_seconds()
        exchange.known_by(known)
        exchange.decided(decision)
        if type(decision) is Refused:
            self._tally.admission(ended - now, admitted=False, degraded=decision.degraded)
            raise refusal(decision)
        self._tally.admission(ended - now, admitted=True, degraded=decision.degraded)
        reads_usage = scope["method"] == "GET" and scope["path"].startswith(_USAGE)
        if is_stale and not (reads_usage and wants_mirrors):
            raise ServiceUnavailable
        if known.center.status != "active" and not reads_usage:
            raise CenterSuspended
        scope[DECISION] = decision
        scope[CALLER] = Caller(
            center=known.center,
            env=known.env,
            key_id=known.key_id,
            scopes=known.scopes,
            requests_per_minute=known.requests_per_minute,
            request_id=exchange.request_id,
            facts=exchange.facts,
        )
        scope[SPENDING] = Spending(self._admission, policies, exchange.decided)
        return None if own is None else known

    async def _count(self, exchange: Exchange, known: Known) -> None:
        """Count a request by its caller's own limits after all. Raises RateLimited."""
        decision = await self._admission.decide(known.policies)
        exchange.decided(decision)
        if isinstance(decision, Refused):
            raise refusal(decision)

    async def _judge(self, exchange: Exchange, scope: Any, sent: bytes) -> tuple[Known, bool]:
        """The key, and whether it is known from before SQL went away. Raises what a bad key is refused with."""
        try:
            verdict = await self._authentication.judge(sent)
        except (StoreDown, Overloaded):
            known = self._authentication.stale(sent)
            if known is not None:
                return known, True
            exchange.decided(await self._decide_for_address(scope, cost=0))
            raise
        if isinstance(verdict, Refusal):
            await self._count_address(exchange, scope)
            raise verdict.problem
        return verdict, False

    async def _count_address(self, exchange: Exchange, scope: Any) -> None:
        """Count a call without a valid key. Raises RateLimited."""
        decision = await self._decide_for_address(scope, cost=1)
        exchange.decided(decision)
        if isinstance(decision, Refused):
            raise refusal(decision)

    async def _decide_for_address(self, scope: Any, cost: int) -> Decision:
        peer = scope.get("client")
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        address = client_address(peer[0] if peer else None, forwarded, self._trusted_proxies)
        started = self._clock.monotonic_seconds()
        decision = await self._admission.decide((rates.address_policy(address, cost),))
        seconds = self._clock.monotonic_seconds() - started
        self._tally.admission(seconds, admitted=not isinstance(decision, Refused), degraded=decision.degraded)
        return decision

    def _mirrors(self, known: Known, now_ms: int) -> tuple[str, ...]:
        """The center's mirrors of the period that holds `now_ms`."""
        if now_ms >= known.mirrors_until_ms:
            known.mirrors = mirror_keys(known, now_ms)
            known.mirrors_until_ms = current_period(known.center, now_ms).end_ms
        return known.mirrors
