"""One mechanism for every POST: what was done under an `Idempotency-Key` is done once, and answered alike again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.enums import MediaType
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import (
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    Problem,
    SubmissionNotFound,
)
from gateway.keyring import FINGERPRINTS
from gateway.services import Services
from gateway.stores import Connection
from quotas import idempotency
from quotas.idempotency import ClaimScope, Fresh, InProgress, KeyRefused, Open, Replay, Reused

WAIT_SECONDS: Final = 1.5
"""How long a twin waits for the first; waiting in the process and for a connection is part of it."""

T = TypeVar("T", bound=Struct)

_canonical = msgspec.json.Encoder(order="sorted")
_json = msgspec.json.Encoder()


class Unanswered(Struct, frozen=True):
    """An effect that is kept and yet refused: a retry continues with `subject`, nothing is replayed."""

    subject: str
    problem: Problem


class Turn(Struct, frozen=True):
    """The request's claim and the time it has left to be granted (`deadline`: the event loop's time, seconds)."""

    scope: ClaimScope
    deadline: float
    now: datetime
    expires: datetime

    def wait_ms(self) -> int:
        """Milliseconds left to wait for a twin in SQL."""
        return max(1, int((self.deadline - asyncio.get_running_loop().time()) * 1000))

    def wait_seconds(self) -> float:
        """Seconds left to wait for a connection."""
        return max(0.001, self.deadline - asyncio.get_running_loop().time())


class Once:
    """The running request's key, and how to do its effect at most once."""

    def __init__(self, request: Request[Any, Any, Any], caller: Caller, services: Services) -> None:
        self._request = request
        self._caller = caller
        self._services = services
        self.key = _key_of(request)

    async def run(
        self,
        effect: Callable[[Connection, Any], Awaitable[T | Unanswered]],
        *,
        find: Callable[[Connection], Awaitable[Any]] | None = None,
        resume: Callable[[Connection, Any, str], Awaitable[T | Unanswered]] | None = None,
        body: Struct | None = None,
        status: int | Callable[[T], int] = 201,
        location: Callable[[T], str] | None = None,
        seal: Callable[[T], T] | None = None,
    ) -> Response[T]:
        """Run `find` (look-ups, which come before a replay) and `effect` in one transaction, and keep the answer there.

        `status` may be told by the outcome. `seal` blanks the secrets of what is kept for replays, and nobody on the way
        may keep such an answer; `resume` continues what an earlier try kept unanswered.
        Raises IdempotencyKeyReused, IdempotencyInProgress, and whatever `find` and `effect` raise.
        """
        if self.key is None:
            async with self._services.sql.session() as connection, connection.transaction():
                outcome = await effect(connection, None if find is None else await find(connection))
        else:
            async with (
                self.turn(body) as turn,
                self._services.sql.session(wait_seconds=turn.wait_seconds()) as connection,
                connection.transaction(),
            ):
                found = None if find is None else await find(connection)
                match await idempotency.claim(
                    connection, turn.scope, now=turn.now, expires=turn.expires, wait_ms=turn.wait_ms()
                ):
                    case Replay() as replay:
                        return _unkept(self.replay(replay)) if seal is not None else self.replay(replay)
                    case Reused():
                        raise IdempotencyKeyReused
                    case Open(subject) if resume is not None and subject is not None:
                        outcome = await resume(connection, found, subject)
                    case Open() | Fresh():
                        outcome = await effect(connection, found)
                if isinstance(outcome, Unanswered):
                    await idempotency.keep_open(connection, turn.scope, subject=outcome.subject)
                else:
                    await idempotency.keep_answer(
                        connection,
                        turn.scope,
                        status=status if isinstance(status, int) else status(outcome),
                        location=None if location is None else location(outcome),
                        body=_json.encode(outcome if seal is None else seal(outcome)),
                    )
        if isinstance(outcome, Unanswered):
            raise outcome.problem
        shown = status if isinstance(status, int) else status(outcome)
        response = answer(_json.encode(outcome), shown, None if location is None else location(outcome))
        return response if seal is None else _unkept(response)

    @asynccontextmanager
    async def turn(self, body: Struct | None) -> AsyncGenerator[Turn, None]:
        """Wait for the key's turn in this process; a twin that does not end in time is IdempotencyInProgress."""
        now_ms = self._services.clock.now_ms()
        turn = Turn(
            scope=self._scope(body),
            deadline=asyncio.get_running_loop().time() + WAIT_SECONDS,
            now=as_datetime(now_ms),
            expires=as_datetime(now_ms) + timedelta(seconds=self._services.settings.idempotency_ttl_seconds),
        )
        try:
            async with self._services.key_turns.take(turn.scope, turn.deadline):
                yield turn
        except InProgress:
            raise IdempotencyInProgress from None

    def replay(self, kept: Replay) -> Response[Any]:
        """Answer as the first time, saying so. Raises SubmissionNotFound where the answer was erased with its learner."""
        if not kept.body:
            raise SubmissionNotFound
        self._caller.facts["idempotent_replay"] = True
        response = answer(kept.body, kept.status, kept.location)
        response.set_header("Idempotent-Replayed", "true")
        return response

    def _scope(self, body: Struct | None) -> ClaimScope:
        request = self._request
        what = {
            "path": {name: str(value) for name, value in request.path_params.items()},
            "query": sorted(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            "body": {} if body is None else _without_defaults(body),
        }
        return ClaimScope(
            center_id=self._caller.center.id,
            env=self._caller.env,
            method=request.method,
            route=request.scope["path_template"],
            principal=self._caller.principal,
            key=self.key or "",
            fingerprints=self._services.keyring.fingerprints(FINGERPRINTS, _canonical.encode(what)),
        )


def provide_once(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], services: NamedDependency[Services]
) -> Once:
    """Give a handler its request's `Once`."""
    return Once(request, caller, services)


class Encoded(Response[Any]):
    """JSON that is encoded already, for our dispatcher alone: Litestar's constructor costs more than encoding it did."""

    def __init__(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        self.content, self.status_code, self.headers, self.media_type = body, status, headers, MediaType.JSON


def answer(body: bytes, status: int, location: str | None) -> Response[Any]:
    """Wrap encoded JSON."""
    return Encoded(body, status, {} if location is None else {"Location": location})


def _unkept(response: Response[Any]) -> Response[Any]:
    """Tell caches that what a secret stands in is not theirs to keep."""
    response.set_header("Cache-Control", "no-store")
    return response


def _key_of(request: Request[Any, Any, Any]) -> str | None:
    key = idempotency.parse_key([value for name, value in request.scope["headers"] if name == b"idempotency-key"])
    if isinstance(key, KeyRefused):
        raise IdempotencyKeyInvalid(key.found, key.requirement)
    return key


def _without_defaults(value: Any) -> Any:
    """Keep of a body what differs from the defaults: one that is spelled out is the same request as one left out.

    msgspec's own `omit_defaults` would compare text by identity.
    """
    if isinstance(value, Struct):
        pairs = ((field, getattr(value, field.name)) for field in _fields(type(value)))
        kept = {field.encode_name: _without_defaults(own) for field, own in pairs if own != _default(field)}
        config = value.__struct_config__
        return kept if config.tag_field is None else {config.tag_field: config.tag} | kept
    if isinstance(value, dict):
        return {key: _without_defaults(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_defaults(item) for item in value]
    if isinstance(value, msgspec.Raw):
        return _as_sent(value)
    return value


def _as_sent(part: msgspec.Raw) -> Any:
    """A part of the body that is read later: its values, so that white space and the order of keys make no difference.

    What can't be read is its own text here; whoever reads it will refuse it.
    """
    try:
        return msgspec.json.decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return bytes(part).decode(errors="replace")


@cache
def _fields(kind: type[Struct]) -> tuple[FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _default(field: FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not NODEFAULT else field.default
