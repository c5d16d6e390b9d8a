"""Who comes in: whose key or token it is, whether there is room for the request, whether the center is open.

What is counted, and by what: a good key and a signed-in member count for their center, all others for their address.
Rule source: conventions, "Rate limits"; security, "Order of checks" and "People".
"""

from typing import Any, Final

from gateway.caller import Caller
from gateway.counters import mirror_keys
from gateway.errors import CenterSuspended, InvalidParameter, MissingApiKey, Problem, ServiceUnavailable, SessionExpired
from gateway.guards import CALLER, DECISION, SPENDING, VISIT
from gateway.metrics import Tally
from gateway.periods import current_period
from gateway.pipeline import head, rates
from gateway.pipeline.addresses import client_address
from gateway.pipeline.answers import Exchange
from gateway.pipeline.authentication import Authentication, Known, Refusal
from gateway.pipeline.dispatch import Endpoint
from gateway.pipeline.learners_in import LearnersIn, is_session
from gateway.pipeline.people import People, PersonRefusal, is_token
from gateway.services import Services
from gateway.spending import Spending, refusal
from gateway.stores import Overloaded, StoreDown
from gateway.visit import Visit, address_policy
from quotas.admission import Decision, Refused

_USAGE: Final = "/v1/usage"
_READING: Final = ("GET", "HEAD")
_AMBIGUOUS: Final = "the same key as `X-API-Key`, or one of the two alone"


class Door:
    """One a process; asked once a request to the API."""

    def __init__(
        self,
        services: Services,
        authentication: Authentication,
        people: People,
        learners: LearnersIn,
        tally: Tally,
    ) -> None:
        self._clock = services.clock
        self._admission = services.admission
        self._trusted_proxies = services.settings.trusted_proxies
        self._authentication = authentication
        self._people = people
        self._learners = learners
        self._tally = tally

    async def admit(
        self,
        exchange: Exchange,
        scope: Any,
        by_name: dict[bytes, bytes],
        endpoint: Endpoint | Problem,
        problem: Problem | None,
    ) -> Known | None:
        """Let the caller in, or raise why not. Leaves rate headers on the exchange whatever happens, and what the route
        may ask for in the scope.

        Returns the caller where the request was counted by a window of what its path names, in place of the caller's own:
        should there be no such thing, it is a request as any other.
        """
        route = endpoint if type(endpoint) is Endpoint else None
        sent = None if problem is not None else head.credential(by_name)
        if problem is None and sent is head.AMBIGUOUS and not (route is not None and _looks_at_none(route)):
            problem = InvalidParameter("Authorization", _AMBIGUOUS)
        if problem is not None:
            # Nobody was asked who they are, so nothing is counted: the headers show how things stand.
            exchange.decided(await self._decide_for_address(scope, cost=0))
            raise problem
        visit = None
        if route is not None and route.wants_visit:
            visit = scope[VISIT] = self._visit(exchange, scope)
            if route.is_open and (sent is None or not route.may_sign_in):
                if not route.counts_itself:
                    await visit.count()
                return None
        if sent is None:
            await self._count_address(exchange, scope)
            raise MissingApiKey
        return await self._admit_known(exchange, scope, by_name, route, sent, visit)

    async def count(self, exchange: Exchange, known: Known) -> None:
        """Count a request by its caller's own limits after all. Raises RateLimited."""
        decision = await self._admission.decide(known.policies)
        exchange.decided(decision)
        if isinstance(decision, Refused):
            raise refusal(decision)

    async def _admit_known(
        self,
        exchange: Exchange,
        scope: Any,
        by_name: dict[bytes, bytes],
        route: Endpoint | None,
        sent: bytes,
        visit: Visit | None,
    ) -> Known | None:
        now = exchange.started
        known = self._authentication.remembered(sent, now)
        is_stale = False
        is_own_matter = route is not None and route.any_membership
        if known is None:
            if is_token(sent, by_name.get(b"authorization")):
                known = await self._judge_person(exchange, scope, sent, whatever_the_membership=is_own_matter)
            elif is_session(sent, by_name.get(b"authorization")):
                known = await self._judge_session(exchange, scope, sent)
            else:
                known, is_stale = await self._judge(exchange, scope, sent)
        wants_mirrors = route is not None and route.wants_mirrors
        read = self._mirrors(known, exchange.now_ms) if wants_mirrors else ()
        own = None
        if route is not None and route.is_save and _may_save(known, scope):
            own = rates.save_policies(known.env, known.center.id, scope["path_params"].get("submission_id"))
        policies = known.policies or (address_policy(self._address(scope)),) if own is None else own
        decision = await self._admission.decide(policies, read)
        ended = self._clock.monotonic_seconds()
        exchange.known_by(known)
        exchange.decided(decision)
        if type(decision) is Refused:
            self._tally.admission(ended - now, admitted=False, degraded=decision.degraded)
            raise refusal(decision)
        self._tally.admission(ended - now, admitted=True, degraded=decision.degraded)
        reads_usage = scope["method"] in _READING and scope["path"].startswith(_USAGE)
        if is_stale and not (reads_usage and wants_mirrors):
            raise ServiceUnavailable
        if known.center.status != "active" and not reads_usage and not is_own_matter:
            raise CenterSuspended
        caller = Caller(
            center=known.center,
            env=known.env,
            key_id=known.key_id,
            scopes=known.scopes,
            requests_per_minute=known.requests_per_minute,
            request_id=exchange.request_id,
            facts=exchange.facts,
            person=known.person,
            session=known.session,
        )
        scope[DECISION] = decision
        scope[CALLER] = caller
        scope[SPENDING] = Spending(self._admission, policies, exchange.decided)
        if visit is not None:
            visit.is_counted, visit.caller = True, caller
        return None if own is None else known

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

    async def _judge_person(
        self, exchange: Exchange, scope: Any, sent: bytes, *, whatever_the_membership: bool
    ) -> Known:
        """The person as they stand now. Raises what a bad token, or a membership that does not hold, is refused with."""
        try:
            verdict = await self._people.judge(sent, whatever_the_membership=whatever_the_membership)
        except (StoreDown, Overloaded):
            exchange.decided(await self._decide_for_address(scope, cost=0))
            raise
        if isinstance(verdict, PersonRefusal):
            await self._count_address(exchange, scope)
            raise verdict.problem
        return verdict

    async def _judge_session(self, exchange: Exchange, scope: Any, sent: bytes) -> Known:
        """The learner's session as it stands now. Raises SessionExpired, and what its address is refused with."""
        try:
            known = await self._learners.judge(sent)
        except (StoreDown, Overloaded):
            exchange.decided(await self._decide_for_address(scope, cost=0))
            raise
        if known is None:
            await self._count_address(exchange, scope)
            raise SessionExpired
        return known

    async def _count_address(self, exchange: Exchange, scope: Any) -> None:
        """Count a call without a valid key. Raises RateLimited."""
        decision = await self._decide_for_address(scope, cost=1)
        exchange.decided(decision)
        if isinstance(decision, Refused):
            raise refusal(decision)

    async def _decide_for_address(self, scope: Any, cost: int) -> Decision:
        started = self._clock.monotonic_seconds()
        decision = await self._admission.decide((address_policy(self._address(scope), cost),))
        seconds = self._clock.monotonic_seconds() - started
        self._tally.admission(seconds, admitted=not isinstance(decision, Refused), degraded=decision.degraded)
        return decision

    def _visit(self, exchange: Exchange, scope: Any) -> Visit:
        return Visit(self._admission, self._address(scope), exchange.decided, exchange.facts, started=exchange.started)

    def _address(self, scope: Any) -> str:
        peer = scope.get("client")
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return client_address(peer[0] if peer else None, forwarded, self._trusted_proxies)

    def _mirrors(self, known: Known, now_ms: int) -> tuple[str, ...]:
        """The center's mirrors of the period that holds `now_ms`."""
        if now_ms >= known.mirrors_until_ms:
            known.mirrors = mirror_keys(known, now_ms)
            known.mirrors_until_ms = current_period(known.center, now_ms).end_ms
        return known.mirrors


def _may_save(known: Known, scope: Any) -> bool:
    """Whether a save counts for the attempt in the path: a learner in a browser can't use up another's saves."""
    session = known.session
    return session is None or session.submission_id == scope["path_params"].get("submission_id")


def _looks_at_none(route: Endpoint) -> bool:
    """Whether a route is for everybody, whoever they are."""
    return route.is_open and not route.may_sign_in
