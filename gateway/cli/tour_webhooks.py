"""The part of the tour in which a receiver hears of what happened: registered, sent to, and sure of who sent it."""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec import Struct

from gateway.cli.tour import expect, hold, say
from gateway.clock import SystemClock

LONGEST_SECONDS: Final = 30
OLDEST_SECONDS: Final = 300
"""A receiver takes no delivery whose time is further from its own: Standard Webhooks asks for some such bound."""

_HOME: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_clock: Final = SystemClock()

Json = dict[str, Any]


class Received(Struct, frozen=True):
    """A request that came to the receiver."""

    headers: dict[str, str]
    body: bytes


class Receiver:
    """A receiver on this machine, as a customer's backend would run one."""

    def __init__(self) -> None:
        self._came: list[Received] = []
        self._some_came = threading.Condition()
        self.secret = ""
        self.webhook_id = ""

    def take(self, request: Received) -> None:
        """Keep a request until the tour asks for it."""
        with self._some_came:
            self._came.append(request)
            self._some_came.notify_all()

    def wait_for(self, kind: str) -> Received | None:
        """The first verified delivery of an event of this type; None where none comes in time."""
        until = _clock.monotonic_seconds() + LONGEST_SECONDS
        with self._some_came:
            while True:
                for request in self._came:
                    if is_signed(request, self.secret) and msgspec.json.decode(request.body)["type"] == kind:
                        return request
                left = until - _clock.monotonic_seconds()
                if left <= 0:
                    return None
                self._some_came.wait(left)


def is_signed(request: Received, secret: str) -> bool:
    """Whether the request was signed with the secret, not long ago. Rule source: Standard Webhooks 1.0.0."""
    told = request.headers.get("webhook-timestamp", "")
    if not told.isdigit() or abs(int(told) - _clock.now_ms() // 1000) > OLDEST_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = f"{request.headers.get('webhook-id', '')}.{told}.".encode() + request.body
    signature = base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()
    given = request.headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(one.encode(), f"v1,{signature}".encode()) for one in given)


@contextmanager
def receiver(url: str) -> Generator[tuple[Receiver, str] | None, None, None]:
    """Listen beside a gateway on this machine, and say where; None for one elsewhere, which could not reach us."""
    if urlsplit(url).hostname not in _HOME:
        yield None
        return
    heard = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            heard.take(Received({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the tour's lines together."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield heard, f"http://127.0.0.1:{server.server_address[1]}/coursegate"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def register(client: httpx.Client, listening: tuple[Receiver, str] | None) -> Receiver | None:
    """Ask for two types of events; None where the gateway sends nothing to this machine."""
    if listening is None:
        say("   no receiver: this gateway is elsewhere, and could not reach one on this machine")
        return None
    heard, url = listening
    answer = client.post("/v1/webhooks", json={"url": url, "events": ["course.ready", "submission.graded"]})
    if answer.status_code != 201:
        error = answer.json()["error"]
        say(f"   POST /v1/webhooks         {answer.status_code}  {error['code']}: {error['message']}")
        say("                                  no receiver then; `coursegate dev` may send to this machine")
        return None
    made = answer.json()
    heard.secret, heard.webhook_id = made["secret"], made["id"]
    say(f"   POST /v1/webhooks         201  {made['id']}  {', '.join(made['events'])}")
    say(f"                                  secret {made['secret'][:9]}…, shown this once; receiver at {url}")
    return heard


def show_deliveries(client: httpx.Client, heard: Receiver | None) -> None:
    """Print what came, once its signature was found to be right."""
    if heard is None:
        say("   nothing was registered, so nothing was sent")
        return
    try:
        for kind in ("course.ready", "submission.graded"):
            _show(heard, kind)
        deliveries = _settled(client, heard.webhook_id)
        for one in deliveries:
            last = one["attempt_log"][0]
            say(
                f"   GET …/deliveries          200  {one['type']}: {one['status']} at attempt {one['attempts']},"
                f" {last['status']} in {last['milliseconds']} ms"
            )
    finally:
        gone = client.delete(f"/v1/webhooks/{heard.webhook_id}")
        hold(gone.status_code == 204, "the tour's webhook is deleted")


def _show(heard: Receiver, kind: str) -> None:
    request = heard.wait_for(kind)
    hold(request is not None, f"a signed {kind} arrives within {LONGEST_SECONDS} seconds")
    if request is None:
        return
    event: Json = msgspec.json.decode(request.body)
    altered = Received(request.headers, request.body.replace(b'"', b"'", 1))
    hold(not is_signed(altered, heard.secret), "one changed byte breaks the signature")
    about = event["data"]["id"]
    say(f"   {kind:24}  signature verified  {request.headers['webhook-id']}  {about}, {event['data']['status']}")


def _settled(client: httpx.Client, webhook_id: str) -> list[Json]:
    """The deliveries as the gateway logged them, once it has."""
    until = _clock.monotonic_seconds() + LONGEST_SECONDS
    while True:
        deliveries: list[Json] = expect(client.get(f"/v1/webhooks/{webhook_id}/deliveries"), 200)["data"]
        if all(one["status"] == "succeeded" for one in deliveries):
            return deliveries
        hold(_clock.monotonic_seconds() < until, "what was received is logged as succeeded")
        time.sleep(0.1)
