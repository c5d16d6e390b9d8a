"""Scenario 29: planted keys, passwords, sources and addresses are searched for everywhere, and found nowhere."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from gateway import log, metrics
from gateway.key_format import make_key
from gateway.redaction import REDACTED, looks_secret, redacted, redacted_text
from tests.running import Customer, add_center, add_key
from tests.serving import Served, serving, talking

SENTINEL = "Kolibri7Sentinel"
"""Planted into passwords, source texts and e-mail addresses."""


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def customer(connection: "asyncpg.Connection[asyncpg.Record]") -> Customer:
    center = await add_center(connection)
    return await add_key(connection, center, scopes=["read:courses", "write:courses", "read:usage", "manage:center"])


@pytest.fixture
async def served(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[tuple[Served, Path]]:
    file = tmp_path / "coursegate.log"
    async with serving(database_url, redis_url, log_level="debug", log_file=str(file)) as gateway:
        yield gateway, file


async def misuse(client: httpx.AsyncClient, customer: Customer, junk: list[str]) -> list[str]:
    """Say every secret in every place it does not belong; returns what was answered."""
    headers = customer.headers
    json = headers | {"Content-Type": "application/json"}
    asked = [
        client.get("/v1/usage", headers=headers | {"X-Request-Id": customer.key}),
        client.get(f"/v1/courses/{customer.key}", headers=headers),
        client.get(f"/v1/courses?external_ref={customer.key}", headers=headers),
        client.get(f"/v1/courses?{customer.key}=1", headers=headers),
        client.get(f"/{customer.key}"),
        client.post("/v1/presets", content=f'{{"{customer.key}": 1}}'.encode(), headers=json),
        client.post(
            "/v1/presets", content=f'{{"name": "{customer.key}", "password": "{SENTINEL}"}}'.encode(), headers=json
        ),
        client.post("/v1/presets", content=f'"{customer.key}'.encode(), headers=json),
        client.get(
            "/v1/usage", headers=headers | {"Cookie": f"session={SENTINEL}", "User-Agent": f"{SENTINEL}@example.org"}
        ),
        client.get("/v1/courses?cursor=" + customer.key, headers=headers),
        *(client.get("/v1/usage", headers={"X-API-Key": key}) for key in junk),
    ]
    return [answer.text for answer in await asyncio.gather(*asked)]


async def everything_in(connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    """Every row of every table, as text."""
    tables = await connection.fetch("select table_name from information_schema.tables where table_schema = 'public'")
    rows = [
        row["row"]
        for table in tables
        for row in await connection.fetch(f'select t::text as row from "{table["table_name"]}" t')
        if table["table_name"] != "quota_state"
    ]
    return "\n".join(rows)


async def test_no_secret_is_in_answers_log_or_metrics(
    served: tuple[Served, Path], customer: Customer, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Keys in ids, queries, bodies, headers and request ids; source texts; wrong keys: none comes back or is kept in clear."""
    gateway, file = served
    wrong = [make_key("live").text, customer.key[:-1] + "x", "Basic " + SENTINEL]
    async with talking(gateway) as client:
        said = await misuse(client, customer, wrong)
        made = (await client.post("/v1/courses", json={"brief": {"topic": "T"}}, headers=customer.headers)).json()
        source = {"name": "a.md", "media_type": "text/markdown", "content": f"# {SENTINEL}\n\nText."}
        await client.post(f"/v1/courses/{made['id']}/sources", json=source, headers=customer.headers)
        body = {"name": "n", "env": "test", "scopes": ["read:usage"]}
        fresh = (
            await client.post("/v1/api-keys", json=body, headers=customer.headers | {"Idempotency-Key": "k1"})
        ).json()["key"]
        async with asyncio.timeout(10):
            while "coursegate_requests_total" not in (numbers := (await client.get(gateway.metrics_url)).text):
                await asyncio.sleep(0.1)
    secrets = {customer.key, fresh, *wrong[:2]}
    kept = await everything_in(connection)
    async with asyncio.timeout(5):
        while "/v1/api-keys" not in file.read_text():
            await asyncio.sleep(0.05)
    logged = file.read_text() + gateway.log.read_text()
    places = {"answers": "\n".join(said), "log": logged, "metrics": numbers, "database": kept}
    for place, text in places.items():
        for secret in secrets:
            assert secret not in text, f"a key is in the {place}"
            assert secret[21:53] not in text, f"a key's secret part is in the {place}"
    assert SENTINEL not in logged
    assert SENTINEL not in numbers


def test_the_log_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Mode 0600, whatever the umask."""
    before = os.umask(0)
    try:
        log.configure(file=tmp_path / "log", stdout=False)
    finally:
        os.umask(before)
        log.configure()
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def fail(key: str, password: str) -> None:
    """An exception with a secret in its words, and others in its frame."""
    raise RuntimeError(f"could not use {key} for jo@{password}.example")


def test_whatever_looks_like_a_secret_is_blanked(tmp_path: Path) -> None:
    """By its look in any text, by its name in any field, at any depth, in an exception's words too; no locals."""
    key = make_key("live").text
    log.configure(file=tmp_path / "log", stdout=False)
    try:
        try:
            fail(key, password=SENTINEL)
        except RuntimeError as error:
            log.log.error(
                "it.failed", exc_info=error, url=f"redis://u:{SENTINEL}@h/0", deep={"a": [key], "token": SENTINEL}
            )
    finally:
        log.sink().flush()
        log.configure()
    text = (tmp_path / "log").read_text()
    assert "it.failed" in text
    assert "RuntimeError" in text
    assert key not in text
    assert SENTINEL not in text
    assert "password" not in text


@pytest.mark.parametrize(
    "secret",
    [
        make_key("live").text,
        make_key("test").text[:30],
        "cgs_abcDEF123_-",
        "cge_abcDEF123_-",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln",
        "Bearer abc.def",
        "jo.doe+x@mail.example.org",
        "postgresql://cg:pass@db/x",
    ],
    ids=["live key", "part of a key", "session", "embed token", "webhook", "jwt", "bearer", "e-mail", "url"],
)
def test_each_kind_of_secret_is_known_by_its_look(secret: str) -> None:
    """API keys, session credentials, webhook secrets, JWT, bearer headers, e-mail, credentials of a URL."""
    assert looks_secret(secret)
    assert REDACTED in redacted_text(f"before {secret} after")
    assert redacted({"note": f"x {secret} y"})["note"] != f"x {secret} y"


def test_ids_and_counts_are_left_alone() -> None:
    """What an operator needs stays readable."""
    facts = {
        "course_id": "crs_ag6xt3yqo7g3ncxb5l2rv4m7de",
        "units": 3,
        "key_id": "key_ag6xt3yqo7g3ncxb5l2rv4m7de",
        "x": None,
    }
    assert redacted(facts) == facts


def test_metrics_have_no_label_that_could_hold_an_id() -> None:
    """Labels are templates, methods, statuses and outcomes."""
    known = {"route", "method", "status", "outcome", "mode"}
    for metric in (
        metrics.REQUESTS,
        metrics.REQUEST_SECONDS,
        metrics.ADMISSIONS,
        metrics.ADMISSION_SECONDS,
        metrics.SQL_SECONDS,
    ):
        assert set(metric._labelnames) <= known
