"""Scenarios 25, 27 and 29 where learners' browsers call: no key and no token is anywhere it does not belong, one token is one
session however many spend it, and whatever is sent instead of one is refused in the envelope.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import generate_latest

from gateway import log
from gateway.app import Gateway
from gateway.stores import SqlStore
from tests.gateway.features.assessments.authored import EVERY_KIND, SECRETS, make_published
from tests.gateway.features.embedding import Browser, allow, mint, minted, spend
from tests.gateway.features.taking import publish
from tests.running import running, settings_for, talking_to
from tests.scenarios.answers import ANSWERS
from tests.scenarios.customers import UNBOUNDED, count, customer_of
from tests.scenarios.test_planted_keys import GIVEN, OPEN, rows_beside_keys, written_to
from tests.serving import serving_many, talking

AT_ONCE = 50
ORIGIN = "https://learn.example.com"
HTML = {"Accept": "text/html"}


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Everything that is logged meanwhile, from debug on."""
    file = tmp_path / "log"
    log.configure(level="debug", file=file, stdout=False)
    yield file
    log.configure()


@pytest.fixture
async def app(database_url: str, redis_url: str, log_file: Path) -> AsyncIterator[Gateway]:
    async with running(settings_for(database_url, redis_url)) as started:
        yield started


class Seen:
    """Remembers all that was answered: head, body, and which route it was."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    async def note(self, answer: httpx.Response) -> None:
        await answer.aread()
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.told.append((f"{answer.request.method} {answer.request.url.path}", f"{head}\n{answer.text}"))


async def test_no_key_and_no_token_is_told_logged_counted_or_kept(app: Gateway, sql: SqlStore, log_file: Path) -> None:
    """All 18 kinds in a browser, from token to results, with refusals: no byte of an answer holds a planted key; no token and
    no credential is in a second answer, a log line, a metric or a row.
    """
    customer, seen = await customer_of(sql, requests_per_minute=UNBOUNDED), Seen()
    async with talking_to(app, event_hooks={"response": [seen.note]}) as client:
        made = await make_published(client, customer, items=EVERY_KIND, settings=OPEN)
        seen.told.clear()
        await allow(client, customer, ORIGIN)
        token = (await minted(client, customer, made["id"], origin=ORIGIN))["token"]
        await client.get(f"/embed/{token}")
        opened = (await spend(client, token)).json()
        taker = Browser(client, opened)
        await everything(taker, token)
        await client.get(f"/v1/sessions/{taker.session_id}", headers=customer.headers)
        hidden = [token, opened["credential"]]
        once = [where for where, text in seen.told if any(one in text for one in hidden)]
        assert once == ["POST /v1/embed/token", "POST /v1/embed/sessions"]
        told = [(where, text.replace(token, "").replace(opened["credential"], "")) for where, text in seen.told]
        assert [where for where, text in told if any(secret in text for secret in SECRETS)] == []
        assert [where for where, text in told if '"key":' in text or '"scoring":' in text or '"source":{' in text] == []
        paths = (await client.get("/schema/openapi.json")).json()["paths"]
    routes = {path for path in paths if path.startswith(("/v1/embed", "/v1/sessions", "/embed"))}
    asked = {template(where.partition(" ")[2]) for where, _ in seen.told}
    assert routes - asked == {"/v1/embed/tokens/{embed_id}"}  # it says nothing: 204
    logged = await written_to(log_file, "/v1/sessions/{session_id}/end")
    assert f'"session_id":"{taker.session_id}"' in logged
    rows = await rows_beside_keys(sql)
    assert any(taker.session_id in row for row in rows)
    bare = [*hidden, *(one[4:] for one in hidden), *(one[4:36] for one in hidden)]
    for place, text in [("log", logged), ("metrics", generate_latest().decode()), *(("database", row) for row in rows)]:
        assert not any(one in text for one in bare), place
        assert not any(secret in text for secret in SECRETS), place


def template(path: str) -> str:
    """The route of an address that was asked here."""
    parts = path.split("/")
    if path.startswith("/v1/sessions/"):
        parts[3] = "{session_id}"
    elif path.startswith("/embed/assets/"):
        parts[3:] = ["{release}", "{file}"]
    elif path.startswith("/embed/") and not path.endswith(".js"):
        parts[2] = "{name}"
    return "/".join(parts)


async def everything(taker: Browser, token: str) -> None:
    """All that a player does, and what it does wrong."""
    client = taker.client
    page = (await client.get(taker.opened["page"])).text
    script = page.partition('src="')[2].partition('"')[0]
    for path in (f"/embed/{script}", "/embed/coursegate-player.js", "/embed/a/b"):
        await client.get(path, headers=HTML)
    await taker.save(1, *GIVEN)
    for given in GIVEN:
        assert (await taker.check(given)).status_code == 200
    for item_id, answer in ANSWERS.items():
        await taker.check({"item_id": item_id, "answer": {"type": answer["type"]}})
    await taker.note({"id": "e", "type": "flagged", "at": "2026-03-15T12:00:00Z"})
    await taker.session(include="player")
    broken = [given | {"answer": {"type": given["answer"]["type"]}} for given in GIVEN]
    assert (await taker.submit(*broken)).status_code == 422
    assert (await taker.submit(*GIVEN, key="a key")).status_code == 200
    await taker.submit(*GIVEN, key="a key")
    assert len((await taker.read()).json()["results"]) == len(EVERY_KIND)
    await taker.session(include="player")
    await spend(client, token)
    await spend(client, token[:-1])
    for path in (f"/v1/sessions/{token}", f"/v1/submissions/{token}", f"/v1/usage?{token}=1", f"/{token}"):
        await client.get(path, headers=taker.headers | {"X-Request-Id": token})
    await client.post("/v1/embed/sessions", json={token: token, "token": taker.opened["credential"]})
    await taker.end()
    await taker.read()


@asynccontextmanager
async def two_gateways(
    database_url: str, redis_url: str
) -> AsyncGenerator[tuple[httpx.AsyncClient, httpx.AsyncClient], None]:
    """Two processes on the same stores."""
    async with (
        serving_many(2, database_url, redis_url, trusted_proxies="127.0.0.1") as gateways,
        talking(gateways[0]) as first,
        talking(gateways[1]) as second,
    ):
        yield first, second


async def test_one_token_is_one_session_however_many_spend_it(database_url: str, redis_url: str, sql: SqlStore) -> None:
    """50 at once at 2 gateway processes: one 201, 49 times `embed_token_used`; one attempt, one open session."""
    customer = await customer_of(sql, requests_per_minute=UNBOUNDED)
    async with two_gateways(database_url, redis_url) as (first, second):
        token = (await minted(first, customer, await publish(first, customer)))["token"]
        answers = await asyncio.gather(
            *(
                client.post("/v1/embed/sessions", json={"token": token}, headers=from_somewhere())
                for client in (first, second)
                for _ in range(AT_ONCE // 2)
            )
        )
        codes = [answer.json().get("error", {}).get("code", "opened") for answer in answers]
        assert sorted(codes) == ["embed_token_used"] * (AT_ONCE - 1) + ["opened"]
    assert await count(sql, "select count(*) from learner_session") == 1
    assert await count(sql, "select count(*) from submission") == 1


async def test_many_tokens_of_one_learner_open_one_session_at_a_time(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """20 tokens at once at 2 processes: each opens the same attempt, and the last alone stays open."""
    customer = await customer_of(sql, requests_per_minute=UNBOUNDED)
    async with two_gateways(database_url, redis_url) as (first, second):
        assessment_id = await publish(first, customer)
        tokens = [(await minted(first, customer, assessment_id))["token"] for _ in range(20)]
        answers = await asyncio.gather(
            *(
                (first, second)[place % 2].post("/v1/embed/sessions", json={"token": token}, headers=from_somewhere())
                for place, token in enumerate(tokens)
            )
        )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["submission_id"] for answer in answers}) == 1
        credentials = [answer.json()["credential"] for answer in answers]
        path = f"/v1/submissions/{answers[0].json()['submission_id']}"
        seen = [
            (await first.get(path, headers={"Authorization": f"Bearer {credential}"} | from_somewhere())).status_code
            for credential in credentials
        ]
    assert sorted(seen) == [200] + [401] * 19
    assert await count(sql, "select count(*) from learner_session where ended_at is null") == 1


def from_somewhere() -> dict[str, str]:
    """An address of its own."""
    return {"X-Forwarded-For": f"2001:db8:{secrets.randbits(16):x}:{secrets.randbits(16):x}::1"}


HOSTILE: list[tuple[bytes, str]] = [
    (b'{"token": ' + b"[" * 1_900 + b"]" * 1_900 + b"}", "malformed_json"),
    (b'{"token": "cge_\\u0000"}', "invalid_field"),
    (b'{"token": "cge_\\ud800"}', "malformed_json"),
    (b'{"token": "cge_\xff"}', "malformed_json"),
    (b'{"token": ' + b"9" * 4_000 + b"}", "invalid_field"),
    (b'{"token": "' + b"c" * 256 + b'"}', "invalid_field"),
    (b'{"token": null}', "invalid_field"),
    (b'{"token": ["cge_a"]}', "invalid_field"),
    (b'{"token": "cge_a", "learner_ref": "ana"}', "unknown_field"),
    (b"{}", "missing_required_field"),
    (b"", "missing_required_field"),
    (b"[]", "invalid_field"),
]


@pytest.mark.parametrize(("body", "code"), HOSTILE, ids=range(len(HOSTILE)))
async def test_whatever_is_sent_for_a_token_is_refused_by_its_form(app: Gateway, body: bytes, code: str) -> None:
    """Depth, NUL, lone surrogates, bytes that are no text, long numbers, other shapes: 400, counted by the address."""
    async with talking_to(app) as client:
        headers = {"Content-Type": "application/json"}
        answer = await client.post("/v1/embed/sessions", content=body, headers=headers)
        error: dict[str, Any] = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, code)
        assert answer.headers["x-ratelimit-limit"] == "30"
        assert answer.headers["x-ratelimit-remaining"] == "29"


async def test_a_large_body_for_a_token_is_not_read(app: Gateway) -> None:
    """Declared or in chunks: more than 4 KiB is refused, and the connection is of no use any more."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    async with talking_to(app) as client:
        for content in (b" " * 4_097, b" " * 2_097_152, chunks()):
            answer = await client.post("/v1/embed/sessions", content=content)
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
            assert answer.headers["connection"] == "close"


async def test_hostile_names_of_learners_come_back_as_they_are(app: Gateway, sql: SqlStore) -> None:
    """Script, quotes and other alphabets in `learner_ref`: kept as text, in JSON that nothing breaks out of."""
    customer = await customer_of(sql, requests_per_minute=UNBOUNDED)
    names = [
        "</script><script>alert(1)</script>",
        "'; drop table submission; --",
        "ليلى",
        "a\u2028b",
        "😀",
        "a/b?c#d%2F",
    ]
    async with talking_to(app) as client:
        assessment_id = await publish(client, customer)
        for name in names:
            answer = await mint(client, customer, assessment_id, name)
            assert answer.status_code == 201, answer.text
            opened = await spend(client, answer.json()["token"])
            assert opened.headers["content-type"] == "application/json"
            assert opened.json()["player"]["submission"]["learner_ref"] == name
