"""What a handler can ask for by name: `caller: NamedDependency[Caller]`. Made out of the ASGI scope, without a wait."""

from collections.abc import Callable
from typing import Any, Final

from litestar import Litestar
from litestar.types import Scope

from gateway.caller import Caller
from gateway.guards import CALLER, DECISION, SERVICES, SPENDING, VISIT
from gateway.http.bodies import GatewayRequest
from gateway.http.preferences import Preferences, preferences_of
from gateway.once import Once, provide_once
from gateway.services import Services
from gateway.spending import Spending
from gateway.visit import Visit
from quotas.admission import Admitted


def caller(scope: Scope) -> Caller:
    """Whose key it is."""
    found: Caller = scope[CALLER]  # type: ignore[typeddict-item]
    return found


def services(scope: Scope) -> Services:
    """The process' stores, clock, secrets and settings."""
    found: Services = scope[SERVICES]  # type: ignore[typeddict-item]
    return found


def admitted(scope: Scope) -> Admitted:
    """What the rate limit said, with the mirrors that the route asked for."""
    found: Admitted = scope[DECISION]  # type: ignore[typeddict-item]
    return found


def once(scope: Scope) -> Once:
    """The request's `Idempotency-Key`, and how to do its effect at most once. Raises IdempotencyKeyInvalid."""
    return provide_once(GatewayRequest(scope), caller(scope), services(scope))


def spending(scope: Scope) -> Spending:
    """What the request was counted by, to count a batch's items."""
    found: Spending = scope[SPENDING]  # type: ignore[typeddict-item]
    return found


def visit(scope: Scope) -> Visit:
    """The request's address, and how to count it by that."""
    found: Visit = scope[VISIT]  # type: ignore[typeddict-item]
    return found


def preferences(scope: Scope) -> Preferences:
    """What a browser would like best."""
    return preferences_of(dict(scope["headers"]))


def litestar(scope: Scope) -> Litestar:
    """The application, for the pages that describe it."""
    return scope["litestar_app"]


Provider = Callable[[Any], Any]

PROVIDERS: Final[dict[str, Provider]] = {
    "caller": caller,
    "services": services,
    "admitted": admitted,
    "once": once,
    "spending": spending,
    "visit": visit,
    "preferences": preferences,
    "litestar": litestar,
}
"""By the name that handlers use."""
