"""What a partner does with its centers: limits, plans, periods, keys, suspension; and nothing with anybody else's."""

from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.ids import new_id
from gateway.stores import SqlStore
from quotas import keys
from tests.clock import FrozenClock
from tests.gateway.features.centers.asking import add_partner, order, problem, provision
from tests.gateway.features.making import launch, make_course
from tests.running import NOW_MS, Customer, add_customer

CACHED_MS = 5_001
"""After this a process has forgotten what it knew of a center."""


@pytest.fixture
async def partner(sql: SqlStore) -> Customer:
    return await add_partner(sql)


async def _edit(client: httpx.AsyncClient, partner: Customer, center_id: str, **body: Any) -> httpx.Response:
    return await client.patch(f"/v1/provisioning/centers/{center_id}", json=body, headers=partner.headers)


async def test_single_limits_lie_over_the_plan(
    client: httpx.AsyncClient, partner: Customer, clock: FrozenClock
) -> None:
    """A value sets, `null` is unlimited, `"plan"` goes back; another plan leaves the center's own values."""
    center, _ = await provision(client, partner)
    clock.advance(1_000)
    limits = {
        "requests_per_minute": 7,
        "generation_units_per_month": None,
        "alert_percents": [50],
        "checks_per_question": 0,
    }
    edited = (await _edit(client, partner, center["id"], limits=limits)).json()
    assert edited["limits"] == center["limits"] | limits
    assert edited["overridden"] == [
        "requests_per_minute",
        "generation_units_per_month",
        "checks_per_question",
        "alert_percents",
    ]
    assert edited["updated_at"] == "2026-03-15T12:00:01Z"
    back = {"limits": {"requests_per_minute": "plan", "alert_percents": None}, "plan_id": "pro"}
    edited = (await _edit(client, partner, center["id"], **back)).json()
    assert (edited["plan_id"], edited["overridden"]) == (
        "pro",
        ["generation_units_per_month", "checks_per_question", "alert_percents"],
    )
    assert edited["limits"] == {
        "requests_per_minute": 100,
        "generation_units_per_month": None,
        "regenerations_per_month": 1000,
        "regenerations_per_artifact": 20,
        "concurrent_generations": 8,
        "checks_per_question": 0,
        "alert_percents": [],
    }


async def test_an_empty_edit_changes_nothing(client: httpx.AsyncClient, partner: Customer, clock: FrozenClock) -> None:
    """`{}` and `{"limits": {}}` are 200 and leave even `updated_at`."""
    center, _ = await provision(client, partner)
    clock.advance(1_000)
    for body in ({}, {"limits": {}}):
        answer = await _edit(client, partner, center["id"], **body)
        assert (answer.status_code, answer.json()) == (200, center)


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"limits": {"requests_per_minute": None}}, "invalid_field", "limits.requests_per_minute"),
        ({"limits": {"requests_per_minute": 0}}, "invalid_field", "limits.requests_per_minute"),
        ({"limits": {"requests_per_minute": 10**9 + 1}}, "invalid_field", "limits.requests_per_minute"),
        ({"limits": {"concurrent_generations": -1}}, "invalid_field", "limits.concurrent_generations"),
        ({"limits": {"concurrent_generations": 1.5}}, "invalid_field", "limits.concurrent_generations"),
        ({"limits": {"concurrent_generations": "none"}}, "invalid_field", "limits.concurrent_generations"),
        ({"limits": {"generation_units_per_month": 2**63}}, "invalid_field", "limits.generation_units_per_month"),
        ({"limits": {"alert_percents": [90, 80]}}, "invalid_field", "limits.alert_percents"),
        ({"limits": {"alert_percents": [0]}}, "invalid_field", "limits.alert_percents[0]"),
        ({"limits": {"alert_percents": 80}}, "invalid_field", "limits.alert_percents"),
        ({"limits": {"courses_max": 5}}, "unknown_field", "limits.courses_max"),
        ({"limits": None}, "invalid_field", "limits"),
        ({"plan_id": "gold"}, "invalid_field", "plan_id"),
        ({"plan_id": None}, "invalid_field", "plan_id"),
        ({"time_zone": "Mars/Olympus"}, "invalid_field", "time_zone"),
        ({"time_zone": None}, "invalid_field", "time_zone"),
        ({"period_anchor_day": 32}, "invalid_field", "period_anchor_day"),
        ({"status": "ended"}, "unknown_field", "status"),
        ({"center_name": "South"}, "unknown_field", "center_name"),
    ],
)
async def test_what_is_no_edit_is_refused_by_name(
    client: httpx.AsyncClient, partner: Customer, body: dict[str, Any], code: str, param: str
) -> None:
    """The wrong field is named, and nothing is changed."""
    center, _ = await provision(client, partner)
    assert problem(await _edit(client, partner, center["id"], **body)) == (400, code, param)
    shown = await client.get(f"/v1/provisioning/centers/{center['id']}", headers=partner.headers)
    assert shown.json() == center


async def test_a_changed_limit_holds_for_the_next_launch(
    client: httpx.AsyncClient, partner: Customer, app: Gateway, clock: FrozenClock
) -> None:
    """Raised or lowered, the very next launch is decided by it, and the mirror shows it before the PATCH is answered."""
    center, caller = await provision(client, partner)
    await _edit(client, partner, center["id"], limits={"generation_units_per_month": 2})
    courses = [await make_course(client, caller) for _ in range(4)]
    answers = [await launch(client, caller, course, f"k{number}") for number, course in enumerate(courses[:3])]
    assert [answer.status_code for answer in answers[:2]] == [202, 202]
    assert problem(answers[2])[1] in {"quota_exceeded", "concurrency_limit_reached"}
    await _edit(client, partner, center["id"], limits={"generation_units_per_month": 3, "concurrent_generations": 9})
    name = keys.mirror("live", center["id"], "generation", "20260301T000000Z")
    (state,) = await app.services.mirror.read((name,))
    assert state is not None
    assert (state.limit, state.held) == (3, 2)
    assert (await launch(client, caller, courses[2], "k2")).status_code == 202
    await _edit(client, partner, center["id"], limits={"generation_units_per_month": 1})
    refused = await launch(client, caller, courses[3], "k3")
    assert problem(refused) == (429, "quota_exceeded", None)
    assert refused.json()["error"]["details"]["limit"] == 1


async def test_a_mirror_write_from_before_a_change_loses(
    client: httpx.AsyncClient, partner: Customer, app: Gateway
) -> None:
    """A late publish with the old limits is older than the new ones, whatever else it says."""
    center, caller = await provision(client, partner)
    assert (await launch(client, caller, await make_course(client, caller), "k")).status_code == 202
    mirror, period = app.services.mirror, "20260301T000000Z"
    names = (keys.mirror("live", center["id"], "generation", period), keys.running("live", center["id"]))
    units, running = await mirror.read(names)
    await _edit(client, partner, center["id"], plan_id="pro")
    assert units is not None
    assert running is not None
    late = {"limit": units.limit, "settled": 0, "held": units.held, "version": units.version, "epoch": units.epoch}
    await mirror.publish("live", center["id"], "generation", period, **late)
    late = {"limit": running.limit, "running": running.held, "version": running.version, "epoch": running.epoch}
    await mirror.publish_running("live", center["id"], **late)
    shown = [state and state.limit for state in await mirror.read(names)]
    assert ([units.limit, running.limit], shown) == ([50, 2], [500, 8])


async def test_a_changed_rate_is_the_windows_within_five_seconds(
    client: httpx.AsyncClient, partner: Customer, clock: FrozenClock
) -> None:
    """The headers show the new limit as soon as the cached one is over."""
    center, caller = await provision(client, partner)
    assert (await client.get("/v1/courses", headers=caller.headers)).headers["x-ratelimit-limit"] == "100"
    await _edit(client, partner, center["id"], limits={"requests_per_minute": 42})
    clock.advance(CACHED_MS)
    assert (await client.get("/v1/courses", headers=caller.headers)).headers["x-ratelimit-limit"] == "42"


async def test_a_changed_zone_waits_for_the_running_period(
    client: httpx.AsyncClient, partner: Customer, clock: FrozenClock
) -> None:
    """The period in use ends as it would have; the next runs to the first boundary of the new rule."""
    center, caller = await provision(client, partner)
    await launch(client, caller, await make_course(client, caller), "k")
    edited = await _edit(client, partner, center["id"], time_zone="Asia/Tokyo", period_anchor_day=10)
    assert (edited.json()["time_zone"], edited.json()["period_anchor_day"]) == ("Asia/Tokyo", 10)
    clock.advance(CACHED_MS)
    usage = (await client.get("/v1/usage", headers=caller.headers)).json()
    assert usage["period"]["end"] == "2026-04-01T00:00:00Z"
    clock.set(1_775_001_600_000 + CACHED_MS)  # 2026-04-01T00:00:05Z
    usage = (await client.get("/v1/usage", headers=caller.headers)).json()
    assert (usage["period"]["start"], usage["period"]["end"]) == ("2026-04-01T00:00:00Z", "2026-04-09T15:00:00Z")


async def test_a_suspended_center_reads_its_usage_alone(
    client: httpx.AsyncClient, partner: Customer, clock: FrozenClock
) -> None:
    """Within 5 s all else is 403 `center_suspended`; reinstated, within 5 s it works again. Both can be repeated."""
    center, caller = await provision(client, partner)
    path = f"/v1/provisioning/centers/{center['id']}"
    assert (await client.get("/v1/courses", headers=caller.headers)).status_code == 200
    for _ in range(2):
        suspended = await client.post(f"{path}/suspend", headers=partner.headers)
        assert (suspended.status_code, suspended.json()["status"]) == (200, "suspended")
        assert suspended.json()["suspended_at"] == "2026-03-15T12:00:00Z"
    clock.advance(CACHED_MS)
    assert problem(await client.get("/v1/courses", headers=caller.headers)) == (403, "center_suspended", None)
    assert problem(await client.post("/v1/api-keys", headers=caller.headers)) == (403, "center_suspended", None)
    assert (await client.get("/v1/usage", headers=caller.headers)).status_code == 200
    for _ in range(2):
        reinstated = await client.post(f"{path}/reinstate", headers=partner.headers)
        assert (reinstated.json()["status"], reinstated.json()["suspended_at"]) == ("active", None)
    clock.advance(CACHED_MS)
    assert (await client.get("/v1/courses", headers=caller.headers)).status_code == 200


async def test_an_ended_center_is_neither_suspended_nor_reinstated(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore
) -> None:
    """409 `wrong_state`, with the states in which it is possible."""
    center, _ = await provision(client, partner)
    async with sql.session() as connection:
        await connection.execute("update center set status = 'ended' where id = $1", center["id"])
    for step, allowed in [("suspend", ["provisioning", "active", "suspended"]), ("reinstate", ["suspended", "active"])]:
        answer = await client.post(f"/v1/provisioning/centers/{center['id']}/{step}", headers=partner.headers)
        assert problem(answer) == (409, "wrong_state", None)
        assert answer.json()["error"]["details"] == {"current": "ended", "allowed": allowed}


async def test_an_ended_center_is_not_changed_and_gets_no_keys(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore
) -> None:
    """409 `wrong_state`, with the states in which it is possible: what has ended is there to be read. Suspended ones take both."""
    center, _ = await provision(client, partner)
    path = f"/v1/provisioning/centers/{center['id']}"
    key = {"name": "late", "env": "live", "scopes": ["read:courses"]}
    assert (await client.post(f"{path}/suspend", headers=partner.headers)).status_code == 200
    assert (await client.post(f"{path}/api-keys", json=key, headers=partner.headers)).status_code == 201
    assert (await _edit(client, partner, center["id"], plan_id="pro")).status_code == 200
    ended = (await client.post(f"{path}/end", headers=partner.headers)).json()
    async with sql.session() as connection:
        before = await connection.fetchval("select count(*) from api_key where center_id = $1", center["id"])
    for answer in (
        await client.post(f"{path}/api-keys", json=key | {"revoke_unused": True}, headers=partner.headers),
        await _edit(client, partner, center["id"], plan_id="starter"),
        await _edit(client, partner, center["id"], limits={"requests_per_minute": 7}),
        await _edit(client, partner, center["id"], time_zone="Europe/Berlin"),
    ):
        assert problem(answer) == (409, "wrong_state", None)
        allowed = ["provisioning", "active", "suspended"]
        assert answer.json()["error"]["details"] == {"current": "ended", "allowed": allowed}
    assert (await client.get(path, headers=partner.headers)).json() == ended
    async with sql.session() as connection:
        after = await connection.fetchval("select count(*) from api_key where center_id = $1", center["id"])
    assert after == before


async def test_a_partner_sees_its_own_centers(client: httpx.AsyncClient, partner: Customer, sql: SqlStore) -> None:
    """Newest first, page by page; neither its own center nor another partner's."""
    other = await add_partner(sql)
    await provision(client, other, subdomain="theirs")
    made = [(await provision(client, partner, order_id=f"o{n}", subdomain=f"mine-{n}"))[0]["id"] for n in range(3)]
    page = (await client.get("/v1/provisioning/centers?limit=2", headers=partner.headers)).json()
    rest = await client.get(f"/v1/provisioning/centers?limit=2&cursor={page['next_cursor']}", headers=partner.headers)
    assert [center["id"] for center in page["data"] + rest.json()["data"]] == sorted(made, reverse=True)
    assert rest.json()["has_more"] is False


async def test_a_foreign_center_is_not_there(client: httpx.AsyncClient, partner: Customer, sql: SqlStore) -> None:
    """Another partner's, the partner's own, one that nobody provisioned, an unknown and a misshapen id: the same 404."""
    other = await add_partner(sql)
    theirs = (await order(client, other)).json()["center"]
    async with sql.session() as connection:
        nobodys = await add_customer(connection)
    asked = [theirs["id"], partner.center_id, nobodys.center_id, new_id("ctr", NOW_MS), "ctr_x", partner.key_id]
    for method, suffix, body in [
        ("GET", "", None),
        ("PATCH", "", {}),
        ("PATCH", "", {"plan_id": "pro"}),
        ("POST", "/suspend", None),
        ("POST", "/reinstate", None),
        ("POST", "/api-keys", {"name": "x", "env": "live", "scopes": ["read:usage"]}),
    ]:
        bodies = []
        for center_id in asked:
            answer = await client.request(
                method, f"/v1/provisioning/centers/{center_id}{suffix}", json=body, headers=partner.headers
            )
            error = answer.json()["error"]
            error.pop("request_id")
            bodies.append((answer.status_code, error))
        assert (bodies[0][0], bodies[0][1]["code"]) == (404, "center_not_found")
        assert bodies == [bodies[0]] * len(bodies)
    shown = await client.get(f"/v1/provisioning/centers/{theirs['id']}", headers=other.headers)
    assert shown.json() == theirs
