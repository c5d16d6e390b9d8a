"""No key is anywhere but in the one answer that shows it: neither in a row, nor in a log, nor in another answer."""

from pathlib import Path

import httpx
import msgspec
import pytest

from gateway.log import configure
from gateway.stores import SqlStore
from tests.gateway.features.api_keys.asking import make_key
from tests.gateway.features.centers.asking import ORDER, add_partner
from tests.running import Customer


async def _everything_in(sql: SqlStore) -> str:
    """Every row of every table, as text."""
    async with sql.session() as connection:
        tables = [
            row["name"]
            for row in await connection.fetch(
                "select quote_ident(relname) as name from pg_class"
                " where relnamespace = 'public'::regnamespace and relkind = 'r'"
            )
        ]
        texts = [
            row["text"]
            for table in tables
            for row in await connection.fetch(
                f"select encode(convert_to(t::text, 'UTF8'), 'escape') as text from {table} t"
            )
        ]
        bodies = await connection.fetch(
            "select convert_from(body, 'UTF8') as text from idempotency_claim where body is not null"
        )
    return "\n".join(texts + [row["text"] for row in bodies])


async def test_no_key_is_in_a_row_or_a_log(
    client: httpx.AsyncClient,
    customer: Customer,
    sql: SqlStore,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Keys that were made, rotated and provisioned, with and without an `Idempotency-Key`, and keys that were wrong."""
    log = tmp_path / "log"
    sink = configure(level="debug", file=log)
    try:
        partner = await add_partner(sql)
        secret: list[str] = [customer.key, partner.key, (await make_key(client, customer))["key"]]
        once = {"Idempotency-Key": "k"}
        made = await client.post(
            "/v1/api-keys",
            json={"name": "x", "env": "test", "scopes": ["read:courses"]},
            headers=customer.headers | once,
        )
        rotated = await client.post(
            f"/v1/api-keys/{made.json()['id']}/rotate", json={"grace_seconds": 9}, headers=customer.headers | once
        )
        provisioned = await client.post("/v1/provisioning/centers", json=ORDER, headers=partner.headers | once)
        further = await client.post(
            f"/v1/provisioning/centers/{provisioned.json()['center']['id']}/api-keys",
            json={"name": "x", "env": "live", "scopes": ["read:courses"]},
            headers=partner.headers | once,
        )
        secret += [made.json()["key"], rotated.json()["key"], further.json()["key"]]
        secret.append(provisioned.json()["api_key"]["key"])
        planted = secret[2]
        for answer in [
            await client.get("/v1/courses", headers={"X-API-Key": planted[:-1]}),
            await client.get(f"/v1/courses?cursor={planted}", headers=customer.headers),
            await client.get(f"/v1/courses/{planted}", headers=customer.headers),
            await client.get(f"/v1/{planted}", headers=customer.headers | {"X-Request-Id": planted}),
            await client.post("/v1/api-keys", json={planted: 1}, headers=customer.headers),
            await client.post("/v1/api-keys", json={"name": [planted]}, headers=customer.headers),
            await client.post("/v1/provisioning/centers", json=ORDER | {"subdomain": planted}, headers=partner.headers),
        ]:
            assert answer.status_code in {400, 401, 404}
            assert "cg_" not in answer.text
            assert "cg_" not in str(answer.headers)
        listed = await client.get("/v1/api-keys", headers=customer.headers)
        sink.flush()
    finally:
        configure()
    logged = log.read_text() + capfd.readouterr().out
    assert sum(msgspec.json.decode(line)["event"] == "request.finished" for line in log.read_text().splitlines()) > 10
    rows = await _everything_in(sql)
    for key in secret:
        for part in (key, key[8:20] + key[20:36], key[20:52]):
            assert part not in logged
            assert part not in rows
            assert part not in listed.text
