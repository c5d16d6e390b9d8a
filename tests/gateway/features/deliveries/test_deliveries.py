"""The log of deliveries, tests, and sending again. Rule source: webhooks; security, "Webhooks"."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.ids import new_id
from gateway.stores import SqlStore
from gateway.work.couriers import Courier
from tests.clock import FrozenClock
from tests.gateway.features.webhooks.asking import code, make
from tests.gateway.webhooks.couriers import FakeNames, delivered
from tests.gateway.webhooks.endpoints import NOW, emit
from tests.gateway.webhooks.receivers import Receiver, receiving
from tests.gateway.webhooks.verifying import is_genuine, raw
from tests.running import NOW_MS, Customer, add_customer


@pytest.fixture
def courier(app: Gateway, names: FakeNames, clock: FrozenClock) -> Courier:
    """A worker's courier on the gateway's stores."""
    services = app.services
    return Courier(services.sql, services.keyring, services.outbound, clock, lambda: 0.5)


async def log_of(client: httpx.AsyncClient, customer: Customer, webhook_id: str, **query: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/webhooks/{webhook_id}/deliveries", params=query, headers=customer.headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_a_test_sends_a_ping_and_shows_the_answer(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, database: Any
) -> None:
    """`webhook.ping`, signed like everything; the answer is shown and logged; the worker does not send it again."""
    async with receiving(Receiver(text="well\x00done\r\n" + "x" * 2000)) as receiver:
        made = await make(client, customer, receiver.url)
        answer = await client.post(f"/v1/webhooks/{made['id']}/test", headers=customer.headers)
    [(headers, body)] = receiver.received
    shown = answer.json()
    assert answer.status_code == 200
    assert is_genuine(raw(made["secret"]), headers, body)
    assert headers["webhook-id"] == shown["event_id"]
    assert (shown["succeeded"], shown["attempt"]["status"], shown["attempt"]["error"]) == (True, 200, None)
    assert shown["attempt"]["answer"].startswith("well\ufffddone\ufffd\nxxx")
    assert len(shown["attempt"]["answer"]) == 1024
    [logged] = await log_of(client, customer, made["id"])
    assert (logged["id"], logged["type"], logged["status"]) == (shown["id"], "webhook.ping", "succeeded")
    assert logged["attempt_log"] == [shown["attempt"]]
    assert await database.fetchval("select count(*) from delivery where status = 'pending'") == 0


async def test_a_test_that_fails_is_an_answer_too(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames
) -> None:
    """500, a redirect and nobody at home are told with 200; a disabled webhook can be tested before it is enabled."""
    async with receiving(Receiver(statuses=[500])) as receiver:
        made = await make(client, customer, receiver.url)
        place = f"/v1/webhooks/{made['id']}"
        await client.patch(place, json={"status": "disabled"}, headers=customer.headers)
        failed = (await client.post(f"{place}/test", headers=customer.headers)).json()
    nobody = (await client.post(f"{place}/test", headers=customer.headers)).json()
    assert (failed["succeeded"], failed["attempt"]["status"], failed["attempt"]["error"]) == (False, 500, "status")
    assert (nobody["succeeded"], nobody["attempt"]["status"], nobody["attempt"]["error"]) == (False, None, "connection")
    assert [each["status"] for each in await log_of(client, customer, made["id"])] == ["failed", "failed"]


async def test_tests_and_redeliveries_have_limits_of_their_own(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, courier: Courier, app: Gateway
) -> None:
    """The eleventh test and the sixty-first redelivery of a minute: 429 with what was given, and nothing is sent. Headers
    tell of every limit that counted, and of the tightest first.
    """
    async with receiving() as receiver:
        made = await make(client, customer, receiver.url)
        place = f"/v1/webhooks/{made['id']}"
        for left in reversed(range(10)):
            tested = await client.post(f"{place}/test", headers=customer.headers)
            assert tested.status_code == 200
            assert (tested.headers["x-ratelimit-limit"], tested.headers["x-ratelimit-remaining"]) == ("10", str(left))
            assert {'"minute";q=500;w=60', '"webhook_test";q=10;w=60'} == {*_list(tested.headers["ratelimit-policy"])}
            assert f'"minute";r={500 - 11 + left}' in tested.headers["ratelimit"]
        refused = await client.post(f"{place}/test", headers=customer.headers)
        sent = len(receiver.received)
        [delivery, *_] = await log_of(client, customer, made["id"])
        again = f"/v1/deliveries/{delivery['id']}/redeliver"
        for _ in range(60):
            assert (await client.post(again, headers=customer.headers)).status_code == 202
        exhausted = await client.post(again, headers=customer.headers)
    assert sent == 10
    for answer, policy, limit in ((refused, "webhook_test", 10), (exhausted, "webhook_redeliver", 60)):
        error = answer.json()["error"]
        assert answer.status_code == 429
        assert error["code"] == f"retry_after_{answer.headers['retry-after']}"
        assert error["details"]["policy"] == policy
        assert error["details"]["limit"] == limit
        assert '"minute"' in answer.headers["ratelimit-policy"]


def _list(header: str) -> list[str]:
    return header.split(", ")


async def test_the_log_tells_each_attempt(
    client: httpx.AsyncClient,
    customer: Customer,
    names: FakeNames,
    courier: Courier,
    clock: FrozenClock,
    sql: SqlStore,
) -> None:
    """Status, milliseconds and the answer of each attempt, the latest first; filtered by how they stand; page by page."""
    async with receiving(Receiver(statuses=[500, 200], text="busy")) as receiver, sql.session() as connection:
        made = await make(client, customer, receiver.url)
        await emit(connection, customer.center_id)
        await delivered(courier)
        [pending] = await log_of(client, customer, made["id"], status="pending")
        assert (pending["attempts"], pending["next_attempt_at"]) == (1, "2026-03-15T12:00:05Z")
        clock.advance(5000)
        await delivered(courier)
        await emit(connection, customer.center_id, now=NOW + timedelta(seconds=5))
        await delivered(courier)
    newer, older = await log_of(client, customer, made["id"], status="succeeded")
    assert [(each["number"], each["status"], each["error"]) for each in older["attempt_log"]] == [
        (2, 200, None),
        (1, 500, "status"),
    ]
    assert older["attempt_log"][0]["answer"] == "busy"
    assert older["next_attempt_at"] is None
    place = f"/v1/webhooks/{made['id']}/deliveries"
    first = (await client.get(place, params={"limit": "1"}, headers=customer.headers)).json()
    assert [each["id"] for each in first["data"]] == [newer["id"]]
    query = {"limit": "1", "cursor": first["next_cursor"]}
    second = (await client.get(place, params=query, headers=customer.headers)).json()
    assert [each["id"] for each in second["data"]] == [older["id"]]
    assert code(await client.get(place, params={"status": "lost"}, headers=customer.headers)) == (
        400,
        "invalid_parameter",
        "status",
    )
    foreign = await client.get(place, params=query | {"status": "failed"}, headers=customer.headers)
    assert code(foreign) == (400, "invalid_cursor", "cursor")


async def test_a_redelivery_comes_under_the_same_id(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, courier: Courier, sql: SqlStore
) -> None:
    """What arrived can be had again: the same event and `webhook-id`, with its log going on."""
    async with receiving() as receiver, sql.session() as connection:
        made = await make(client, customer, receiver.url)
        await emit(connection, customer.center_id)
        await delivered(courier)
        [delivery] = await log_of(client, customer, made["id"])
        answer = await client.post(f"/v1/deliveries/{delivery['id']}/redeliver", headers=customer.headers)
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        await delivered(courier)
        [again] = await log_of(client, customer, made["id"])
        assert (again["id"], again["status"], again["attempts"]) == (delivery["id"], "succeeded", 2)
        await client.patch(f"/v1/webhooks/{made['id']}", json={"status": "disabled"}, headers=customer.headers)
        refused = await client.post(f"/v1/deliveries/{delivery['id']}/redeliver", headers=customer.headers)
    assert code(refused)[:2] == (409, "wrong_state")
    assert len(set(receiver.ids)) == 1
    assert len(receiver.received) == 2
    assert receiver.received[0][1] == receiver.received[1][1]


async def test_what_is_under_way_is_not_sent_twice_at_once(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, sql: SqlStore, database: Any
) -> None:
    """A redelivery of what a worker is sending this moment: 409."""
    made = await make(client, customer)
    async with sql.session() as connection:
        await emit(connection, customer.center_id)
    await database.execute("update delivery set lease_until = clock_timestamp() + interval '1 minute'")
    [delivery] = await log_of(client, customer, made["id"])
    answer = await client.post(f"/v1/deliveries/{delivery['id']}/redeliver", headers=customer.headers)
    assert code(answer)[:2] == (409, "wrong_state")


async def test_a_foreign_delivery_is_not_there(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, sql: SqlStore
) -> None:
    """Another center's, a deleted webhook's and an invented delivery: the same 404."""
    made = await make(client, customer)
    async with sql.session() as connection:
        await emit(connection, customer.center_id)
        stranger = await add_customer(connection)
    [delivery] = await log_of(client, customer, made["id"])
    invented = new_id("dlv", NOW_MS)
    answers = [
        await client.post(f"/v1/deliveries/{delivery['id']}/redeliver", headers=stranger.headers),
        await client.post(f"/v1/deliveries/{invented}/redeliver", headers=customer.headers),
        await client.post("/v1/deliveries/x/redeliver", headers=customer.headers),
    ]
    await client.delete(f"/v1/webhooks/{made['id']}", headers=customer.headers)
    answers.append(await client.post(f"/v1/deliveries/{delivery['id']}/redeliver", headers=customer.headers))
    assert {code(answer) for answer in answers} == {(404, "delivery_not_found", "delivery_id")}
    assert len({repr(answer.json()["error"] | {"request_id": ""}) for answer in answers}) == 1


async def test_a_recovery_sends_what_was_missed(
    client: httpx.AsyncClient,
    customer: Customer,
    names: FakeNames,
    courier: Courier,
    clock: FrozenClock,
    sql: SqlStore,
    database: Any,
) -> None:
    """What failed for good, and what happened while it was disabled; not what arrived; one recovery at a time."""
    async with receiving() as receiver, sql.session() as connection:
        made = await make(client, customer, receiver.url)
        place = f"/v1/webhooks/{made['id']}"
        await emit(connection, customer.center_id)
        await delivered(courier)
        await emit(connection, customer.center_id, now=NOW + timedelta(seconds=1))
        await database.execute("update delivery set status = 'failed' where status = 'pending'")
        await client.patch(place, json={"status": "disabled"}, headers=customer.headers)
        await emit(connection, customer.center_id, now=NOW + timedelta(seconds=2))
        clock.advance(60_000)
        since = {"since": "2026-03-15T12:00:00Z"}
        disabled = await client.post(f"{place}/recover", json=since, headers=customer.headers)
        assert code(disabled)[:2] == (409, "wrong_state")
        await client.patch(place, json={"status": "enabled"}, headers=customer.headers)
        recovery = await client.post(f"{place}/recover", json=since, headers=customer.headers)
        assert recovery.status_code == 202
        assert (recovery.json()["events"], recovery.json()["has_more"]) == (2, False)
        busy = await client.post(f"{place}/recover", json=since, headers=customer.headers)
        assert code(busy)[:2] == (409, "wrong_state")
        assert await delivered(courier) == 2
        nothing = await client.post(f"{place}/recover", json=since, headers=customer.headers)
        assert nothing.json()["events"] == 0
    assert len(receiver.ids) == len(set(receiver.ids)) == 3


async def test_a_recovery_reaches_back_to_the_webhooks_making(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, clock: FrozenClock, sql: SqlStore
) -> None:
    """What happened before there was such a webhook it has not missed, though another one was told of it. Asked in the asker's
    own zone, it is answered in UTC.
    """
    await make(client, customer)
    async with sql.session() as connection:
        await emit(connection, customer.center_id)
    clock.advance(1000)
    made = await make(client, customer, "https://receiver.test/later")
    since = {"since": "2026-03-15T13:00:00+02:00"}
    answer = await client.post(f"/v1/webhooks/{made['id']}/recover", json=since, headers=customer.headers)
    assert (answer.status_code, answer.json()["events"]) == (202, 0)
    assert answer.json()["since"] == "2026-03-15T11:00:00Z"


async def test_a_recovery_takes_a_thousand_events_and_says_where_to_go_on(
    client: httpx.AsyncClient, customer: Customer, names: FakeNames, clock: FrozenClock, sql: SqlStore, database: Any
) -> None:
    """The oldest thousand; `next_since` finds the rest once they have ended."""
    made = await make(client, customer)
    place = f"/v1/webhooks/{made['id']}"
    async with sql.session() as connection:
        await connection.execute(
            "select emit($1, 'live', 'course.ready', 'crs_x', '{}', $2::timestamptz + n * interval '1 second')"
            " from generate_series(1, 1002) n",
            customer.center_id,
            NOW,
        )
        await connection.execute("update delivery set status = 'failed'")
    clock.advance(7 * 86_400_000)
    asked = await client.post(f"{place}/recover", json={"since": "2026-03-15T12:00:00Z"}, headers=customer.headers)
    first = asked.json()
    assert (first["events"], first["has_more"], first["next_since"]) == (1000, True, "2026-03-15T12:16:41Z")
    await database.execute("update delivery set status = 'succeeded', recovered = false where status = 'pending'")
    rest = await client.post(f"{place}/recover", json={"since": first["next_since"]}, headers=customer.headers)
    assert (rest.json()["events"], rest.json()["next_since"]) == (2, None)


@pytest.mark.parametrize(
    ("since", "named"),
    [
        ("2026-03-08T11:59:59Z", "invalid_field"),
        ("2026-03-15T12:00:01Z", "invalid_field"),
        ("2026-03-15T12:00:00", "invalid_field"),
        ("yesterday", "invalid_field"),
        (1_773_576_000, "invalid_field"),
    ],
)
async def test_a_recovery_reaches_back_seven_days(
    since: Any, named: str, client: httpx.AsyncClient, customer: Customer, names: FakeNames
) -> None:
    """Neither further, nor into the future, nor by a time without its zone."""
    made = await make(client, customer)
    answer = await client.post(f"/v1/webhooks/{made['id']}/recover", json={"since": since}, headers=customer.headers)
    assert code(answer) == (400, named, "since")
