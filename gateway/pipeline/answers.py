"""One request's answer on its way out: our headers go on, the status is noted, an error becomes its envelope."""

from collections.abc import Awaitable
from typing import Any, Final

from litestar.types import Send

from gateway import metrics
from gateway.drain import DRAIN
from gateway.errors import InternalError, Problem
from gateway.errors.render import named, render, wants_problem_json
from gateway.log import log
from gateway.pipeline import request_log
from gateway.pipeline.authentication import Known
from gateway.pipeline.rates import headers_of
from gateway.pipeline.request_log import RequestLine
from gateway.web import refusal_page
from quotas.admission import Decision

_CLOSE: Final = (b"connection", b"close")

_BODY_UNREAD: Final = frozenset({408, 413})
"""Answers whose request still has bytes on their way: its connection is of no use to another one."""

CLIENT_GONE: Final = 499
"""What the log says of a request whose client hung up before it was answered."""


def without_body(send: Send) -> Send:
    """Send what is the answer to a HEAD: that of the GET, headers and all, but for the body."""

    def bodiless(message: Any) -> Awaitable[None]:
        if message["type"] == "http.response.body":
            message["body"] = b""
        return send(message)

    return bodiless


def _keep_from_caches(headers: list[tuple[bytes, bytes]]) -> None:
    """What a learner's browser is told stays out of its cache: the next one at that machine may be another learner."""
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"no-store"))


class Exchange:
    """What is learned about a request while it passes. `shown_id` is the caller's own request id, or ours."""

    __slots__ = (
        "_begun", "_decision", "_known", "_problem", "_send", "facts", "now_ms", "request_id", "shown_id", "started", "status",
    )  # fmt: skip

    def __init__(self, send: Send, request_id: str, own_id: str | None, now_ms: int, started: float) -> None:
        self._send = send
        self._begun = False
        self._decision: Decision | None = None
        self._known: Known | None = None
        self._problem: Problem | None = None
        self.facts: dict[str, str | int | bool] = {}
        self.now_ms = now_ms
        self.request_id = request_id
        self.shown_id = own_id or request_id
        self.started = started
        self.status = CLIENT_GONE

    def known_by(self, known: Known) -> None:
        """Note who calls."""
        self._known = known

    def decided(self, decision: Decision) -> None:
        """Note what the rate limit said: its headers go onto the answer, whatever that will be."""
        self._decision = decision

    def send(self, message: Any) -> Awaitable[None]:
        """Litestar's `send`, with our headers on the first message."""
        if message["type"] == "http.response.start":
            self._begun = True
            self.status = message["status"]
            headers = message["headers"] = [*message["headers"], (b"x-request-id", self.shown_id.encode())]
            if self._decision is not None:
                headers += headers_of(self._decision)
            if self._known is not None and self._known.session is not None:
                _keep_from_caches(headers)
            if DRAIN.asked or self.status in _BODY_UNREAD:
                headers.append(_CLOSE)
        return self._send(message)

    async def fail(
        self, error: Exception, accept: bytes | None, public_url: str, *, page_in: str | None = None
    ) -> None:
        """Answer with the problem behind `error`, unless nobody listens or the answer has begun; as a page in the wanted
        languages of `page_in` (an `Accept-Language`), if that is given.
        """
        problem = self._problem = named(error)
        if isinstance(problem, InternalError):
            metrics.INTERNAL_ERRORS.inc()
            log.error("request.failed", request_id=self.request_id, exc_info=error)
        if self._begun:
            return
        if page_in is not None:
            headers, body = refusal_page.render(problem, self.shown_id, page_in)
        else:
            as_rfc_9457 = wants_problem_json(accept)
            headers, body = render(problem, self.shown_id, as_rfc_9457=as_rfc_9457, public_url=public_url)
        await self.send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    def log(self, method: str, route: str, seconds: float) -> None:
        """Write the request's one line."""
        facts, known, problem, decision = self.facts, self._known, self._problem, self._decision
        line = RequestLine(
            timestamp=request_log.timestamp(self.now_ms),
            level="error" if self.status >= 500 else "info",
            event="request.finished",
            request_id=self.request_id,
            method=method,
            route=route,
            status=self.status,
            duration_ms=round(seconds * 1000, 3),
        )
        if self.shown_id is not self.request_id:
            line.client_request_id = self.shown_id
        if known is not None:
            line.center_id, line.key_id, line.env = known.center.id, known.key_id, known.env
            line.person_id = None if known.person is None else known.person.person_id
            line.session_id = None if known.session is None else known.session.id
        if problem is not None:
            line.error_type, line.error_code = problem.type, problem.code
        if decision is not None:
            shown = decision.policies[0]
            line.rate_limit, line.rate_remaining, line.degraded = shown.limit, shown.remaining, decision.degraded
        request_log.write(line, facts)
