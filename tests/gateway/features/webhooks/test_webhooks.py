"""Registering webhooks: by whom, for what, and to where. Rule source: webhooks; security, "Webhooks"."""

import base64
from typing import Any

import httpx
import pytest

from gateway.ids import is_id, new_id
from gateway.stores import SqlStore
from gateway.webhooks.types import SCOPE_OF
from tests.clock import FrozenClock
from tests.gateway.features.webhooks.asking import URL, code, make
from tests.gateway.webhooks.couriers import FakeNames
from tests.running import NOW_MS, Customer, add_customer, add_key


async def test_a_webhook_is_made_with_a_secret_that_is_shown_once(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, database: Any
) -> None:
    """`whsec_` and 32 bytes of base64, in the first answer alone, and nowhere in clear in the database."""
    answer = await client.post(
        "/v1/webhooks",
        json={"url": "HTTPS://Receiver.Test:443/hook?a=1", "events": ["course.ready", "course.failed", "course.ready"]},
        headers=customer.headers | {"Idempotency-Key": "k1"},
    )
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/webhooks/{made['id']}")
    assert answer.headers["cache-control"] == "no-store"
    secret = made.pop("secret")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert is_id("wh", made["id"])
    assert made == {
        "object": "webhook",
        "id": made["id"],
        "url": "https://receiver.test/hook?a=1",
        "events": ["course.failed", "course.ready"],
        "description": None,
        "status": "enabled",
        "disabled_reason": None,
        "disabled_at": None,
        "failing_since": None,
        "last_success_at": None,
        "old_secret_expires_at": None,
        "created_by": customer.key_id,
        "created_at": "2026-03-15T12:00:00Z",
        "updated_at": "2026-03-15T12:00:00Z",
    }
    shown = await client.get(f"/v1/webhooks/{made['id']}", headers=customer.headers)
    assert shown.json() == made
    listed = await client.get("/v1/webhooks", headers=customer.headers)
    assert listed.json()["data"] == [made]
    replay = await client.post(
        "/v1/webhooks",
        json={"events": ["course.ready", "course.failed", "course.ready"], "url": "HTTPS://Receiver.Test:443/hook?a=1"},
        headers=customer.headers | {"Idempotency-Key": "k1"},
    )
    assert replay.headers["idempotent-replayed"] == "true"
    assert replay.json() == made | {"secret": None}
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    for table in ("webhook", "webhook_secret", "idempotency_claim", "event", "delivery"):
        for row in await database.fetch(f"select t::text as whole from {table} t"):
            assert secret not in row["whole"]
            assert raw.hex() not in row["whole"]


async def test_a_replay_is_answered_though_the_name_is_gone(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames
) -> None:
    """What was done under a key is answered alike again, whatever became of the host since."""
    body = {"url": URL, "events": ["*"]}
    headers = customer.headers | {"Idempotency-Key": "k"}
    first = await client.post("/v1/webhooks", json=body, headers=headers)
    names.forget("receiver.test")
    again = await client.post("/v1/webhooks", json=body, headers=headers)
    fresh = await client.post("/v1/webhooks", json=body, headers=customer.headers)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert code(fresh) == (400, "invalid_field", "url")


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.test/hook",
        "https://receiver.test:8080/",
        "https://receiver.test:80/",
        "ftp://receiver.test/",
        "//receiver.test/",
        "receiver.test",
        "https://",
        "https:///hook",
        "https://user@receiver.test/",
        "https://user:hunter22@receiver.test/",
        "https://@receiver.test/",
        "https://receiver.test/#part",
        "https://receiver.test/a b",
        "https://receiver.test\\@localhost/",
        "https://receiver.test:99999/",
        "https://receiver.test:0/",
        "https://receiver.test/\u00e4",
        "https://r\u00e9ceiver.test/",
        "https://receiver.test/%zz",
        "https://nowhere.test/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://0x7f.0.0.1/",
        "https://127.1/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:8.8.8.8]/",
        "https://[64:ff9b::8.8.8.8]/",
        "https://[64:ff9b:1::a00:1]/",
        "https://[2002:0a00:0001::1]/",
        "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "https://[fd00:ec2::254]/",
        "https://[::]/",
        "https://0.0.0.0/",
        "https://255.255.255.255/",
        "https://224.0.0.1/",
        "https://100.64.0.1/",
        "https://168.63.129.16/",
        "https://192.0.0.192/",
        "https://a.b.c.123/",
        "https://receiver.test/" + "x" * 2048,
    ],
)
async def test_a_target_that_is_no_public_https_url_is_refused(
    url: str, client: httpx.AsyncClient, customer: Customer, names: FakeNames
) -> None:
    """Private, special and disguised addresses, other ports and schemes, users and passwords: 400 with `param: url`."""
    answer = await client.post("/v1/webhooks", json={"url": url, "events": ["*"]}, headers=customer.headers)
    assert code(answer) == (400, "invalid_field", "url")
    assert "hunter22" not in answer.text


async def test_all_addresses_of_a_name_must_be_public(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames
) -> None:
    """One private address among public ones, of either family, forbids the name."""
    for mixed in (["93.184.215.14", "10.0.0.1"], ["fe80::1", "93.184.215.14"], ["fd00::1", "2606:2800:21f::1"]):
        names.learn("mixed.test", mixed)
        answer = await client.post(
            "/v1/webhooks", json={"url": "https://mixed.test/", "events": ["*"]}, headers=customer.headers
        )
        assert code(answer) == (400, "invalid_field", "url"), mixed


async def test_a_refusal_does_not_tell_which_names_are_known_here(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames
) -> None:
    """A name of our own network and one that nobody has: the same words."""
    names.learn("vault.internal", ["10.0.0.7"])
    answers = [
        await client.post("/v1/webhooks", json={"url": f"https://{host}/", "events": ["*"]}, headers=customer.headers)
        for host in ("vault.internal", "nowhere.internal")
    ]
    assert {code(answer) for answer in answers} == {(400, "invalid_field", "url")}
    assert len({repr(answer.json()["error"] | {"request_id": ""}) for answer in answers}) == 1


async def test_the_same_url_and_events_are_one_webhook(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames
) -> None:
    """409 for a second one however it is spelt; other events, another env or after a deletion: no duplicate."""
    made = await make(client, customer)
    twin = {"url": "https://RECEIVER.test:443/hook", "events": ["course.ready", "course.ready"]}
    assert code(await client.post("/v1/webhooks", json=twin, headers=customer.headers)) == (
        409,
        "duplicate_webhook",
        "url",
    )
    other = await make(client, customer, events=["course.failed"])
    edit = await client.patch(
        f"/v1/webhooks/{other['id']}", json={"events": ["course.ready"]}, headers=customer.headers
    )
    assert code(edit) == (409, "duplicate_webhook", "url")
    assert (await client.delete(f"/v1/webhooks/{made['id']}", headers=customer.headers)).status_code == 204
    await make(client, customer)


@pytest.mark.parametrize(
    ("body", "named", "place"),
    [
        ({"events": ["*"]}, "missing_required_field", "url"),
        ({"url": URL}, "missing_required_field", "events"),
        ({"url": URL, "events": []}, "invalid_field", "events"),
        ({"url": URL, "events": ["course.exploded"]}, "invalid_field", "events[0]"),
        ({"url": URL, "events": ["*", "course.ready"]}, "invalid_field", "events"),
        ({"url": URL, "events": "*"}, "invalid_field", "events"),
        ({"url": 7, "events": ["*"]}, "invalid_field", "url"),
        ({"url": URL, "events": ["*"], "description": ""}, "invalid_field", "description"),
        ({"url": URL, "events": ["*"], "secret": "whsec_mine"}, "unknown_field", "secret"),
    ],
)
async def test_a_wrong_body_is_named(
    body: dict[str, Any], named: str, place: str, client: httpx.AsyncClient, customer: Customer, names: FakeNames
) -> None:
    """Every field has its 400, with the place that is wrong."""
    assert code(await client.post("/v1/webhooks", json=body, headers=customer.headers)) == (400, named, place)


async def test_events_need_the_scope_that_reads_their_object(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, names: FakeNames, database: Any
) -> None:
    """A type by name needs its scope; `*` means what the key may read; nobody widens or redirects what others may read."""
    async with sql.session() as connection:
        narrow = await add_key(connection, customer.center_id, scopes=["manage:webhooks", "read:courses"])
        none = await add_key(connection, customer.center_id, scopes=["read:courses"])
    wanted = {"url": URL, "events": ["submission.graded", "quota.warning", "course.ready"]}
    refused = await client.post("/v1/webhooks", json=wanted, headers=narrow.headers)
    assert code(refused)[:2] == (403, "missing_scope")
    assert refused.json()["error"]["details"]["required_scope"] == "read:results read:usage"
    assert code(await client.post("/v1/webhooks", json=wanted, headers=none.headers))[:2] == (403, "missing_scope")
    own = await make(client, narrow, events=["*"])
    types = await database.fetchval("select types from webhook where id = $1", own["id"])
    assert {each.partition(".")[0] for each in types} == {"course", "artifact", "source", "webhook"}
    wide = await make(client, customer, "https://other.test/all", events=["*"])
    assert await database.fetchval("select types from webhook where id = $1", wide["id"]) == sorted(SCOPE_OF)
    place = f"/v1/webhooks/{wide['id']}"
    stolen = await client.patch(place, json={"url": URL + "/mine"}, headers=narrow.headers)
    assert code(stolen)[:2] == (403, "missing_scope")
    widened = await client.patch(
        f"/v1/webhooks/{own['id']}", json={"events": ["quota.warning"]}, headers=narrow.headers
    )
    assert code(widened)[:2] == (403, "missing_scope")
    assert (await client.patch(place, json={"description": "x"}, headers=narrow.headers)).status_code == 200


async def test_an_edit_changes_what_was_given(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, clock: FrozenClock
) -> None:
    """`{}` changes nothing; description and events change alone; switching off and on is told and forgotten."""
    made = await make(client, customer, description="one")
    place, headers = f"/v1/webhooks/{made['id']}", customer.headers
    clock.advance(1000)
    empty = await client.patch(place, json={}, headers=headers)
    assert empty.json() == made | {"secret": None}
    described = (await client.patch(place, json={"description": None}, headers=headers)).json()
    assert described == made | {"secret": None, "description": None, "updated_at": "2026-03-15T12:00:01Z"}
    off = (await client.patch(place, json={"status": "disabled"}, headers=headers)).json()
    assert (off["status"], off["disabled_reason"], off["disabled_at"]) == ("disabled", "owner", "2026-03-15T12:00:01Z")
    on = (await client.patch(place, json={"status": "enabled"}, headers=headers)).json()
    assert (on["status"], on["disabled_reason"], on["disabled_at"]) == ("enabled", None, None)


async def test_a_new_url_brings_a_new_secret(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, database: Any
) -> None:
    """What was known at the old place is worth nothing at the new one: all earlier secrets are gone."""
    made = await make(client, customer)
    place = f"/v1/webhooks/{made['id']}"
    same = await client.patch(place, json={"url": URL}, headers=customer.headers)
    assert same.json()["secret"] is None
    moved = await client.patch(place, json={"url": "https://other.test/hook"}, headers=customer.headers)
    assert (moved.status_code, moved.headers["cache-control"]) == (200, "no-store")
    assert moved.json()["secret"] not in {None, made["secret"]}
    assert await database.fetchval("select count(*) from webhook_secret") == 1
    private = await client.patch(place, json={"url": "https://10.1.2.3/"}, headers=customer.headers)
    assert code(private) == (400, "invalid_field", "url")


async def test_what_is_not_the_callers_is_not_there(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, names: FakeNames
) -> None:
    """Another center's, the other env's, a deleted and an invented webhook: the same 404 on every route."""
    made = await make(client, customer)
    async with sql.session() as connection:
        stranger = await add_customer(connection)
        test = await add_key(connection, customer.center_id, env="test")
    gone = await make(client, customer, URL + "/gone")
    await client.delete(f"/v1/webhooks/{gone['id']}", headers=customer.headers)
    asked = [
        (made["id"], stranger),
        (made["id"], test),
        (gone["id"], customer),
        (new_id("wh", NOW_MS), customer),
        ("wh_x", customer),
    ]
    bodies = set()
    for webhook_id, who in asked:
        for method, rest, body in (
            ("GET", "", None),
            ("PATCH", "", {"description": "x"}),
            ("DELETE", "", None),
            ("POST", "/rotate-secret", {}),
            ("POST", "/test", None),
            ("GET", "/deliveries", None),
            ("POST", "/recover", {"since": "2026-03-15T00:00:00Z"}),
        ):
            answer = await client.request(method, f"/v1/webhooks/{webhook_id}{rest}", json=body, headers=who.headers)
            assert code(answer) == (404, "webhook_not_found", "webhook_id"), (method, rest)
            error = answer.json()["error"] | {"request_id": ""}
            bodies.add(repr(error))
    assert len(bodies) == 1
    assert (await client.get("/v1/webhooks", headers=stranger.headers)).json()["data"] == []
