"""What a route declares of itself: the scopes it needs, or that it needs no key, and the problems it may answer with.

    @post("/", guards=[requires("write:courses")], opt=may_raise(CourseNotFound, LimitReached))

Guards run before the body is read. A route without a declaration fails the house-rules test.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from gateway.caller import Caller
from gateway.errors import InsufficientRole, InvalidToken, MissingScope, Problem
from gateway.learners import sees_every_learner
from gateway.scopes import Scope

CALLER: Final = "gateway.caller"
"""Where the pipeline leaves the caller in the ASGI scope."""

DECISION: Final = "gateway.decision"
"""Where the pipeline leaves the rate limit's `Admitted`, with the mirrors that the route asked for."""

SERVICES: Final = "gateway.services"
"""Where the pipeline leaves the process' services."""

SPENDING: Final = "gateway.spending"
"""Where the pipeline leaves the request's `Spending`."""

VISIT: Final = "gateway.visit"
"""Where the pipeline leaves the request's `Visit`."""

PROBLEMS: Final = "problems"
MIRRORS: Final = "mirrors"
OTHER_FORMS: Final = "other_forms"
SAVES: Final = "saves"
COUNTS_ITSELF: Final = "counts_itself"
MAY_SIGN_IN: Final = "may_sign_in"
ANY_MEMBERSHIP: Final = "any_membership"
IN_SESSIONS: Final = "in_sessions"


class Guard(ABC):
    """Decides by the ASGI scope alone whether a caller may use a route. Runs before the body is read."""

    __slots__ = ()

    @abstractmethod
    def check(self, scope: Any) -> None:
        """Raise the Problem, or let pass."""

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _route: BaseRouteHandler) -> None:
        """Litestar's form of a guard; `check` is what the dispatcher calls."""
        self.check(connection.scope)


def lacking(caller: Caller, scopes: Iterable[str]) -> Problem:
    """What a caller without these scopes is refused with: a key lacks scopes, a person's role does not have them."""
    return MissingScope(scopes) if caller.person is None else InsufficientRole(scopes, caller.person.role)


class requires(Guard):  # ruff: ignore[invalid-class-name] - reads as a word at every route
    """Admits callers that hold all these scopes; a learner's session where the route says so (`in_sessions_too`) and
    nowhere else; with `or_a_child` also a CHILD, for itself.
    """

    __slots__ = ("_needed", "_or_a_child", "scopes")

    def __init__(self, *scopes: Scope, or_a_child: bool = False) -> None:
        self.scopes = scopes
        self._needed = frozenset[str](scopes)
        self._or_a_child = or_a_child

    def check(self, scope: Any) -> None:
        """Raise MissingScope or InsufficientRole, or let pass."""
        caller: Caller = scope[CALLER]
        if caller.session is not None:
            if not scope["route_handler"].opt.get(IN_SESSIONS):
                raise MissingScope(sorted(self._needed))
        elif not self._needed <= caller.scopes and not (self._or_a_child and caller.role == "CHILD"):
            raise lacking(caller, sorted(self._needed))


class _SignedIn(Guard):
    """Admits people, whatever their role."""

    __slots__ = ()

    def check(self, scope: Any) -> None:
        """Raise InvalidToken for an API key: it is nobody, who could have a password or leave."""
        caller: Caller = scope[CALLER]
        if caller.person is None:
            raise InvalidToken


signed_in: Final = _SignedIn()
"""The declaration of a route for people alone, with a token from `/v1/auth/login`."""


class _AdminAlone(Guard):
    """Admits people with the role ADMIN, and no key, whatever its scopes."""

    __slots__ = ()

    def check(self, scope: Any) -> None:
        """Raise MissingScope or InsufficientRole, or let pass."""
        caller: Caller = scope[CALLER]
        if caller.person is None:
            raise MissingScope(["manage:center"], "No API key does this: an ADMIN who is signed in does.")
        if caller.role != "ADMIN":
            raise InsufficientRole(["manage:center"], caller.role)


admin_alone: Final = _AdminAlone()
"""The declaration of what a person decides, and no program, beside the scopes that it needs."""


class _ForAllLearners(Guard):
    """Admits who may see every learner of the center: neither a CHILD nor a PARENT."""

    __slots__ = ()

    def check(self, scope: Any) -> None:
        """Raise InsufficientRole, or let pass."""
        caller: Caller = scope[CALLER]
        if not sees_every_learner(caller):
            raise InsufficientRole(["read:results"], caller.role)


for_all_learners: Final = _ForAllLearners()
"""The declaration of lists, statistics and exports over learners, beside the scopes that they need."""


class in_live(Guard):  # ruff: ignore[invalid-class-name] - reads as a word at every route
    """Refuses test keys, whatever their scopes: what has no test twin is not theirs to change."""

    __slots__ = ("_scopes",)

    def __init__(self, *scopes: Scope) -> None:
        self._scopes = scopes

    def check(self, scope: Any) -> None:
        """Raise MissingScope, or let pass."""
        caller: Caller = scope[CALLER]
        if caller.env != "live":
            raise MissingScope(self._scopes)


class _NeedsNoKey(Guard):
    """Admits everybody."""

    __slots__ = ()

    def check(self, scope: Any) -> None:
        """Let pass."""


needs_no_key: Final = _NeedsNoKey()
"""The declaration of a route for everybody."""


def may_raise(*problems: type[Problem]) -> dict[str, Any]:
    """The `opt` of a route: what it may answer besides what every route may. OpenAPI shows it, a test holds it."""
    return {PROBLEMS: problems}


def counted_as_save() -> dict[str, Any]:
    """Say in a route's `opt` that its requests are saves of the submission in the path: they have a limit of their own,
    a minute and submission, and do not count for the center's.
    """
    return {SAVES: True}


def counts_itself() -> dict[str, Any]:
    """Say in the `opt` of a route that needs no key that its handler counts the request, by `visit`, once it knows by
    what. Should it end with a problem before, the address is counted.
    """
    return {COUNTS_ITSELF: True}


def may_be_signed_in() -> dict[str, Any]:
    """Say in the `opt` of a route that needs no key that a credential, if one is sent, is judged as everywhere:
    `visit.caller` is who it is. Elsewhere such routes look at none.
    """
    return {MAY_SIGN_IN: True}


def whatever_the_membership() -> dict[str, Any]:
    """Say in a route's `opt` that it is the person's own: a membership or center that is no more does not close it."""
    return {ANY_MEMBERSHIP: True}


def in_sessions_too() -> dict[str, Any]:
    """Say in a route's `opt` that the credential of a learner's session opens it too. Its service narrows it to what is
    the session's own, by gateway/learners.py.
    """
    return {IN_SESSIONS: True}


def reads_mirrors() -> dict[str, Any]:
    """Say in a route's `opt` that it wants the center's mirrors in the round trip that admits it (`DECISION`)."""
    return {MIRRORS: True}


def also_answers(*media_types: str) -> dict[str, Any]:
    """Say in a route's `opt` in which other forms it answers, if it is asked to."""
    return {OTHER_FORMS: media_types}
