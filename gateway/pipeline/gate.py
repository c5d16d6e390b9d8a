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

from gateway.errors import BodyTooLarge, InvalidParameter, MethodNotAllowed, Problem, RouteNotFound
from gateway.errors.render import named
from gateway.guards import SERVICES, VISIT
from gateway.http.bodies import BODY_BYTES_MAX
from gateway.http.preferences import preferences_of, wants_page
from gateway.ids import SHAPE, RequestIds
from gateway.metrics import Tally
from gateway.pipeline import head
from gateway.pipeline.answers import Exchange, without_body
from gateway.pipeline.dispatch import Endpoint
from gateway.pipeline.door import Door
from gateway.services import Services
from gateway.stores import Overloaded, StoreDown

API: Final = "/v1/"
PAGES: Final = "/embed"
METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
PATH_LENGTH_MAX: Final = 1_024
"""Characters of a path that are looked at; no route's is a quarter as long. The router remembers paths."""
UNROUTED: Final = "unrouted"
_NONE: Final[Mapping[str, Any]] = {}

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
        door: Door,
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
        # Whatever can be read can be asked about: RFC 9110 has no GET without HEAD.
        self._plain |= {(path, "HEAD"): found for (path, method), found in self._plain.items() if method == "GET"}
        for methods in self._methods.values():
            if "GET" in methods:
                methods.add("HEAD")
        self._services = services
        self._clock = services.clock
        self._public_url = services.settings.public_url
        self._door = door
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
            page_in = _wanted_languages(scope, by_name)
            await exchange.fail(error, by_name.get(b"accept"), self._public_url, page_in=page_in)
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
            uncounted = await self._door.admit(exchange, scope, by_name, endpoint, problem)
        elif problem is not None:
            raise problem
        if isinstance(endpoint, Problem):
            raise endpoint
        try:
            await endpoint(scope, receive, exchange.send)
        except Problem as problem:
            if uncounted is not None and problem.status in _BEFORE_FOUND:
                await self._door.count(exchange, uncounted)
            await _end_visit(scope, problem)
            raise
        except (StoreDown, Overloaded) as error:
            await _end_visit(scope, error)
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
            if method != "HEAD" or "HEAD" not in self._methods[template]:
                scope["path_template"] = template
                return MethodNotAllowed(self._methods[template])
            _, handler, scope["path"], scope["path_params"], template = self._route_of(path=path, method="GET")
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


def _wanted_languages(scope: Any, by_name: Mapping[bytes, bytes]) -> str | None:
    """What somebody would like to read who looks at a refusal in a browser, below the player's address; else None."""
    if not scope["path"].startswith(PAGES):
        return None
    asked = preferences_of(by_name)
    return asked.accept_language if wants_page(asked.accept) else None


async def _end_visit(scope: Any, error: Exception) -> None:
    """Count by its address what its handler refused before it was counted; what we failed at ourselves is only shown."""
    visit = scope.get(VISIT)
    if visit is not None and not visit.is_counted:
        await (visit.count() if isinstance(error, Problem) else visit.look())
