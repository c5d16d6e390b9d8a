"""One POST to a customer's target: to an address that was checked, within a deadline, with little of the answer read.

No redirect is followed, no proxy of the environment asked, no cookie kept, nothing decompressed. A connection is used
again for a few seconds; the address that it leads to was checked when it was made.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from types import SimpleNamespace, TracebackType
from typing import Any, Final, Literal, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import Struct
from yarl import URL

from gateway.clock import Clock
from gateway.outbound.connections import Connector, TooMuchAhead
from gateway.outbound.names import Names
from gateway.outbound.networks import Address, Network, parse
from gateway.outbound.targets import ForbiddenAddress, Target, WrongTarget, may_connect, parse_target
from gateway.redaction import redacted_text

ATTEMPT_SECONDS: Final = 15.0
ANSWER_BYTES_MAX: Final = 4096
SHOWN_BYTES: Final = 1024
KEPT_SECONDS: Final = 10.0
CONNECTIONS_MAX: Final = 1000
_STALE_TRIES: Final = 3
"""A connection that was kept may have been closed on the other side: so often another one is tried at once."""

Error = Literal[
    "forbidden_target", "dns", "connection", "tls", "timeout", "protocol", "too_long", "redirect", "status", "secret"
]


class Answered(Struct, frozen=True):
    """What a request came to. `error` None: a 2xx in time. `text`: the answer's first kilobyte, without control characters."""

    status: int | None
    milliseconds: int
    error: Error | None
    text: str | None = None
    retry_after: str | None = None


class Outbound:
    """A process' way out. `allowed`: special networks that the operator opens; `trust`: the CAs, the system's if None."""

    def __init__(
        self,
        names: Names,
        allowed: tuple[Network, ...],
        clock: Clock,
        *,
        seconds: float = ATTEMPT_SECONDS,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._names = names
        self._allowed = allowed
        self._clock = clock
        self._seconds = seconds
        self._tls = trust or ssl.create_default_context()
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        self._sessions = {scheme: self._session(scheme) for scheme in ("https", "http")}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()

    async def permits(self, target: Target) -> bool:
        """Whether the target may be written to as its name stands now. Raises OSError where the name has no address."""
        addresses = (target.address,) if target.address is not None else await self._names.addresses(target.host)
        return may_connect(target, addresses, self._allowed)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Send `body` and say what came of it; never raises but for a cancellation."""
        started = self._clock.monotonic_seconds()
        heard = _Heard()
        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(parse_target(url), headers, body, heard)
        except (TimeoutError, OSError, aiohttp.ClientError, ValueError) as error:  # WrongTarget is a ValueError
            if heard.status is None:
                heard.error = _named(error)
        milliseconds = round((self._clock.monotonic_seconds() - started) * 1000)
        return Answered(heard.status, milliseconds, heard.error, heard.text(), heard.retry_after)

    async def _exchange(self, target: Target, headers: Mapping[str, str], body: bytes, heard: "_Heard") -> None:
        if target.address is not None and not may_connect(target, (target.address,), self._allowed):
            raise ForbiddenAddress
        for remaining in reversed(range(_STALE_TRIES)):
            way = SimpleNamespace(reused=False)
            try:
                request = self._sessions[target.scheme].post(
                    URL(target.url, encoded=True),
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    trace_request_ctx=way,
                )
                async with request as response:
                    heard.begin(response)
                    await _read(response, heard)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if not (way.reused and remaining) or heard.status is not None:
                    raise
            else:
                return

    def _session(self, scheme: str) -> aiohttp.ClientSession:
        guard = _Guard(scheme, self._names, self._allowed)
        reuse = aiohttp.TraceConfig()
        reuse.on_connection_reuseconn.append(_note_reuse)
        return aiohttp.ClientSession(
            connector=Connector(
                resolver=guard,
                socket_factory=guard.open_socket,
                use_dns_cache=False,
                ssl=self._tls,
                keepalive_timeout=KEPT_SECONDS,
                limit=CONNECTIONS_MAX,
            ),
            headers={"User-Agent": "Coursegate-Webhooks", "Accept-Encoding": "identity", "Accept": "*/*"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None, sock_read=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=ANSWER_BYTES_MAX // 2,
            trace_configs=[reuse],
        )


class _Guard(AbstractResolver):
    """Resolves a name once, checks all its addresses, and opens sockets to checked addresses alone."""

    def __init__(self, scheme: str, names: Names, allowed: tuple[Network, ...]) -> None:
        self._scheme = scheme
        self._names = names
        self._allowed = allowed

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # ruff: ignore[unused-method-argument] - aiohttp's interface
    ) -> list[ResolveResult]:
        """All addresses of a name, if all may be connected to. Raises ForbiddenAddress."""
        addresses = await self._names.addresses(host)
        if not self._permits(port, *addresses):
            raise ForbiddenAddress
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in addresses
        ]

    def open_socket(self, to: tuple[Any, ...]) -> socket.socket:
        """A socket for the very address that is connected to next. Raises ForbiddenAddress."""
        family, kind, protocol, _, place = to
        address = parse(str(place[0]))
        if address is None or not self._permits(int(place[1]), address):
            raise ForbiddenAddress
        return socket.socket(family, kind, protocol)

    def _permits(self, port: int, *addresses: Address) -> bool:
        return may_connect(Target("", self._scheme, "", port, None), addresses, self._allowed)

    async def close(self) -> None:
        """Nothing is held."""


class _Heard:
    """What an answer has said so far: kept, should its rest not come in time."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.error: Error | None = None
        self.retry_after: str | None = None
        self.body = bytearray()

    def begin(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self.retry_after = response.headers.get("Retry-After")
        if not 200 <= response.status < 300:
            self.error = "redirect" if 300 <= response.status < 400 else "status"

    def text(self) -> str | None:
        if self.status is None:
            return None
        words = redacted_text(self.body[:SHOWN_BYTES].decode(errors="replace"))
        return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in words)


async def _read(response: aiohttp.ClientResponse, heard: _Heard) -> None:
    """Read what is kept of an answer; whatever stops it, its status has been heard."""
    with suppress(aiohttp.ClientError):
        while len(heard.body) < ANSWER_BYTES_MAX:
            chunk = await response.content.read(ANSWER_BYTES_MAX - len(heard.body))
            if not chunk:
                return  # all of it: the connection can be used again
            heard.body += chunk
    response.close()


async def _note_reuse(_session: aiohttp.ClientSession, context: SimpleNamespace, _: object) -> None:  # ruff: ignore[unused-async] - aiohttp awaits it
    context.trace_request_ctx.reused = True


def _named(error: Exception) -> Error:
    if isinstance(error, aiohttp.ClientSSLError):
        return "tls"
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
        if isinstance(error, ForbiddenAddress):
            return "forbidden_target"
        if isinstance(error, socket.gaierror):
            return "dns"
    match error:
        case ForbiddenAddress() | WrongTarget() | aiohttp.InvalidURL():
            return "forbidden_target"
        case TimeoutError():
            return "timeout"
        case ssl.SSLError():
            return "tls"
        case TooMuchAhead():
            return "too_long"
        case OSError() | aiohttp.ServerDisconnectedError():
            return "connection"
        case _:
            return "protocol"
